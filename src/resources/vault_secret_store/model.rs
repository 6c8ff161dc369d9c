//! The arguments and attributes of `tazlab_vault_secret_store`.

use std::collections::BTreeMap;

use tf_plugin::framework::duration;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, is_url, names_no_user, not_empty, one_of};
use tf_plugin::framework::value::Value;

use super::{CLUSTER_WIDE, NAMESPACED};
use crate::cluster::crd::CustomKind;
use crate::cluster::name::{is_label, is_not_ours, is_subdomain};
use crate::cluster::rebirth::Triggers;
use crate::vault::is_public;

/// The group of External Secrets, and the versions whose Vault provider has the fields that are written here.
const GROUP: &str = "external-secrets.io";
const VERSIONS: &[&str] = &["v1", "v1beta1"];

/// An address of Vault.
fn is_server() -> Check {
    is_url(r"^https?://[^\s/?#]+/?$", "Vault's address, such as \"https://vault.example:8200\", without a path")
}

/// A time that the store's field, which counts seconds, can hold.
fn is_interval() -> Check {
    Check::text(|text| match duration::parse(text) {
        Ok(time) if time.subsec_nanos() == 0 && (1..=31_536_000).contains(&time.as_secs()) => Ok(()),
        _ => {
            Err(format!("{text:?} is not a time from \"1s\" to \"8760h\" in whole seconds, such as \"1h\" or \"90s\"."))
        }
    })
}

/// A path below which something is mounted.
fn is_mount() -> Check {
    Check::text(|text| {
        if text.is_empty() || text.starts_with('/') || text.ends_with('/') || text.contains(char::is_whitespace) {
            Err(format!(
                "{text:?} is not the path of a mount, such as \"secret\": no slash at its ends, and no spaces."
            ))
        } else {
            Ok(())
        }
    })
}

