//! YAML nodes become values of Talos' types, by the rules of the library that Talos decodes with.

mod own_forms;
mod scalars;

use std::collections::{BTreeMap, BTreeSet};

use tazlab_yaml::{Kind, Node, Scalar, resolve};

use super::problem::Problem;
use super::schema::{Type, schema};
use super::value::{Data, Value};

/// Decodes documents and remembers what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pub(super) problems: Vec<Problem>,
    /// How many aliases lead here: below them Talos does not look for unknown keys.
    aliases: usize,
}

impl Decoder {
    /// Reads a node as a type. Every mistake is remembered; what could not be read stays nil.
    pub(super) fn decode(&mut self, node: &Node, kind: &Type, path: &str) -> Value {
        if let Kind::Alias(target) = &node.kind {
            self.aliases += 1;
            let value = self.decode(target, kind, path);
            self.aliases -= 1;
            return value;
        }
        if node.is_null() && !matches!(node.kind, Kind::Mapping(_) | Kind::Sequence(_)) {
            return Value::new(node.at, Data::Null);
        }
        let data = match kind {
            Type::Pointer(inner) | Type::Merging(_, inner) => return self.decode(node, inner, path),
            Type::Own(name) => self.own(node, name, path),
            Type::Struct(name) => self.structure(node, name, path),
            Type::List(element) => self.list(node, element, path),
            Type::Map(element) => self.map(node, element, path),
            Type::Any => self.any(node, path),
            Type::Word(name) => self.word(node, name, path),
            _ => self.scalar(node, kind, path),
        };
        Value::new(node.at, data.unwrap_or_default())
    }

    pub(super) fn refuse(&mut self, node: &Node, path: &str, text: impl Into<String>) {
        self.problems.push(Problem::talos(Some(node.at), path, text));
    }

    fn mismatch(&mut self, node: &Node, path: &str, expected: &str) {
        let found = match &node.target().kind {
            Kind::Mapping(_) => "a mapping",
            Kind::Sequence(_) => "a list",
            _ => "another value",
        };
        self.refuse(node, path, format!("{expected} is expected here, {found} was found"));
    }

