//! Kinds that repositories of others brought up: sources that are pushed, comments, what tools write.

use super::kinds::{clean, from, of, only};
use super::*;

#[test]
fn a_pushed_folder_is_the_root_of_its_source() {
    let cluster = from("cluster", "./apps", "OCIRepository", "flux-system");
    let push = "run: |\n  flux push artifact \"$REPO:main\" --path=./k8s\n";
    let at = |push: (&str, &str), more: (&str, &str)| {
        of(
            &["k8s/clusters/a"],
            &[
                ("k8s/clusters/a/c.yaml", &cluster),
                ("k8s/apps/kustomization.yaml", "resources: [gone.yaml, a.yaml]\n"),
                ("k8s/apps/a.yaml", &map("a")),
                push,
                more,
            ],
        )
    };
    let missing = |report: &Report| {
        report.problems.iter().any(|one| one.id == Id::MissingFile && one.file == "k8s/apps/kustomization.yaml")
    };
    let pushed = at((".github/workflows/push.yaml", push), ("README.md", ""));
    assert!(missing(&pushed), "{:#?}", pushed.problems);
    only(&at((".github/workflows/push.yaml", push), ("k8s/apps/gone.yaml", &map("b"))), &[]);
    // Nobody says that it is pushed: one path that lies here may do so by chance.
    clean(&at(("README.md", ""), ("LICENSE", "")));
    // The values of the chart that makes the instance say which folder the sync begins at.
    let values =
        "instance:\n  sync:\n    kind: OCIRepository\n    url: oci://ghcr.io/me/fleet\n    path: ./clusters/a\n";
    assert!(missing(&at(("boot/values.yaml", values), ("LICENSE", ""))));
    let settings = Settings {
        entries: vec!["k8s/clusters/a".into()],
        sources: vec!["flux-system/flux-system".into()],
        source_path: Some("k8s".into()),
        ..Settings::default()
    };
    let files = [
        ("k8s/clusters/a/c.yaml", cluster.as_str()),
        ("k8s/apps/kustomization.yaml", "resources: [gone.yaml]\n"),
        ("apps/other.yaml", "x"),
    ];
    assert!(missing(&check(&Tree::of(files), &settings)));
    // The ways that lead out of what is pushed lead nowhere.
    let out = at(
        (".github/workflows/push.yaml", push),
        ("k8s/apps/gone.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n"),
    );
    clean(&out);
    assert_eq!(out.objects, 3);
}

#[test]
fn what_a_comment_names_is_switched_off() {
    let old = flux("old", "./parts/old", "");
    let files = |line: &str| {
        let said = format!("resources:\n  - new.yaml\n{line}");
        of(
            &["clusters/a"],
            &[
                ("clusters/a/kustomization.yaml", &said),
                ("clusters/a/new.yaml", &map("new")),
                ("clusters/a/old/kustomization.yaml", "resources: [ks.yaml, ../../../shared]\n"),
                ("clusters/a/old/ks.yaml", &old),
                ("parts/old/a.yaml", &map("old")),
                ("shared/kustomization.yaml", "resources: [b.yaml]\n"),
                ("shared/b.yaml", &map("b")),
            ],
        )
    };
    let off = files("  # - ./old\n");
    clean(&off);
    assert!(off.notes.iter().any(|one| one.id == Id::Orphan && one.file == "shared/b.yaml"), "{:#?}", off.notes);
    assert!(files("  # see ./old\n").problems.iter().filter(|one| one.id == Id::Orphan).count() >= 4);
}

#[test]
fn what_something_writes_may_be_absent() {
    let said = "configMapGenerator: [{name: vars, envs: [.vars.env]}]\n";
    let files = |path: &str, text: &str| of(&["clusters/a"], &[("clusters/a/kustomization.yaml", said), (path, text)]);
    only(&files("README.md", "write .vars.env"), &[Id::MissingFile]);
    let written = files("infra/main.tf", "file = \"${local.folder}/.vars.env\"\n");
    clean(&written);
    assert!(written.notes.iter().any(|one| one.id == Id::MissingFile), "{:#?}", written.notes);
    // Manifests have names that many speak of: the folder must be spoken of, too.
    let said = "resources: [ks.yaml]\n";
    let files = |text: &str| of(&["clusters/a"], &[("clusters/a/kustomization.yaml", said), ("up.sh", text)]);
    only(&files("cat other/ks.yaml"), &[Id::MissingFile]);
    clean(&files("render > clusters/a/ks.yaml"));
}

