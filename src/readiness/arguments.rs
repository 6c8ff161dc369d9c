//! The arguments of whoever reports on a bootstrap, and the [`Wanted`] that they become.

use tf_plugin::framework::validation::{Check, matches, not_empty};
use tf_plugin::framework::value::Value;

use super::wanted::Wanted;

/// `namespace/name`, `namespace/*` or `*`.
fn is_namespaced() -> Check {
    matches(
        r"^(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/(\*|[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?))$",
        "\"namespace/name\", \"namespace/*\" for all of a namespace, or \"*\" for all",
    )
}

/// The name of a CRD, or `*`.
fn is_crd() -> Check {
    matches(
        r"^(\*|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+)$",
        "the name of a CRD, such as \"externalsecrets.external-secrets.io\", or \"*\" for all",
    )
}

/// As [`is_namespaced`], or a name alone.
fn is_store() -> Check {
    matches(
        r"^(\*|([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/\*)$",
        "\"name\" of a ClusterSecretStore, \"namespace/name\" of a SecretStore, \"namespace/*\", or \"*\" for all",
    )
}

tf_plugin::model! {
    /// What must be ready.
    pub struct Arguments {
        /// CRDs by name: Established, and served. `["*"]` means all that exist, and at least one must exist; this holds
        /// for every argument below.
        pub crds: Value<Vec<String>> => optional().check(not_empty()).check(is_crd().each())
            .at_least_one_with(&["daemon_sets", "deployments", "external_secrets", "flux_kustomizations", "helm_releases", "secret_stores", "services", "stateful_sets"]),
        /// Deployments (`"namespace/name"`, `"namespace/*"` or `"*"`): rolled out and available.
        pub deployments: Value<Vec<String>> => optional().check(not_empty()).check(is_namespaced().each()),
        /// StatefulSets: rolled out and available.
        pub stateful_sets: Value<Vec<String>> => optional().check(not_empty()).check(is_namespaced().each()),
        /// DaemonSets: rolled out and available on every node that should run one.
        pub daemon_sets: Value<Vec<String>> => optional().check(not_empty()).check(is_namespaced().each()),
        /// Flux Kustomizations: Ready, for their current generation.
        pub flux_kustomizations: Value<Vec<String>> => optional().check(not_empty()).check(is_namespaced().each()),
        /// Flux HelmReleases: Ready, for their current generation.
        pub helm_releases: Value<Vec<String>> => optional().check(not_empty()).check(is_namespaced().each()),
        /// ExternalSecrets: Ready (`SecretSynced`).
        pub external_secrets: Value<Vec<String>> => optional().check(not_empty()).check(is_namespaced().each()),
        /// SecretStores (`"namespace/name"`) and ClusterSecretStores (`"name"`): Ready (`Valid`). `["*"]` means both kinds.
        pub secret_stores: Value<Vec<String>> => optional().check(not_empty()).check(is_store().each()),
        /// Services with an address: a load balancer's, or that of a ready pod; for an egress of the Tailscale operator,
        /// its condition `TailscaleProxyReady` and the pod of its proxy.
        pub services: Value<Vec<String>> => optional().check(not_empty()).check(is_namespaced().each()),
    }
}

impl Arguments {
    /// What they ask for, as far as it is known.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for (argument, texts) in [
            ("crds", &self.crds),
            ("deployments", &self.deployments),
            ("stateful_sets", &self.stateful_sets),
            ("daemon_sets", &self.daemon_sets),
            ("flux_kustomizations", &self.flux_kustomizations),
            ("helm_releases", &self.helm_releases),
            ("external_secrets", &self.external_secrets),
            ("secret_stores", &self.secret_stores),
            ("services", &self.services),
        ] {
            wanted.ask(argument, texts.as_ref_option().map(Vec::as_slice).unwrap_or_default());
        }
        wanted
    }
}
