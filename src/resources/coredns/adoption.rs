//! What stands in the way of taking objects over, before anything is written: Talos, another selector, another address.
//! Pure; what was seen comes in.

use super::errors::CorednsError;
use super::model::Coredns;
use super::objects::APP;
use super::parts::{Holder, Part, Sight};
use super::talos;
use crate::clients::kubernetes::FieldConflict;
use crate::clients::kubernetes::{Live, Untyped};
use crate::cluster::instance;

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
    let let_go = |name: &str| name == talos::MANAGER && model.takes_over_from_talos();
    conflicts
        .iter()
        .map(|conflict| conflict.manager.as_str())
        .all(|manager| INSTALLERS.contains(&manager) || let_go(manager) || by_hand(manager))
}
