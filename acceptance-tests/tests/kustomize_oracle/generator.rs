//! Makes trees of kustomizations, and breaks some of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Files by path.
pub(crate) type Files = BTreeMap<String, String>;

/// The folder that is built.
pub(crate) const ENTRY: &str = "top";

/// Makes one tree: a few folders that refer to those after them, and then nothing, or up to two mistakes.
pub(crate) fn tree(rng: &mut StdRng) -> Files {
    let mut files = Files::new();
    let folders = ["top", "base", "apps/one", "apps/two", "infra", "infra/deep/er", "parts/c"];
    let count = rng.random_range(1..=folders.len());
    for index in 0..count {
        folder(rng, &mut files, &folders[..count], index);
    }
    for _ in 0..[0, 0, 0, 1, 1, 2].choose(rng).copied().unwrap_or(0) {
        broken(rng, &mut files);
    }
    files
}

fn object(kind: &str, name: &str, namespace: &str) -> String {
    let mut text = format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n");
    if !namespace.is_empty() {
        let _ = writeln!(text, "  namespace: {namespace}");
    }
    text
}

/// The way from one folder to another.
fn way(from: &str, to: &str) -> String {
    format!("{}{to}", "../".repeat(from.split('/').count()))
}

fn folder(rng: &mut StdRng, files: &mut Files, folders: &[&str], index: usize) {
    let place = folders[index];
    let component = place == "parts/c";
    let mut said = String::new();
    if component {
        said.push_str("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n");
    } else if rng.random_bool(0.5) {
        said.push_str("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n");
    }
    let mut resources = Vec::new();
    for number in 0..rng.random_range(1..4) {
        let name = format!("{}-{number}", place.replace('/', "-"));
        let kind = ["ConfigMap", "Secret", "ServiceAccount", "Namespace"].choose(rng).unwrap();
        let mut text = if rng.random_bool(0.1) { "# a comment\n---\n".to_owned() } else { String::new() };
        text.push_str(&object(kind, &name, if rng.random_bool(0.2) { "other" } else { "" }));
        if rng.random_bool(0.2) {
            let _ = write!(text, "---\n{}", object("Service", &name, ""));
        }
        files.insert(format!("{place}/{number}.yaml"), text);
        resources.push(format!("{number}.yaml"));
    }
    // A folder is included by one other at most, or its objects would be there twice.
    let next = folders.get(index + 1).filter(|next| **next != "parts/c");
    if let Some(next) = next {
        resources.push(way(place, next));
    }
    if rng.random_bool(0.2) {
        files.insert(format!("shared/{index}.yaml"), object("ConfigMap", &format!("shared-{index}"), ""));
        resources.push(way(place, &format!("shared/{index}.yaml")));
    }
    if rng.random_bool(0.05) {
        files.insert(
            format!("{place}/list.yaml"),
            format!(
                "apiVersion: v1\nkind: List\nitems:\n- {}",
                indented(&object("ConfigMap", &format!("l{index}"), ""))
            ),
        );
        resources.push("list.yaml".to_owned());
    }
    list(&mut said, if rng.random_bool(0.1) { "bases" } else { "resources" }, &resources);
    if index == 0 && folders.contains(&"parts/c") {
        list(&mut said, "components", &[way(place, "parts/c")]);
    }
    extras(rng, files, place, index, &mut said);
    let name = ["kustomization.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization"].choose(rng).unwrap();
    files.insert(format!("{place}/{name}"), said);
    // Files that nothing refers to.
    if rng.random_bool(0.3) {
        files.insert(format!("{place}/orphan.yaml"), object("ConfigMap", "orphan", ""));
    }
}

fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ") + "\n"
}

fn list(said: &mut String, field: &str, entries: &[String]) {
    let _ = writeln!(said, "{field}:");
    for entry in entries {
        let _ = writeln!(said, "- {entry}");
    }
}

fn extras(rng: &mut StdRng, files: &mut Files, place: &str, index: usize, said: &mut String) {
    if rng.random_bool(0.3) {
        files.insert(format!("{place}/a.txt"), "text\n".to_owned());
        files.insert(format!("{place}/b.env"), "A=b\n".to_owned());
        let _ = write!(
            said,
            "configMapGenerator:\n- name: made-{index}\n  files:\n  - a.txt\n  - key=a.txt\n  envs:\n  - b.env\n"
        );
    }
    if rng.random_bool(0.1) {
        files.insert(format!("{place}/s.txt"), "secret\n".to_owned());
        let _ = write!(said, "secretGenerator:\n- name: hidden-{index}\n  files: [s.txt]\n  type: Opaque\n");
    }
    if rng.random_bool(0.2) {
        let target = format!("{}-0", place.replace('/', "-"));
        let patch = "- op: add\n  path: /metadata/labels\n  value: {a: b}\n".to_owned();
        files.insert(format!("{place}/patch.yaml"), patch);
        let _ = write!(said, "patches:\n- path: patch.yaml\n  target:\n    name: {target}\n");
    }
    if rng.random_bool(0.1) {
        files.insert(format!("{place}/config.yaml"), "namePrefix:\n- path: metadata/name\n".to_owned());
        said.push_str("configurations:\n- config.yaml\n");
    }
    for (chance, line) in [(0.2, "namespace: mine\n"), (0.1, "namePrefix: p-\n"), (0.1, "nameSuffix: -s\n")] {
        if rng.random_bool(chance) {
            said.push_str(line);
        }
    }
    if rng.random_bool(0.1) {
        said.push_str("labels:\n- pairs: {a: b}\n");
    }
}

/// One mistake of those that people make.
fn broken(rng: &mut StdRng, files: &mut Files) {
    let kustomizations: Vec<String> =
        files.keys().filter(|path| path.to_lowercase().contains("/kustomization")).cloned().collect();
    let Some(at) = kustomizations.choose(rng).cloned() else { return };
    let place = at.rsplit_once('/').unwrap().0.to_owned();
    let append = |files: &mut Files, text: &str| {
        // Under the list that is there, whichever comes first.
        let said = files[&at].clone();
        let changed = ["resources:\n", "bases:\n"].iter().find(|field| said.contains(**field));
        let changed = changed.map_or(said.clone(), |field| said.replacen(field, &format!("{field}{text}"), 1));
        files.insert(at.clone(), changed);
    };
    match rng.random_range(0..13) {
        0 => append(files, "- missing.yaml\n"),
        1 => append(files, "- ./\n"),
        2 => append(files, &format!("- {}\n", way(&place, "top"))),
        3 => append(files, "- 0.yaml\n"),
        // Without a kustomization file in the entry, Flux makes one, and kustomize refuses.
        4 if place != ENTRY => drop(files.remove(&at)),
        5 => {
            let victims: Vec<String> =
                files.keys().filter(|path| !path.starts_with("top/k") && !path.starts_with("top/K")).cloned().collect();
            victims.choose(rng).and_then(|victim| files.remove(victim));
        }
        6 => drop(files.insert(at.clone(), files[&at].replacen("resources", "resource", 1))),
        7 => drop(files.insert(at.clone(), files[&at].replacen("kind: Kustomization", "kind: Custom", 1))),
        8 => drop(files.insert(format!("{place}/0.yaml"), "a: b\n".to_owned())),
        9 => drop(files.insert(format!("{place}/0.yaml"), object("ConfigMap", "", ""))),
        10 => drop(files.insert(format!("{place}/0.yaml"), "apiVersion: v1\nkind: [\n".to_owned())),
        11 => drop(files.insert(format!("{place}/Kustomization"), "resources: []\n".to_owned())),
        _ => append(files, "- ''\n"),
    }
}
