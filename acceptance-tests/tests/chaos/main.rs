//! The reliability campaign: something real is killed, halted, slowed, cut or refused at a random moment of an apply, a changed
//! apply or a destroy. Then the next run converges, the state lists exactly what exists, and nothing is gone that was not to go.
//!
//! `cargo test` runs each fault once; `acceptance-tests/chaos` as many rounds as one likes. All that is random in a round comes
//! from its seed, which is printed; `TAZLAB_CHAOS_SEED=… TAZLAB_CHAOS_ROUNDS=1` runs that round again.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod audit;
mod bystanders;
mod cluster;
mod estate;
mod fault;
mod round;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use acceptance_tests::{Part, Vault};
use fault::Fault;
use rand::Rng;
use round::{Lengths, Round};

/// A number of the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name} is {text}: {error}")))
}

/// Rounds that go on beside each other: they wait most of their time.
const LANES: u64 = 5;

/// What came of all rounds.
#[derive(Default)]
struct Totals {
    by_fault: BTreeMap<Fault, u32>,
    struck: u32,
    interrupted: u32,
    restored: u32,
    losses: Vec<(u64, String)>,
}

/// Runs rounds until there are no more, on a Vault of its own.
fn lane(next: &AtomicU64, rounds: u64, first: u64, lengths: &Lengths, totals: &Mutex<Totals>) {
    let mut vault = Vault::kept();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= rounds {
            return;
        }
        let seed = first.wrapping_add(number);
        let round = Round::of(seed);
        // Whoever harms the cluster has it alone.
        let harms = round.fault.harms_the_cluster();
        let _cluster = if harms { Part::Cluster.exclusive() } else { Part::Cluster.shared() };
        let since = Instant::now();
        let (told, lost) = round.run(&mut vault, lengths);
        let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
        println!("{:>3}. seed {seed}: {round}: {told}, {:.1} s", number + 1, since.elapsed().as_secs_f64());
        for loss in &lost {
            println!("     LOST {loss}; again: acceptance-tests/chaos --rounds 1 --seed {seed}");
        }
        *totals.by_fault.entry(round.fault).or_default() += 1;
        totals.struck += u32::from(told.struck);
        totals.interrupted += u32::from(told.failed);
        totals.restored += u32::from(told.restored);
        totals.losses.extend(lost.into_iter().map(|loss| (seed, loss)));
    }
}

#[test]
fn whatever_is_done_to_a_run_the_next_one_loses_nothing() {
    let rounds = number("TAZLAB_CHAOS_ROUNDS").unwrap_or(Fault::ALL.len() as u64);
    let first = number("TAZLAB_CHAOS_SEED").unwrap_or_else(|| u64::from(rand::rng().random::<u32>()));
    println!("{rounds} rounds, the first with seed {first}");
    let began = Instant::now();
    let lengths = Lengths::measured(&Vault::kept());
    let (next, totals) = (AtomicU64::new(0), Mutex::<Totals>::default());
    std::thread::scope(|lanes| {
        for _ in 0..LANES.min(rounds) {
            lanes.spawn(|| lane(&next, rounds, first, &lengths, &totals));
        }
    });
    let totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    let kinds: Vec<String> = totals.by_fault.iter().map(|(fault, times)| format!("{times} {fault:?}")).collect();
    println!(
        "{rounds} rounds ({}), {} were struck before their end, {} did not end well, {} left a broken state, {} losses, {:.0} s",
        kinds.join(", "),
        totals.struck,
        totals.interrupted,
        totals.restored,
        totals.losses.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(totals.losses.is_empty(), "{:#?}", totals.losses);
}
