//! Kinds of repositories that others wrote: what Flux and kustomize do with them.

use super::*;

pub(super) fn object(api: &str, kind: &str, name: &str, spec: &str) -> String {
    format!("apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: flux-system\n{spec}")
}

pub(super) fn git(name: &str, url: &str) -> String {
    object("source.toolkit.fluxcd.io/v1", "GitRepository", name, &format!("spec:\n  url: {url}\n"))
}

pub(super) fn from(name: &str, path: &str, kind: &str, source: &str) -> String {
    let text = flux(name, path, "");
    let (before, _) = text.split_once("  sourceRef:").unwrap();
    format!("{before}  sourceRef:\n    kind: {kind}\n    name: {source}\n")
}

pub(super) fn of(entries: &[&str], files: &[(&str, &str)]) -> Report {
    let settings = Settings { entries: entries.iter().map(|one| (*one).to_owned()).collect(), ..Settings::default() };
    check(&Tree::of(files.iter().copied()), &settings)
}

#[track_caller]
pub(super) fn clean(report: &Report) {
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems, [] as [&str; 0]);
}

#[track_caller]
pub(super) fn only(report: &Report, ids: &[Id]) {
    let found: Vec<Id> = report.problems.iter().map(|one| one.id).collect();
    assert_eq!(found, ids, "{:#?}", report.problems);
}

#[test]
fn a_source_is_this_repository_by_its_url() {
    let map = map("a");
    // Nobody defines flux-system, and vendor has a URL of its own.
    let vendor =
        [git("vendor", "https://git.example.net/vendor/operator"), from("vendor", "./", "GitRepository", "vendor")]
            .join("---\n");
    let other = of(
        &["clusters/a"],
        &[
            ("clusters/a/mine.yaml", &flux("mine", "./apps", "")),
            ("clusters/a/vendor.yaml", &vendor),
            ("apps/a.yaml", &map),
            ("deploy/b.yaml", &map),
        ],
    );
    only(&other, &[Id::Orphan]);
    assert_eq!((other.notes.len(), other.problems[0].file.as_str()), (1, "deploy/b.yaml"));
    // One source whose other paths lie here.
    let own = [
        git("home", "ssh://git@git.example.net/me/home.git"),
        from("good", "./apps", "GitRepository", "home"),
        from("typo", "./infra", "GitRepository", "home"),
    ]
    .join("---\n");
    only(&of(&["clusters/a"], &[("clusters/a/own.yaml", &own), ("apps/a.yaml", &map)]), &[Id::MissingPath]);
    // The entry says where it comes from; another name of the same URL is the same.
    let sync =
        [git("flux-system", "https://git.example.net/me/home"), flux("flux-system", "./clusters/a", "")].join("---\n");
    let files = |url: &str| {
        let more = [git("again", url), from("more", "./more", "GitRepository", "again")].join("---\n");
        of(
            &["clusters/a"],
            &[("clusters/a/gotk-sync.yaml", &sync), ("clusters/a/more.yaml", &more), ("more/a.yaml", &map)],
        )
    };
    clean(&files("ssh://git@git.example.net/me/home"));
    only(&files("https://git.example.net/me/elsewhere"), &[Id::Orphan]);
    // An argument says it.
    let oci = from("apps", "./apps", "OCIRepository", "fleet");
    let files = [("clusters/a/apps.yaml", oci.as_str()), ("apps/kustomization.yaml", "resources: [gone.yaml]\n")];
    clean(&of(&["clusters/a"], &files));
    let settings = Settings {
        entries: vec!["clusters/a".into()],
        sources: vec!["flux-system/fleet".into()],
        ..Settings::default()
    };
    only(&check(&Tree::of(files), &settings), &[Id::MissingFile]);
}