#[test]
fn a_repository_may_count_on_retries() {
    let release = flux("eso", "./eso", "");
    let users = |count: usize, waiting: usize| {
        let mut files = vec![("eso/r.yaml".to_owned(), RELEASE.to_owned())];
        let mut all = vec![release.clone()];
        for index in 0..count {
            let more = if index < waiting { "  dependsOn: [{name: eso}]\n" } else { "" };
            all.push(flux(&format!("app{index}"), &format!("./app{index}"), more));
            files.push((format!("app{index}/s.yaml"), STORE.replace("name: ", &format!("name: s{index}-"))));
            files.push((format!("app{index}/t.yaml"), STORE.replace("name: ", &format!("name: t{index}-"))));
        }
        files.push(("clusters/a/all.yaml".to_owned(), all.join("---\n")));
        check(&Tree::of(files), &Settings { entries: vec!["clusters/a".into()], ..Settings::default() })
    };
    // One of a few, or one that breaks with what the others do: one problem for both of its objects.
    only(&users(1, 0), &[Id::CrdOrder]);
    let one = users(8, 7);
    only(&one, &[Id::CrdOrder]);
    assert!(one.problems[0].text.contains("one more object"), "{}", one.problems[0]);
    let many = users(8, 1);
    clean(&many);
    assert!(many.notes.iter().any(|note| note.id == Id::CrdOrder), "{:#?}", many.notes);
}

#[test]
fn the_same_claims_are_one_problem() {
    let all =
        [flux("one", "./app", ""), flux("two", "./app", ""), flux("three", "./app", "  suspend: true\n")].join("---\n");
    let report = of(
        &["clusters/a"],
        &[
            ("clusters/a/all.yaml", &all),
            ("app/a.yaml", &map("a")),
            ("app/b.yaml", &map("b")),
            ("app/c.yaml", &map("c")),
        ],
    );
    only(&report, &[Id::ClaimedTwice]);
    let text = report.problems[0].to_string();
    assert!(text.starts_with("app/a.yaml:1") && text.contains("and 2 more objects"), "{text}");
}

#[test]
fn what_a_build_does_to_names_decides() {
    // Two objects that become one are refused in the end.
    let twins = "resources: [a.yaml, b.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n    - {op: replace, path: /metadata/name, value: same}\n";
    let files = |said: &str| {
        of(
            &["clusters/a"],
            &[
                ("clusters/a/kustomization.yaml", said),
                ("clusters/a/a.yaml", &map("a")),
                ("clusters/a/b.yaml", &map("b")),
            ],
        )
    };
    only(&files(twins), &[Id::Duplicate]);
    // A transformer has the namespace that its own build gives it.
    let each = |name: &str| {
        let own = format!("resources: [../../shared]\nnamespace: {name}\n");
        [
            (
                format!("apps/{name}/kustomization.yaml"),
                "resources: [n.yaml]\ntransformers: [transformers]\n".to_owned(),
            ),
            (format!("apps/{name}/n.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n".to_owned()),
            (format!("apps/{name}/transformers/kustomization.yaml"), own.replace("../../shared", "../../../shared")),
        ]
    };
    let mut all: Vec<(String, String)> = each("red").into_iter().chain(each("blue")).collect();
    all.push(("clusters/a/kustomization.yaml".into(), "resources: [../../apps/red, ../../apps/blue]\n".into()));
    all.push(("shared/kustomization.yaml".into(), "resources: [t.yaml]\n".into()));
    let transformer = "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: t, namespace: none}\nfieldSpecs: [{path: metadata/name, kind: Namespace, create: true}]\n";
    all.push(("shared/t.yaml".into(), transformer.into()));
    let settings = Settings { entries: vec!["clusters/a".into()], ..Settings::default() };
    clean(&check(&Tree::of(all), &settings));
    // A component under resources is told where it is named.
    let report = of(
        &["clusters/a"],
        &[
            ("clusters/a/kustomization.yaml", "resources:\n- ../../part\n"),
            ("part/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"),
        ],
    );
    assert!(
        report.problems.iter().any(|one| one.id == Id::InvalidKustomization
            && one.file == "clusters/a/kustomization.yaml"
            && one.line == Some(2)),
        "{:#?}",
        report.problems
    );
}

#[test]
fn keys_of_objects_are_texts_and_come_once() {
    let files = |data: &str| of(&["clusters/a"], &[("clusters/a/a.yaml", &format!("{}data:\n{data}", map("a")))]);
    clean(&files("  '80': web\n"));
    for (data, line) in
        [("  80: web\n", 6), ("  a: b\n  a: c\n", 7), ("  <<: {a: b}\n  <<: {c: d}\n", 7), ("  a: b\n\t\n", 7)]
    {
        let report = files(data);
        only(&report, &[Id::InvalidYaml]);
        assert_eq!(report.problems[0].line, Some(line), "{data:?}: {}", report.problems[0]);
    }
}
