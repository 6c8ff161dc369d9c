//! Makes trees that a Kustomization of Flux builds: patches, replacements, names, generators and variables decide what comes out.

use std::collections::BTreeMap;
use std::fmt::Write;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use crate::generator::Files;

/// The folder that is built.
pub(crate) const ENTRY: &str = "app";

/// A tree, the Kustomization that builds it, and what the cluster holds.
pub(crate) struct Build {
    pub(crate) files: Files,
    pub(crate) kustomization: Value,
    pub(crate) cluster: BTreeMap<String, BTreeMap<String, String>>,
}

pub(crate) fn build(rng: &mut StdRng) -> Build {
    let mut files = Files::new();
    objects(rng, &mut files, "base");
    files.insert("base/kustomization.yaml".into(), "resources:\n- a.yaml\n- flux.yaml\n- web.yaml\n".into());
    component(rng, &mut files);
    if rng.random_bool(0.2) {
        plain(rng, &mut files);
    } else {
        app(rng, &mut files);
    }
    Build { files, kustomization: flux(rng), cluster: cluster(rng) }
}

fn pick<'a>(rng: &mut StdRng, from: &[&'a str]) -> &'a str {
    from.choose(rng).unwrap()
}

/// Names and values, some of which hold variables.
fn word(rng: &mut StdRng) -> &'static str {
    pick(rng, &["one", "two", "${A}", "x-${B:=b}", "${C:-c}-y", "$${A}", "${A^^}", "${MISSING:=${A}}", "${S}", "web"])
}

fn map(name: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{more}")
}

fn objects(rng: &mut StdRng, files: &mut Files, folder: &str) {
    let labels = if rng.random_bool(0.5) { "  labels: {tier: web}\n" } else { "" };
    let namespace = if rng.random_bool(0.3) { "  namespace: own\n" } else { "" };
    let value = word(rng);
    let mut text = map("settings", &format!("{labels}{namespace}data:\n  key: '{value}'\n  other: plain\n"));
    if rng.random_bool(0.3) {
        text.push_str("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: place\n");
    }
    if rng.random_bool(0.2) {
        text.push_str("---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: wide\n");
    }
    if rng.random_bool(0.1) {
        let local = "  annotations: {config.kubernetes.io/local-config: 'true'}\n";
        let _ = write!(text, "---\n{}", map("local", local));
    }
    files.insert(format!("{folder}/a.yaml"), text);
    let (name, path) = (word(rng), word(rng));
    files.insert(
        format!("{folder}/flux.yaml"),
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: child\n  namespace: flux-system\n  labels: {{tier: flux}}\nspec:\n  path: ./apps/{path}\n  prune: true\n  postBuild:\n    substitute:\n      X: \"{name}\"\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n"
        ),
    );
    let disabled = rng.random_bool(0.1);
    let annotations = if disabled { "  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n" } else { "" };
    let name = if rng.random_bool(0.2) { word(rng) } else { "web" };
    files.insert(
        format!("{folder}/web.yaml"),
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: \"{name}\"\n{annotations}spec:\n  replicas: 1\n  selector: {{matchLabels: {{a: b}}}}\n  template:\n    metadata: {{labels: {{a: b}}}}\n    spec:\n      containers:\n      - name: web\n        image: web:1\n"
        ),
    );
}

fn component(rng: &mut StdRng, files: &mut Files) {
    let mut text = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned();
    if rng.random_bool(0.5) {
        text.push_str("resources: [extra.yaml]\n");
        files.insert("part/extra.yaml".into(), map("extra", ""));
    }
    text.push_str("patches:\n- target: {kind: Kustomization}\n  patch: |\n    - {op: replace, path: /spec/path, value: ./component}\n");
    files.insert("part/kustomization.yaml".into(), text);
}

/// A folder without a kustomization file.
fn plain(rng: &mut StdRng, files: &mut Files) {
    objects(rng, files, ENTRY);
    if rng.random_bool(0.5) {
        files.insert(format!("{ENTRY}/sub/kustomization.yaml"), "resources: [m.yaml]\nnamePrefix: sub-\n".into());
        files.insert(format!("{ENTRY}/sub/m.yaml"), map("m", ""));
        files.insert(format!("{ENTRY}/sub/unused.yaml"), map("unused", ""));
    }
    if rng.random_bool(0.3) {
        files.insert(format!("{ENTRY}/.hidden/h.yaml"), map("hidden", ""));
    }
    match rng.random_range(0..10) {
        0 => drop(files.insert(format!("{ENTRY}/values.yaml"), "replicas: 2\n".into())),
        1 => drop(files.insert(format!("{ENTRY}/comments.yaml"), "# nothing\n---\n# at all\n".into())),
        2 => drop(files.insert(format!("{ENTRY}/notes.txt"), "no manifest\n".into())),
        _ => {}
    }
}

