//! The arguments and attributes of `tazlab_bootstrap_manifest`.

use std::collections::BTreeMap;

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{integer_between, not_empty, one_of};
use tf_plugin::framework::value::{Datum, Value};

use super::errors::ManifestProblem;
use crate::cluster::rebirth::Triggers;
use crate::manifest::Wanted;
use crate::manifest::normal::normal;
use crate::manifest::object::{Named, split};
use crate::manifest::value::{Partial, partial};
use crate::manifest::yaml::documents;

tf_plugin::model! {
    /// Any small object of a Kubernetes cluster, also of a kind that does not exist yet: a plan needs neither the cluster nor the
    /// kind, the namespace or the rights of an administrator.
    ///
    /// It is written by server-side apply. A create waits until the API server serves the kind, so a
    /// CustomResourceDefinition and its custom resources, or a namespace and what is in it, come in one apply. A refresh
    /// records the live values of the fields that the manifest sets, where they are not what the last apply left, and a plan
    /// then shows what it will revert. Fields that others set, and defaults, are not drift.
    ///
    /// An object that exists already is adopted, with a warning; a destroy removes from it what this resource set, and does
    /// not delete it. `create_before_destroy` cannot work, since there is one object of one name. Secrets with data are refused:
    /// see `tazlab_bootstrap_secret`.
    pub struct BootstrapManifest {
        /// The object, as in `kubectl`'s YAML: `apiVersion`, `kind`, `metadata` and what its kind has. Attributes that are
        /// null count as absent. Changing the group, the kind, the name or the namespace forces replacement; another version
        /// of the same group does not. A change that the API server refuses as immutable forces replacement too, except for a
        /// PersistentVolumeClaim, a Namespace or a CustomResourceDefinition, where it is an error.
        pub manifest: Value<Datum> => optional().exactly_one_with(&["yaml"]),
        /// The object as YAML or JSON, one document. For several, use `for_each` over the function `manifests`. A refresh does
        /// not change this text: `changed_fields` and a warning report differences.
        pub yaml: Value<String> => optional(),
        /// What is merged over the manifest when it is written (RFC 7386, so lists are replaced and null removes), and never
        /// stored: for the few kinds with a credential in their specification. Needs `manifest_wo_version`, and Terraform 1.11
        /// or newer. Differences at its paths are not detected.
        pub manifest_wo: Value<Datum> => optional().sensitive().write_only().requires(&["manifest_wo_version"]),
        /// The version of `manifest_wo`, which is written at create and when this number changes. Other updates keep the live
        /// values at its paths.
        pub manifest_wo_version: Value<i64> => optional().check(integer_between(0, i64::MAX)),
        /// What create and update wait for; all of it must hold. Without it, the object only has to exist.
        pub wait_for: Value<Expectation> => optional(),
        /// What ends the wait early, with an error, when any of it holds for 5 seconds. Needs `wait_for`.
        pub failed_when: Value<Expectation> => optional().requires(&["wait_for"]),
        /// Who may adopt the object later: `"external-secrets"`, `"vault-secrets-operator"`, `"kustomize-controller"`,
        /// `"helm-controller"`, the exact name of a field manager, or `"kind:<Kind>"` of an owner. Once one of them owns
        /// fields besides the metadata, nothing is written any more, and a destroy leaves the object.
        pub hand_over_to: Value<Set<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// What a destroy does with the object: `"delete"`, or `"keep"`, which leaves it as it is. Defaults to `"delete"`.
        pub on_destroy: Value<String> => optional().default("delete").check(one_of(&["delete", "keep"])),
        /// Whether to delete a Namespace or a CustomResourceDefinition together with the objects in it. Defaults to `false`:
        /// a destroy is then an error while it holds anything that this provider did not create.
        pub force_destroy: Value<bool> => optional().default(false),
        /// Whether to remove the finalizers that are left when `timeouts.delete` is nearly over. Defaults to `false`.
        pub force_finalizer: Value<bool> => optional().default(false),
        /// Take ownership of fields from other field managers instead of failing. Defaults to `false`.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place and create whatever is missing in the
        /// cluster. Set something that changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long operations may take, including the wait for the kind, the namespace and `wait_for`. `create` and `update`
        /// default to `"10m"`, `delete` to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The API version of the object, such as `apps/v1`.
        pub api_version: Value<String> => computed().use_state_for_unknown(),
        /// The kind of the object.
        pub kind: Value<String> => computed().use_state_for_unknown(),
        /// The namespace of the object. Null where its kind has none.
        pub namespace: Value<String> => computed().use_state_for_unknown(),
        /// The name of the object.
        pub name: Value<String> => computed().use_state_for_unknown(),
        /// The uid of the object.
        pub uid: Value<String> => computed(),
        /// The fields that the last update changed in the cluster, separated by commas. Null after a create, and where an
        /// update changed none.
        pub changed_fields: Value<String> => computed(),
        /// Who has adopted the object (see `hand_over_to`). Null until somebody has.
        pub owner: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// What an object reports.
    pub struct Expectation {
        /// Types of conditions in `status.conditions`, and their status: `"True"`, `"False"` or `"Unknown"`. A condition counts
        /// only when it is about the current generation of the object, where it says which one it is about.
        pub conditions: Value<BTreeMap<String, String>> => optional()
            .check(one_of(&["True", "False", "Unknown"]).each()).check(not_empty().keys()),
        /// Paths of fields, such as `status.phase` or `status.addresses[0].value`, and their exact text. Numbers and bools
        /// are written as in JSON.
        pub fields: Value<BTreeMap<String, String>> => optional().check(not_empty().keys()),
    }
}

impl BootstrapManifest {
    /// The argument that the object comes from.
    pub(super) fn argument(&self) -> AttributePath {
        AttributePath::new(if self.is_yaml() { "yaml" } else { "manifest" })
    }

    /// Is the object given as YAML?
    pub(super) fn is_yaml(&self) -> bool {
        !self.yaml.is_null()
    }

    /// The object as far as it is known.
    pub(super) fn body(&self) -> Result<Partial, ManifestProblem> {
        let unknown = || Partial { unknown: vec![Vec::new()], ..Partial::default() };
        match (&self.yaml, &self.manifest) {
            (Value::Unknown, _) | (Value::Null, Value::Unknown) => Ok(unknown()),
            (Value::Value(text), _) => {
                let mut documents = documents(text)?;
                match (documents.pop(), documents.is_empty()) {
                    (Some(one), true) => Ok(Partial { json: normal(without_nulls(one.json)), ..Partial::default() }),
                    (None, _) => Err(ManifestProblem::NoDocument),
                    (Some(_), false) => Err(ManifestProblem::Documents(documents.len() + 1)),
                }
            }
            (Value::Null, Value::Value(datum)) => {
                let body = partial(datum);
                Ok(Partial { json: normal(body.json), ..body })
            }
            (Value::Null, Value::Null) => Ok(Partial::default()),
        }
    }

    /// The object that is wanted.
    pub(super) fn wanted(&self) -> Result<Wanted, ManifestProblem> {
        Ok(Wanted::of(self.body()?)?)
    }

    /// What names the object of a state.
    pub(super) fn named(&self) -> Option<Named> {
        let (group, version) = split(self.api_version.as_deref_option()?);
        Some(Named {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: self.kind.as_ref_option()?.clone(),
            namespace: self.namespace.as_ref_option().cloned(),
            name: self.name.as_ref_option()?.clone(),
        })
    }

    /// Sets the attributes that name the object.
    pub(super) fn name_as(&mut self, wanted: &Wanted) {
        self.api_version = wanted.api_version.clone();
        self.kind = wanted.kind.clone();
        self.namespace = wanted.namespace.clone();
        self.name = wanted.name.clone();
    }

    /// The same as in another state.
    pub(super) fn name_as_before(&mut self, other: &Self) {
        self.api_version = other.api_version.clone();
        self.kind = other.kind.clone();
        self.namespace = other.namespace.clone();
        self.name = other.name.clone();
    }

    /// Takes the attributes that name the object, and those that were observed, from another.
    pub(super) fn observed_as(&mut self, other: &Self) {
        self.name_as_before(other);
        self.uid = other.uid.clone();
        self.changed_fields = other.changed_fields.clone();
        self.owner = other.owner.clone();
    }

    pub(super) fn takers(&self) -> &[String] {
        self.hand_over_to.as_ref_option().map(|set| set.0.as_slice()).unwrap_or_default()
    }

    pub(super) fn keeps(&self) -> bool {
        self.on_destroy.as_deref_option() == Some("keep")
    }

    pub(super) fn forces_destroy(&self) -> bool {
        self.force_destroy.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn forces_finalizer(&self) -> bool {
        self.force_finalizer.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn forces_conflicts(&self) -> bool {
        self.force_conflicts.as_ref_option().copied().unwrap_or_default()
    }
}

/// A field that is null counts as absent, as in HCL.
fn without_nulls(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        Json::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
