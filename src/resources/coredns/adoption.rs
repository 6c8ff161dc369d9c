//! What stands in the way of taking objects over, before anything is written: another owner, another selector, another
//! address.
//! Pure; what was seen comes in.

use std::collections::BTreeSet;

use tazlab_clients::kubernetes::{FieldConflict, Live, Untyped};
use tf_plugin::framework::private::{Private, PrivateError};

use super::errors::CorednsError;
use super::model::Coredns;
use super::parts::{APP, Part};
use super::sight::{Holder, Sight, of_owners};
use super::talos;
use super::{owner, scale};
use crate::cluster::instance;
use crate::cluster::provenance::Provenance;

/// Field managers that write once, at installation or upgrade, and keep nothing in step afterwards.
const INSTALLERS: &[&str] = &["kubeadm"];

/// Can everything that is there be taken over? What carries `id` is this instance's own: where it differs, a
/// replacement takes it away first.
pub(super) fn check(model: &Coredns, sight: &Sight, id: Option<&str>) -> Result<(), CorednsError> {
    let is_own = |part: Part| {
        let mark = sight.parts.get(&part).and_then(|live| instance::on(&live.object.metadata));
        mark.is_some() && mark == id
    };
    let held = talos::held(sight);
    if !held.is_empty() && !model.takes_over_from_talos() {
        return Err(CorednsError::Talos(held.into_iter().map(|part| part.title(model)).collect()));
    }
    if let Some((_, owner)) = of_owners(sight, id).find(|(_, owner)| !owner::is_let_go(model, owner)) {
        let of_owner = of_owners(sight, id).filter(|(_, other)| other.name == owner.name);
        return Err(CorednsError::Owned { owner, titles: of_owner.map(|(part, _)| part.title(model)).collect() });
    }
    if let Some(live) = sight.address()
        && live != model.address()
        && !is_own(Part::Service)
    {
        return Err(CorednsError::OtherAddress {
            service: Part::Service.title(model),
            live: live.to_owned(),
            wanted: model.address().to_owned(),
        });
    }
    let other = |holder: &&Holder| holder.id.is_none() || holder.id.as_deref() != id;
    if let Some(holder) = sight.holders.iter().find(other) {
        return Err(CorednsError::AddressTaken {
            address: model.address().to_owned(),
            holder: holder.name.clone(),
            service: Part::Service.title(model),
            owner: holder.owner,
        });
    }
    let selector = sight.deployment().and_then(|live| live.object.value.pointer("/spec/selector/matchLabels"));
    if let Some(selector) = selector
        && *selector != serde_json::json!({APP: model.service()})
        && !is_own(Part::Deployment)
    {
        return Err(CorednsError::OtherSelector {
            deployment: Part::Deployment.title(model),
            live: selector.to_string(),
            wanted: format!("{APP}: {}", model.service()),
        });
    }
    Ok(())
}

/// Did kubeadm install what is there?
pub(super) fn is_kubeadms(sight: &Sight) -> bool {
    sight.parts.values().any(|live| live.managers.iter().any(|manager| manager.name == "kubeadm"))
}

/// The name in private state of the objects that were others' before.
const PRIVATE: &str = "adopted";

/// The objects that a create or an update found, made by others: a destroy leaves them. What was imported, or taken over from
/// Talos by the user's word, is none of them.
pub(super) fn kept(private: &Private) -> Result<BTreeSet<Part>, PrivateError> {
    Ok(private.get(PRIVATE)?.unwrap_or_default())
}

/// Keeps them.
pub(super) fn keep(adopted: &BTreeSet<Part>, private: &mut Private) -> Result<(), PrivateError> {
    private.set_or_remove(PRIVATE, (!adopted.is_empty()).then_some(adopted))
}

/// The objects that are others' now and would be adopted by a write with the mark `id`.
pub(super) fn of_others(model: &Coredns, sight: &Sight, id: &str) -> BTreeSet<Part> {
    let is_others = |(part, live): (&Part, &Live<Untyped>)| {
        let mark = instance::on(&live.object.metadata);
        let let_go = owner::of(&live.object.metadata, Some(live)).is_some_and(|owner| owner::is_let_go(model, owner));
        let given = let_go || (model.takes_over_from_talos() && talos::held(sight).contains(part));
        // Another block of ours wrote it before; what an installer made is not ours for that.
        let written_before = Provenance::found(&live.object.metadata, &live.managers, mark) == Provenance::Made
            && !live.managers.iter().any(|manager| INSTALLERS.contains(&manager.name.as_str()));
        (mark != Some(id) && !given && !written_before).then_some(*part)
    };
    sight.parts.iter().filter_map(is_others).collect()
}

/// May these fields be taken over without being asked? What an installer wrote is adopted, and what Talos wrote once the
/// user says that it has let go; what somebody changed by hand, with kubectl, on an object that is ours is drift. A
/// controller's field is a conflict.
pub(super) fn may_take(conflicts: &[FieldConflict], live: Option<&Live<Untyped>>, id: &str, model: &Coredns) -> bool {
    let ours = live.is_some_and(|live| instance::on(&live.object.metadata) == Some(id));
    let by_hand = |name: &str| {
        let updates =
            |live: &Live<Untyped>| live.managers.iter().any(|manager| manager.name == name && !manager.applied);
        ours && name.starts_with("kubectl") && live.is_some_and(updates)
    };
    // The marks of an owner are still on what was seen: its managers are not all known by name.
    let handed_over = live
        .and_then(|live| owner::of(&live.object.metadata, Some(live)))
        .is_some_and(|owner| owner::is_let_go(model, owner));
    let let_go = |name: &str| {
        handed_over
            || (name == talos::MANAGER && model.takes_over_from_talos())
            || owner::of_manager(name).is_some_and(|owner| owner::is_let_go(model, owner))
    };
    conflicts.iter().map(|conflict| conflict.manager.as_str()).all(|manager| {
        INSTALLERS.contains(&manager) || manager == scale::MANAGER || let_go(manager) || by_hand(manager)
    })
}
