//! Secrets and `ConfigMaps` that a pod cannot start without: which it names, which of them are missing, and what would make them. Values
//! are never read, only the names of keys. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::api::core::v1::{Container, PodSpec, Volume};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::kind::{Id, Reference};
use super::rules::{self, Rule, View};
use super::sighting::{Reason, Standing};
use super::wanted::Wanted;

/// The kinds that make Secrets: their group and kind.
pub(super) const MAKERS: [(&str, &str); 6] = [
    ("external-secrets.io", "ExternalSecret"),
    ("secrets.hashicorp.com", "VaultStaticSecret"),
    ("secrets.hashicorp.com", "VaultDynamicSecret"),
    ("secrets.hashicorp.com", "VaultPKISecret"),
    ("cert-manager.io", "Certificate"),
    ("bitnami.com", "SealedSecret"),
];

/// What a field manager of ours has written, `tazlab_bootstrap_secret` has.
const OURS: &str = tazlab_clients::kubernetes::FIELD_MANAGER;

/// The ConfigMap that every pod has by itself.
const ROOT_CA: &str = "kube-root-ca.crt";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    Secret,
    ConfigMap,
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

/// What a pod cannot start without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) holder: Holder,
    pub(super) name: String,
    pub(super) keys: BTreeSet<String>,
}

/// What is read of a Secret or ConfigMap.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Content {
    metadata: Metadata,
    data: Option<Keys>,
    binary_data: Option<Keys>,
}

/// The keys of a map whose values are passed over unread.
#[derive(Clone, Debug, Default)]
struct Keys(BTreeSet<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Keys;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = BTreeSet::new();
                while let Some((key, IgnoredAny)) = map.next_entry()? {
                    keys.insert(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Names)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    managed_fields: Option<Vec<Managed>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Managed {
    manager: String,
}

#[derive(Default)]
struct Needs(BTreeMap<(Holder, String), BTreeSet<String>>);

impl Needs {
    fn add(&mut self, holder: Holder, name: &str, optional: Option<bool>, key: Option<&str>) {
        if optional != Some(true) && !name.is_empty() && name != ROOT_CA {
            let keys = self.0.entry((holder, name.to_owned())).or_default();
            keys.extend(key.map(ToOwned::to_owned));
        }
    }

    fn add_all<'a>(&mut self, holder: Holder, name: &str, optional: Option<bool>, keys: impl Iterator<Item = &'a str>) {
        self.add(holder, name, optional, None);
        keys.for_each(|key| self.add(holder, name, optional, Some(key)));
    }

    fn container(&mut self, container: &Container) {
        for source in container.env.iter().flatten().filter_map(|variable| variable.value_from.as_ref()) {
            if let Some(of) = &source.secret_key_ref {
                self.add(Holder::Secret, &of.name, of.optional, Some(&of.key));
            }
            if let Some(of) = &source.config_map_key_ref {
                self.add(Holder::ConfigMap, &of.name, of.optional, Some(&of.key));
            }
        }
        for source in container.env_from.iter().flatten() {
            if let Some(of) = &source.secret_ref {
                self.add(Holder::Secret, &of.name, of.optional, None);
            }
            if let Some(of) = &source.config_map_ref {
                self.add(Holder::ConfigMap, &of.name, of.optional, None);
            }
        }
    }

    fn volume(&mut self, volume: &Volume) {
        if let Some(of) = &volume.secret {
            let keys = of.items.iter().flatten().map(|item| item.key.as_str());
            self.add_all(Holder::Secret, of.secret_name.as_deref().unwrap_or_default(), of.optional, keys);
        }
        if let Some(of) = &volume.config_map {
            self.add_all(
                Holder::ConfigMap,
                &of.name,
                of.optional,
                of.items.iter().flatten().map(|item| item.key.as_str()),
            );
        }
        let projected = volume.projected.as_ref().and_then(|projected| projected.sources.as_ref());
        for source in projected.into_iter().flatten() {
            if let Some(of) = &source.secret {
                self.add_all(
                    Holder::Secret,
                    &of.name,
                    of.optional,
                    of.items.iter().flatten().map(|item| item.key.as_str()),
                );
            }
            if let Some(of) = &source.config_map {
                let keys = of.items.iter().flatten().map(|item| item.key.as_str());
                self.add_all(Holder::ConfigMap, &of.name, of.optional, keys);
            }
        }
    }
}

impl Need {
    /// All that a pod needs; what is optional is left out.
    pub(super) fn of(spec: &PodSpec) -> Vec<Self> {
        let mut needs = Needs::default();
        spec.init_containers.iter().flatten().chain(&spec.containers).for_each(|one| needs.container(one));
        spec.volumes.iter().flatten().for_each(|volume| needs.volume(volume));
        needs.0.into_iter().map(|((holder, name), keys)| Self { holder, name, keys }).collect()
    }

    /// What of it is not there.
    pub(super) fn lacks(&self, namespace: &str, content: Option<&Content>) -> Vec<Lack> {
        let lack = |key: Option<&String>, is_ours| Lack {
            holder: self.holder,
            namespace: namespace.to_owned(),
            name: self.name.clone(),
            key: key.cloned(),
            is_ours,
        };
        let Some(content) = content else { return vec![lack(None, false)] };
        let has =
            |key: &&String| [&content.data, &content.binary_data].into_iter().flatten().any(|all| all.0.contains(*key));
        let is_ours = content.metadata.managed_fields.iter().flatten().any(|one| one.manager == OURS);
        self.keys.iter().filter(|key| !has(key)).map(|key| lack(Some(key), is_ours)).collect()
    }
}

/// A Secret or ConfigMap that is not there, or a key that it does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lack {
    pub(super) holder: Holder,
    pub(super) namespace: String,
    name: String,
    key: Option<String>,
    /// It is there, and this provider has written it.
    is_ours: bool,
}

