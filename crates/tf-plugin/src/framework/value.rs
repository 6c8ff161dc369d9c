//! Values of any type: [`Value`] for typed models (from tf-provider) and [`Datum`], the untyped tree between the wire
//! and the models. Conversion to and from bytes is `protocol::codec`'s.

use std::collections::BTreeMap;
use std::fmt;

pub use tf_provider::value::Value;

use super::number::Number;
use super::types::Type;

/// A value whose type stands elsewhere (in a schema, or beside it in [`Datum::Dynamic`]).
#[derive(Clone, Default)]
pub enum Datum {
    /// Absent.
    #[default]
    Null,
    /// Not known before apply.
    Unknown(Refinement),
    /// A bool.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Datum>),
    /// A set: a vector, so that several unknown members stay several.
    Set(Vec<Datum>),
    /// A map.
    Map(BTreeMap<String, Datum>),
    /// An object, with every attribute of its type.
    Object(BTreeMap<String, Datum>),
    /// A tuple.
    Tuple(Vec<Datum>),
    /// A value of a dynamic attribute, with the type that it brought.
    Dynamic(Box<(Type, Datum)>),
}

/// What Terraform knows of an unknown value, carried through untouched (an encoded map; see `docs/design/facts/protocol.md`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Refinement(pub Option<Box<[u8]>>);

impl Datum {
    /// An unknown of which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self::Unknown(Refinement::default())
    }

    /// An object of the attributes given.
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Datum)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, datum)| (name.into(), datum)).collect())
    }

    /// Is this null?
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Is this unknown as a whole?
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Is every part of this known?
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::List(items) | Self::Set(items) | Self::Tuple(items) => items.iter().all(Self::is_wholly_known),
            Self::Map(entries) | Self::Object(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(pair) => pair.1.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// The attribute of an object or the element of a map; null where there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &Self {
        const NULL: &Datum = &Datum::Null;
        match self {
            Self::Object(entries) | Self::Map(entries) => entries.get(name).unwrap_or(NULL),
            _ => NULL,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What this is, in Terraform's words, without its content.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "unknown",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Object(_) => "object",
            Self::Tuple(_) => "tuple",
            Self::Dynamic(_) => "dynamic value",
        }
    }
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Datum {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Datum {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Datum {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl PartialEq for Datum {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Unknown(a), Self::Unknown(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => a == b,
            (Self::Set(a), Self::Set(b)) => same_members(a, b),
            (Self::Map(a), Self::Map(b)) | (Self::Object(a), Self::Object(b)) => a == b,
            (Self::Dynamic(a), Self::Dynamic(b)) => a == b,
            _ => false,
        }
    }
}

/// Sets have no order: each member of one has a partner of its own in the other.
fn same_members(a: &[Datum], b: &[Datum]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut unmatched: Vec<&Datum> = b.iter().collect();
    a.iter().all(|member| {
        let partner = unmatched.iter().position(|candidate| *candidate == member);
        partner.map(|index| unmatched.swap_remove(index)).is_some()
    })
}

/// Shows the shape and never the content: any string in here may be a secret.
impl fmt::Debug for Datum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(items) | Self::Set(items) | Self::Tuple(items) => {
                out.write_str(self.kind())?;
                out.debug_list().entries(items).finish()
            }
            Self::Map(entries) | Self::Object(entries) => {
                out.write_str(self.kind())?;
                out.debug_map().entries(entries).finish()
            }
            Self::Dynamic(pair) => write!(out, "dynamic({}: {:?})", pair.0, pair.1),
            _ => out.write_str(self.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_no_order_and_keep_their_unknowns() {
        let a = Datum::Set(vec!["a".into(), Datum::unknown(), Datum::unknown()]);
        let b = Datum::Set(vec![Datum::unknown(), "a".into(), Datum::unknown()]);
        assert_eq!(a, b);
        assert_ne!(a, Datum::Set(vec!["a".into(), "a".into(), Datum::unknown()]));
    }

    #[test]
    fn debug_output_has_no_content() {
        let datum = Datum::object([("password", Datum::from("hunter2")), ("pin", Datum::from(4711))]);
        let shown = format!("{datum:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("4711"), "{shown}");
        assert!(shown.contains("password"));
    }

    #[test]
    fn unknowns_are_found_at_any_depth() {
        assert!(!Datum::object([("a", Datum::List(vec![Datum::unknown()]))]).is_wholly_known());
        assert!(Datum::object([("a", Datum::List(vec![Datum::Null]))]).is_wholly_known());
    }
}
