//! Values of Talos' types, as its Go structs hold them: a field that nobody set is its zero.

use std::collections::BTreeMap;

use tazlab_yaml::Mark;

/// A value, and where the patch set it; nowhere if it came with the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Value {
    pub(super) at: Option<Mark>,
    pub(super) data: Data,
}

/// What a value is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Data {
    /// Nil, or a zero that was never written.
    #[default]
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// A text, a word of an enumeration, or what another type was read from.
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    Struct(BTreeMap<String, Value>),
}

static NULL: Value = Value { at: None, data: Data::Null };

impl Value {
    pub(super) fn new(at: Mark, data: Data) -> Self {
        Self { at: Some(at).filter(|at| *at != Mark::default()), data }
    }

    /// A field or an entry.
    pub(super) fn get(&self, key: &str) -> &Self {
        match &self.data {
            Data::Map(entries) | Data::Struct(entries) => entries.get(key).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// What stands below a path with dots.
    pub(super) fn at_path(&self, path: &str) -> &Self {
        path.split('.').fold(self, |value, key| value.get(key))
    }

    pub(super) fn is_nil(&self) -> bool {
        self.data == Data::Null
    }

    /// The text; empty where there is none.
    pub(super) fn text(&self) -> &str {
        match &self.data {
            Data::Text(text) => text,
            _ => "",
        }
    }

    pub(super) fn is_true(&self) -> bool {
        self.data == Data::Bool(true)
    }

    /// The number; 0 where there is none.
    pub(super) fn number(&self) -> i128 {
        match self.data {
            Data::Int(number) => number,
            _ => 0,
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = match &self.data {
            Data::Map(entries) | Data::Struct(entries) => Some(entries),
            _ => None,
        };
        entries.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// Is this what Go calls the zero value, where pointers to zeros are none?
    pub(super) fn is_zero(&self) -> bool {
        match &self.data {
            Data::Null | Data::Bool(false) | Data::Int(0) => true,
            Data::Text(text) => text.is_empty(),
            Data::Float(number) => *number == 0.0,
            Data::Struct(fields) => fields.values().all(Self::is_zero),
            _ => false,
        }
    }
}
