//! Compares the check of Flux repositories with kustomize's own API and Flux's generator and substitution: where those build, the
//! files that we call reached are those that they read, and every object has the name, namespace and path that they give it;
//! where they refuse, so do we. And faults that are planted into clean repositories are found.
//!
//! The oracle (`oracles/kustomize`) is built on first use; set `TAZLAB_KUSTOMIZE_ORACLE` to use one that exists.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod builds;
mod faults;
mod generator;
mod syntax;

use std::collections::BTreeSet;

use acceptance_tests::oracle::{Oracle, root};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::json;
use tazlab_kustomize::{Built, Tree, build, build_as_flux};

const TREES: usize = 4_000;

/// Builds of Flux are written to the disk.
const BUILDS: usize = 1_000;

#[derive(Deserialize)]
struct Verdict {
    error: String,
    read: BTreeSet<String>,
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    group: String,
    version: String,
    kind: String,
    namespace: String,
    name: String,
    path: String,
}

impl Verdict {
    fn objects(&self) -> BTreeSet<[String; 6]> {
        let each = |one: &Object| {
            [&one.group, &one.version, &one.kind, &one.namespace, &one.name, &one.path].map(Clone::clone)
        };
        self.objects.iter().map(each).collect()
    }
}

pub(crate) fn random() -> StdRng {
    let seed = std::env::var("TAZLAB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124);
    StdRng::seed_from_u64(seed)
}

/// How many of each came out, and the first that differ.
#[derive(Default)]
struct Tally {
    built: usize,
    refused: usize,
    wrong: usize,
}

impl Tally {
    fn count(&mut self, verdict: &Verdict, ours: &Built, show: impl FnOnce()) {
        let objects: BTreeSet<[String; 6]> = ours.objects.iter().cloned().collect();
        // kustomize says nothing of a patch that selects nothing; we do, and refuse nothing by it.
        let refuses = ours.problems.iter().any(|one| !one.text.contains("the patch changes nothing"));
        let agree = match (verdict.error.is_empty(), !refuses) {
            (true, true) => {
                self.built += 1;
                ours.reached == verdict.read && objects == verdict.objects()
            }
            (false, false) => {
                self.refused += 1;
                true
            }
            _ => false,
        };
        if agree {
            return;
        }
        self.wrong += 1;
        if self.wrong > 12 {
            return;
        }
        println!("--- upstream: {:?}", verdict.error);
        show();
        for problem in &ours.problems {
            println!("we: {problem}");
        }
        if verdict.error.is_empty() && !refuses {
            let theirs = verdict.objects();
            println!("objects of ours alone {:?}", objects.difference(&theirs).collect::<Vec<_>>());
            println!("objects of theirs alone {:?}", theirs.difference(&objects).collect::<Vec<_>>());
            println!("we reached {:?}\nthey read {:?}", ours.reached, verdict.read);
        }
    }
}

fn show(files: &generator::Files) {
    for (path, text) in files {
        println!("# {path}\n{text}");
    }
}

#[test]
fn generated_trees_get_the_verdict_of_kustomize() {
    let mut rng = random();
    let trees: Vec<generator::Files> = (0..TREES).map(|_| generator::tree(&mut rng)).collect();
    let frames: Vec<String> =
        trees.iter().map(|files| json!({ "folder": generator::ENTRY, "files": files }).to_string()).collect();
    let verdicts: Vec<Verdict> = Oracle::build("kustomize").verdicts(&[], &root(), &frames);
    let mut tally = Tally::default();
    for (files, verdict) in trees.iter().zip(verdicts) {
        let ours = build(&Tree::of(files.clone()), generator::ENTRY, &[]);
        tally.count(&verdict, &ours, || show(files));
    }
    let Tally { built, refused, wrong } = tally;
    println!("{TREES} trees: both built {built}, both refused {refused}, disagreements {wrong}");
    assert_eq!(wrong, 0, "trees on which the verdicts differ");
    assert!(built > TREES / 5 && refused > TREES / 5, "the generator makes too few of one sort");
}

#[test]
fn builds_of_flux_make_the_objects_that_flux_makes() {
    let mut rng = random();
    let builds: Vec<builds::Build> = (0..BUILDS).map(|_| builds::build(&mut rng)).collect();
    let frame = |one: &builds::Build| json!({ "folder": builds::ENTRY, "files": one.files, "kustomization": one.kustomization, "cluster": one.cluster });
    let frames: Vec<String> = builds.iter().map(|one| frame(one).to_string()).collect();
    let verdicts: Vec<Verdict> = Oracle::build("kustomize").verdicts(&[], &root(), &frames);
    let mut tally = Tally::default();
    for (one, mut verdict) in builds.iter().zip(verdicts) {
        let tree = Tree::of(one.files.clone());
        let kustomization = one.kustomization.to_string();
        let ours = build_as_flux(&tree, builds::ENTRY, &kustomization, &one.cluster).expect("a Kustomization");
        // Flux writes this one where there is none.
        verdict.read.retain(|path| one.files.contains_key(path));
        tally.count(&verdict, &ours, || {
            show(&one.files);
            println!("# Flux: {kustomization}\n# cluster: {:?}", one.cluster);
        });
    }
    let Tally { built, refused, wrong } = tally;
    println!("{BUILDS} builds: both built {built}, both refused {refused}, disagreements {wrong}");
    assert_eq!(wrong, 0, "builds on which the verdicts differ");
    assert!(built > BUILDS / 4 && refused > BUILDS / 10, "the generator makes too few of one sort");
}
