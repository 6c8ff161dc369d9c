//! Any two texts, as a kustomization and as what it names: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazlab_kustomize::{Settings, Tree, check};

fuzz_target!(|texts: (&str, &str, &str)| {
    let (kustomization, other, pattern) = texts;
    let tree = Tree::of([
        ("a/kustomization.yaml", kustomization),
        ("a/b.yaml", other),
        ("c/kustomization.yaml", other),
        ("c/d.yaml", kustomization),
    ]);
    let settings = Settings { entries: vec!["a".to_owned()], ignore: vec![pattern.to_owned()], ..Settings::default() };
    let _ = check(&tree, &settings);
});