fn app(rng: &mut StdRng, files: &mut Files) {
    let mut said = "resources:\n- ../base\n".to_owned();
    if rng.random_bool(0.4) {
        files.insert(format!("{ENTRY}/more.yaml"), map("more", "  labels: {tier: web}\n"));
        said.push_str("- more.yaml\n");
    }
    if rng.random_bool(0.3) {
        said.push_str("components:\n- ../part\n");
    }
    for (chance, line) in [
        (0.3, "namespace: mine\n"),
        (0.2, "namePrefix: p-\n"),
        (0.2, "nameSuffix: -s\n"),
        (0.2, "commonLabels: {tier: all}\n"),
        (0.1, "buildMetadata: [originAnnotations]\n"),
    ] {
        if rng.random_bool(chance) {
            said.push_str(line);
        }
    }
    if rng.random_bool(0.2) {
        said.push_str("transformers: [namespace.yaml]\n");
        let specs = pick(
            rng,
            &[
                "",
                "fieldSpecs: [{path: metadata/name, kind: Namespace, create: true}]\n",
                "fieldSpecs: [{path: metadata/namespace, create: true}]\n",
                "fieldSpecs: [{path: spec/path, kind: Kustomization}, {path: spec/targetNamespace, group: kustomize.toolkit.fluxcd.io, create: true}]\n",
                "fieldSpecs: [{path: spec/nothing, kind: Kustomization}, {path: metadata/name, kind: ConfigMap}]\n",
            ],
        );
        let unset = if rng.random_bool(0.3) { "unsetOnly: true\n" } else { "" };
        files.insert(
            format!("{ENTRY}/namespace.yaml"),
            format!("apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {{name: t, namespace: moved}}\n{unset}{specs}"),
        );
    }
    generators(rng, files, &mut said);
    let patches: String = (0..rng.random_range(0..3)).map(|_| patch(rng)).collect();
    if !patches.is_empty() {
        let _ = write!(said, "patches:\n{patches}");
    }
    if rng.random_bool(0.25) {
        said.push_str(&replacement(rng));
    }
    files.insert(format!("{ENTRY}/kustomization.yaml"), said);
}

fn generators(rng: &mut StdRng, files: &mut Files, said: &mut String) {
    if rng.random_bool(0.4) {
        files.insert(
            format!("{ENTRY}/v.env"),
            format!("A=1\n# c\nB=<&>\nC={}\n", "long".repeat(rng.random_range(0..40))),
        );
        files.insert(format!("{ENTRY}/f.txt"), "line \"one\"\n\tline two \\ é\n".into());
        let kind = pick(rng, &["configMapGenerator", "secretGenerator"]);
        let _ = write!(
            said,
            "{kind}:\n- name: made\n  envs: [v.env]\n  files: [f.txt, k=f.txt]\n  literals: ['l=\"q\"', m=n=o]\n"
        );
        if rng.random_bool(0.2) {
            said.push_str("  options: {disableNameSuffixHash: true, labels: {made: here}}\n");
        }
        if rng.random_bool(0.2) {
            said.push_str("generatorOptions: {disableNameSuffixHash: true}\n");
        }
    } else if rng.random_bool(0.3) {
        let behaviour = pick(rng, &["merge", "replace", "create"]);
        let name = pick(rng, &["settings", "settings", "nobody"]);
        let _ = write!(said, "configMapGenerator:\n- name: {name}\n  behavior: {behaviour}\n  literals: [key=new]\n");
    }
}

