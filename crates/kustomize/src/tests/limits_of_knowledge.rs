//! What is certain, and what is a note: orphans that others apply, CRDs that may be there, names that something else may make.

use super::kinds::{clean, object, of, only};
use super::*;

#[test]
fn what_others_apply_is_no_orphan() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: widget\n  namespace: flux-system\nspec:\n  chart:\n    spec:\n      chart: ./charts/widget\n      sourceRef: {kind: GitRepository, name: flux-system}\n";
    let things =
        [("crds/t.yaml", CRD), ("templates/cm.yaml", &map("fixed")), ("Chart.yaml", "apiVersion: v2\nname: widget\n")];
    let mut files = vec![
        ("clusters/a/r.yaml".to_owned(), release.to_owned()),
        ("talos/patch.yaml".into(), "machine: {}\n".into()),
        (
            "tests/kyverno-test.yaml".into(),
            "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata:\n  name: t\n".into(),
        ),
        ("boot/one.yaml".into(), map("one")),
        ("Makefile".into(), "up:\n\tkubectl apply -f boot/one.yaml\n".into()),
        ("more/two.yaml".into(), map("two")),
    ];
    files.extend(things.map(|(path, text)| (format!("charts/widget/{path}"), text.to_owned())));
    let settings = Settings { entries: vec!["clusters/a".into()], ..Settings::default() };
    let tree = Tree::of(files);
    let report = check(&tree, &settings);
    only(&report, &[Id::Orphan]);
    assert_eq!(report.problems[0].file, "more/two.yaml");
    clean(&check(&tree, &Settings { also_applied: vec!["more".into()], ..settings.clone() }));
    clean(&check(&tree, &Settings { allow: vec!["orphan:more/**".into()], ..settings.clone() }));
    only(
        &check(&tree, &Settings { allow: vec!["orphans".into(), "orphan".into()], ..settings }),
        &[Id::InvalidPattern],
    );
}

#[test]
fn a_release_brings_crds_where_its_values_say_so() {
    let both = [flux("one", "./one", ""), flux("two", "./two", "")].join("---\n");
    let report = |more: &str, settings: Settings| {
        let release = format!("{RELEASE}{more}");
        let settings = Settings { entries: vec!["clusters/a".into()], ..settings };
        check(
            &Tree::of([("clusters/a/a.yaml", both.as_str()), ("one/r.yaml", &release), ("two/s.yaml", STORE)]),
            &settings,
        )
    };
    only(&report("", Settings::default()), &[Id::CrdOrder]);
    clean(&report("  install: {crds: Skip}\n  values: {installCRDs: false}\n", Settings::default()));
    clean(&report("", Settings { crds_present: vec!["external-secrets.io".into()], ..Settings::default() }));
    // Values that nobody knows decide nothing.
    clean(&report("  valuesFrom: [{kind: ConfigMap, name: v}]\n", Settings::default()));
}

#[test]
fn what_never_happens_is_a_problem() {
    // A namespace that comes after what needs it.
    let later = [flux("apps", "./apps", ""), flux("spaces", "./spaces", "  dependsOn: [{name: apps}]\n")].join("---\n");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n";
    let placed = format!("{}  namespace: shop\n", map("a"));
    only(
        &of(&["clusters/a"], &[("clusters/a/f.yaml", &later), ("apps/a.yaml", &placed), ("spaces/n.yaml", namespace)]),
        &[Id::NamespaceOrder],
    );
    // Variables that nothing makes, and those that something else of the repository speaks of.
    let wants = flux("apps", "./apps", "  postBuild:\n    substituteFrom: [{kind: Secret, name: hidden}]\n");
    let files = [("clusters/a/f.yaml", wants.as_str()), ("apps/a.yaml", &placed)];
    only(&of(&["clusters/a"], &files), &[Id::MissingVariables]);
    clean(&of(&["clusters/a"], &[files[0], files[1], ("up.sh", "kubectl create secret generic hidden")]));
    // A script whose braces Flux takes for its own.
    let script = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: s\ndata:\n  run: echo ${list[@]}\n";
    let filled = flux("apps", "./apps", "  postBuild:\n    substitute: {A: b}\n");
    only(&of(&["clusters/a"], &[("clusters/a/f.yaml", &filled), ("apps/s.yaml", script)]), &[Id::Substitution]);
    // A variable that nothing sets is certain where Flux is strict.
    let unset = script.replace("${list[@]}", "${list}");
    let files = [("clusters/a/f.yaml", filled.as_str()), ("apps/s.yaml", &unset)];
    clean(&of(&["clusters/a"], &files));
    let components = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kustomize-controller\nspec:\n  image: ghcr.io/fluxcd/kustomize-controller:v1.9.2\n";
    only(
        &of(&["clusters/a"], &[files[0], files[1], ("clusters/a/gotk-components.yaml", components)]),
        &[Id::Substitution],
    );
    // A chart that does not exist, among others that do.
    let chart = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: w\n  namespace: flux-system\nspec:\n  chartRef: {kind: OCIRepository, name: gone}\n";
    let oci = object(
        "source.toolkit.fluxcd.io/v1",
        "OCIRepository",
        "there",
        "spec:\n  url: oci://charts.example.net/there\n",
    );
    only(&of(&["clusters/a"], &[("clusters/a/h.yaml", chart), ("clusters/a/o.yaml", &oci)]), &[Id::MissingChart]);
}
