//! Taking CoreDNS over from Talos: its name stays in `managedFields` for ever, and from 1.13 on `upgrade-k8s` deletes
//! what its inventory lists and its manifests do not have any more.

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Map, Value as Json, json};
use tazlab_clients::kubernetes::{Call, Cause, Client, Error, Kind};

use super::model::Coredns;
use super::parts::Part;
use super::sight::Sight;

/// The field manager of Talos (siderolabs/talos, pkg/machinery/constants, `KubernetesFieldManagerName`).
pub(super) const MANAGER: &str = "talos";

/// Where Talos 1.13 and later keep what they applied (cli-utils' inventory as a ConfigMap).
pub(super) const INVENTORY: (&str, &str) = ("kube-system", "talos-bootstrap-manifests-inventory");

/// How often it is begun again because somebody wrote at the same time.
const TRIES: u32 = 5;

/// The objects that carry Talos' name.
pub(super) fn held(sight: &Sight) -> Vec<Part> {
    let by_talos = |part: &&Part| {
        sight.parts.get(part).is_some_and(|live| live.managers.iter().any(|manager| manager.name == MANAGER))
    };
    Part::ALL.iter().filter(by_talos).copied().collect()
}

/// Is the inventory there?
pub(super) async fn has_inventory(client: &Client, call: &Call) -> Result<bool, Error> {
    let (namespace, name) = INVENTORY;
    Ok(client.get_untyped(call, &Kind::of::<ConfigMap>(), Some(namespace), name).await?.is_some())
}

/// Takes the objects out of Talos' inventory, and its name off them. The name goes last: while it is there, the next
/// apply comes here again and mends what failed.
pub(super) async fn take_over(client: &Client, call: &Call, model: &Coredns, parts: &[Part]) -> Result<(), Error> {
    for attempt in 1.. {
        match leave_inventory(client, call, model).await {
            Err(error) if matches!(*error.cause, Cause::Changed { .. }) && attempt < TRIES => {}
            Err(error) => return Err(error),
            Ok(()) => break,
        }
    }
    for part in parts {
        let (kind, name) = (part.kind(), part.name(model));
        for attempt in 1.. {
            match client.succeed_manager(call, &kind, part.namespace(model), &name, MANAGER).await {
                Err(error) if matches!(*error.cause, Cause::Changed { .. }) && attempt < TRIES => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
    }
    Ok(())
}

async fn leave_inventory(client: &Client, call: &Call, model: &Coredns) -> Result<(), Error> {
    let (namespace, name) = INVENTORY;
    let kind = Kind::of::<ConfigMap>();
    let Some(live) = client.get_untyped(call, &kind, Some(namespace), name).await? else { return Ok(()) };
    let mut removed = Map::new();
    for entry in Part::ALL.map(|part| entry(part, model)) {
        if live.object.value.pointer("/data").is_some_and(|data| data.get(&entry).is_some()) {
            removed.insert(entry, Json::Null);
        }
    }
    if removed.is_empty() {
        return Ok(());
    }
    let patch = json!({"metadata": {"resourceVersion": live.object.metadata.resource_version}, "data": removed});
    client.merge_untyped(call, &kind, Some(namespace), name, &patch).await.map(drop)
}

/// The key of an object in the inventory: `namespace_name_group_kind`, a colon of a name doubled into underscores
/// (sigs.k8s.io/cli-utils, pkg/object/objmetadata.go).
fn entry(part: Part, model: &Coredns) -> String {
    let kind = part.kind();
    let name = part.name(model).replace(':', "__");
    format!("{}_{name}_{}_{}", part.namespace(model).unwrap_or_default(), kind.group, kind.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::coredns::tests::model;

    #[test]
    fn entries_are_those_of_talos() {
        let model = model();
        assert_eq!(entry(Part::Deployment, &model), "kube-system_coredns_apps_Deployment");
        assert_eq!(entry(Part::Service, &model), "kube-system_kube-dns__Service");
        assert_eq!(entry(Part::ClusterRole, &model), "_system__coredns_rbac.authorization.k8s.io_ClusterRole");
    }
}
