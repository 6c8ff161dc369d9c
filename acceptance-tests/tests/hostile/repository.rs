//! A repository of someone else's: what fills memory, takes time or never ends when it is read ends in a problem that names its bound.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use acceptance_tests::Workspace;
use serde_json::Value;

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// What the check reports of `clusters/a` of a repository, in how much time.
fn checked(fill: impl FnOnce(&Path)) -> (Vec<String>, String, Duration) {
    let workspace = Workspace::without_cluster("");
    let root = workspace.path().join("repository");
    write(&root, "clusters/a/map.yaml", &format!("{MAP}kept\n"));
    fill(&root);
    workspace.hcl(
        r#"
data "tazlab_kustomization" "repo" {
  path    = "${path.module}/repository"
  entries = ["clusters/a"]
}
output "problems" { value = data.tazlab_kustomization.repo.problems }
output "summary" { value = data.tazlab_kustomization.repo.summary }
"#,
    );
    let start = Instant::now();
    workspace.apply().succeeds();
    let took = start.elapsed();
    let outputs = workspace.state()["values"]["outputs"].clone();
    let problems: Vec<String> = outputs["problems"]["value"]
        .as_array()
        .map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    (problems, outputs["summary"]["value"].as_str().unwrap().to_owned(), took)
}

/// One problem, of a bound that it names, and no run that waits for more than the bound of time.
#[track_caller]
fn bounded(checked: &(Vec<String>, String, Duration), words: &[&str]) {
    let (problems, _, took) = checked;
    let says = |problem: &String| words.iter().all(|word| problem.contains(word));
    assert!(problems.iter().any(says), "{words:?}: {problems:#?}");
    assert!(*took < Duration::from_mins(1), "{took:?}");
}

#[test]
fn the_control_is_clean() {
    let (problems, summary, _) = checked(|_| {});
    assert_eq!(problems, [] as [&str; 0]);
    assert!(summary.contains("1 files reached"), "{summary}");
}

#[test]
fn aliases_of_aliases_are_counted_as_what_they_stand_for() {
    let bomb = (1..40).fold(format!("{MAP}a\nx0: &x0 [a, a]\n"), |text, level| {
        format!("{text}x{level}: &x{level} [*x{0}, *x{0}]\n", level - 1)
    });
    bounded(
        &checked(|root| write(root, "clusters/a/bomb.yaml", &bomb)),
        &["clusters/a/bomb.yaml", "too many nodes", "400000"],
    );
}

#[test]
fn nested_anchors_are_shared() {
    // 42 KB: copies of each anchored part would be millions of nodes.
    let mut text = format!("{MAP}a\nx:\n");
    for level in 0..120 {
        let _ = writeln!(
            text,
            "{}- &a{level} {}",
            " ".repeat(level),
            "[b, c, d, e, f, g, h, i]".repeat(usize::from(level == 119))
        );
    }
    let (problems, _, took) = checked(|root| write(root, "clusters/a/nested.yaml", &text));
    assert!(took < Duration::from_mins(1), "{took:?}: {problems:?}");
}

#[test]
fn a_pipe_is_not_waited_for() {
    let made = checked(|root| {
        let pipe = root.join("clusters/a/pipe.yaml");
        let status = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
        assert!(status.success());
        write(root, "clusters/a/kustomization.yaml", "resources:\n  - map.yaml\n  - pipe.yaml\n");
    });
    bounded(&made, &["clusters/a/kustomization.yaml:3", "pipe.yaml does not exist", "a pipe"]);
}

#[test]
fn a_link_leads_nowhere() {
    let made = checked(|root| {
        std::os::unix::fs::symlink("/etc/passwd", root.join("clusters/a/link.yaml")).unwrap();
        std::os::unix::fs::symlink("..", root.join("clusters/a/loop")).unwrap();
        write(root, "clusters/a/kustomization.yaml", "resources:\n  - map.yaml\n  - link.yaml\n  - loop\n");
    });
    bounded(&made, &["clusters/a/kustomization.yaml:3", "link.yaml does not exist", "a link"]);
    assert!(!made.0.iter().any(|problem| problem.contains("root:")), "{:?}", made.0);
}

