//! State stores: the provider has none, and says so as an answer rather than with a broken call.

use super::answer::Refusal;
use super::unknown_type;

/// The answer to any call about a state store.
pub(super) fn refused<A: Refusal>(name: &str) -> A {
    A::refusal(unknown_type("state store", name))
}