#[test]
fn an_instance_says_what_the_entry_comes_from() {
    let instance = "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  sync:\n    kind: OCIRepository\n    url: oci://ghcr.io/me/fleet\n    path: clusters/a\n";
    let apps = from("apps", "./apps", "OCIRepository", "flux-system");
    let report = of(
        &["clusters/a"],
        &[
            ("clusters/a/apps.yaml", &apps),
            ("bootstrap/instance.yaml", instance),
            ("apps/kustomization.yaml", "resources: [gone.yaml]\n"),
        ],
    );
    assert!(report.problems.iter().any(|one| one.id == Id::MissingFile), "{:#?}", report.problems);
}

#[test]
fn artifacts_are_followed_into_this_repository() {
    let generator = object(
        "source.extensions.fluxcd.io/v1beta1",
        "ArtifactGenerator",
        "split",
        "spec:\n  sources: [{alias: repo, kind: GitRepository, name: flux-system}]\n  artifacts:\n  - name: apps\n    copy: [{from: \"@repo/workloads/**\", to: \"@artifact/\"}]\n",
    );
    let apps = from("apps", "./blue", "ExternalArtifact", "apps");
    let files = |path: &str| {
        let apps = apps.replace("./blue", path);
        of(
            &["clusters/a"],
            &[("clusters/a/g.yaml", &generator), ("clusters/a/apps.yaml", &apps), ("workloads/blue/a.yaml", &map("a"))],
        )
    };
    clean(&files("./blue"));
    assert!(files("./green").problems.iter().any(|one| one.id == Id::MissingPath));
}

#[test]
fn each_entry_is_a_cluster_of_its_own() {
    let (north, south) = (flux("apps", "./apps/north", ""), flux("apps", "./apps/south", ""));
    let applied = map("a");
    let files = [
        ("clusters/north/apps.yaml", north.as_str()),
        ("clusters/south/apps.yaml", &south),
        ("apps/north/a.yaml", &applied),
        ("apps/south/a.yaml", &applied),
    ];
    let report = of(&["clusters/north", "clusters/south"], &files);
    clean(&report);
    assert_eq!((report.flux_kustomizations, report.objects), (2, 4));
    // One that another leads to is in that one's cluster.
    let report = of(&["clusters/north", "apps/north"], &files[..3]);
    assert_eq!(report.objects, 2);
}

#[test]
fn what_the_build_above_does_decides() {
    let root = flux(
        "root",
        "./fleet",
        "  postBuild:\n    substitute:\n      CLUSTER: one\n    substituteFrom:\n    - kind: ConfigMap\n      name: settings\n",
    );
    let settings = object("v1", "ConfigMap", "settings", "data:\n  ZONE: blue\n");
    let files = |more: &str| {
        // In a namespace of its own, since it may lead to the folder of another.
        let far = flux("far", more, "  targetNamespace: far\n");
        let fleet = [flux("apps", "./apps/${CLUSTER}", ""), flux("edge", "./edge/${ZONE:=red}", ""), far].join("---\n");
        of(
            &["clusters/a"],
            &[
                ("clusters/a/root.yaml", &root),
                ("clusters/a/settings.yaml", &settings),
                ("fleet/all.yaml", &fleet),
                ("apps/one/a.yaml", &map("a")),
                ("edge/blue/b.yaml", &map("b")),
            ],
        )
    };
    clean(&files("./apps/one/../../edge/${ZONE}/."));
    assert!(files("./edge/${COLOUR:-red}").problems.iter().any(|one| one.id == Id::MissingPath));
    // What only the cluster has is a note, and what it may reach is no orphan.
    let secret = root.replace("kind: ConfigMap", "kind: Secret").replace("name: settings", "name: hidden");
    let encrypted = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: hidden\n  namespace: flux-system\nstringData:\n  ZONE: ENC[AES256_GCM,data:x]\nsops: {}\n";
    let report = of(
        &["clusters/a"],
        &[
            ("clusters/a/root.yaml", &secret),
            ("clusters/a/s.yaml", encrypted),
            ("fleet/a.yaml", &flux("edge", "./edge/${ZONE}", "")),
            ("edge/blue/b.yaml", &map("b")),
        ],
    );
    clean(&report);
    assert!(report.notes.iter().any(|one| one.text.contains("filled in")), "{:#?}", report.notes);
}