fn patch(rng: &mut StdRng) -> String {
    let body = |text: &str| text.lines().fold(String::new(), |all, line| format!("{all}    {line}\n"));
    match rng.random_range(0..12) {
        0 => "- target: {kind: Kustomization, name: child}\n  patch: |\n    - op: replace\n      path: /spec/path\n      value: ./patched/${A}\n".into(),
        1 => "- target: {labelSelector: tier=web}\n  patch: |\n    - {op: replace, path: /metadata/name, value: renamed}\n".into(),
        2 => format!("- patch: |\n{}", body("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n$patch: delete")),
        3 => format!("- patch: |\n{}", body("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nobody\ndata: {a: b}")),
        4 => format!(
            "- target: {{group: kustomize.toolkit.fluxcd.io, kind: Kustomization}}\n  patch: |\n{}",
            body("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ignored\nspec:\n  path: ./merged\n  prune: null")
        ),
        5 => format!(
            "- target: {{kind: ConfigMap, name: s.*}}\n  options: {{allowNameChange: true}}\n  patch: |\n{}",
            body("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other-name")
        ),
        6 => "- target: {kind: Deployment}\n  patch: |\n    - {op: remove, path: /spec/nothing}\n".into(),
        7 => "- target: {kind: Deployment}\n  patch: |\n    - {op: add, path: /metadata/annotations, value: {a: b}}\n    - {op: test, path: /spec/replicas, value: 1}\n".into(),
        8 => "- target: {kind: Service, name: none}\n  patch: |\n    - {op: add, path: /metadata/labels, value: {}}\n".into(),
        9 => "- target: {kind: Kustomization}\n  patch: |\n    - {op: add, path: /metadata/namespace, value: elsewhere}\n".into(),
        10 => format!("- target: {{annotationSelector: '!a'}}\n  patch: |\n{}", body("- op: add\n  path: /metadata/labels\n  value: {x: y}")),
        _ => format!(
            "- patch: |\n{}",
            body("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: web:2")
        ),
    }
}

fn replacement(rng: &mut StdRng) -> String {
    let source = match rng.random_range(0..4) {
        0 => "{kind: ConfigMap, name: settings, fieldPath: data.other}",
        1 => {
            "{kind: Deployment, fieldPath: 'spec.template.spec.containers.[name=web].image', options: {delimiter: ':', index: 0}}"
        }
        2 => "{kind: ConfigMap, name: nobody}",
        _ => "{kind: Kustomization, name: child, fieldPath: metadata.labels.tier}",
    };
    let target = match rng.random_range(0..4) {
        0 => "{select: {kind: Kustomization}, fieldPaths: [spec.path], options: {delimiter: /, index: 2}}",
        1 => "{select: {kind: Kustomization}, fieldPaths: [metadata.name]}",
        2 => {
            "{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.*.image'], reject: [{name: none}]}"
        }
        _ => "{select: {kind: Kustomization}, fieldPaths: [spec.nothing.there], options: {create: true}}",
    };
    format!("replacements:\n- source: {source}\n  targets:\n  - {target}\n")
}

fn flux(rng: &mut StdRng) -> Value {
    let mut spec = json!({ "path": ENTRY, "prune": true });
    if rng.random_bool(0.2) {
        spec["targetNamespace"] = json!(pick(rng, &["target", "flux-system"]));
    }
    if rng.random_bool(0.1) {
        spec["namePrefix"] = json!("fp-");
    }
    if rng.random_bool(0.1) {
        spec["nameSuffix"] = json!("-fs");
    }
    if rng.random_bool(0.2) {
        spec["patches"] = json!([{
            "patch": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: all\nspec:\n  path: ./from-flux\n",
            "target": { "kind": "Kustomization", "labelSelector": "tier in (flux, other)" },
        }]);
    }
    if rng.random_bool(0.2) {
        spec["components"] = json!([pick(rng, &["../part", "../part", "../none"])]);
        spec["ignoreMissingComponents"] = json!(rng.random_bool(0.5));
    }
    match rng.random_range(0..4) {
        0 => {}
        1 => spec["postBuild"] = json!({ "substitute": { "A": "aaa", "S": "sss", "NAME": "n" } }),
        2 => {
            spec["postBuild"] = json!({
                "substitute": { "A": "inline" },
                "substituteFrom": [{ "kind": "ConfigMap", "name": "vars" }, { "kind": "Secret", "name": "keys" }],
            });
        }
        _ => spec["postBuild"] = json!({ "substituteFrom": [{ "kind": "Secret", "name": "keys", "optional": true }] }),
    }
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": { "name": "root", "namespace": "flux-system" },
        "spec": spec,
    })
}

fn cluster(rng: &mut StdRng) -> BTreeMap<String, BTreeMap<String, String>> {
    let data =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let mut found =
        BTreeMap::from([("ConfigMap/vars".to_owned(), data(&[("A", "from-map"), ("B", "bb\n"), ("C", "")]))]);
    found.insert(
        "Secret/keys".to_owned(),
        data(if rng.random_bool(0.7) { &[("S", "secret"), ("A", "from-secret")] } else { &[("S", "s")] }),
    );
    found
}
