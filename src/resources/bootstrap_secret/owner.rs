//! Who else owns a Secret's data: the controllers that `hand_over_to` names.

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{Live, Manager};

use crate::cluster::hand_over;

/// Which of `takers` has taken the Secret over, in words for the user; `None` while nobody has.
pub(super) fn of(live: &Live<Secret>, takers: &[String]) -> Option<String> {
    let owns_data = |manager: &Manager| manager.owns(&["data"]);
    hand_over::owner(&live.object.metadata, &live.managers, takers, owns_data)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

    use tazlab_clients::kubernetes::FIELD_MANAGER;

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
