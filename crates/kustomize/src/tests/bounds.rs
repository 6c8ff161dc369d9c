//! Bounds: a repository is someone else's.

use std::fs;
use std::path::Path;

use super::*;
use crate::limits::{DEEPEST_FOLDER, LARGEST_FILE, MOST_BYTES};

fn limited(files: Vec<(String, String)>) -> String {
    // The other bounds are meant, however busy the machine is.
    let time = Some(Duration::from_hours(1));
    let settings = Settings { entries: vec!["clusters/a".into()], time, ..Settings::default() };
    let report = check(&Tree::of(files), &settings);
    report.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn own(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn diamonds_are_built_once() {
    let mut files = own(&[
        ("clusters/a/kustomization.yaml", "resources: [../../l0/x, ../../l0/y]\n"),
        ("leaf/kustomization.yaml", "resources: [m.yaml]\n"),
        ("leaf/m.yaml", &map("m")),
    ]);
    for layer in 0..18 {
        for side in ["x", "y"] {
            let below =
                if layer == 17 { "../../leaf".to_owned() } else { format!("../../l{0}/x, ../../l{0}/y", layer + 1) };
            files.push((format!("l{layer}/{side}/kustomization.yaml"), format!("resources: [{below}]\nlabels: []\n")));
        }
    }
    let same = limited(files.clone());
    assert_eq!(same.matches("[duplicate]").count(), 1, "{same}");
    let renamed =
        files.into_iter().map(|(path, text)| (path.clone(), format!("{text}namePrefix: {}\n", path.replace('/', "-"))));
    assert!(limited(renamed.collect()).contains("more than 100000 objects"));
}

#[test]
fn chains_components_and_names_that_grow_end() {
    let mut chain = own(&[("clusters/a/kustomization.yaml", "resources: [../../c0]\n")]);
    chain.extend(
        (0..200).map(|index| (format!("c{index}/kustomization.yaml"), format!("resources: [../c{}]\n", index + 1))),
    );
    assert!(limited(chain).contains("100 folders include each other"));
    let mut parts = own(&[("clusters/a/kustomization.yaml", "components: [../../p0/x, ../../p0/y]\n")]);
    for layer in 0..24 {
        for side in ["x", "y"] {
            let below = if layer == 23 {
                "labels: []".to_owned()
            } else {
                format!("components: [../../p{0}/x, ../../p{0}/y]", layer + 1)
            };
            let text = format!("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n{below}\n");
            parts.push((format!("p{layer}/{side}/kustomization.yaml"), text));
        }
    }
    assert!(limited(parts).contains("20000 folders are built"));
    let again = flux("k${N}", "./again", "  postBuild:\n    substitute:\n      N: \"${N}a\"\n");
    let first = flux("first", "./again", "  postBuild:\n    substitute:\n      N: a\n");
    assert!(
        limited(own(&[("clusters/a/f.yaml", &first), ("again/f.yaml", &again)])).contains("5000 Flux Kustomizations")
    );
}

#[test]
fn time_is_bounded() {
    let settings = Settings { entries: vec!["a".into()], time: Some(Duration::ZERO), ..Settings::default() };
    let report = check(&Tree::of([("a/a.yaml", map("a"))]), &settings);
    assert!(report.problems[0].to_string().contains("took more than"), "{:?}", report.problems);
    assert_eq!(report.problems.len(), 1);
}

#[test]
fn nodes_are_counted_over_all_files() {
    let many = format!("{MAP}m\ndata: [{}]\n", "a,".repeat(400_000));
    let files = (0..5).map(|index| (format!("clusters/a/{index}.yaml"), many.clone()));
    assert!(limited(files.collect()).contains("1500000 YAML nodes"));
}

/// What a check says of a folder on disk whose entry is `clusters/a`.
fn said_of(folder: &Path) -> String {
    let time = Some(Duration::from_hours(1));
    let settings = Settings { entries: vec!["clusters/a".into()], time, ..Settings::default() };
    let report = check(&Tree::read(folder).unwrap(), &settings);
    report.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Objects that are nearly as large as a file may be, in a comment.
fn large(folder: &Path, files: usize, length: u64) {
    let place = folder.join("clusters/a");
    fs::create_dir_all(&place).unwrap();
    for index in 0..files {
        let object = format!("{}# ", map(&format!("m{index}")));
        let comment = "x".repeat(usize::try_from(length).unwrap() - object.len());
        fs::write(place.join(format!("{index}.yaml")), object + &comment).unwrap();
    }
}

#[test]
fn a_file_has_a_largest_size() {
    let folder = tempfile::tempdir().unwrap();
    large(folder.path(), 1, LARGEST_FILE);
    assert_eq!(said_of(folder.path()), "");
    large(folder.path(), 1, LARGEST_FILE + 1);
    let said = said_of(folder.path());
    assert!(said.contains("clusters/a/0.yaml") && said.contains("larger than 8 MiB"), "{said}");
}

#[test]
fn all_files_have_a_largest_size() {
    let folder = tempfile::tempdir().unwrap();
    let most = usize::try_from(MOST_BYTES / LARGEST_FILE).unwrap();
    large(folder.path(), most, LARGEST_FILE);
    assert_eq!(said_of(folder.path()), "");
    large(folder.path(), most + 1, LARGEST_FILE);
    let said = said_of(folder.path());
    assert!(said.contains("[limit]") && said.contains("hold more than 64 MiB"), "{said}");
}

#[test]
fn folders_have_a_most_and_a_deepest() {
    let folder = tempfile::tempdir().unwrap();
    let mut deep = folder.path().to_owned();
    (0..DEEPEST_FOLDER).for_each(|_| deep.push("d"));
    fs::create_dir_all(&deep).unwrap();
    assert!(Tree::read(folder.path()).is_ok());
    // The root is one of them.
    assert!(Tree::list(folder.path(), DEEPEST_FOLDER + 1).is_ok());
    let many = Tree::list(folder.path(), DEEPEST_FOLDER).unwrap_err();
    assert_eq!(many.to_string(), "the repository holds more than 128 files and folders");
    fs::create_dir(deep.join("d")).unwrap();
    let said = Tree::read(folder.path()).unwrap_err().to_string();
    assert!(said.contains("more than 128 deep"), "{said}");
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("clusters/a");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("kustomization.yaml"), "resources: [pipe.yaml, link.yaml]\n").unwrap();
    nix::unistd::mkfifo(&place.join("pipe.yaml"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", place.join("link.yaml")).unwrap();
    let settings = Settings { entries: vec!["clusters/a".into()], ..Settings::default() };
    let report = check(&Tree::read(folder.path()).unwrap(), &settings);
    let texts: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert!(texts.iter().filter(|text| text.contains("an artifact of Flux holds none")).count() == 2, "{texts:#?}");
}

/// What is reported of a kustomization of one ConfigMap.
fn with(said: &str, more: &[(&str, &str)]) -> String {
    let text = format!("resources: [m.yaml]\n{said}");
    let map = format!("{}data:\n  a: \"xx\"\n  b: {{c: d}}\n", map("m"));
    let mut files = own(&[("clusters/a/kustomization.yaml", &text), ("clusters/a/m.yaml", &map)]);
    files.extend(own(more));
    limited(files)
}

#[test]
fn a_value_that_is_copied_into_itself_ends() {
    let patches = |count: usize, operation: &dyn Fn(usize) -> String| {
        let operations: Vec<String> = (0..count).map(|at| format!("    {}\n", operation(at))).collect();
        format!("patches:\n- target: {{kind: ConfigMap}}\n  patch: |\n{}", operations.concat())
    };
    // Twice as much with each of them.
    let wide = |at: usize| format!("- {{op: copy, from: /data, path: /data/k{at}}}");
    assert!(with(&patches(60, &wide), &[]).contains("into an object"));
    assert_eq!(with(&patches(8, &wide), &[]), "", "the control");
    let deep = |at: usize| format!("- {{op: copy, from: /data/b, path: /data/b{}}}", "/c".repeat(1 << at));
    let told = with(&patches(16, &deep), &[]);
    assert!(told.contains("deeper than 1000") || told.contains("too large"), "{told}");
    let chain = |at: usize| format!("- {{op: add, path: /data/b{}, value: {{c: {{}}}}}}", "/c".repeat(at + 1));
    let told = with(&patches(1200, &chain), &[]);
    assert!(told.contains("deeper than 1000") || told.contains("too large"), "{told}");

    let into_itself = "- source: {kind: ConfigMap, fieldPath: data.a}\n  targets:\n  - select: {kind: ConfigMap}\n    fieldPaths: [data.a]\n    options: {delimiter: \"/\", index: 9}\n";
    let replaced = with(&format!("replacements:\n{}", into_itself.repeat(60)), &[]);
    assert!(replaced.contains("into an object"), "{replaced}");
    assert_eq!(with(&format!("replacements:\n{}", into_itself.repeat(8)), &[]), "", "the control");
}

#[test]
fn large_files_that_are_used_many_times_end() {
    let big = "x".repeat(4 << 20);
    let generators = |count: usize| {
        (0..count).map(|at| format!("- {{name: g{at}, files: [big.txt]}}\n")).collect::<Vec<_>>().concat()
    };
    let maps = generators(2000);
    let told = with(&format!("configMapGenerator:\n{maps}"), &[("clusters/a/big.txt", &big)]);
    assert!(told.contains("256 MiB"), "{}", told.get(..200).unwrap_or(&told));
    let few = generators(3);
    assert_eq!(with(&format!("configMapGenerator:\n{few}"), &[("clusters/a/big.txt", &big)]), "", "the control");

    let objects = (0..2000).map(|at| map(&format!("o{at}"))).collect::<Vec<_>>().join("---\n");
    let labelled = format!("resources: [o.yaml]\ncommonAnnotations: {{a: {big}}}\n");
    let files = [("clusters/a/kustomization.yaml", labelled.as_str()), ("clusters/a/o.yaml", &objects)];
    let told = limited(own(&files));
    assert!(told.contains("256 MiB"), "{}", told.get(..200).unwrap_or(&told));
    let prefixed = format!("resources: [o.yaml]\nnamePrefix: {big}\n");
    let files = [("clusters/a/kustomization.yaml", prefixed.as_str()), ("clusters/a/o.yaml", &objects)];
    assert!(limited(own(&files)).contains("256 MiB"));
}
