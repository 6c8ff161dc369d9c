//! Repositories in memory, checked whole.

mod bounds;
mod kinds;
mod limits_of_knowledge;
mod others;

use proptest::prelude::*;

use super::*;

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ";

fn map(name: &str) -> String {
    format!("{MAP}{name}\n")
}

fn flux(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  path: {path}\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n{more}"
    )
}

fn report(files: &[(&str, &str)]) -> Report {
    let settings =
        Settings { entries: vec!["clusters/a".into()], ignore: vec!["**/*.enc.yaml".into()], ..Settings::default() };
    check(&Tree::of(files.iter().copied()), &settings)
}

#[track_caller]
fn told(report: &Report, words: &[&str]) {
    let texts: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert!(texts.iter().any(|text| words.iter().all(|word| text.contains(word))), "{words:?}: {texts:#?}");
}

#[test]
fn chains_are_followed_and_what_is_left_is_told() {
    let report = report(&[
        ("clusters/a/apps.yaml", &flux("apps", "./apps", "")),
        (
            "apps/kustomization.yaml",
            "resources:\n  - map.yaml\n  - ../base\nconfigMapGenerator:\n  - name: g\n    files: [k=data.txt]\n",
        ),
        ("apps/map.yaml", &map("a")),
        ("apps/data.txt", "x"),
        ("apps/forgotten.yaml", &map("b")),
        ("apps/secret.enc.yaml", &map("c")),
        ("apps/comments.yaml", "# apiVersion: v1\n"),
        ("apps/values.yaml", "replicas: 1\n"),
        ("base/kustomization.yaml", "resources: [sub.yaml]\n"),
        ("base/sub.yaml", &map("d")),
        ("old/kustomization.yaml", "resources: []\n"),
    ]);
    let texts: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "apps/forgotten.yaml: no kustomization reaches this manifest: it is never applied [orphan]",
            "old/kustomization.yaml: no entry leads to this kustomization [orphan]"
        ]
    );
    assert!(report.reached.contains("apps/data.txt") && report.reached.contains("base/sub.yaml"));
    assert_eq!((report.flux_kustomizations, report.objects), (1, 4));
}

#[test]
fn what_kustomize_refuses_is_told_with_its_line() {
    let report = report(&[
        (
            "clusters/a/kustomization.yaml",
            "resources:\n  - none.yaml\n  - ../..\n  - twice.yaml\n  - ../../bad\n  - ../../../out\n",
        ),
        ("clusters/a/twice.yaml", &format!("{}---\n{}", map("a"), map("a"))),
        ("bad/kustomization.yaml", "resource: []\n"),
    ]);
    told(&report, &["clusters/a/kustomization.yaml:2", "clusters/a/none.yaml does not exist"]);
    told(&report, &["clusters/a/kustomization.yaml:3", "a cycle"]);
    told(&report, &["clusters/a/twice.yaml:6", "twice in one build"]);
    told(&report, &["bad/kustomization.yaml:1", "did you mean resources?"]);
    told(&report, &["clusters/a/kustomization.yaml:6", "out of the repository"]);
}

#[test]
fn flux_is_checked_across_kustomizations() {
    let report = report(&[
        (
            "clusters/a/all.yaml",
            &[
                flux("one", "./one", "  dependsOn:\n    - name: two\n"),
                flux("two", "./two", "  dependsOn:\n    - name: one\n"),
                flux("three", "./three", "  dependsOn:\n    - name: nobody\n"),
            ]
            .join("---\n"),
        ),
        ("one/a.yaml", &map("shared")),
        ("two/a.yaml", &map("shared")),
    ]);
    told(&report, &["clusters/a/all.yaml", "depends on itself"]);
    told(&report, &["no Kustomization flux-system/nobody"]);
    told(&report, &["no folder ./three"]);
    told(&report, &["ConfigMap shared", "flux-system/one", "flux-system/two"]);
}

