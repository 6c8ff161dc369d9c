//! Compares the kustomize room with kustomize's own API on generated trees: where that builds, the files that we call
//! reached are those that it read; where it refuses for structure, so do we.
//!
//! The oracle (`oracles/kustomize`) is built on first use; set `TAZLAB_KUSTOMIZE_ORACLE` to use one that exists.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod generator;

use std::collections::BTreeSet;

use acceptance_tests::oracle::{Oracle, root};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Deserialize;
use tazlab_kustomize::{Tree, build};

const TREES: usize = 4_000;

#[derive(Deserialize)]
struct Verdict {
    error: String,
    read: BTreeSet<String>,
}

#[test]
fn generated_trees_get_the_verdict_of_kustomize() {
    let seed = std::env::var("TAZLAB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124);
    let mut rng = StdRng::seed_from_u64(seed);
    let trees: Vec<generator::Files> = (0..TREES).map(|_| generator::tree(&mut rng)).collect();
    let frames: Vec<String> = trees
        .iter()
        .map(|files| serde_json::json!({ "folder": generator::ENTRY, "files": files }).to_string())
        .collect();
    let verdicts: Vec<Verdict> = Oracle::build("kustomize").verdicts(&[], &root(), &frames);
    let (mut built, mut refused, mut wrong) = (0, 0, 0);
    for (files, verdict) in trees.iter().zip(verdicts) {
        let ours = build(&Tree::of(files.clone()), generator::ENTRY, &[]);
        let agree = match (verdict.error.is_empty(), ours.problems.is_empty()) {
            (true, true) => {
                built += 1;
                ours.reached == verdict.read
            }
            (false, false) => {
                refused += 1;
                true
            }
            _ => false,
        };
        if !agree {
            wrong += 1;
            if wrong < 20 {
                println!("--- kustomize: {:?}", verdict.error);
                for (path, text) in files {
                    println!("# {path}\n{text}");
                }
                for problem in &ours.problems {
                    println!("we: {problem}");
                }
                println!("we reached {:?}\nit read {:?}", ours.reached, verdict.read);
            }
        }
    }
    println!("{TREES} trees: both built {built}, both refused {refused}, disagreements {wrong}");
    assert_eq!(wrong, 0, "trees on which the verdicts differ");
    assert!(built > TREES / 5 && refused > TREES / 5, "the generator makes too few of one sort");
}