#[test]
fn patches_and_replacements_give_names_and_paths() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [n.yaml]\n";
    let group = |name: &str| {
        format!(
            "components: [../../part]\npatches:\n- target: {{kind: Namespace}}\n  patch: |\n    - {{op: replace, path: /metadata/name, value: {name}}}\n"
        )
    };
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: unnamed\n";
    clean(&of(
        &["clusters/a"],
        &[
            ("clusters/a/kustomization.yaml", "resources: [../../groups/red, ../../groups/blue]\n"),
            ("part/kustomization.yaml", component),
            ("part/n.yaml", namespace),
            ("groups/red/kustomization.yaml", &group("red")),
            ("groups/blue/kustomization.yaml", &group("blue")),
        ],
    ));
    let patched = "resources: [f.yaml, m.yaml]\npatches:\n- target: {kind: Kustomization}\n  patch: |\n    apiVersion: kustomize.toolkit.fluxcd.io/v1\n    kind: Kustomization\n    metadata: {name: any}\n    spec: {dependsOn: [{name: base}]}\nreplacements:\n- source: {kind: ConfigMap, name: m, fieldPath: data.zone}\n  targets:\n  - {select: {kind: Kustomization}, fieldPaths: [spec.path], options: {delimiter: /, index: 2}}\n";
    let m = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  zone: south\n";
    let report = of(
        &["clusters/a"],
        &[
            ("clusters/a/kustomization.yaml", patched),
            ("clusters/a/f.yaml", &flux("apps", "./apps/ZONE", "")),
            ("clusters/a/m.yaml", m),
            ("apps/south/a.yaml", &map("a")),
        ],
    );
    only(&report, &[Id::MissingDependency]);
}

#[test]
fn flux_sees_what_its_artifact_holds() {
    let apps = flux("apps", "./apps", "");
    clean(&of(
        &["clusters/a"],
        &[
            ("clusters/a/apps.yaml", &apps),
            (".sourceignore", "apps/values.yaml\n/docs/\n"),
            ("apps/a.yaml", &map("a")),
            ("apps/values.yaml", "replicas: 2\n"),
            ("docs/example.yaml", &map("b")),
        ],
    ));
    // Without it, one file that is no object fails the build.
    only(
        &of(
            &["clusters/a"],
            &[("clusters/a/apps.yaml", &apps), ("apps/a.yaml", &map("a")), ("apps/values.yaml", "replicas: 2\n")],
        ),
        &[Id::NotAnObject],
    );
    // Hidden files that are named are read, and those of a generated build, too.
    clean(&of(
        &["clusters/a"],
        &[
            (
                "clusters/a/kustomization.yaml",
                "resources: [.local/cm.yaml]\nconfigMapGenerator: [{name: v, envs: [.v.env]}]\n",
            ),
            ("clusters/a/.local/cm.yaml", &map("a")),
            ("clusters/a/.v.env", "A=1\n"),
        ],
    ));
    assert_eq!(of(&["clusters/a"], &[("clusters/a/.hidden/a.yaml", &map("a"))]).objects, 1);
    let missing = flux("app", "./app", "  components: [../part]\n");
    let files = |text: &str| of(&["clusters/a"], &[("clusters/a/f.yaml", text), ("app/a.yaml", &map("a"))]);
    only(&files(&missing), &[Id::MissingFile]);
    clean(&files(&format!("{missing}  ignoreMissingComponents: true\n")));
    only(
        &of(&["clusters/a"], &[("clusters/a/kustomization.yaml", "helmCharts: [{name: widget}]\n")]),
        &[Id::HelmCharts],
    );
}
