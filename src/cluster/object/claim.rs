//! Whose a live object is, by what a state knows of it.
//!
//! The mark in private state says so. Terraform forgets private state in one case: when it replaces an object whose create
//! failed (a tainted one). Such an object is told by its uid, which the state keeps, unless this very process has written
//! it: then it was taken over by a create that came first (`create_before_destroy`).

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::value::Value;

use super::super::{Cluster, instance};

/// The uids of the objects that were written in this process.
#[derive(Debug, Default)]
pub(in super::super) struct Written(Mutex<BTreeSet<String>>);

impl Written {
    fn note(&self, metadata: &ObjectMeta) {
        let mut uids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uids.extend(metadata.uid.clone());
    }

    fn has(&self, uid: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(uid)
    }
}

/// What private state holds of an import that found no mark: an import that was never applied owns nothing.
const IMPORTED: &str = "imported";

/// Was the object imported, and nothing written on it since? That it has no mark of ours is no reason to write: it gets one when
/// something else is.
///
/// # Errors
/// [`PrivateError`] when something else stands in the private state than what was put there.
pub fn is_untouched_import(private: &Private) -> Result<bool, PrivateError> {
    Ok(private.get::<bool>(IMPORTED)?.unwrap_or_default() && instance::kept(private)?.is_none())
}

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
    pub fn imported(mark: Option<&str>) -> Result<Private, PrivateError> {
        let mut private = Private::default();
        instance::keep(&mut private, mark)?;
        if mark.is_none() {
            private.set(IMPORTED, true)?;
        }
        Ok(private)
    }

    /// Is the live object this state's?
    fn holds(&self, live: &ObjectMeta, written: &Written) -> bool {
        let found = instance::on(live);
        if let Some(mark) = &self.mark {
            return found == Some(mark.as_str());
        }
        let same = |uid: &String| live.uid.as_ref() == Some(uid) && !written.has(uid);
        self.forgotten && found.is_some() && self.uid.as_ref().is_some_and(same)
    }
}

impl Cluster {
    /// Keeps in mind that this process has written the object.
    pub fn note_written(&self, live: &ObjectMeta) {
        self.written.note(live);
    }

    /// Is the live object the one of the state with this claim?
    #[must_use]
    pub fn is_claimed(&self, claim: &Claim, live: &ObjectMeta) -> bool {
        claim.holds(live, &self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbb";

    fn live(mark: Option<&str>) -> ObjectMeta {
        let annotations = mark.map(|mark| [(instance::ANNOTATION.to_owned(), mark.to_owned())].into());
        ObjectMeta { uid: Some("u".to_owned()), annotations, ..ObjectMeta::default() }
    }

    fn claim(private: &Private, uid: &str) -> Claim {
        Claim::of(private, &Value::Value(uid.to_owned())).unwrap()
    }

    #[test]
    fn the_mark_says_whose_it_is_and_the_uid_where_the_mark_was_forgotten() {
        let written = Written::default();
        let marked = Claim::imported(Some(A)).unwrap();
        assert!(claim(&marked, "u").holds(&live(Some(A)), &written));
        assert!(!claim(&marked, "u").holds(&live(Some(B)), &written));
        let forgotten = claim(&Private::default(), "u");
        assert!(forgotten.holds(&live(Some(A)), &written), "a tainted object that is replaced");
        assert!(!forgotten.holds(&live(None), &written));
        assert!(!claim(&Private::default(), "other").holds(&live(Some(A)), &written));
        let imported = Claim::imported(None).unwrap();
        assert!(is_untouched_import(&imported).unwrap());
        assert!(!is_untouched_import(&marked).unwrap() && !is_untouched_import(&Private::default()).unwrap());
        assert!(!claim(&imported, "u").holds(&live(Some(B)), &written), "an import that was never applied");
        written.note(&live(Some(B)));
        assert!(!forgotten.holds(&live(Some(B)), &written), "taken over by a create of this process");
    }
}
