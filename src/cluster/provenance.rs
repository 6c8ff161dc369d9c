//! Whose an object's fields are: what a destroy may delete, and where it may only withdraw what was put on an object of
//! others. Pure.
//!
//! That an object was others' is also written on it: private state does not go with a renamed block, and Terraform forgets that
//! of a tainted object which it replaces.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use tazlab_clients::kubernetes::{FIELD_MANAGER, Manager};
use tf_plugin::framework::private::{Private, PrivateError};

/// The annotation of an object that was adopted.
pub const ADOPTED: &str = "tazlab.io/adopted";

/// The name in private state.
const PRIVATE: &str = "provenance";

/// Beginnings of field managers that write when somebody asks them to, and keep nothing in step afterwards: people with
/// kubectl, and Terraform's other providers.
const BY_HAND: &[&str] = &["kubectl", "HashiCorp", "Terraform", "terraform"];

/// How an object came to be managed here, kept in private state. Where there is none, the object was imported, moved from
/// another provider's state, or written by an older version: it is to be managed here, and by nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// A create or an update made it.
    Made,
    /// A create or an update found it, made by others.
    Adopted,
}

impl Provenance {
    /// The one in private state.
    ///
    /// # Errors
    /// [`PrivateError`] when something else stands there.
    pub fn kept(private: &Private) -> Result<Option<Self>, PrivateError> {
        private.get(PRIVATE)
    }

    /// Keeps it, where there is one.
    ///
    /// # Errors
    /// Never in practice: a text has a JSON form.
    pub fn keep(provenance: Option<Self>, private: &mut Private) -> Result<(), PrivateError> {
        private.set_or_remove(PRIVATE, provenance)
    }

    /// The one of a live object: what the object says of itself outlives what private state says.
    #[must_use]
    pub fn of(kept: Option<Self>, live: &ObjectMeta) -> Option<Self> {
        if is_noted(live) { Some(Self::Adopted) } else { kept }
    }

    /// That of an object that a write finds without the mark of its state.
    #[must_use]
    pub fn found(live: &ObjectMeta, managers: &[Manager], mark: Option<&str>) -> Self {
        if is_noted(live) {
            return Self::Adopted;
        }
        let written_before = mark.is_some() && managers.iter().any(|one| one.applied && one.name == FIELD_MANAGER);
        if written_before { Self::Made } else { Self::Adopted }
    }
}

/// Does the object say that it was adopted?
#[must_use]
pub fn is_noted(live: &ObjectMeta) -> bool {
    live.annotations.as_ref().is_some_and(|annotations| annotations.contains_key(ADOPTED))
}

/// The managers of keys below `field` that a destroy would take away from them: whoever owns a key alone, and whoever owns
/// it together with us, unless the object was taken in by the user's word and they wrote it by hand.
#[must_use]
pub fn owners_below<'a>(managers: &'a [Manager], field: &str, provenance: Option<Provenance>) -> Vec<&'a str> {
    let ours: Vec<&str> = managers.iter().filter(|one| is_ours(one)).flat_map(|one| keys_below(one, field)).collect();
    let owns = |manager: &&Manager| {
        let ignored = provenance.is_none() && is_by_hand(&manager.name);
        keys_below(manager, field).any(|key| !ours.contains(&key) || !ignored)
    };
    others(managers).filter(owns).map(|manager| manager.name.as_str()).collect()
}

/// The managers that declare fields below `field` by server-side apply, as whoever keeps an object in step does.
#[must_use]
pub fn declarers<'a>(managers: &'a [Manager], field: &str, provenance: Option<Provenance>) -> Vec<&'a str> {
    let declares = |manager: &&Manager| {
        manager.applied && manager.owns(&[field]) && !(provenance.is_none() && is_by_hand(&manager.name))
    };
    others(managers).filter(declares).map(|manager| manager.name.as_str()).collect()
}

fn keys_below<'a>(manager: &'a Manager, field: &str) -> impl Iterator<Item = &'a str> {
    manager.fields.iter().filter_map(move |path| match path.as_slice() {
        [first, key, ..] if first == field => Some(key.as_str()),
        _ => None,
    })
}

