//! Generators of `ConfigMap`s and Secrets: what they hold, how they meet what is there, and the hash in their names.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tazlab_yaml::{Kind, Mark, Node};

use super::edit;
use super::kustomization::{Reference, reference};
use super::object::{Behaviour, Object};
use super::substitute::UNKNOWN;

/// A generator of a `ConfigMap` or Secret.
#[derive(Clone, Debug)]
pub(crate) struct Generator {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) behaviour: Behaviour,
    pub(crate) at: Mark,
    pub(crate) envs: Vec<Reference>,
    /// Key and file.
    pub(crate) files: Vec<(String, Reference)>,
    literals: Vec<(String, String)>,
    is_hashed: bool,
    secret_type: String,
    labels: Vec<(Node, Node)>,
    annotations: Vec<(Node, Node)>,
}

impl Generator {
    pub(crate) fn read(
        file: &str,
        item: &Node,
        kind: &'static str,
        field: &'static str,
        global: Option<&Node>,
    ) -> Self {
        let text = |key: &str| item.text_at(&[key]).unwrap_or_default().to_owned();
        let list = |key: &str| item.get(key).map_or(&[][..], Node::items).iter();
        let keyed = |file: Reference| {
            let (key, path) = match file.path.split_once('=') {
                Some((key, path)) => (key.to_owned(), path.to_owned()),
                None => (file.path.rsplit('/').next().unwrap_or_default().to_owned(), file.path.clone()),
            };
            (key, Reference { path, ..file })
        };
        let literal = |item: &Node| {
            let (key, value) = item.as_str()?.split_once('=')?;
            Some((key.to_owned(), unquoted(value).to_owned()))
        };
        let own = item.get("options");
        let option = |key: &str| [own, global].into_iter().flatten().find_map(|options| options.text_at(&[key]));
        let pairs = |key: &str| {
            let all = [global, own].into_iter().flatten();
            all.filter_map(|options| options.get(key)).flat_map(Node::entries).cloned().collect()
        };
        let behaviour = match text("behavior").to_lowercase().as_str() {
            "merge" => Behaviour::Merge,
            "replace" => Behaviour::Replace,
            _ => Behaviour::Create,
        };
        Self {
            kind,
            name: text("name"),
            namespace: text("namespace"),
            behaviour,
            at: item.at,
            envs: list("envs").chain(item.get("env")).filter_map(|env| reference(file, env, field)).collect(),
            files: list("files").filter_map(|one| reference(file, one, field)).map(keyed).collect(),
            literals: list("literals").filter_map(literal).collect(),
            is_hashed: option("disableNameSuffixHash") != Some("true"),
            secret_type: Some(text("type")).filter(|one| !one.is_empty()).unwrap_or_else(|| "Opaque".to_owned()),
            labels: pairs("labels"),
            annotations: pairs("annotations"),
        }
    }

    /// How much of the object stands in the generator itself, in bytes.
    pub(crate) fn weight(&self) -> usize {
        let literals = self.literals.iter().map(|(key, value)| key.len() + value.len());
        let pairs = self.labels.iter().chain(&self.annotations).flat_map(|(key, value)| [key, value]);
        literals.sum::<usize>() + pairs.filter_map(Node::as_str).map(str::len).sum::<usize>() + self.name.len()
    }

