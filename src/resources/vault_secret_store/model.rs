//! The arguments and attributes of `tazlab_vault_secret_store`.

use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, integer_between, is_url, names_no_user, not_empty, one_of};
use tf_plugin::framework::value::Value;

use super::{CLUSTER_WIDE, NAMESPACED};
use crate::cluster::crd::CustomKind;
use crate::cluster::name::{is_label, is_subdomain};
use crate::cluster::rebirth::Triggers;

/// The group of External Secrets, and the versions whose Vault provider has the fields that are written here.
const GROUP: &str = "external-secrets.io";
const VERSIONS: &[&str] = &["v1", "v1beta1"];

/// An address of Vault.
fn is_server() -> Check {
    is_url(r"^https?://[^\s/?#]+/?$", "Vault's address, such as \"https://vault.example:8200\", without a path")
}

/// A path below which something is mounted.
fn is_mount() -> Check {
    Check::text(|text| {
        if text.is_empty() || text.starts_with('/') || text.ends_with('/') || text.contains(char::is_whitespace) {
            Err(format!("{text:?} is no path of a mount, such as \"secret\": no slash at its ends, and no spaces."))
        } else {
            Ok(())
        }
    })
}

tf_plugin::model! {
    /// A `ClusterSecretStore` or `SecretStore` of [External Secrets](https://external-secrets.io) that reads from Vault.
    ///
    /// The definition of its kind need not exist while planning: apply waits until the cluster serves it, writes the store
    /// at the version that is served (`v1`, else `v1beta1`), and waits until the controller says that it is ready. What
    /// the controller says meanwhile is told as progress, and becomes the error when the time is over.
    pub struct VaultSecretStore {
        /// `"ClusterSecretStore"` (default), which every namespace may use, or `"SecretStore"`. A change makes the store
        /// anew.
        pub kind: Value<String> => optional().default(CLUSTER_WIDE).requires_replace()
            .check(one_of(&[CLUSTER_WIDE, NAMESPACED])),
        /// The namespace of a `SecretStore`. A change makes the store anew.
        pub namespace: Value<String> => optional().requires_replace().check(is_label()),
        /// The name. A change makes the store anew.
        pub name: Value<String> => required().requires_replace().check(is_subdomain()),
        /// Vault's address as the controller reaches it, such as `"https://vault.example.net:8200"`.
        pub server: Value<String> => required().check(is_server()).check(names_no_user()),
        /// Where the KV engine is mounted. Without it, each `ExternalSecret` names the mount in its keys.
        pub path: Value<String> => optional().check(is_mount()),
        /// The version of the KV engine: `"v2"` (default) or `"v1"`.
        pub version: Value<String> => optional().default("v2").check(one_of(&["v1", "v2"])),
        /// The namespace in Vault (Vault Enterprise).
        pub vault_namespace: Value<String> => optional().check(not_empty()),
        /// How the controller logs in: exactly one of these.
        pub auth: Value<Auth> => required(),
        /// Who signed Vault's certificate; the system's authorities without it.
        pub ca: Value<Authority> => optional(),
        /// The namespaces that may use a `ClusterSecretStore`; all without it.
        pub namespaces: Value<Vec<String>> => optional().check(not_empty()).check(is_label().each()),
        /// How often the controller looks whether the store still works, in seconds. Without it, as often as the controller is set
        /// up to.
        pub refresh_interval: Value<i64> => optional().check(integer_between(1, 31_536_000)),
        /// Take fields over from other field managers instead of failing (default `false`).
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Any values. A change is an update that makes whatever is missing in the cluster: name here what changes
        /// when the cluster is born anew.
        pub triggers: Triggers => optional(),
        /// How long operations may take, waiting for the definition and for the store to be ready included; create and
        /// update default to `"10m"`, delete to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The uid that the cluster gave the store.
        pub uid: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// How the controller logs in to Vault.
    pub struct Auth {
        /// With a token that lies in a Secret.
        pub token_secret: Value<KeyReference> => optional().exactly_one_with(&["app_role", "kubernetes", "jwt"]),
        /// As an `AppRole`.
        pub app_role: Value<AppRole> => optional(),
        /// With the token of a service account, through Vault's auth method `kubernetes`.
        pub kubernetes: Value<KubernetesLogin> => optional(),
        /// With the token of a service account, through Vault's auth method `jwt`, such as `tazlab_vault_jwt_auth` sets up.
        pub jwt: Value<JwtLogin> => optional(),
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
        /// Where the auth method is mounted (default `"approle"`).
        pub path: Value<String> => optional().default("approle").check(is_mount()),
        /// The role's id.
        pub role_id: Value<String> => required().check(not_empty()),
        /// Where the secret id lies.
        pub secret: Value<KeyReference> => required(),
    }
}

tf_plugin::model! {
    /// A login through Vault's auth method `kubernetes`.
    pub struct KubernetesLogin {
        /// Where the auth method is mounted (default `"kubernetes"`).
        pub path: Value<String> => optional().default("kubernetes").check(is_mount()),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// Whose token is shown.
        pub service_account: Value<AccountReference> => required(),
    }
}

tf_plugin::model! {
    /// A login through Vault's auth method `jwt`.
    pub struct JwtLogin {
        /// Where the auth method is mounted (default `"jwt"`).
        pub path: Value<String> => optional().default("jwt").check(is_mount()),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// Whose token is shown.
        pub service_account: Value<AccountReference> => required(),
    }
}

tf_plugin::model! {
    /// A service account.
    pub struct AccountReference {
        /// Its namespace. Needed for a `ClusterSecretStore`; a `SecretStore` takes its own namespace.
        pub namespace: Value<String> => optional().check(is_label()),
        /// Its name.
        pub name: Value<String> => required().check(is_subdomain()),
        /// Whom its token is for; Vault's role must name one of them.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
    }
}

tf_plugin::model! {
    /// The authority of Vault's certificate: exactly one of these.
    pub struct Authority {
        /// It lies in a Secret.
        pub secret: Value<KeyReference> => optional().exactly_one_with(&["config_map", "pem"]),
        /// It lies in a `ConfigMap`.
        pub config_map: Value<KeyReference> => optional(),
        /// The certificates themselves, as PEM.
        pub pem: Value<String> => optional().check(not_empty()),
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
