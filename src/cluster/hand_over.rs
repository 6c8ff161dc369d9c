//! Who has taken an object over: the controllers that `hand_over_to` names. The rules are those of `docs/design/domain-rules.md`,
//! 12. Which fields somebody must own for that is the resource's.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tazlab_clients::kubernetes::{FIELD_MANAGER, Manager};

/// A controller by the name that `hand_over_to` knows it by.
struct Controller {
    name: &'static str,
    /// Kinds of the owners that it sets.
    kinds: &'static [&'static str],
    /// Its field managers, exactly.
    managers: &'static [&'static str],
    /// Beginnings of its field managers.
    prefixes: &'static [&'static str],
}

const CONTROLLERS: &[Controller] = &[
    // Its field manager carries the ExternalSecret's name, or a hash of it where it is long.
    Controller {
        name: "external-secrets",
        kinds: &["ExternalSecret"],
        managers: &[],
        prefixes: &["externalsecrets.external-secrets.io/"],
    },
    Controller {
        name: "vault-secrets-operator",
        kinds: &["VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret", "HCPVaultSecretsApp"],
        managers: &["vault-secrets-operator"],
        prefixes: &[],
    },
    Controller { name: "kustomize-controller", kinds: &[], managers: &["kustomize-controller"], prefixes: &[] },
    Controller { name: "helm-controller", kinds: &[], managers: &["helm-controller"], prefixes: &[] },
];

/// Which of `takers` has taken the object over, in words for the user; `None` while nobody has. `owns` says whether a manager owns
/// what must be taken over.
pub fn owner(
    metadata: &ObjectMeta,
    managers: &[Manager],
    takers: &[String],
    owns: impl Fn(&Manager) -> bool,
) -> Option<String> {
    takers.iter().find_map(|taker| {
        let controller = CONTROLLERS.iter().find(|controller| controller.name == taker);
        let mut owners = metadata.owner_references.iter().flatten();
        let by_kind = owners.find(|owner| match controller {
            Some(controller) => controller.kinds.contains(&owner.kind.as_str()),
            None => taker.strip_prefix("kind:") == Some(owner.kind.as_str()),
        });
        if let Some(owner) = by_kind {
            return Some(format!("{} {}", owner.kind, owner.name));
        }
        let is_theirs = |manager: &&Manager| match controller {
            Some(controller) => {
                controller.managers.contains(&manager.name.as_str())
                    || controller.prefixes.iter().any(|prefix| manager.name.starts_with(prefix))
            }
            None => manager.name == *taker,
        };
        let owns = |manager: &&Manager| manager.name != FIELD_MANAGER && owns(manager);
        managers.iter().filter(is_theirs).find(owns).map(|manager| manager.name.clone())
    })
}
