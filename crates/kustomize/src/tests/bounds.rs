//! Bounds: a repository is someone else's.

use std::fs;

use super::*;

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
