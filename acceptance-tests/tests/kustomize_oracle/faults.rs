//! Plants faults into clean repositories: each is found at the right file and line, and a clean repository has none.

use std::fmt::Write;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use tazlab_kustomize::{Finding, Id, Settings, Tree, check};

use crate::generator::Files;
use crate::random;

const FAULTS: usize = 2_400;

/// A fault: the repository with it, and where it must be found.
struct Fault {
    what: &'static str,
    files: Files,
    id: Id,
    file: String,
    /// The line, where one is to blame.
    line: Option<usize>,
}

fn object(kind: &str, name: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: apps\ndata:\n  key: value\n")
}

fn flux(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  interval: 10m\n  path: {path}\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n{more}"
    )
}

/// A clean repository, as people lay them out: a sync of its own, settings, an operator with its CRDs, and applications.
fn repository(rng: &mut StdRng) -> (Files, Vec<String>) {
    let mut files = Files::new();
    let mut put = |path: &str, text: String| drop(files.insert(path.to_owned(), text));
    put(
        "clusters/main/flux-system/gotk-sync.yaml",
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  url: https://git.example.net/me/home\n---\n{}",
            flux("flux-system", "./clusters/main", "")
        ),
    );
    put("clusters/main/flux-system/kustomization.yaml", "resources:\n- gotk-sync.yaml\n".into());
    put("clusters/main/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: flux-system\ndata:\n  ZONE: north\n".into());
    put("clusters/main/operators.yaml", flux("operators", "./operators", "  wait: true\n"));
    put("operators/kustomization.yaml", "resources:\n- namespace.yaml\n- release.yaml\n- repository.yaml\n".into());
    put("operators/namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: operators\n".into());
    put("operators/repository.yaml", "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: eso\n  namespace: operators\nspec:\n  url: https://charts.example.net\n".into());
    put("operators/release.yaml", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: eso\n  namespace: operators\nspec:\n  chart:\n    spec:\n      chart: external-secrets\n      sourceRef:\n        kind: HelmRepository\n        name: eso\n".into());
    let mut apps = Vec::new();
    for index in 0..rng.random_range(2..6) {
        let name = format!("app{index}");
        application(rng, &mut files, &name, &apps);
        apps.push(name);
    }
    (files, apps)
}

fn application(rng: &mut StdRng, files: &mut Files, name: &str, before: &[String]) {
    let mut put = |path: String, text: String| drop(files.insert(path, text));
    let depends = before.choose(rng).map(|other| format!("  - name: {other}\n")).unwrap_or_default();
    let more = format!(
        "  dependsOn:\n  - name: operators\n{depends}  postBuild:\n    substituteFrom:\n    - kind: ConfigMap\n      name: settings\n    substitute:\n      APP: {name}\n"
    );
    let path = if rng.random_bool(0.3) { format!("./apps/{name}/${{ZONE}}") } else { format!("./apps/{name}/north") };
    // What applies the applications fills their variables in, too.
    let parent = "apps-of-main";
    put(
        "clusters/main/apps.yaml".into(),
        flux(parent, "./fleet", "  postBuild:\n    substituteFrom:\n    - kind: ConfigMap\n      name: settings\n"),
    );
    put(format!("fleet/{name}.yaml"), flux(name, &path, &more));
    let mut said = "resources:\n".to_owned();
    let _ = writeln!(said, "- ../base");
    for index in 0..rng.random_range(1..4) {
        put(format!("apps/{name}/north/{index}.yaml"), object("ConfigMap", &format!("{name}-{index}")));
        let _ = writeln!(said, "- {index}.yaml");
    }
    put(
        format!("apps/{name}/north/secret.yaml"),
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: {name}\n  namespace: apps\nspec:\n  target:\n    name: ${{APP}}\n"
        ),
    );
    said.push_str("- secret.yaml\n");
    put(format!("apps/{name}/base/kustomization.yaml"), "resources:\n- web.yaml\n".into());
    put(
        format!("apps/{name}/base/web.yaml"),
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  namespace: apps\nspec:\n  replicas: 1\n"
        ),
    );
    let _ = write!(
        said,
        "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: {name}\n      namespace: apps\n    spec:\n      replicas: 2\n- target:\n    kind: Deployment\n    name: {name}\n  patch: |\n    - op: add\n      path: /metadata/labels\n      value: {{a: b}}\n"
    );
    put(format!("apps/{name}/north/kustomization.yaml"), said);
}

/// The line of a text in a file, counted from 1.
fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).unwrap_or_else(|| panic!("{part:?} in {text}")) + 1
}