    /// The keys of a mapping: each once, and each a text.
    fn keys<'n>(&mut self, node: &'n Node, path: &str) -> Option<Vec<(&'n str, &'n Node, &'n Node)>> {
        let Kind::Mapping(entries) = &node.kind else { return None };
        let mut seen = BTreeSet::new();
        let mut found = Vec::with_capacity(entries.len());
        for (key, value) in entries.iter() {
            let Kind::Scalar(name, _) = &key.kind else {
                self.refuse(key, path, "a key must be a text");
                continue;
            };
            if !seen.insert(name.as_str()) {
                self.refuse(key, &below(path, name), "this key is set more than once");
                continue;
            }
            found.push((name.as_str(), key, value));
        }
        Some(found)
    }

    fn structure(&mut self, node: &Node, name: &str, path: &str) -> Option<Data> {
        let Some(keys) = self.keys(node, path) else {
            self.mismatch(node, path, "a mapping");
            return None;
        };
        if let Some(element) = schema().open(name) {
            return Some(Data::Map(self.entries(&keys, element, path)));
        }
        let mut fields = BTreeMap::new();
        for (key, at, value) in keys {
            let Some(field) = schema().field(name, key) else {
                if self.aliases == 0 {
                    let hint = hint(name, key);
                    self.refuse(at, &below(path, key), format!("this key does not exist in this place{hint}"));
                }
                continue;
            };
            let decoded = self.decode(value, &field.kind, &below(path, key));
            fields.insert(key.to_owned(), decoded);
        }
        Some(Data::Struct(fields))
    }

    fn entries(&mut self, keys: &[(&str, &Node, &Node)], element: &Type, path: &str) -> BTreeMap<String, Value> {
        let mut entries = BTreeMap::new();
        for (key, at, value) in keys {
            if is_merge(at) {
                self.merge_key(value, element, path, &mut entries);
                continue;
            }
            if at.is_null() && *element != Type::Any {
                // The entry is left out, but it must look like one.
                if !self.fits(value, element) {
                    self.mismatch(value, path, "another value");
                }
                continue;
            }
            entries.insert((*key).to_owned(), self.decode(value, element, &below(path, key)));
        }
        entries
    }

    /// `<<`: the entries of other mappings, where there are none yet.
    fn merge_key(&mut self, node: &Node, element: &Type, path: &str, entries: &mut BTreeMap<String, Value>) {
        let sources = match &node.target().kind {
            Kind::Mapping(_) => vec![node.target()],
            Kind::Sequence(items) if !matches!(node.kind, Kind::Alias(_)) => items.iter().map(Node::target).collect(),
            _ => {
                self.refuse(node, path, "a merge takes a mapping, or a list of mappings");
                return;
            }
        };
        if !self.fits(node, element) {
            self.refuse(node, path, "Talos takes << with an alias here, and with nothing else");
        }
        for source in sources {
            let Some(keys) = self.keys(source, path) else {
                self.refuse(source, path, "a merge takes a mapping, or a list of mappings");
                continue;
            };
            for (key, value) in self.entries(&keys, element, path) {
                entries.entry(key).or_insert(value);
            }
        }
    }

    /// Has the node the shape of the type, as far as Talos looks when it looks for unknown keys?
    fn fits(&self, node: &Node, element: &Type) -> bool {
        match (&node.kind, element.bare()) {
            (Kind::Alias(_) | Kind::Scalar(..), _)
            | (_, Type::Any)
            | (Kind::Mapping(_), Type::Map(_))
            | (Kind::Sequence(_), Type::List(_)) => true,
            (Kind::Mapping(entries), Type::Struct(name)) => {
                let known = |key: &Node| key.as_str().is_some_and(|key| schema().field(name, key).is_some());
                schema().open(name).is_some() || entries.iter().all(|(key, _)| known(key))
            }
            _ => self.aliases > 0,
        }
    }

    fn list(&mut self, node: &Node, element: &Type, path: &str) -> Option<Data> {
        let Kind::Sequence(items) = &node.kind else {
            self.mismatch(node, path, "a list");
            return None;
        };
        // Where the type has no nil, a null is left out.
        let has_nil = match element {
            Type::Merging(_, inner) => matches!(**inner, Type::List(_) | Type::Map(_)),
            other => matches!(other, Type::Pointer(_) | Type::List(_) | Type::Map(_) | Type::Any),
        };
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let value = self.decode(item, element, &format!("{path}[{index}]"));
            if has_nil || !value.is_nil() {
                values.push(value);
            }
        }
        Some(Data::List(values))
    }

    fn map(&mut self, node: &Node, element: &Type, path: &str) -> Option<Data> {
        let Some(keys) = self.keys(node, path) else {
            self.mismatch(node, path, "a mapping");
            return None;
        };
        Some(Data::Map(self.entries(&keys, element, path)))
    }

    fn any(&mut self, node: &Node, path: &str) -> Option<Data> {
        match &node.kind {
            Kind::Mapping(_) => {
                let keys = self.keys(node, path)?;
                Some(Data::Map(self.entries(&keys, &Type::Any, path)))
            }
            Kind::Sequence(items) => {
                let values = items.iter().enumerate();
                Some(Data::List(
                    values.map(|(index, item)| self.decode(item, &Type::Any, &format!("{path}[{index}]"))).collect(),
                ))
            }
            _ => match resolve(node) {
                Some(Scalar::Null) => Some(Data::Null),
                Some(Scalar::Bool(value)) => Some(Data::Bool(value)),
                Some(Scalar::Int(value)) => Some(Data::Int(value)),
                Some(Scalar::Float(value)) => Some(Data::Float(value)),
                Some(Scalar::Time(text) | Scalar::Text(text)) => Some(Data::Text(text)),
                None => {
                    self.refuse(node, path, "the value is not what its tag says");
                    None
                }
            },
        }
    }
}

/// A path with one more key.
pub(super) fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, Kind::Scalar(text, plain) if text == "<<" && (*plain && key.tag.is_none() || key.tag.as_deref() == Some("!!merge")))
}

/// Where the key would belong, if it is one that is often put in the wrong place.
fn hint(name: &str, key: &str) -> String {
    let nearest = schema().fields(name).iter().map(|field| (strsim::osa_distance(&field.key, key), &field.key));
    if let Some((_, near)) = nearest.filter(|(distance, _)| *distance <= 2).min() {
        return format!("; did you mean {near}?");
    }
    let place = match key {
        "apiServer" | "controllerManager" | "scheduler" | "etcd" | "coreDNS" | "proxy" | "discovery" => "cluster",
        "kubelet" | "install" | "sysctls" | "kernel" | "registries" | "nodeLabels" => "machine",
        "extraArgs" | "admissionControl" | "auditPolicy" => "cluster.apiServer",
        "certSANs" => "cluster.apiServer (for Kubernetes' API) or machine (for Talos' own)",
        _ => return String::new(),
    };
    format!("; it belongs in {place}")
}