impl Lack {
    /// In words, and what would make it; `None` where that cannot be known.
    pub(super) fn told<'a>(&self, makers: Option<&'a [Maker]>) -> (String, Option<&'a Maker>) {
        let Self { holder, namespace, name, key, is_ours } = self;
        let what = match key {
            None => format!("{holder} {namespace}/{name} does not exist"),
            Some(key) => format!("{holder} {namespace}/{name} has no key {key}"),
        };
        if *is_ours {
            return (format!("{what}: a tazlab_bootstrap_secret writes it, add the key there"), None);
        }
        let (Some(makers), Holder::Secret) = (makers, holder) else { return (what, None) };
        match makers.iter().find(|maker| maker.id.namespace == *namespace && maker.secret == *name) {
            Some(maker) => (format!("{what}: {maker}"), Some(maker)),
            None if key.is_some() => (what, None),
            None => {
                let kinds: Vec<&str> = MAKERS.iter().map(|(_, kind)| *kind).collect();
                let advice = "if a tazlab_bootstrap_secret writes it, name that in depends_on";
                (format!("{what}, and no {} has it as its target; {advice}", kinds.join(", ")), None)
            }
        }
    }
}

/// What makes a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Maker {
    group: &'static str,
    kind: &'static str,
    id: Id,
    secret: String,
    /// Why it is not ready, if it is not.
    why: Option<Reason>,
}

impl Maker {
    pub(super) fn of(group: &'static str, kind: &'static str, object: View<'_>) -> Self {
        let id = object.id();
        let named = match kind {
            "ExternalSecret" => object.text("/spec/target/name"),
            "Certificate" => object.text("/spec/secretName"),
            "SealedSecret" => object.text("/spec/template/metadata/name"),
            _ => object.text("/spec/destination/name"),
        };
        let secret = if named.is_empty() { id.name.clone() } else { named.to_owned() };
        let judged = match (kind, Rule::of(kind, group)) {
            ("ExternalSecret", _) => object.expects("Ready", "True").err(),
            (_, rule) => match rule.map_or_else(|| rules::generic(object), |rule| rule.judge(object)).standing {
                Standing::NotReady(reason) => Some(reason),
                _ => None,
            },
        };
        Self { group, kind, id, secret, why: judged }
    }

    /// The object, where it is one that is read.
    pub(super) fn reference(&self, wanted: &Wanted) -> Option<Reference> {
        Some(Reference { kind: wanted.called(self.kind, self.group)?, id: self.id.clone() })
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Some(why) => write!(out, "{} {} makes it, and is not ready: {why}", self.kind, self.id),
            None => write!(out, "{} {} makes it, and reports no problem", self.kind, self.id),
        }
    }
}
