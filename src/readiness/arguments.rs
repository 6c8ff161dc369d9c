//! The arguments of whoever reports on a bootstrap, and the [`Wanted`] that they become.

use std::collections::BTreeMap;

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::validation::{Check, integer_between, matches, not_empty, one_of};
use tf_plugin::framework::value::Value;

use super::field::Field;
use super::target::{Demand, Named};
use super::wanted::{Pattern, Wanted};

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

/// `Kind.group` or `resource.group`.
fn is_kind() -> Check {
    let form = matches(
        r"^[A-Za-z][A-Za-z0-9]*(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "\"Kind.group\", such as \"Certificate.cert-manager.io\", as kubectl names kinds; for a kind of the core, such as \"Node\", the name alone",
    );
    Check::text(move |text| form.of_text(text).and_then(|()| Named::read(text).map(drop)))
}

/// Any object's name, with or without a namespace, or a pattern.
fn is_object() -> Check {
    matches(
        r"^(\*|([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?([^/*%\s]{1,253})|[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/\*)$",
        "\"namespace/name\", \"name\" of an object without a namespace, \"namespace/*\" for all of a namespace, or \"*\" for all",
    )
}

/// The name of a node, or `*`.
fn is_node() -> Check {
    matches(r"^(\*|[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$", "the name of a node, or \"*\" for all")
}

fn is_field() -> Check {
    Check::text(|text| Field::read(text).map(drop))
}

tf_plugin::model! {
    /// Objects of one kind.
    pub struct Objects {
        /// The kind, as kubectl names it: `Kind.group` or `resource.group`, such as `"VaultStaticSecret.secrets.hashicorp.com"`.
        /// The version is the one that the cluster prefers. A kind that is not served yet is waited for.
        pub kind: Value<String> => required().check(is_kind()),
        /// Which objects: `"namespace/name"`, `"name"` of an object without a namespace, `"namespace/*"`, or `"*"` for all.
        pub names: Value<Vec<String>> => required().check(not_empty()).check(is_object().each()),
        /// Conditions, and the status (`"True"`, `"False"` or `"Unknown"`) that each must have. A condition counts only for the
        /// current generation of the object, if it says which generation it is of. With `conditions` or `fields`, they decide, not
        /// what is known of the kind.
        pub conditions: Value<BTreeMap<String, String>> => optional().check(not_empty())
            .check(one_of(&["True", "False", "Unknown"]).each()),
        /// Fields by their dotted path, such as `"status.phase"`, and the exact text that each must have. A dot that belongs to a
        /// name is written `\\.` in HCL, an element of a list by its number. Content (`data`) is not read.
        pub fields: Value<BTreeMap<String, String>> => optional().check(not_empty()).check(is_field().keys()),
    }
}

tf_plugin::model! {
    /// What must be ready.
    pub struct Arguments {
        /// CRDs by name: Established, and served. `["*"]` means all that exist, and at least one must exist; this holds
        /// for every argument below.
        pub crds: Value<Vec<String>> => optional().check(not_empty()).check(is_crd().each())
            .at_least_one_with(&["api_server", "daemon_sets", "deployments", "external_secrets", "flux_kustomizations", "helm_releases", "nodes", "nodes_at_least", "objects", "secret_stores", "services", "stateful_sets"]),
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
        /// Whether the API server itself must report that it is ready (`/readyz`). Nothing else needs to be named beside it: a
        /// barrier for what is installed before there are nodes, such as the network plugin.
        pub api_server: Value<bool> => optional(),
        /// Nodes by name, or `["*"]` for all: condition Ready is True.
        pub nodes: Value<Vec<String>> => optional().check(not_empty()).check(is_node().each()),
        /// How many nodes must be Ready at least, whichever they are.
        pub nodes_at_least: Value<i64> => optional().check(integer_between(1, 100_000)),
        /// Objects of any kind. What ready means is known for the kinds on this page, otherwise read from the conditions `Ready`
        /// and `Available`. An object without conditions is ready when it exists, and `summary` says so.
        pub objects: Value<Vec<Objects>> => optional().check(not_empty()),
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
        wanted.api_server = self.api_server.as_ref_option() == Some(&true);
        let least = self.nodes_at_least.as_ref_option().and_then(|least| usize::try_from(*least).ok());
        let nodes = self.nodes.as_ref_option();
        if let (true, Ok(named)) = (nodes.is_some() || least.is_some(), Named::read("Node")) {
            let kind = wanted.ask_for(&named, demand(None, nodes));
            if let Some(least) = least {
                wanted.ask_for_at_least(kind, least);
            }
        }
        for (index, objects) in self.objects.as_ref_option().into_iter().flatten().enumerate() {
            // What cannot be read was refused while it was checked.
            let Some(Ok(named)) = objects.kind.as_ref_option().map(|kind| Named::read(kind)) else { continue };
            let fields = objects.fields.as_ref_option().into_iter().flatten();
            let fields = fields.filter_map(|(field, text)| Some((Field::read(field).ok()?, text.clone()))).collect();
            let conditions = objects.conditions.as_ref_option().cloned().unwrap_or_default();
            wanted.ask_for(&named, Demand { conditions, fields, ..demand(Some(index), objects.names.as_ref_option()) });
        }
        wanted.complete();
        wanted
    }

    /// Finds names that cannot be of their kind, where it is known whether its objects have namespaces.
    pub fn validate(&self, found: &mut Diagnostics) {
        for (index, objects) in self.objects.as_ref_option().into_iter().flatten().enumerate() {
            let Some(kind) = objects.kind.as_ref_option() else { continue };
            let Some(namespaced) = Named::read(kind).ok().and_then(|named| named.is_namespaced()) else { continue };
            for (place, name) in objects.names.as_ref_option().into_iter().flatten().enumerate() {
                let problem = match (namespaced, name.contains('/')) {
                    (true, false) if name != "*" => {
                        format!("{kind} has a namespace: write \"namespace/{name}\", or \"*\" for all.")
                    }
                    (false, true) => format!("{kind} has no namespace: write the name alone, or \"*\" for all."),
                    _ => continue,
                };
                let path = AttributePath::new("objects").index(number(index)).attribute("names").index(number(place));
                found.push(Diagnostic::error(format!("Invalid value of {path}"), problem).at(path));
            }
        }
    }
}

fn demand(index: Option<usize>, names: Option<&Vec<String>>) -> Demand {
    let patterns = names.into_iter().flatten().map(|name| Pattern::of(name)).collect();
    Demand { index, patterns, conditions: BTreeMap::new(), fields: BTreeMap::new() }
}

/// A place in a list, as paths have it.
fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
