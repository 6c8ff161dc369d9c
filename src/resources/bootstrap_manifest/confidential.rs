//! What `manifest_wo` brings: merged when it is written, sent again as it is live otherwise, and told nobody.

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{FIELD_MANAGER, Live, Manager, Untyped};
use tazlab_redacted::SecretText;
use tf_plugin::framework::value::Value;

use super::model::BootstrapManifest as Model;
use crate::cluster::object::put;
use crate::manifest::merge::{at, copy, merge, paths, secrets};
use crate::manifest::value::partial;

/// Shorter texts are parts of too many words to be found in them.
const SHORTEST: usize = 4;

/// The part of an object that is never stored.
pub(super) struct Confidential {
    patch: Json,
    paths: Vec<Vec<String>>,
    /// It is written, whatever is live.
    writes: bool,
}

impl std::fmt::Debug for Confidential {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Confidential")
            .field("paths", &self.paths)
            .field("writes", &self.writes)
            .finish_non_exhaustive()
    }
}

impl Confidential {
    /// That of a change; `None` while it is unknown.
    pub(super) fn of(config: &Model, planned: &Model, prior: Option<&Model>) -> Option<Self> {
        let patch = match &config.manifest_wo {
            Value::Value(datum) => partial(datum),
            Value::Null => partial(&tf_plugin::framework::value::Datum::Null),
            Value::Unknown => return None,
        };
        if !patch.is_known() {
            return None;
        }
        let version = |model: &Model| model.manifest_wo_version.as_ref_option().copied();
        let writes = prior.is_none_or(|prior| version(prior) != version(planned));
        let paths = if patch.json.is_object() { paths(&patch.json) } else { Vec::new() };
        Some(Self { patch: patch.json, paths, writes })
    }

    /// Is it written, whatever is live?
    pub(super) fn writes(&self) -> bool {
        self.writes
    }

    /// The paths that it sets.
    pub(super) fn paths(&self) -> &[Vec<String>] {
        &self.paths
    }

    /// The manifest with it, on the live object. Live values are sent again only if the object is still that one.
    pub(super) fn on(&self, manifest: &Json, live: Option<&Untyped>) -> Json {
        let mut object = manifest.clone();
        if self.paths.is_empty() {
            return object;
        }
        match live.filter(|_| !self.writes) {
            None => merge(&mut object, &self.patch),
            Some(live) => {
                copy(&mut object, &live.value, &self.paths);
                if let Some(version) = &live.metadata.resource_version {
                    put(&mut object, &["metadata", "resourceVersion"], version.clone());
                }
            }
        }
        object
    }

    /// Does the live object have fields of ours that neither it nor one of these manifests sets? An update would take them away: they are
    /// what it set before.
    pub(super) fn would_remove(&self, manifests: &[&Json], live: &Live<Untyped>) -> bool {
        let is_ours = |one: &&Manager| one.applied && one.name == FIELD_MANAGER && one.subresource.is_empty();
        let fields = live.managers.iter().filter(is_ours).flat_map(|manager| &manager.fields);
        let mut content = fields.filter(|field| field.first().is_some_and(|first| first != "metadata"));
        content.any(|field| {
            let is_secret = self.paths.iter().any(|path| field.starts_with(path) || path.starts_with(field));
            !is_secret && !manifests.iter().any(|manifest| names(manifest, field))
        })
    }

    /// Does it set a field that the live object does not have?
    pub(super) fn is_missing_from(&self, live: &Untyped) -> bool {
        let sets = |path: &&Vec<String>| at(&self.patch, path).is_some_and(|value| !value.is_null());
        self.paths.iter().filter(sets).any(|path| at(&live.value, path).is_none())
    }

    /// What no message may repeat.
    pub(super) fn secrets(&self, live: Option<&Untyped>) -> Vec<SecretText> {
        let mut all = secrets(&self.patch);
        let there = live.map(|live| self.paths.iter().filter_map(|path| at(&live.value, path)));
        all.extend(there.into_iter().flatten().flat_map(secrets));
        all
    }
}

/// Does the manifest have this field of a field manager, or the list that it is in?
fn names(manifest: &Json, field: &[String]) -> bool {
    let mut there = manifest;
    for name in field {
        match there {
            Json::Object(fields) => match fields.get(name) {
                Some(below) => there = below,
                None => return false,
            },
            _ => return true,
        }
    }
    true
}

/// The text without these secrets.
pub(super) fn without(text: &str, hidden: &[SecretText]) -> String {
    let long = hidden.iter().map(SecretText::expose).filter(|secret| secret.len() >= SHORTEST);
    long.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "(redacted)"))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
    use serde_json::json;

    use super::*;

    fn confidential(writes: bool) -> Confidential {
        let patch = json!({"spec": {"token": "s3cret-canary", "keys": [{"key": "s3cret-listed"}]}});
        Confidential { paths: paths(&patch), patch, writes }
    }

    fn live() -> Untyped {
        let metadata = ObjectMeta { resource_version: Some("7".to_owned()), ..ObjectMeta::default() };
        let value = json!({"spec": {"token": "live-canary", "keys": [{"key": "live-listed"}], "other": 1}});
        Untyped { metadata, value }
    }

    #[test]
    fn it_is_written_or_sent_again_as_it_is() {
        let manifest = json!({"spec": {"url": "a"}});
        let written = confidential(true).on(&manifest, Some(&live()));
        assert_eq!(
            written,
            json!({"spec": {"url": "a", "token": "s3cret-canary", "keys": [{"key": "s3cret-listed"}]}})
        );
        assert_eq!(confidential(false).on(&manifest, None), written, "what is gone is made");
        let again = confidential(false).on(&manifest, Some(&live()));
        let expected = json!({"metadata": {"resourceVersion": "7"},
            "spec": {"url": "a", "token": "live-canary", "keys": [{"key": "live-listed"}]}});
        assert_eq!(again, expected);
    }

    #[test]
    fn fields_that_nothing_sets_any_more_are_what_it_set_before() {
        let owning = |paths: &[&str]| {
            let fields = paths.iter().map(|path| path.split('.').map(ToOwned::to_owned).collect()).collect();
            let manager = Manager { name: FIELD_MANAGER.to_owned(), applied: true, subresource: String::new(), fields };
            Live { object: live(), managers: vec![manager] }
        };
        let manifest = json!({"spec": {"url": "a", "list": [{"name": "x"}]}});
        let removes = |paths: &[&str]| confidential(false).would_remove(&[&manifest], &owning(paths));
        let known =
            ["metadata.annotations.a", "spec.url", "spec.list.k:{\"name\":\"x\"}.name", "spec.token", "spec.keys"];
        assert!(!removes(&known) && !removes(&["spec"]));
        assert!(removes(&[&known[..], &["spec.password"]].concat()));
        assert!(!confidential(false).is_missing_from(&live()));
        let mut without = live();
        without.value["spec"].as_object_mut().unwrap().remove("token");
        assert!(confidential(false).is_missing_from(&without));
    }

    #[test]
    fn it_is_told_nobody() {
        let all = confidential(false).secrets(Some(&live()));
        let told = without("s3cret-canary, live-listed and s3cret-listed, live-canary: refused", &all);
        assert_eq!(told, "(redacted), (redacted) and (redacted), (redacted): refused");
        assert!(!format!("{:?}", confidential(true)).contains("canary"));
    }
}
