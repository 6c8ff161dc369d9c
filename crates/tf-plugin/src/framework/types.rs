//! Terraform's type system and its JSON notation.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};

/// The type of a value, as Terraform writes it in a schema.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Type {
    /// Text.
    String,
    /// A decimal number.
    Number,
    /// True or false.
    Bool,
    /// Elements of one type, in order.
    List(Box<Type>),
    /// Distinct elements of one type, without order.
    Set(Box<Type>),
    /// Elements of one type by name.
    Map(Box<Type>),
    /// Named attributes, each with its own type.
    Object(BTreeMap<String, Type>),
    /// A fixed number of elements, each with its own type.
    Tuple(Vec<Type>),
    /// Any type; the value carries its own.
    Dynamic,
}

impl Type {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    #[must_use]
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object of the attributes given.
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, kind)| (name.into(), kind)).collect())
    }

    /// Terraform's JSON notation of the type, for example `["list","string"]`.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Strings, arrays and string-keyed maps only: serde_json cannot fail on them.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => out.write_str("string"),
            Self::Number => out.write_str("number"),
            Self::Bool => out.write_str("bool"),
            Self::List(element) => write!(out, "list of {element}"),
            Self::Set(element) => write!(out, "set of {element}"),
            Self::Map(element) => write!(out, "map of {element}"),
            Self::Object(_) => out.write_str("object"),
            Self::Tuple(_) => out.write_str("tuple"),
            Self::Dynamic => out.write_str("any type"),
        }
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn pair<S: Serializer, T: Serialize + ?Sized>(serializer: S, name: &str, inner: &T) -> Result<S::Ok, S::Error> {
            let mut sequence = serializer.serialize_seq(Some(2))?;
            sequence.serialize_element(name)?;
            sequence.serialize_element(inner)?;
            sequence.end()
        }
        match self {
            Self::String => serializer.serialize_str("string"),
            Self::Number => serializer.serialize_str("number"),
            Self::Bool => serializer.serialize_str("bool"),
            Self::Dynamic => serializer.serialize_str("dynamic"),
            Self::List(element) => pair(serializer, "list", element),
            Self::Set(element) => pair(serializer, "set", element),
            Self::Map(element) => pair(serializer, "map", element),
            Self::Object(attributes) => pair(serializer, "object", attributes),
            Self::Tuple(elements) => pair(serializer, "tuple", elements),
        }
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Notation;
        impl<'de> Visitor<'de> for Notation {
            type Value = Type;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a Terraform type")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Type, E> {
                match name {
                    "string" => Ok(Type::String),
                    "number" => Ok(Type::Number),
                    "bool" => Ok(Type::Bool),
                    "dynamic" => Ok(Type::Dynamic),
                    other => Err(E::custom(format!("unknown type {other:?}"))),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Type, A::Error> {
                let missing = || A::Error::custom("a type constructor without its argument");
                let constructor: String = sequence.next_element()?.ok_or_else(missing)?;
                let kind = match constructor.as_str() {
                    "list" => Type::list(sequence.next_element()?.ok_or_else(missing)?),
                    "set" => Type::set(sequence.next_element()?.ok_or_else(missing)?),
                    "map" => Type::map(sequence.next_element()?.ok_or_else(missing)?),
                    "object" => Type::Object(sequence.next_element()?.ok_or_else(missing)?),
                    "tuple" => Type::Tuple(sequence.next_element()?.ok_or_else(missing)?),
                    other => return Err(A::Error::custom(format!("unknown type constructor {other:?}"))),
                };
                // An object may name its optional attributes in a third element: they matter to callers only.
                while sequence.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(kind)
            }
        }
        deserializer.deserialize_any(Notation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation_round_trips() {
        for text in [
            r#""string""#,
            r#"["list","bool"]"#,
            r#"["object",{"a":"number","b":["set","string"]}]"#,
            r#"["tuple",["string","dynamic"]]"#,
            r#"["map",["object",{}]]"#,
        ] {
            let read: Type = serde_json::from_str(text).unwrap();
            assert_eq!(String::from_utf8(read.to_json()).unwrap(), text);
        }
    }

    #[test]
    fn optional_attributes_are_read_over() {
        let read: Type = serde_json::from_str(r#"["object",{"a":"string"},["a"]]"#).unwrap();
        assert_eq!(read, Type::object([("a", Type::String)]));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [r#""text""#, r#"["list"]"#, r#"["queue","string"]"#, "1", "[]"] {
            assert!(serde_json::from_str::<Type>(text).is_err(), "{text}");
        }
    }
}