    /// The object, from the texts of its files; a file without text leaves the name unknown.
    pub(crate) fn object(&self, file: &Rc<str>, read: impl Fn(&Reference) -> Option<String>) -> Object {
        let mut data = BTreeMap::new();
        let mut add = |key: &str, value: String| drop(data.insert(key.to_owned(), value));
        for text in &self.envs {
            let text = read(text).unwrap_or_else(|| format!("_={UNKNOWN}"));
            for line in text.trim_start_matches('\u{feff}').lines() {
                let line = line.trim_start();
                if !line.is_empty() && !line.starts_with('#') {
                    let (key, value) = line.split_once('=').unwrap_or((line, ""));
                    add(key, value.to_owned());
                }
            }
        }
        for (key, value) in &self.literals {
            add(key, value.clone());
        }
        for (key, reference) in &self.files {
            add(key, read(reference).unwrap_or_else(|| UNKNOWN.to_string()));
        }
        let is_secret = self.kind == "Secret";
        let value = |text: &str| {
            let known = !text.contains(UNKNOWN);
            Node::text(if is_secret && known { wrapped(text) } else { text.to_owned() })
        };
        let entries = data.iter().map(|(key, text)| (Node::text(key.as_str()), value(text))).collect();
        let mut node = Node { at: self.at, tag: None, kind: Kind::Mapping(Arc::default()) };
        edit::set(&mut node, &["apiVersion"], Node::text("v1"));
        edit::set(&mut node, &["kind"], Node::text(self.kind));
        if !data.is_empty() {
            let data = Node { at: self.at, tag: None, kind: Kind::Mapping(Arc::new(entries)) };
            edit::set(&mut node, &["data"], data);
        }
        if is_secret {
            edit::set(&mut node, &["type"], Node::text(self.secret_type.clone()));
        }
        for (what, pairs) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            for (key, value) in pairs {
                edit::set(&mut node, &["metadata", what, key.as_str().unwrap_or_default()], value.clone());
            }
        }
        Object {
            group: String::new(),
            version: "v1".to_owned(),
            kind: self.kind.to_owned(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            file: Rc::clone(file),
            at: self.at,
            node,
            earlier: Vec::new(),
            is_hashed: self.is_hashed,
            behaviour: self.behaviour,
        }
    }
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Base64 in lines of 70 characters, as kustomize writes a Secret's data (`kyaml` v0.21.1, `yaml/datamap.go`).
fn wrapped(text: &str) -> String {
    const LINE: usize = 70;
    let whole = STANDARD.encode(text);
    if whole.len() < LINE {
        return whole;
    }
    let lines: Vec<&str> =
        (0..whole.len()).step_by(LINE).filter_map(|at| whole.get(at..whole.len().min(at + LINE))).collect();
    lines.join("\n") + "\n"
}

/// Adds the hash of what it holds to the name of a generated object (`kustomize/api` v0.21.1, `hasher/hasher.go`).
pub(crate) fn hash(object: &mut Object) {
    let holds = |node: &Node| edit::any(node, &mut |text| text.contains(UNKNOWN));
    let suffix = if holds(&object.node) { UNKNOWN.to_string() } else { digest(object) };
    object.remember();
    object.name = format!("{}-{suffix}", object.name);
}

fn digest(object: &Object) -> String {
    let fields = match object.kind.as_str() {
        "Secret" => {
            [("data", true), ("kind", false), ("name", false), ("stringData", false), ("type", false)].as_slice()
        }
        _ => &[("binaryData", false), ("data", true), ("kind", false), ("name", false)],
    };
    let mut parts = Vec::new();
    for (field, is_always) in fields {
        let value = match *field {
            "kind" => Some(quoted(&object.kind)),
            // Upstream looks the name up by a path that it does not take apart, and finds none.
            "name" => Some(quoted("")),
            "type" => Some(quoted(object.node.text_at(&["type"]).unwrap_or_default())),
            field => object.node.get(field).filter(|node| edit::is_mapping(node)).map(mapping),
        };
        let value = value.or_else(|| is_always.then(|| quoted("")));
        parts.extend(value.map(|value| format!("{}:{value}", quoted(field))));
    }
    let digest = Sha256::digest(format!("{{{}}}", parts.join(",")));
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let hex: String = digest.iter().take(5).flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let other = |one: char| match one {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        one => one,
    };
    hex.chars().map(other).collect()
}

fn mapping(node: &Node) -> String {
    let pair = |(key, value): &(Node, Node)| Some((key.as_str()?.to_owned(), value.as_str()?.to_owned()));
    let sorted: BTreeMap<String, String> = node.entries().iter().filter_map(pair).collect();
    let parts: Vec<String> = sorted.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
    format!("{{{}}}", parts.join(","))
}

/// A text in JSON as Go writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for one in text.chars() {
        match one {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(one));
            }
            one => out.push(one),
        }
    }
    out.push('"');
    out
}
