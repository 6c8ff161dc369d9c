//! State of other providers' types, as clients offer it to the built provider: `OpenTofu` 1.11.0 to 1.12.3 name the provider by the last
//! part of its address alone.

use acceptance_tests::Testbed;
use serde_json::{Value as Json, json};

use super::*;

/// A source, what it becomes, and its state.
fn sources() -> [(&'static str, &'static str, &'static str, Json); 4] {
    let metadata = json!([{"name": "one", "namespace": "a", "uid": "u", "labels": null, "annotations": null}]);
    let secret = json!({"id": "a/one", "immutable": false, "type": "Opaque", "metadata": metadata});
    let named = json!({"api_version": "v1", "kind": "ConfigMap", "name": "one", "namespace": "a", "uid": "u"});
    let role =
        json!({"backend": "jwt", "role_name": "one", "role_type": "jwt", "user_claim": "sub", "namespace": null});
    [
        ("hashicorp/kubernetes", "kubernetes_secret", "tazlab_bootstrap_secret", secret),
        ("hashicorp/kubernetes", "kubernetes_config_map", "tazlab_bootstrap_manifest", json!({"metadata": metadata})),
        ("gavinbunney/kubectl", "kubectl_manifest", "tazlab_bootstrap_manifest", named),
        ("hashicorp/vault", "vault_jwt_auth_backend_role", "tazlab_vault_jwt_role", role),
    ]
}

async fn moved(plugin: &Plugin, address: &str, kind: &str, to: &str, state: &Json) -> Vec<wire::Diagnostic> {
    let request = wire::move_resource_state::Request {
        source_provider_address: address.to_owned(),
        source_type_name: kind.to_owned(),
        source_state: Some(wire::RawState { json: state.to_string().into_bytes().into(), ..Default::default() }),
        target_type_name: to.to_owned(),
        ..Default::default()
    };
    let answer = plugin.provider().move_resource_state(request).await.unwrap().into_inner();
    assert_eq!(answer.target_state.is_some(), answer.diagnostics.is_empty(), "{answer:?}");
    answer.diagnostics
}

#[tokio::test]
async fn a_provider_is_known_by_its_whole_address_or_by_its_bare_name_and_by_no_other() {
    let plugin = Plugin::start(Testbed::provider()).await;
    for (provider, kind, to, state) in sources() {
        let bare = provider.rsplit('/').next().unwrap();
        for address in
            [&format!("registry.terraform.io/{provider}"), &format!("registry.opentofu.org/{provider}"), bare]
        {
            let found = moved(&plugin, address, kind, to, &state).await;
            assert!(found.is_empty(), "{address}: {found:?}");
        }
        for address in [&format!("registry.terraform.io/other/{bare}"), &format!("{bare}2"), ""] {
            let found = moved(&plugin, address, kind, to, &state).await;
            assert!(found[0].detail.contains(kind), "{address}: {found:?}");
        }
    }
}
