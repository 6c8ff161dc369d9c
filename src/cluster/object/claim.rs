//! Whose a live object is, by what a state knows of it.
//!
//! The mark in private state says so. Terraform forgets private state in one case: when it replaces an object whose create
//! failed (a tainted one). Such an object is told by its uid, which the state keeps, unless this very process has written
//! it: then it was taken over by a create that came first (`create_before_destroy`).

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::super::{Cluster, instance};
use crate::clients::kubernetes::{Live, Untyped};
use crate::framework::private::{Private, PrivateError};
use crate::framework::value::Value;

/// The uids of the objects that were written in this process.
#[derive(Debug, Default)]
pub(in super::super) struct Written(Mutex<BTreeSet<String>>);

impl Written {
    pub(super) fn note(&self, live: &Live<Untyped>) {
        let mut uids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uids.extend(live.object.metadata.uid.clone());
    }

    fn has(&self, uid: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(uid)
    }
}

/// What private state holds of an import that found no mark: an import that was never applied owns nothing.
const IMPORTED: &str = "imported";

/// What a state knows of its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    mark: Option<String>,
    uid: Option<String>,
    /// Terraform has forgotten the private state.
    forgotten: bool,
}

impl Claim {
    /// By private state and the attribute `uid`.
    ///
    /// # Errors
    /// [`PrivateError`] when the private state holds no text where the mark should be.
    pub fn of(private: &Private, uid: &Value<String>) -> Result<Self, PrivateError> {
        Ok(Self { mark: instance::kept(private)?, uid: uid.as_ref_option().cloned(), forgotten: private.is_empty() })
    }

    /// The private state of an object that is imported: it takes over the mark that is there.
    ///
    /// # Errors
    /// Never in practice: a text has a JSON form.
    pub fn imported(live: &Live<Untyped>) -> Result<Private, PrivateError> {
        let mut private = Private::default();
        let mark = instance::on(&live.object.metadata);
        instance::keep(&mut private, mark)?;
        if mark.is_none() {
            private.set(IMPORTED, true)?;
        }
        Ok(private)
    }

    /// Is the live object this state's?
    pub(super) fn holds(&self, live: &Live<Untyped>, written: &Written) -> bool {
        let found = instance::on(&live.object.metadata);
        if let Some(mark) = &self.mark {
            return found == Some(mark.as_str());
        }
        let same = |uid: &String| live.object.metadata.uid.as_ref() == Some(uid) && !written.has(uid);
        self.forgotten && found.is_some() && self.uid.as_ref().is_some_and(same)
    }
}

impl Cluster {
    pub(super) fn note_written(&self, live: &Live<Untyped>) {
        self.written.note(live);
    }

    pub(super) fn is_claimed(&self, claim: &Claim, live: &Live<Untyped>) -> bool {
        claim.holds(live, &self.written)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;

    fn live(mark: Option<&str>) -> Live<Untyped> {
        let annotations = mark.map(|mark| [(instance::ANNOTATION.to_owned(), mark.to_owned())].into());
        let metadata = ObjectMeta { uid: Some("u".to_owned()), annotations, ..ObjectMeta::default() };
        Live { object: Untyped { metadata, value: serde_json::Value::Null }, managers: Vec::new() }
    }

    fn claim(private: &Private, uid: &str) -> Claim {
        Claim::of(private, &Value::Value(uid.to_owned())).unwrap()
    }

    #[test]
    fn the_mark_says_whose_it_is_and_the_uid_where_the_mark_was_forgotten() {
        let written = Written::default();
        let marked = Claim::imported(&live(Some("a"))).unwrap();
        assert!(claim(&marked, "u").holds(&live(Some("a")), &written));
        assert!(!claim(&marked, "u").holds(&live(Some("b")), &written));
        let forgotten = claim(&Private::default(), "u");
        assert!(forgotten.holds(&live(Some("a")), &written), "a tainted object that is replaced");
        assert!(!forgotten.holds(&live(None), &written));
        assert!(!claim(&Private::default(), "other").holds(&live(Some("a")), &written));
        let imported = Claim::imported(&live(None)).unwrap();
        assert!(!claim(&imported, "u").holds(&live(Some("b")), &written), "an import that was never applied");
        written.note(&live(Some("b")));
        assert!(!forgotten.holds(&live(Some("b")), &written), "taken over by a create of this process");
    }
}