#[test]
fn kustomizations_that_rename_do_not_fight() {
    let two = [
        flux("flux-system", "./clusters/a", ""),
        flux("one", "./app", "  targetNamespace: one\n  dependsOn:\n    - name: flux-system\n"),
        flux("two", "./app", "  targetNamespace: two\n"),
        flux("far", "./app", "  targetNamespace: two\n  kubeConfig:\n    secretRef:\n      name: far\n"),
        flux("vars", "./vars", ""),
        flux("more-vars", "./vars", "  components:\n    - ../part\n"),
    ];
    let good = report(&[
        ("clusters/a/all.yaml", &two.join("---\n")),
        ("app/map.yaml", &map("a")),
        ("vars/map.yaml", &map("a-${zone}")),
        (
            "part/kustomization.yaml",
            "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [map.yaml]\n",
        ),
        ("part/map.yaml", &map("part")),
    ]);
    assert_eq!(good.problems, []);
    assert_eq!(good.flux_kustomizations, 6);
}

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: eso\nspec:\n  chart:\n    spec:\n      chart: external-secrets\n";
const STORE: &str = "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata:\n  name: store\n";
const CRD: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\nspec:\n  group: example.com\n  names:\n    kind: Thing\n";
const THING: &str = "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: thing\n";

#[test]
fn a_custom_resource_comes_after_what_brings_its_crd() {
    let early =
        report(&[("clusters/a/a.yaml", &flux("one", "./one", "")), ("one/r.yaml", RELEASE), ("one/s.yaml", STORE)]);
    told(&early, &["one/s.yaml:1", "in the same Kustomization"]);
    let loose = [flux("one", "./one", ""), flux("two", "./two", "")].join("---\n");
    let unordered = report(&[("clusters/a/a.yaml", &loose), ("one/r.yaml", RELEASE), ("two/s.yaml", STORE)]);
    told(&unordered, &["two/s.yaml:1", "no dependsOn"]);
    let ordered = [
        flux("one", "./one", ""),
        flux("middle", "./middle", "  dependsOn:\n    - name: one\n"),
        flux("two", "./two", "  dependsOn:\n    - name: middle\n"),
    ]
    .join("---\n");
    let good = report(&[
        ("clusters/a/a.yaml", &ordered),
        ("one/r.yaml", RELEASE),
        ("middle/m.yaml", &map("m")),
        ("two/s.yaml", STORE),
    ]);
    assert_eq!(good.problems, []);
    // A CRD's manifest is applied before everything else of its Kustomization.
    let beside =
        report(&[("clusters/a/a.yaml", &flux("one", "./one", "")), ("one/c.yaml", CRD), ("one/t.yaml", THING)]);
    assert_eq!(beside.problems, []);
    let foreign = report(&[("clusters/a/t.yaml", THING)]);
    assert_eq!(foreign.problems, []);
    assert!(foreign.notes[0].text.contains("does not come from this repository"));
}

#[test]
fn patterns_match_paths() {
    for (pattern, path, matched) in [
        ("**/*.enc.yaml", "a/b/c.enc.yaml", true),
        ("**/*.enc.yaml", "c.enc.yaml", true),
        ("a/**", "a/b/c", true),
        ("a/**", "b/a/c", false),
        ("a/*.yaml", "a/b/c.yaml", false),
        ("?.yaml", "a.yaml", true),
        ("a*b*c", "aXbYbc", true),
        ("**/**/x", "x", true),
    ] {
        assert_eq!(glob::matches(pattern, path), matched, "{pattern} {path}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(Tree::read(std::path::Path::new("/nonexistent/x")).is_err());
    let settings = Settings { entries: vec!["x".into()], ..Settings::default() };
    assert_eq!(
        check(&Tree::of([("a.txt", "")]), &settings).problems[0].to_string(),
        "x: the repository has no such folder [missing-entry]"
    );
}

proptest! {
    #[test]
    fn no_repository_makes_it_panic(text in "(resources|components|kind|metadata|name|: |- |\\.\\./|a|b|\n|  ){0,40}", pattern in "[a*?/]{0,12}") {
        let settings = Settings { entries: vec!["a".into()], ignore: vec![pattern], ..Settings::default() };
        let _ = check(&Tree::of([("a/kustomization.yaml", text.as_str()), ("a/b", text.as_str())]), &settings);
    }
}