fn is_ours(manager: &Manager) -> bool {
    manager.name == FIELD_MANAGER && manager.subresource.is_empty()
}

fn others(managers: &[Manager]) -> impl Iterator<Item = &Manager> {
    managers.iter().filter(|manager| manager.name != FIELD_MANAGER && manager.subresource.is_empty())
}

fn is_by_hand(manager: &str) -> bool {
    BY_HAND.iter().any(|beginning| manager.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager(name: &str, applied: bool, paths: &[&[&str]]) -> Manager {
        let fields = paths.iter().map(|path| path.iter().map(|part| (*part).to_owned()).collect()).collect();
        Manager { name: name.to_owned(), applied, subresource: String::new(), fields }
    }

    #[test]
    fn it_is_kept() {
        let mut private = Private::default();
        assert_eq!(Provenance::kept(&private).unwrap(), None);
        Provenance::keep(Some(Provenance::Adopted), &mut private).unwrap();
        assert_eq!(Provenance::kept(&private).unwrap(), Some(Provenance::Adopted));
    }

    #[test]
    fn what_was_adopted_says_so_itself() {
        let live = |annotation: Option<&str>| {
            let annotations = annotation.map(|key| [(key.to_owned(), "true".to_owned())].into());
            ObjectMeta { annotations, ..ObjectMeta::default() }
        };
        let ours = [manager(FIELD_MANAGER, true, &[&["data", "ours"]])];
        // Another block of ours wrote it, or this one, whose private state is gone.
        assert_eq!(Provenance::found(&live(None), &ours, Some("a")), Provenance::Made, "the control");
        assert_eq!(Provenance::found(&live(Some(ADOPTED)), &ours, Some("a")), Provenance::Adopted);
        for kept in [None, Some(Provenance::Made), Some(Provenance::Adopted)] {
            assert_eq!(Provenance::of(kept, &live(Some(ADOPTED))), Some(Provenance::Adopted));
            assert_eq!(Provenance::of(kept, &live(None)), kept);
        }
    }

    #[test]
    fn a_key_of_others_counts_whoever_they_are() {
        let ours = manager(FIELD_MANAGER, true, &[&["data", "ours"], &["type"]]);
        let by_hand = manager("kubectl-create", false, &[&["data"], &["data", "theirs"]]);
        let labels = manager("labeller", true, &[&["metadata", "labels", "a"], &["data"]]);
        for provenance in [None, Some(Provenance::Made), Some(Provenance::Adopted)] {
            let all = [ours.clone(), by_hand.clone(), labels.clone()];
            assert_eq!(owners_below(&all, "data", provenance), ["kubectl-create"], "{provenance:?}");
            assert_eq!(owners_below(&[ours.clone(), labels.clone()], "data", provenance), [""; 0]);
        }
    }

    #[test]
    fn a_shared_key_counts_unless_it_was_written_by_hand_before_an_import() {
        let ours = manager(FIELD_MANAGER, true, &[&["data", "key"]]);
        let with = |name: &str, provenance| {
            let all = [ours.clone(), manager(name, false, &[&["data", "key"]])];
            !owners_below(&all, "data", provenance).is_empty()
        };
        assert!(with("kubectl-create", Some(Provenance::Adopted)));
        assert!(with("kubectl-create", Some(Provenance::Made)));
        assert!(!with("kubectl-create", None) && !with("HashiCorp", None));
        assert!(with("kustomize-controller", None));
    }

    #[test]
    fn only_server_side_apply_declares() {
        let of = |name: &str, applied, provenance| {
            declarers(&[manager(name, applied, &[&["spec", "externalName"]])], "spec", provenance).len()
        };
        assert_eq!(of("kustomize-controller", true, Some(Provenance::Made)), 1);
        assert_eq!(of("operator", false, Some(Provenance::Made)), 0, "Tailscale's operator rewrites what it is for");
        assert_eq!((of("kubectl", true, Some(Provenance::Made)), of("kubectl", true, None)), (1, 0));
        assert_eq!(of(FIELD_MANAGER, true, None), 0);
    }
}
