//! No advice widens who may log in: what an explanation advises is done to a model of Vault, each by itself, all together, and again
//! until nothing is advised any more, and nobody gets in but the ServiceAccount whose login was tried.

use proptest::test_runner::TestCaseError;
use tazlab_jwk::PublicKey;

use super::*;
use crate::vault::login::advice::{Advice, Setup};
use crate::vault::login::tests::{Case, Counts, Person, accepts, done, drawn};

const CASES: u32 = 300;

/// How often what is advised is done before it must have come to an end.
const ROUNDS: usize = 8;

fn cluster() -> Jwks {
    Jwks::parse(JWKS).unwrap()
}

/// The keys that the mount of a case holds.
fn keys(case: &Case) -> Vec<String> {
    let ours = cluster().keys[0].key.to_pem();
    let theirs = PublicKey::ed25519(&[7; 32]).unwrap().to_pem();
    [(case.keys.0, ours), (case.keys.1, theirs)].into_iter().filter(|(held, _)| *held).map(|(_, pem)| pem).collect()
}

fn evidence_of(case: &Case, setup: &Setup) -> Evidence {
    let audiences = if setup.audiences.is_empty() { vec![case.asks.issuer.clone()] } else { setup.audiences.clone() };
    let asks = Person { audiences, ..case.asks.clone() };
    let mut config = setup.config.clone();
    if config.jwt_validation_pubkeys.is_empty() {
        config.jwks_url = "https://keys".to_owned();
    }
    let algorithms = &config.jwt_supported_algs;
    let is_allowed = algorithms.is_empty() || algorithms.iter().any(|one| one == "RS256");
    Evidence {
        token: token(&asks.claims()),
        is_verified: case.by_url == Some(true) && config.jwt_validation_pubkeys.is_empty() && is_allowed,
        audiences: setup.audiences.clone(),
        config: Seen::There(config.clone()),
        role: Seen::There(setup.role.clone()),
        ..evidence()
    }
}

fn check(case: &mut Case, all: &[Person], counts: &mut Counts) -> Result<(), TestCaseError> {
    case.setup.config.jwt_validation_pubkeys = keys(case);
    counts.cases += 1;
    let asks = case.asks.clone();
    if accepts(case, &case.setup, &asks) {
        // Keys at a URL are what is blamed when nothing else is left, which is right of a refusal only.
        let found = if case.by_url.is_none() { claims(&evidence_of(case, &case.setup)) } else { Vec::new() };
        let missed: Vec<&Claim> = found.iter().filter(|claim| !claim.met).collect();
        if !missed.is_empty() {
            return Err(TestCaseError::fail(format!("what works is called refused: {missed:?}\n{case:?}")));
        }
        return Ok(());
    }
    counts.refused += 1;
    let mut setup = case.setup.clone();
    for round in 0..ROUNDS {
        let evidence = evidence_of(case, &setup);
        let found = explain(&evidence);
        let proposals: Vec<&Advice> = found.proposals().collect();
        if round == 0 && proposals.is_empty() {
            return Err(TestCaseError::fail(format!("a refusal without an advice: {found:?}\n{case:?}")));
        }
        for advice in &proposals {
            *counts.proposals.entry(advice.change.name()).or_default() += 1;
        }
        let together = done(&setup, proposals.iter().copied());
        let each = proposals.iter().map(|advice| done(&setup, [*advice]));
        for (index, after) in each.chain([together.clone()]).enumerate() {
            let intruders = case.intruders(&after, all);
            if let Some(intruder) = intruders.first() {
                return Err(TestCaseError::fail(format!(
                    "{} get in by advice {index} of round {round}, such as {intruder:?}\n{:#?}\nbefore {setup:?}\nafter {after:?}\n{case:?}",
                    intruders.len(),
                    proposals
                )));
            }
        }
        counts.let_in +=
            all.iter().filter(|person| accepts(case, &together, person) && !accepts(case, &setup, person)).count();
        if together == setup {
            break;
        }
        setup = together;
        let asked = if setup.audiences.is_empty() { vec![asks.issuer.clone()] } else { setup.audiences.clone() };
        if accepts(case, &setup, &Person { audiences: asked, ..asks.clone() }) {
            counts.mended += 1;
            break;
        }
    }
    Ok(())
}

#[test]
fn no_advice_lets_in_anybody_but_who_tried_to_log_in() {
    let counts = drawn(CASES, check);
    // A check that never meets an advice says nothing.
    for kind in [
        "RequestAudience",
        "Audiences",
        "RenameClaim",
        "ExactClaim",
        "ReplaceClaim",
        "ExactSubject",
        "ClearSubject",
        "UserClaim",
        "GroupsClaim",
        "ClearGroups",
        "DropMapping",
        "OwnRole",
        "Issuer",
        "Algorithms",
        "ClusterKeys",
        "OwnMount",
    ] {
        assert!(counts.proposals.get(kind).is_some_and(|met| *met >= 3), "{kind}: {counts:?}");
    }
    assert!(counts.refused > 150 && counts.mended > 50 && counts.let_in > 200, "{counts:?}");
}
