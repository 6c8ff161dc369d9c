//! An object as JSON, and what rules read of it. What a kind's readiness is belongs to its rule.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::Judgement;
use crate::readiness::kind::Id;
use crate::readiness::objects::Condition;
use crate::readiness::sighting::{Reason, Standing};

/// What is said of an object that no controller has written to.
pub(super) const UNSEEN: &str = "its controller has not reported on it yet";

const STALE: &str = "its controller has not observed its latest change yet";

/// An object that is read.
#[derive(Clone, Copy, Debug)]
pub(in crate::readiness) struct View<'a>(pub(in crate::readiness) &'a Json);

impl<'a> View<'a> {
    pub(super) fn at(self, pointer: &str) -> Option<&'a Json> {
        self.0.pointer(pointer).filter(|found| !found.is_null())
    }

    /// The text there; empty where there is none.
    pub(in crate::readiness) fn text(self, pointer: &str) -> &'a str {
        self.at(pointer).and_then(Json::as_str).unwrap_or_default()
    }

    pub(super) fn number(self, pointer: &str) -> Option<i64> {
        self.at(pointer).and_then(Json::as_i64)
    }

    pub(super) fn is_set(self, pointer: &str) -> bool {
        self.at(pointer).and_then(Json::as_bool).unwrap_or_default()
    }

    pub(super) fn list(self, pointer: &str) -> impl Iterator<Item = View<'a>> {
        self.at(pointer).and_then(Json::as_array).into_iter().flatten().map(View)
    }

    pub(super) fn labels(self, pointer: &str) -> BTreeMap<String, String> {
        let entries = self.at(pointer).and_then(Json::as_object).into_iter().flatten();
        entries.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }

    pub(in crate::readiness) fn id(self) -> Id {
        let text = |pointer| self.text(pointer).to_owned();
        Id { namespace: text("/metadata/namespace"), name: text("/metadata/name") }
    }

    /// Is a generation that a controller has written the object's own? 0 is what a controller writes that does not count them.
    pub(super) fn is_current(self, observed: Option<i64>) -> bool {
        let own = self.number("/metadata/generation").unwrap_or_default();
        own == 0 || observed.is_none_or(|observed| observed == 0 || observed == own)
    }

    pub(in crate::readiness) fn condition(self, kind: &str) -> Option<Condition> {
        let mut all = self.list("/status/conditions").filter(|one| one.text("/type") == kind);
        all.find_map(|one| Condition::deserialize(one.0).ok())
    }

    pub(super) fn has_conditions(self) -> bool {
        self.list("/status/conditions").next().is_some()
    }

    /// Does the condition have this status, for the object as it is now?
    pub(in crate::readiness) fn expects(self, kind: &str, status: &str) -> Result<(), Reason> {
        let Some(found) = self.condition(kind) else {
            let seen =
                if self.has_conditions() { format!("it has no condition {kind} yet") } else { UNSEEN.to_owned() };
            return Err(Reason::seen(seen));
        };
        if !found.has(status) {
            return Err(found.named(kind, status));
        }
        if !self.is_current(found.observed_generation()) {
            return Err(Reason::seen(STALE));
        }
        Ok(())
    }

    /// Has the controller seen the object as it is now?
    pub(super) fn is_observed(self) -> Result<(), Reason> {
        if self.is_current(self.number("/status/observedGeneration")) { Ok(()) } else { Err(Reason::seen(STALE)) }
    }

    /// Ready when each of these is True.
    pub(super) fn all(self, conditions: &[&str]) -> Result<(), Reason> {
        conditions.iter().try_for_each(|kind| self.expects(kind, "True"))
    }

    /// The object is going, whatever it says.
    pub(in crate::readiness) fn departure(self) -> Option<Standing> {
        let since = self.text("/metadata/deletionTimestamp");
        let going = || Standing::NotReady(Reason::seen(format!("it is being deleted since {since}")));
        (!since.is_empty()).then(going)
    }
}

impl From<Result<(), Reason>> for Judgement {
    fn from(found: Result<(), Reason>) -> Self {
        let standing = found.map_or_else(Standing::NotReady, |()| Standing::Ready);
        Self { standing, ..Self::ready() }
    }
}
