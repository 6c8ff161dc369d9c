//! Who else owns a Secret's data: the controllers that `hand_over_to` names. The rules are those of `docs/design/domain-rules.md`, 12.

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{FIELD_MANAGER, Live, Manager};

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

/// Which of `takers` has taken the Secret over, in words for the user; `None` while nobody has.
pub(super) fn of(live: &Live<Secret>, takers: &[String]) -> Option<String> {
    takers.iter().find_map(|taker| {
        let controller = CONTROLLERS.iter().find(|controller| controller.name == taker);
        let kinds = live.object.metadata.owner_references.iter().flatten();
        let by_kind = kinds.map(|owner| owner.kind.as_str()).find(|kind| match controller {
            Some(controller) => controller.kinds.contains(kind),
            None => taker.strip_prefix("kind:") == Some(*kind),
        });
        if let Some(kind) = by_kind {
            let name = live.object.metadata.owner_references.iter().flatten().find(|owner| owner.kind == kind);
            return Some(format!("{kind} {}", name.map(|owner| owner.name.as_str()).unwrap_or_default()));
        }
        let is_theirs = |manager: &&Manager| match controller {
            Some(controller) => {
                controller.managers.contains(&manager.name.as_str())
                    || controller.prefixes.iter().any(|prefix| manager.name.starts_with(prefix))
            }
            None => manager.name == *taker,
        };
        let owns_data = |manager: &&Manager| manager.name != FIELD_MANAGER && manager.owns(&["data"]);
        live.managers.iter().filter(is_theirs).find(owns_data).map(|manager| manager.name.clone())
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

    use super::*;

    fn live(managers: &[(&str, &[&str])], kinds: &[&str]) -> Live<Secret> {
        let mut object = Secret::default();
        object.metadata.owner_references = Some(
            kinds
                .iter()
                .map(|kind| OwnerReference { kind: (*kind).into(), name: "x".into(), ..OwnerReference::default() })
                .collect(),
        );
        let managers = managers
            .iter()
            .map(|(name, path)| Manager {
                name: (*name).into(),
                applied: false,
                subresource: String::new(),
                fields: vec![path.iter().map(|part| (*part).to_owned()).collect()],
            })
            .collect();
        Live { object, managers }
    }

    fn takers(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn external_secrets_owns_by_kind_or_by_manager() {
        let by = takers(&["external-secrets"]);
        assert_eq!(of(&live(&[], &["ExternalSecret"]), &by).as_deref(), Some("ExternalSecret x"));
        for manager in ["externalsecrets.external-secrets.io/oauth", "externalsecrets.external-secrets.io/sha3/ab12"] {
            assert_eq!(of(&live(&[(manager, &["data", "k"])], &[]), &by).as_deref(), Some(manager));
        }
        assert_eq!(of(&live(&[("externalsecrets", &["data", "k"])], &[]), &by), None);
        assert_eq!(of(&live(&[], &["VaultStaticSecret"]), &by), None);
    }

    #[test]
    fn a_manager_of_labels_only_owns_nothing() {
        let by = takers(&["kustomize-controller"]);
        assert_eq!(of(&live(&[("kustomize-controller", &["metadata", "labels", "a"])], &[]), &by), None);
        assert!(of(&live(&[("kustomize-controller", &["data", "k"])], &[]), &by).is_some());
    }

    #[test]
    fn other_names_are_managers_or_kinds_exactly() {
        assert!(of(&live(&[("mine", &["data", "k"])], &[]), &takers(&["mine"])).is_some());
        assert!(of(&live(&[("mine-too", &["data", "k"])], &[]), &takers(&["mine"])).is_none());
        assert!(of(&live(&[], &["Foo"]), &takers(&["kind:Foo"])).is_some());
        assert!(of(&live(&[], &["Foo"]), &takers(&["Foo"])).is_none());
        assert!(of(&live(&[(FIELD_MANAGER, &["data", "k"])], &[]), &takers(&[FIELD_MANAGER])).is_none());
    }
}
