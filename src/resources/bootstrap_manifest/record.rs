//! What private state keeps of the last apply, and what a look at the live object means beside it.
//!
//! No value of the live object is kept twice: what the apply left is kept only where the API server changed what was written, and
//! what was applied only while the state shows something else. Nothing of `manifest_wo` is kept, nor what its fields are called: only
//! where in the manifest it sets something.

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Live, Untyped};
use tf_plugin::framework::private::{Private, PrivateError};

use crate::manifest::differences::{differences, overlay};
use crate::manifest::fields::{Lens, project, project_beside};
use crate::manifest::merge::concealed;
use crate::manifest::value::same;

/// What was left by the last apply, where that is not what was written.
const LEFT: &str = "left";

/// What was applied, while the state shows what others made of it.
const APPLIED: &str = "applied";

/// The paths that `manifest_wo` sets, as far as the manifest has their names.
const HIDDEN: &str = "hidden";

/// The state comes from another provider, whose field managers are to be taken over.
const FORMER: &str = "former";

/// The last update was written, and its wait failed: the next one waits again.
const UNREADY: &str = "unready";

/// The record of the last apply.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    left: Option<Json>,
    applied: Option<Json>,
    hidden: Vec<Vec<String>>,
}

/// What became of the fields that were applied.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// They are as the last apply left them.
    AsLeft,
    /// They differ; the manifest with the live values, and the paths.
    Differs(Json, Vec<String>),
}

impl Record {
    /// The one in private state.
    pub(super) fn kept(private: &Private) -> Result<Self, PrivateError> {
        Ok(Self {
            left: private.get(LEFT)?,
            applied: private.get(APPLIED)?,
            hidden: private.get(HIDDEN)?.unwrap_or_default(),
        })
    }

    /// The record of an apply of `written`, by what the API server made of it; `secret` are the paths of what is never stored.
    pub(super) fn of(written: &Json, live: &Live<Untyped>, secret: &[Vec<String>]) -> Self {
        let hidden = concealed(written, secret);
        let left = project(written, &live.object.value, Lens { managers: &live.managers, hidden: &hidden });
        Self { left: (!same(&left, written)).then_some(left), applied: None, hidden }
    }

    /// Keeps it.
    pub(super) fn keep(&self, private: &mut Private) -> Result<(), PrivateError> {
        private.set_or_remove(LEFT, self.left.as_ref())?;
        private.set_or_remove(APPLIED, self.applied.as_ref())?;
        private.set_or_remove(HIDDEN, (!self.hidden.is_empty()).then_some(&self.hidden))
    }

    /// The paths that are not looked at.
    pub(super) fn hidden(&self) -> &[Vec<String>] {
        &self.hidden
    }

    /// What was applied, which the state has unless it shows something else.
    pub(super) fn applied<'a>(&'a self, stored: &'a Json) -> &'a Json {
        self.applied.as_ref().unwrap_or(stored)
    }

    /// Notes whether the state shows something else than `applied`. Did it so far?
    pub(super) fn note_shown(&mut self, applied: Option<Json>) -> bool {
        std::mem::replace(&mut self.applied, applied).is_some()
    }

    /// Compares the live object with what the apply left.
    pub(super) fn look(&self, applied: &Json, live: &Live<Untyped>) -> Found {
        let lens = Lens { managers: &live.managers, hidden: &self.hidden };
        let expected = self.left.as_ref().unwrap_or(applied);
        let now = project_beside(applied, &live.object.value, expected, lens);
        if same(&now, expected) {
            return Found::AsLeft;
        }
        Found::Differs(overlay(applied, expected, &now), differences(expected, &now))
    }
}

/// Was the last update written, and did the object not become what it was waited for?
pub(super) fn is_unready(private: &Private) -> Result<bool, PrivateError> {
    Ok(private.get(UNREADY)?.unwrap_or_default())
}

/// Notes whether that is so.
pub(super) fn note_unready(private: &mut Private, unready: bool) -> Result<(), PrivateError> {
    private.set_or_remove(UNREADY, unready.then_some(true))
}

/// Notes that the state came from another provider.
pub(super) fn note_former(private: &mut Private) -> Result<(), PrivateError> {
    private.set(FORMER, true)
}

/// Did the state come from another provider, and was not applied since?
pub(super) fn is_former(private: &Private) -> Result<bool, PrivateError> {
    Ok(private.get(FORMER)?.unwrap_or_default())
}

/// Forgets that it did.
pub(super) fn forget_former(private: &mut Private) {
    private.remove(FORMER);
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
    use serde_json::json;

    use super::*;

    fn live(value: Json) -> Live<Untyped> {
        Live { object: Untyped { metadata: ObjectMeta::default(), value }, managers: Vec::new() }
    }

    #[test]
    fn what_the_server_made_of_it_is_no_difference_and_what_others_made_of_it_is_one() {
        let written = json!({"spec": {"cpu": "1000m", "replicas": 1, "none": {}}});
        let record = Record::of(&written, &live(json!({"spec": {"cpu": "1", "replicas": 1, "more": 2}})), &[]);
        let mut private = Private::default();
        record.keep(&mut private).unwrap();
        let record = Record::kept(&private).unwrap();
        assert_eq!(
            record.look(&written, &live(json!({"spec": {"cpu": "1", "replicas": 1, "more": 3}}))),
            Found::AsLeft
        );
        let differs = record.look(&written, &live(json!({"spec": {"cpu": "2", "replicas": 1}})));
        let shown = json!({"spec": {"cpu": "2", "replicas": 1, "none": {}}});
        assert_eq!(differs, Found::Differs(shown, vec!["spec.cpu".to_owned()]));
    }

    #[test]
    fn only_what_is_needed_is_kept_and_never_what_is_hidden() {
        let written = json!({"spec": {"url": "a"}});
        let mut private = Private::default();
        Record::of(&written, &live(written.clone()), &[]).keep(&mut private).unwrap();
        assert!(private.is_empty());
        let placeholder = json!({"spec": {"token": "placeholder", "cpu": "1000m"}});
        let paths = [["spec", "token"], ["spec", "n4m3"]].map(|path| path.map(ToOwned::to_owned).to_vec());
        let made = live(json!({"spec": {"token": "s3cret", "cpu": "1"}}));
        let record = Record::of(&placeholder, &made, &paths);
        record.keep(&mut private).unwrap();
        let kept = String::from_utf8(private.to_bytes()).unwrap();
        assert!(
            kept.contains("token") && kept.contains("cpu") && !kept.contains("s3cret") && !kept.contains("n4m3"),
            "{kept}"
        );
        assert_eq!(record.look(&placeholder, &live(json!({"spec": {"token": "other", "cpu": "1"}}))), Found::AsLeft);
    }

    #[test]
    fn what_was_applied_is_kept_while_the_state_shows_something_else() {
        let (applied, shown) = (json!({"a": 1}), json!({"a": 2}));
        let mut record = Record::default();
        assert_eq!(record.applied(&shown), &shown);
        assert!(!record.note_shown(Some(applied.clone())));
        assert_eq!(record.applied(&shown), &applied);
        assert!(record.note_shown(None));
        assert_eq!(record.applied(&shown), &shown);
    }
}
