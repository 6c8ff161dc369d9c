//! The ConfigMap with the Corefile: in force, while a rollout is on, and after one that nobody waited for.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::parts::Part;
use super::super::sight::Sight;
use super::{COREFILE, Wanted, checksum};

/// The annotation of the ConfigMap that holds the mark of the template whose rollout was proven.
const PROVEN: &str = "tazlab.io/proven";

/// How the ConfigMap's keys begin that pods mount.
const VERSION: &str = "Corefile-";

impl Wanted<'_> {
    /// The key of the ConfigMap that the pods mount.
    pub(super) fn key(&self) -> String {
        key_of(self.corefile)
    }

    pub(super) fn files(&self) -> BTreeMap<String, &str> {
        [(COREFILE.to_owned(), self.corefile), (self.key(), self.corefile)].into()
    }

    /// The ConfigMap after a rollout: it says which template was proven. One that rolls, or whose rollout failed, does
    /// not.
    pub(in crate::resources::coredns) fn config_map_in_force(&self) -> Json {
        let mut object = self.object(Part::ConfigMap);
        if let Some(Json::Object(annotations)) = object.pointer_mut("/metadata/annotations") {
            annotations.insert(PROVEN.to_owned(), self.checksum().into());
        }
        object
    }

    /// Did the last apply come to its end, with this very template?
    pub(in crate::resources::coredns) fn is_proven(&self, sight: &Sight) -> bool {
        let annotations = sight.parts.get(&Part::ConfigMap).and_then(|live| live.object.metadata.annotations.as_ref());
        annotations.and_then(|all| all.get(PROVEN)).is_some_and(|proven| *proven == self.checksum())
    }

    /// The ConfigMap where nobody waits for the rollout: the new Corefile is in force, and what running pods mount stays.
    pub(in crate::resources::coredns) fn config_map_without_proof(&self, sight: &Sight) -> Json {
        let mut object = self.config_map_while_rolling(sight);
        if let Some(Json::Object(data)) = object.get_mut("data") {
            data.insert(COREFILE.to_owned(), self.corefile.into());
        }
        object
    }

    /// The ConfigMap for the time of a rollout: what was in force stays so, and what running pods mount stays there.
    pub(in crate::resources::coredns) fn config_map_while_rolling(&self, sight: &Sight) -> Json {
        let mut object = self.object(Part::ConfigMap);
        if let Some(Json::Object(data)) = object.get_mut("data") {
            if let Some(in_force) = sight.file(COREFILE) {
                data.insert(COREFILE.to_owned(), in_force.into());
                data.entry(key_of(in_force)).or_insert_with(|| in_force.into());
            }
            // After a rollout that failed, the pods that work are not those that the template names.
            for (key, content) in sight.files().filter(|(key, _)| key.starts_with(VERSION)) {
                data.entry(key).or_insert_with(|| content.clone());
            }
            let mounted = sight.deployment().and_then(|live| {
                live.object
                    .value
                    .pointer("/spec/template/spec/volumes")?
                    .as_array()?
                    .iter()
                    .find_map(|volume| volume.pointer("/configMap/items/0/key")?.as_str())
            });
            if let Some((key, content)) = mounted.and_then(|key| Some((key, sight.file(key)?))) {
                data.entry(key).or_insert_with(|| content.into());
            }
        }
        object
    }
}

/// The key of the ConfigMap that the pods with this Corefile mount.
fn key_of(corefile: &str) -> String {
    format!("{VERSION}{}", checksum(corefile.as_bytes()))
}
