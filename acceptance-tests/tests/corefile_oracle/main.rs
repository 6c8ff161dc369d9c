//! Compares the Corefile room with CoreDNS 1.15.0 itself, on a hand-made corpus, on what CoreDNS' own
//! tests set up, and on generated files.
//!
//! The oracle (`oracles/coredns`) links CoreDNS and sets plugins up without serving. It is built on first use; set
//! `TAZLAB_COREDNS_ORACLE` to use one that exists.
#![allow(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::assigning_clones,
    clippy::cast_precision_loss,
    missing_docs,
    unreachable_pub,
    reason = "a test: a panic is its way to fail"
)]

mod generator;

use std::collections::{BTreeMap, BTreeSet};

use acceptance_tests::oracle::{Oracle, root};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Deserialize;
use tazlab_corefile::{CheckOptions, Found, Imports, Kind, Report, check};

const GENERATED: usize = 24_000;

#[derive(Deserialize)]
struct Verdict {
    refusals: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    plugin: String,
    kind: String,
    text: String,
}

/// The oracle runs in an empty folder.
struct NoFiles;

impl Imports for NoFiles {
    fn find(&self, pattern: &str) -> Found {
        if pattern.contains(['*', '?']) { Found::Files(Vec::new()) } else { Found::Missing }
    }
}

/// How the two verdicts relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    BothTake,
    BothRefuse,
    /// CoreDNS misses a file, a cluster, a name or an interface, which we list as a requirement.
    Environment,
    /// We refuse what we know to loop or to have no resolver; CoreDNS starts with it.
    Policy,
    FalseAccept,
    FalseReject,
}

fn compare(report: &Report, verdict: &Verdict) -> Outcome {
    let ours: Vec<_> = report.errors().filter(|error| error.kind.keeps_from_starting()).collect();
    let outside = |refusal: &&Refusal| matches!(refusal.kind.as_str(), "cluster" | "file" | "host" | "machine");
    let (environment, grammar): (Vec<_>, Vec<_>) = verdict.refusals.iter().partition(outside);
    match (ours.is_empty(), grammar.is_empty()) {
        (true, true) if !environment.is_empty() => Outcome::Environment,
        (true, true) if report.is_ok() => Outcome::BothTake,
        (true, true) => Outcome::Policy,
        (false, false) => Outcome::BothRefuse,
        (true, false) => Outcome::FalseAccept,
        // Also where CoreDNS lacks something: it has read the whole grammar before it looks for that.
        (false, true) => Outcome::FalseReject,
    }
}

/// Compares all files and prints totals; the number of disagreements, and of false rejects.
fn judge(name: &str, files: &[String]) -> (usize, usize) {
    let options = CheckOptions { imports: &NoFiles, ..CheckOptions::default() };
    let mut totals: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut shown = 0;
    // What is no agreement and no fault either, by its reason.
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let folder = tempfile::tempdir().expect("a folder for the oracle");
    let verdicts = Oracle::build("coredns").verdicts::<Verdict>(&[], folder.path(), files);
    for (file, verdict) in files.iter().zip(verdicts) {
        let report = check(file, &options);
        let outcome = compare(&report, &verdict);
        *totals.entry(outcome).or_default() += 1;
        for reason in reasons_of(outcome, &report, &verdict) {
            *reasons.entry(reason).or_default() += 1;
        }
        if matches!(outcome, Outcome::FalseAccept | Outcome::FalseReject) && shown < 40 {
            shown += 1;
            let theirs: Vec<&str> = verdict.refusals.iter().map(|refusal| refusal.text.as_str()).collect();
            println!("--- {outcome:?}\n{file}\nCoreDNS: {theirs:?}");
            for error in report.errors() {
                println!("we: {error}");
            }
        }
    }
    let of = |outcome: Outcome| totals.get(&outcome).copied().unwrap_or_default();
    let wrong = of(Outcome::FalseAccept) + of(Outcome::FalseReject);
    let percent = |part: usize| part as f64 * 100.0 / files.len() as f64;
    println!("{name}: {} files, {:.3} % agreement, {totals:?}", files.len(), 100.0 - percent(wrong));
    for (reason, count) in reasons {
        println!("  {count:>5} {reason}");
    }
    (wrong, of(Outcome::FalseReject))
}

/// Why a verdict that differs is meant to differ.
fn reasons_of(outcome: Outcome, report: &Report, verdict: &Verdict) -> BTreeSet<String> {
    let policy = |kind: Kind| match kind {
        Kind::ForwardLoop => "CoreDNS starts, and its first question comes back to it (domain rule 1)",
        _ => "CoreDNS resolves the host name at its start, by the DNS that it is to be (domain rule 14)",
    };
    match outcome {
        Outcome::Policy => report.errors().map(|error| format!("policy: {}", policy(error.kind))).collect(),
        Outcome::Environment => {
            let lacks = |refusal: &Refusal| format!("environment: {} lacks a {}", refusal.plugin, refusal.kind);
            verdict.refusals.iter().map(lacks).collect()
        }
        _ => BTreeSet::new(),
    }
}

#[test]
fn generated_files_get_the_verdict_of_coredns() {
    let mut rng = StdRng::seed_from_u64(20_261_124);
    let files: Vec<String> = (0..GENERATED).map(|_| generator::file(&mut rng)).collect();
    let (wrong, rejects) = judge("generated", &files);
    assert_eq!(rejects, 0, "files that CoreDNS takes were refused");
    assert!(wrong * 200 <= files.len(), "less than 99.5 % agreement");
}

#[test]
fn the_corpus_gets_the_verdict_of_coredns() {
    let text = std::fs::read_to_string(root().join("corpus/corefile/corpus.txt")).expect("the corpus");
    let files: Vec<String> = text.split("\n=====\n").map(|file| format!("{file}\n")).collect();
    assert!(files.len() >= 300, "the corpus has shrunk to {} files", files.len());
    let (wrong, _) = judge("corpus", &files);
    assert_eq!(wrong, 0, "files of the corpus on which the verdicts differ");
}

#[test]
fn what_coredns_own_tests_set_up_gets_its_verdict() {
    let printed = Oracle::build("coredns").prints_in(&root().join("oracles/coredns"), &["cases"]);
    let files: Vec<String> = printed.lines().map(|line| serde_json::from_str(line).expect("a text in JSON")).collect();
    assert!(files.len() >= 600, "only {} texts were found in CoreDNS' tests", files.len());
    let (wrong, rejects) = judge("set-up tests", &files);
    assert_eq!(rejects, 0, "files that CoreDNS takes were refused");
    assert!(wrong * 200 <= files.len(), "less than 99.5 % agreement");
}
