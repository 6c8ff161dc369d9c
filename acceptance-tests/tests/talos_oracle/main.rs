//! Compares the Talos room with Talos' own machinery, on a hand-made corpus and on generated patches, and the tables that
//! the room is built on with what the machinery's types say.
//!
//! The oracle (`oracles/talos`) applies each patch to the configuration that is kept in `crates/talos/src`. It is built on first
//! use; set `TAZLAB_TALOS_ORACLE` to use one that exists.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod generator;

use std::collections::BTreeMap;
use std::fs;

use acceptance_tests::oracle::{Oracle, root};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Deserialize;
use tazlab_talos::{ALLOWABLE, Objection, Problem, check};

const GENERATED: usize = 12_000;

#[derive(Deserialize)]
struct Verdict {
    /// Where Talos refused it; empty where it did not.
    stage: String,
    text: String,
}

/// How the two verdicts relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    BothTake,
    BothRefuse,
    /// A rule of ours says why not.
    Rule,
    /// What Talos compiles with a language of its own (CEL), or reads as another project's type: we do not.
    OutOfReach,
    FalseAccept,
    FalseReject,
}

/// What we say that we do not look into (`docs/design/talos-patches.md`).
fn out_of_reach(refusal: &str) -> bool {
    let lines: Vec<&str> =
        refusal.lines().filter(|line| line.trim_start().starts_with('*') && !line.ends_with("occurred:")).collect();
    let known = |line: &&str| {
        ["ERROR: <input>", "expression output type", "runtime spec overrides"].iter().any(|words| line.contains(words))
    };
    !lines.is_empty() && lines.iter().all(known)
}

fn compare(problems: &[Problem], verdict: &Verdict) -> Outcome {
    // What a rule refuses that can be allowed is not refused for Talos' sake.
    let for_good = |problem: &Problem| !matches!(problem.objection, Objection::Rule(rule) if ALLOWABLE.contains(&rule));
    let by_talos = problems.iter().any(|problem| problem.objection == Objection::Talos);
    match (by_talos, verdict.stage.is_empty()) {
        (true, false) => Outcome::BothRefuse,
        (true, true) => Outcome::FalseReject,
        (false, true) if problems.is_empty() => Outcome::BothTake,
        (false, true) => Outcome::Rule,
        (false, false) if problems.iter().any(for_good) => Outcome::BothRefuse,
        (false, false) if out_of_reach(&verdict.text) => Outcome::OutOfReach,
        (false, false) => Outcome::FalseAccept,
    }
}

fn room(name: &str) -> String {
    root().join("../crates/talos/src").join(name).to_str().expect("a path in UTF-8").to_owned()
}

/// Compares all patches and prints totals; how many outcomes of each kind there are.
fn judge(name: &str, patches: &[String]) -> BTreeMap<Outcome, usize> {
    let (many, one) = (room("base_many.yaml"), room("base_one.yaml"));
    let verdicts: Vec<Verdict> = Oracle::build("talos").verdicts(&["judge", &many, &one], &root(), patches);
    let mut totals = BTreeMap::new();
    let mut shown = 0;
    for (patch, verdict) in patches.iter().zip(verdicts) {
        let problems = check(patch, &[]);
        let outcome = compare(&problems, &verdict);
        *totals.entry(outcome).or_default() += 1;
        if matches!(outcome, Outcome::FalseAccept | Outcome::FalseReject) && shown < 40 {
            shown += 1;
            println!("--- {outcome:?}\n{patch}\nTalos ({}): {}", verdict.stage, verdict.text);
            for problem in &problems {
                println!("we: {problem}");
            }
        }
    }
    println!("{name}: {} patches, {totals:?}", patches.len());
    totals
}

fn corpus() -> Vec<String> {
    let text = fs::read_to_string(root().join("corpus/talos/corpus.txt")).expect("the corpus");
    text.trim_end().split("\n=====\n").map(|patch| format!("{patch}\n")).collect()
}

fn none_wrong(totals: &BTreeMap<Outcome, usize>) {
    let of = |outcome: Outcome| totals.get(&outcome).copied().unwrap_or_default();
    assert_eq!(of(Outcome::FalseReject), 0, "patches that Talos takes were refused, and by no rule");
    assert_eq!(of(Outcome::FalseAccept), 0, "patches that Talos refuses were taken");
}

#[test]
fn the_corpus_gets_the_verdict_of_talos() {
    let patches = corpus();
    assert!(patches.len() >= 250, "the corpus has shrunk to {} patches", patches.len());
    let totals = judge("corpus", &patches);
    none_wrong(&totals);
    assert!(totals[&Outcome::BothTake] >= 60 && totals[&Outcome::BothRefuse] >= 60 && totals[&Outcome::Rule] >= 10);
}

#[test]
fn generated_patches_get_the_verdict_of_talos() {
    let seed = std::env::var("TAZLAB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124);
    let mut rng = StdRng::seed_from_u64(seed);
    let generator = generator::Generator::new(corpus(), &fs::read_to_string(room("schema.json")).unwrap());
    let patches: Vec<String> = (0..GENERATED).map(|_| generator.patch(&mut rng)).collect();
    let totals = judge("generated", &patches);
    none_wrong(&totals);
    // A generator whose patches all fail at once would prove nothing.
    assert!(totals[&Outcome::BothTake] * 10 >= patches.len(), "too few of the patches are good");
}

#[test]
fn the_tables_are_what_the_machinery_says() {
    let oracle = Oracle::build("talos");
    for (file, arguments) in
        [("schema.json", &["schema"][..]), ("base_many.yaml", &["base", "many"]), ("base_one.yaml", &["base", "one"])]
    {
        let kept = fs::read_to_string(room(file)).unwrap();
        assert!(
            kept == oracle.prints(arguments),
            "crates/talos/src/{file} differs: write it with `talos-oracle {arguments:?}`"
        );
    }
}
