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
mod estate;
mod fault;
mod node;
mod round;

use std::collections::BTreeMap;
use std::time::Instant;

use acceptance_tests::Vault;
use fault::Fault;
use rand::Rng;
use round::{Lengths, Round};

/// A number of the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name} is {text}: {error}")))
}

#[test]
fn whatever_is_done_to_a_run_the_next_one_loses_nothing() {
    let rounds = number("TAZLAB_CHAOS_ROUNDS").unwrap_or(Fault::ALL.len() as u64);
    let first = number("TAZLAB_CHAOS_SEED").unwrap_or_else(|| u64::from(rand::rng().random::<u32>()));
    println!("{rounds} rounds, the first with seed {first}");
    let (began, mut vault) = (Instant::now(), Vault::kept());
    let lengths = Lengths::measured(&vault);
    let (mut interrupted, mut by_fault, mut losses) = (0, BTreeMap::<Fault, u32>::new(), Vec::new());
    for number in 0..rounds {
        let seed = first.wrapping_add(number);
        let round = Round::of(seed);
        *by_fault.entry(round.fault).or_default() += 1;
        let since = Instant::now();
        let (told, lost) = round.run(&mut vault, &lengths);
        interrupted += u32::from(told.failed);
        println!("{:>3}. seed {seed}: {round}: {told}, {:.1} s", number + 1, since.elapsed().as_secs_f64());
        for loss in lost {
            println!("     LOST {loss}; again: acceptance-tests/chaos --rounds 1 --seed {seed}");
            losses.push((seed, loss));
        }
    }
    let kinds: Vec<String> = by_fault.iter().map(|(fault, times)| format!("{times} {fault:?}")).collect();
    println!(
        "{rounds} rounds ({}), {interrupted} runs did not end well, {} losses, {:.0} s",
        kinds.join(", "),
        losses.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(losses.is_empty(), "{losses:#?}");
}