#[test]
fn folders_that_others_include_twice_are_built_once() {
    // 2^18 builds without a memory; every layer renames, so that kustomize would make as many objects.
    let layers = |root: &Path, renames: bool| {
        for layer in 0..18 {
            let next = if layer == 17 {
                "- ../leaf\n".to_owned()
            } else {
                format!("- ../l{}/x\n- ../l{}/y\n", layer + 1, layer + 1)
            };
            write(root, &format!("l{layer}/kustomization.yaml"), &format!("resources:\n{next}"));
            for side in ["x", "y"] {
                let prefix = if renames { format!("namePrefix: {side}{layer}-\n") } else { String::new() };
                let below = if layer == 17 {
                    "- ../../leaf\n".to_owned()
                } else {
                    format!("- ../../l{0}/x\n- ../../l{0}/y\n", layer + 1)
                };
                write(root, &format!("l{layer}/{side}/kustomization.yaml"), &format!("{prefix}resources:\n{below}"));
            }
        }
        write(root, "leaf/kustomization.yaml", "resources: [map.yaml]\n");
        write(root, "leaf/map.yaml", &format!("{MAP}leaf\n"));
        write(root, "clusters/a/kustomization.yaml", "resources:\n- map.yaml\n- ../../l0/x\n- ../../l0/y\n");
    };
    let same = checked(|root| layers(root, false));
    bounded(&same, &["twice in one build"]);
    let different = checked(|root| layers(root, true));
    bounded(&different, &["the builds make more than 100000 objects"]);
}

#[test]
fn a_value_that_is_copied_into_itself_ends() {
    let patched = |count: usize| {
        checked(|root| {
            let mut text = "resources: [map.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n    - {op: add, path: /data, value: {a: b}}\n".to_owned();
            for copy in 0..count {
                let _ = writeln!(text, "    - {{op: copy, from: /data, path: /data/k{copy}}}");
            }
            write(root, "clusters/a/kustomization.yaml", &text);
        })
    };
    bounded(&patched(60), &["into an object"]);
    assert_eq!(patched(4).0, [] as [&str; 0], "the control");
    let replaced = checked(|root| {
        let one = "- source: {kind: ConfigMap, fieldPath: metadata.annotations.a}\n  targets:\n  - select: {kind: ConfigMap}\n    fieldPaths: [metadata.annotations.a]\n    options: {delimiter: /, index: 9}\n";
        let text = format!("resources: [map.yaml]\ncommonAnnotations: {{a: b}}\nreplacements:\n{}", one.repeat(60));
        write(root, "clusters/a/kustomization.yaml", &text);
    });
    bounded(&replaced, &["into an object"]);
    // Each of them lies twice as deep: to drop it would take a stack that nobody has.
    let deep = checked(|root| {
        let mut text = "resources: [map.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n    - {op: add, path: /data, value: {c: {}}}\n".to_owned();
        for copy in 0..20 {
            let _ = writeln!(text, "    - {{op: copy, from: /data, path: /data{}}}", "/c".repeat(1 << copy));
        }
        write(root, "clusters/a/kustomization.yaml", &text);
    });
    assert!(!deep.0.is_empty(), "{deep:?}");
}

#[test]
fn chains_and_components_end() {
    let chain = checked(|root| {
        for index in 0..200 {
            write(root, &format!("c{index}/kustomization.yaml"), &format!("resources: [../c{}]\n", index + 1));
        }
        write(root, "clusters/a/kustomization.yaml", "resources: [map.yaml, ../../c0]\n");
    });
    bounded(&chain, &["more than 100 folders include each other"]);
    // A component is built for each place that includes it.
    let components = checked(|root| {
        let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
        for layer in 0..24 {
            for side in ["x", "y"] {
                let below = format!("components: [../../p{0}/x, ../../p{0}/y]\n", layer + 1);
                let below = if layer == 23 { "labels: [{pairs: {a: b}}]\n".to_owned() } else { below };
                write(root, &format!("p{layer}/{side}/kustomization.yaml"), &format!("{component}{below}"));
            }
        }
        write(root, "clusters/a/kustomization.yaml", "resources: [map.yaml]\ncomponents: [../../p0/x, ../../p0/y]\n");
    });
    bounded(&components, &["more than 20000 folders are built"]);
}

#[test]
fn kustomizations_that_make_themselves_end() {
    let made = checked(|root| {
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: k${N}\n  namespace: flux-system\nspec:\n  path: ./again\n  postBuild:\n    substitute:\n      N: \"${N}a\"\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n";
        write(root, "again/flux.yaml", flux);
        write(root, "clusters/a/flux.yaml", &flux.replace("k${N}", "first").replace("\"${N}a\"", "a"));
    });
    bounded(&made, &["Flux Kustomizations"]);
}

#[test]
fn large_files_are_not_read() {
    let made = checked(|root| {
        write(root, "clusters/a/large.yaml", &format!("{MAP}large\ndata:\n  a: {}\n", "x".repeat(9 << 20)));
    });
    bounded(&made, &["clusters/a/large.yaml", "larger than 8 MiB"]);
}

#[test]
fn the_provider_keeps_its_memory() {
    // Files of almost half a million nodes each: all of them would fill a gigabyte.
    let made = checked(|root| {
        let node = format!("{MAP}many\ndata: [{}]\n", "a,".repeat(450_000));
        for index in 0..20 {
            write(root, &format!("clusters/a/many{index}.yaml"), &node);
        }
    });
    bounded(&made, &["YAML nodes"]);
}
