//! The role's warnings propose nothing that lets in anybody whom nobody meant: what they propose is done to a model of Vault. Whose
//! login is meant is not known while a role is planned, so that the rule is what was written, read as the pattern or path that it is.

use proptest::test_runner::TestCaseError;

use tazlab_clients::vault::JwtConfig;

use super::super::warnings::doubts;
use crate::vault::login::advice::Advice;
use crate::vault::login::tests::{Case, Counts, Person, done, drawn};

const CASES: u32 = 400;

fn check(case: &mut Case, all: &[Person], counts: &mut Counts) -> Result<(), TestCaseError> {
    // What a warning knows is the role: the mount is as it should be.
    case.setup.config = JwtConfig::default();
    (case.keys, case.by_url) = ((true, false), None);
    drop(case.meant.pop());
    counts.cases += 1;
    let mut setup = case.setup.clone();
    for _ in 0..4 {
        let proposals: Vec<Advice> = doubts(&setup.role).into_iter().filter_map(|doubt| doubt.advice).collect();
        let together = done(&setup, &proposals);
        let each = proposals.iter().map(|advice| done(&setup, [advice]));
        for after in each.chain([together.clone()]) {
            if let Some(intruder) = case.unmeant(&after, all).first() {
                return Err(TestCaseError::fail(format!("{intruder:?}\n{proposals:#?}\nafter {after:?}\n{case:?}")));
            }
        }
        for advice in &proposals {
            *counts.proposals.entry(advice.change.name()).or_default() += 1;
        }
        setup = together;
    }
    Ok(())
}

#[test]
fn no_warning_lets_in_anybody_whom_nobody_meant() {
    let counts = drawn(CASES, check);
    for kind in ["ClearSubject", "MoveSubject", "GlobClaims", "RenameClaim", "UserClaim"] {
        assert!(counts.proposals.get(kind).is_some_and(|met| *met >= 3), "{kind}: {counts:?}");
    }
}