tf_plugin::model! {
    /// A `ClusterSecretStore` or `SecretStore` of [External Secrets](https://external-secrets.io) that reads from Vault.
    ///
    /// The kind need not exist during plan: apply waits until the cluster serves it, writes the store at the version
    /// that is served (`v1`, else `v1beta1`), and waits until the controller reports it ready. The controller's
    /// messages are logged while it waits, and the last one is the error at the timeout.
    pub struct VaultSecretStore {
        /// `"ClusterSecretStore"`, which every namespace may use, or `"SecretStore"`. Defaults to
        /// `"ClusterSecretStore"`. Changing this forces replacement.
        pub kind: Value<String> => optional().default(CLUSTER_WIDE).requires_replace()
            .check(one_of(&[CLUSTER_WIDE, NAMESPACED])),
        /// The namespace of a `SecretStore`. Changing this forces replacement.
        pub namespace: Value<String> => optional().requires_replace().check(is_label()),
        /// The name. Changing this forces replacement.
        pub name: Value<String> => required().requires_replace().check(is_subdomain()),
        /// Labels of the store. Labels that others set are kept.
        pub labels: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// Annotations of the store. Annotations that others set are kept.
        pub annotations: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// Vault's address as the controller reaches it, such as `"https://vault.example.net:8200"`.
        pub server: Value<String> => required().check(is_server()).check(names_no_user()),
        /// The path of the KV engine. Without it, the keys of each `ExternalSecret` begin with the mount.
        pub kv_mount: Value<String> => optional().check(is_mount()),
        /// The former name of `kv_mount`.
        pub path: Value<String> => optional().replaced_by("kv_mount"),
        /// The version of the KV engine: `"v2"` or `"v1"`. Defaults to `"v2"`.
        pub version: Value<String> => optional().default("v2").check(one_of(&["v1", "v2"])),
        /// The namespace in Vault (Vault Enterprise, OpenBao).
        pub vault_namespace: Value<String> => optional().check(not_empty()),
        /// Headers that the controller sends to Vault with every request. They are stored in clear text in the cluster and in
        /// the state: no secrets.
        pub headers: Value<BTreeMap<String, String>> => optional().check(not_empty().keys()),
        /// How the controller logs in. Exactly one of these.
        pub auth: Value<Auth> => required(),
        /// The authority of Vault's certificate. Defaults to the system's authorities.
        pub ca: Value<Authority> => optional(),
        /// The namespaces that may use a `ClusterSecretStore`. Defaults to all.
        pub namespaces: Value<Vec<String>> => optional().check(not_empty()).check(is_label().each()),
        /// How often the controller validates the store, such as `"1h"`, in whole seconds. Defaults to the controller's setting.
        pub refresh_interval: Value<String> => optional().check(is_interval()),
        /// Take ownership of fields from other field managers instead of failing. Defaults to `false`.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place and create whatever is missing in the
        /// cluster. Set something that changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long operations may take, including the wait for the kind and for the store to be ready. `create` and
        /// `update` default to `"10m"`, `delete` to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The uid of the store.
        pub uid: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// How the controller logs in to Vault.
    pub struct Auth {
        /// With a token from a Secret.
        pub token_secret: Value<KeyReference> => optional().exactly_one_with(&["app_role", "kubernetes", "jwt", "cert"]),
        /// With an `AppRole`.
        pub app_role: Value<AppRole> => optional(),
        /// With a ServiceAccount token, through Vault's auth method `kubernetes`.
        pub kubernetes: Value<KubernetesLogin> => optional(),
        /// With a ServiceAccount token, through Vault's auth method `jwt`, such as `tazlab_vault_jwt_auth` configures.
        pub jwt: Value<JwtLogin> => optional(),
        /// With a client certificate, through Vault's auth method `cert`, which must be mounted at `cert`.
        pub cert: Value<CertificateLogin> => optional(),
    }
}

tf_plugin::model! {
    /// A login with a client certificate.
    pub struct CertificateLogin {
        /// The Secret that has the certificate.
        pub client_certificate: Value<KeyReference> => required(),
        /// The Secret that has the certificate's key.
        pub client_key: Value<KeyReference> => required(),
    }
}

tf_plugin::model! {
    /// A key of a Secret or `ConfigMap`.
    pub struct KeyReference {
        /// Its namespace. Needed for a `ClusterSecretStore`; a `SecretStore` reads its own namespace.
        pub namespace: Value<String> => optional().check(is_label()),
        /// Its name.
        pub name: Value<String> => required().check(is_subdomain()),
        /// The key.
        pub key: Value<String> => required().check(not_empty()),
    }
}

tf_plugin::model! {
    /// An `AppRole`.
    pub struct AppRole {
        /// The path of the mount. Defaults to `"approle"`.
        pub path: Value<String> => optional().default("approle").check(is_mount()),
        /// The role id.
        pub role_id: Value<String> => required().check(not_empty()),
        /// The Secret that has the secret id.
        pub secret: Value<KeyReference> => required(),
    }
}

tf_plugin::model! {
    /// A login through Vault's auth method `kubernetes`.
    pub struct KubernetesLogin {
        /// The path of the mount. Defaults to `"kubernetes"`.
        pub path: Value<String> => optional().default("kubernetes").check(is_mount()),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// The ServiceAccount whose token is used. Defaults to the controller's own, where `secret` is not set either.
        pub service_account: Value<AccountReference> => optional().conflicts_with(&["secret"]),
        /// The Secret that has the token, instead of `service_account`.
        pub secret: Value<KeyReference> => optional(),
    }
}

tf_plugin::model! {
    /// A login through Vault's auth method `jwt`.
    pub struct JwtLogin {
        /// The path of the mount. Defaults to `"jwt"`.
        pub path: Value<String> => optional().default("jwt").check(is_mount()),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// The ServiceAccount whose token is used.
        pub service_account: Value<AccountReference> => optional().exactly_one_with(&["secret"]),
        /// The Secret that has the token, instead of `service_account`.
        pub secret: Value<KeyReference> => optional(),
    }
}

tf_plugin::model! {
    /// A service account.
    pub struct AccountReference {
        /// Its namespace. Needed for a `ClusterSecretStore`; a `SecretStore` takes its own namespace.
        pub namespace: Value<String> => optional().check(is_label()),
        /// Its name.
        pub name: Value<String> => required().check(is_subdomain()),
        /// Audiences of its token. Vault's role must name one of them.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
    }
}

tf_plugin::model! {
    /// The authority of Vault's certificate: exactly one of these.
    pub struct Authority {
        /// From a Secret.
        pub secret: Value<KeyReference> => optional().exactly_one_with(&["config_map", "pem"]),
        /// From a `ConfigMap`.
        pub config_map: Value<KeyReference> => optional(),
        /// The certificates, PEM.
        pub pem: Value<String> => optional().check(not_empty()).check(is_public()),
    }
}

impl VaultSecretStore {
    /// The name, for a `SecretStore` behind its namespace and a slash.
    pub(super) fn id(&self) -> String {
        match self.namespace.as_deref_option() {
            Some(namespace) => format!("{namespace}/{}", self.store_name()),
            None => self.store_name().to_owned(),
        }
    }

    /// Kind and name, for people.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.custom_kind().kind, self.id())
    }

    pub(super) fn store_name(&self) -> &str {
        self.name.as_deref_option().unwrap_or_default()
    }

    pub(super) fn is_cluster_wide(&self) -> bool {
        self.kind.as_deref_option() != Some(NAMESPACED)
    }

    pub(super) fn custom_kind(&self) -> CustomKind {
        let (kind, plural) =
            if self.is_cluster_wide() { (CLUSTER_WIDE, "clustersecretstores") } else { (NAMESPACED, "secretstores") };
        CustomKind { group: GROUP, kind, plural, versions: VERSIONS }
    }
}
