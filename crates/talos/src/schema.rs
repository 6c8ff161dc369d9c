//! The types of Talos' configuration: which keys stand where, and of what type they are.
//!
//! `schema.json` is written by `acceptance-tests/oracles/talos` from the Go types of Talos' machinery, and a test writes
//! it again and compares. Nothing in it is written by hand.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The version of Talos whose types these are.
pub const TALOS_VERSION: &str = "1.13.9";

/// The kind that stands for the document without a kind: `machine` and `cluster`.
pub(super) const LEGACY: &str = "";

/// A type, as far as decoding and merging see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    /// A whole number of so many bits.
    Int(u32),
    /// A whole number without a sign.
    Uint(u32),
    Float,
    Duration,
    Text,
    Any,
    List(Box<Type>),
    Map(Box<Type>),
    /// A value that may be nil.
    Pointer(Box<Type>),
    Struct(String),
    /// A type that reads itself from a text.
    Word(String),
    /// A type that reads itself from YAML.
    Own(String),
    /// A type that merges itself.
    Merging(String, Box<Type>),
}

impl Type {
    fn read(text: &str) -> Self {
        let below = |rest: &str| Box::new(Self::read(rest));
        if let Some(rest) = text.strip_prefix("merge ") {
            let (name, rest) = rest.split_once(' ').unwrap_or((rest, "any"));
            return Self::Merging(name.to_owned(), below(rest));
        }
        for (prefix, make) in [("*", Self::Pointer as fn(_) -> _), ("[]", Self::List), ("{}", Self::Map)] {
            if let Some(rest) = text.strip_prefix(prefix) {
                return make(below(rest));
            }
        }
        if let Some((family @ ("struct" | "text" | "yaml"), name)) = text.split_once(' ') {
            let name = name.to_owned();
            return match family {
                "struct" => Self::Struct(name),
                "text" => Self::Word(name),
                _ => Self::Own(name),
            };
        }
        let bits = |prefix: &str| text.strip_prefix(prefix).map(|bits| bits.parse().unwrap_or(64));
        match text {
            "bool" => Self::Bool,
            "duration" => Self::Duration,
            "string" => Self::Text,
            _ if text.starts_with("float") => Self::Float,
            _ => bits("uint").map(Self::Uint).or_else(|| bits("int").map(Self::Int)).unwrap_or(Self::Any),
        }
    }

    /// The type behind pointers and mergers.
    pub(super) fn bare(&self) -> &Self {
        match self {
            Self::Pointer(inner) | Self::Merging(_, inner) => inner.bare(),
            other => other,
        }
    }
}

/// One field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) kind: Type,
    /// A merge replaces it as a whole.
    pub(super) replace: bool,
}

/// One kind of document.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Document {
    #[serde(rename = "struct")]
    pub(super) name: String,
    /// Several of the kind may stand side by side, under different names.
    #[serde(default)]
    pub(super) named: bool,
    /// Kinds that must not have a document of the same name.
    #[serde(default)]
    pub(super) conflicts: Vec<String>,
}

/// All types.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) documents: BTreeMap<String, Document>,
    structs: BTreeMap<String, Vec<Field>>,
    /// The words of each enumeration.
    pub(super) words: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Written {
    documents: BTreeMap<String, Document>,
    structs: BTreeMap<String, Vec<Vec<String>>>,
    words: BTreeMap<String, Vec<String>>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let Ok(written) = serde_json::from_str::<Written>(include_str!("schema.json")) else {
        // A test reads the file: it is there and of this form.
        return Schema::default();
    };
    let field = |parts: &Vec<String>| {
        let part = |index: usize| parts.get(index).map(String::as_str).unwrap_or_default();
        Field { key: part(0).to_owned(), kind: Type::read(part(1)), replace: part(2) == "replace" }
    };
    let structs = written.structs.iter().map(|(name, fields)| (name.clone(), fields.iter().map(field).collect()));
    Schema { documents: written.documents, structs: structs.collect(), words: written.words }
});

/// The types.
pub(super) fn schema() -> &'static Schema {
    &SCHEMA
}

impl Schema {
    /// The fields of a struct in order.
    pub(super) fn fields(&self, name: &str) -> &[Field] {
        self.structs.get(name).map_or(&[], Vec::as_slice)
    }

    /// One field of a struct.
    pub(super) fn field(&self, name: &str, key: &str) -> Option<&Field> {
        self.fields(name).iter().find(|field| field.key == key && field.key != "*")
    }

    /// The type of every entry, where the struct is a map in disguise.
    pub(super) fn open(&self, name: &str) -> Option<&Type> {
        match self.fields(name) {
            [Field { key, kind: Type::Map(element), .. }] if key == "*" => Some(element),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let schema = schema();
        assert_eq!(schema.documents.len(), 45);
        assert_eq!(schema.documents[LEGACY].name, "v1alpha1.Config");
        let field = schema.field("v1alpha1.MachineConfig", "certSANs").unwrap();
        assert_eq!(field.kind, Type::List(Box::new(Type::Text)));
        assert_eq!(schema.open("v1alpha1.Unstructured"), Some(&Type::Any));
        assert!(schema.field("v1alpha1.ClusterNetworkConfig", "podSubnets").unwrap().replace);
        assert!(schema.words["nethelpers.BondMode"].contains(&"802.3ad".to_owned()));
    }
}