fn plant(rng: &mut StdRng, files: &Files, apps: &[String], kind: usize) -> Fault {
    let mut files = files.clone();
    let app = apps.choose(rng).unwrap().clone();
    let (overlay, fleet) = (format!("apps/{app}/north/kustomization.yaml"), format!("fleet/{app}.yaml"));
    let edit = |files: &mut Files, path: &str, from: &str, to: &str| {
        let text = files[path].clone();
        assert!(text.contains(from), "{from:?} in {text}");
        files.insert(path.to_owned(), text.replacen(from, to, 1));
    };
    let fault = |what, files, id, file: &str, line| Fault { what, files, id, file: file.to_owned(), line };
    match kind % 12 {
        0 => {
            edit(&mut files, &overlay, "- 0.yaml\n", "");
            fault("entry removed", files, Id::Orphan, &format!("apps/{app}/north/0.yaml"), None)
        }
        1 => {
            edit(&mut files, &overlay, "- ../base\n", "");
            // The patches are for what the base makes.
            fault("folder removed", files, Id::Orphan, &format!("apps/{app}/base/kustomization.yaml"), None)
        }
        2 => {
            edit(&mut files, &overlay, "- 0.yaml", "- O.yaml");
            let line = line_of(&files[&overlay], "O.yaml");
            fault("entry misspelt", files, Id::MissingFile, &overlay, Some(line))
        }
        3 => {
            edit(&mut files, &fleet, "path: ./apps/", "path: ./aps/");
            let line = line_of(&files[&fleet], "./aps/");
            fault("path misspelt", files, Id::MissingPath, &fleet, Some(line))
        }
        4 => {
            edit(&mut files, &fleet, "- name: operators", "- name: operator-s");
            let line = line_of(&files[&fleet], "operator-s");
            fault("dependsOn renamed", files, Id::MissingDependency, &fleet, Some(line))
        }
        5 => {
            let copy = files[&format!("apps/{app}/north/0.yaml")].clone();
            let path = format!("apps/{app}/north/copy.yaml");
            files.insert(path.clone(), copy);
            edit(&mut files, &overlay, "- 0.yaml\n", "- 0.yaml\n- copy.yaml\n");
            fault("object twice in a build", files, Id::Duplicate, &path, Some(1))
        }
        6 => {
            let copy = files[&format!("apps/{app}/north/0.yaml")].clone();
            files.insert("operators/copy.yaml".into(), copy);
            edit(&mut files, "operators/kustomization.yaml", "- namespace.yaml\n", "- namespace.yaml\n- copy.yaml\n");
            // The applications come first, and what was added takes the object from them.
            fault("object claimed twice", files, Id::ClaimedTwice, "operators/copy.yaml", Some(1))
        }
        7 => {
            edit(&mut files, &format!("apps/{app}/base/web.yaml"), &format!("name: {app}\n"), "name: other\n");
            let line = line_of(&files[&overlay], "patch: |");
            fault("patch target gone", files, Id::Patch, &overlay, Some(line))
        }
        8 => {
            edit(&mut files, &overlay, &format!("    name: {app}\n  patch"), "    name: nobody\n  patch");
            let line = line_of(&files[&overlay], "- target:");
            fault("patch selects nothing", files, Id::Patch, &overlay, Some(line))
        }
        9 => {
            files.remove("clusters/main/settings.yaml");
            let line = line_of(&files[&fleet], "kind: ConfigMap");
            fault("substituteFrom gone", files, Id::MissingVariables, &fleet, Some(line))
        }
        10 => {
            edit(&mut files, &fleet, "  - name: operators\n", "");
            // Another application may still wait for the operators.
            for other in apps {
                let path = format!("fleet/{other}.yaml");
                let text = files[&path].replace("  - name: operators\n", "");
                files.insert(path, text.replace("  dependsOn:\n  postBuild", "  postBuild"));
            }
            fault("CRD order", files, Id::CrdOrder, &format!("apps/{app}/north/secret.yaml"), Some(1))
        }
        _ => {
            let secret = "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata:\n  name: store\n";
            files.insert("operators/store.yaml".into(), secret.into());
            edit(&mut files, "operators/kustomization.yaml", "- namespace.yaml\n", "- namespace.yaml\n- store.yaml\n");
            fault("CRD beside its release", files, Id::CrdOrder, "operators/store.yaml", Some(1))
        }
    }
}

fn problems(files: &Files) -> Vec<Finding> {
    let settings = Settings { entries: vec!["clusters/main".into()], ..Settings::default() };
    check(&Tree::of(files.clone()), &settings).problems
}

#[test]
fn planted_faults_are_found_where_they_are() {
    let mut rng = random();
    let (mut found, mut false_alarms, mut clean) = (0, 0, 0);
    let mut missed = Vec::new();
    let mut planted = 0;
    while planted < FAULTS {
        let (files, apps) = repository(&mut rng);
        clean += 1;
        let none = problems(&files);
        false_alarms += none.len();
        none.iter().take(3).for_each(|problem| println!("false alarm: {problem}"));
        for kind in 0..12 {
            let fault = plant(&mut rng, &files, &apps, kind);
            planted += 1;
            let all = problems(&fault.files);
            let is_it = |one: &&Finding| {
                one.id == fault.id && one.file == fault.file && (fault.line.is_none() || one.line == fault.line)
            };
            if all.iter().any(|one| is_it(&one)) {
                found += 1;
            } else {
                missed.push(format!("{}: {} {}:{:?}, found {all:#?}", fault.what, fault.id, fault.file, fault.line));
            }
        }
    }
    missed.iter().take(5).for_each(|one| println!("missed: {one}"));
    println!(
        "{planted} faults in {clean} clean repositories: found {found}, missed {}, false alarms {false_alarms}",
        missed.len()
    );
    assert_eq!(false_alarms, 0, "problems in clean repositories");
    assert!(found * 100 >= planted * 98, "fewer than 98 % of the faults were found");
}
