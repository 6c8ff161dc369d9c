//! The Rust types that attributes can have.

use std::collections::BTreeMap;

use tazlab_redacted::SecretText;

use super::{AttributeValue, DecodeError, Mismatch};
use crate::framework::AttributePath;
use crate::framework::number::Number;
use crate::framework::schema::{Kind, Nesting};
use crate::framework::types::Type;
use crate::framework::value::{Datum, Value};

/// A set: distinct elements whose order means nothing.
#[derive(Clone, Debug, Default)]
pub struct Set<T>(pub Vec<T>);

fn mismatch<T>(datum: &Datum, path: &AttributePath, expected: &'static str) -> Result<T, DecodeError> {
    let mismatch = match datum {
        Datum::Null => Mismatch::Null,
        Datum::Unknown(_) => Mismatch::Unknown,
        other => Mismatch::Type { expected, found: other.kind() },
    };
    Err(DecodeError::new(path, mismatch))
}

impl AttributeValue for String {
    fn kind() -> Kind {
        Kind::Plain(Type::String)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        match datum {
            Datum::String(text) => Ok(text),
            other => mismatch(&other, path, "string"),
        }
    }

    fn encode(&self) -> Datum {
        Datum::String(self.clone())
    }
}

/// A text that stays out of everything that prints.
impl AttributeValue for SecretText {
    fn kind() -> Kind {
        Kind::Plain(Type::String)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        String::decode(datum, path).map(Self::new)
    }

    fn encode(&self) -> Datum {
        Datum::String(self.expose().clone())
    }
}

impl AttributeValue for bool {
    fn kind() -> Kind {
        Kind::Plain(Type::Bool)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        match datum {
            Datum::Bool(value) => Ok(value),
            other => mismatch(&other, path, "bool"),
        }
    }

    fn encode(&self) -> Datum {
        Datum::Bool(*self)
    }
}

impl AttributeValue for Number {
    fn kind() -> Kind {
        Kind::Plain(Type::Number)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        match datum {
            Datum::Number(number) => Ok(number),
            other => mismatch(&other, path, "number"),
        }
    }

    fn encode(&self) -> Datum {
        Datum::Number(self.clone())
    }
}

impl AttributeValue for i64 {
    fn kind() -> Kind {
        Kind::Plain(Type::Number)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        let number = Number::decode(datum, path)?;
        number.as_i64().ok_or_else(|| DecodeError::new(path, Mismatch::Number(number.to_string())))
    }

    fn encode(&self) -> Datum {
        Datum::from(*self)
    }
}

/// A dynamic attribute: any type, as it came.
impl AttributeValue for Datum {
    fn kind() -> Kind {
        Kind::Plain(Type::Dynamic)
    }

    fn decode(datum: Datum, _: &AttributePath) -> Result<Self, DecodeError> {
        Ok(datum)
    }

    fn encode(&self) -> Datum {
        self.clone()
    }
}

impl<T: AttributeValue> AttributeValue for Vec<T> {
    fn kind() -> Kind {
        T::kind().collected(Nesting::List)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        match datum {
            Datum::List(items) => elements(items, path),
            other => mismatch(&other, path, "list"),
        }
    }

    fn encode(&self) -> Datum {
        Datum::List(self.iter().map(T::encode).collect())
    }
}

impl<T: AttributeValue> AttributeValue for Set<T> {
    fn kind() -> Kind {
        T::kind().collected(Nesting::Set)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        match datum {
            Datum::Set(items) => elements(items, path).map(Self),
            other => mismatch(&other, path, "set"),
        }
    }

    fn encode(&self) -> Datum {
        Datum::Set(self.0.iter().map(T::encode).collect())
    }
}

impl<T: AttributeValue> AttributeValue for BTreeMap<String, T> {
    fn kind() -> Kind {
        T::kind().collected(Nesting::Map)
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        match datum {
            Datum::Map(entries) => entries
                .into_iter()
                .map(|(key, item)| {
                    let value = T::decode(item, &path.clone().key(key.clone()))?;
                    Ok((key, value))
                })
                .collect(),
            other => mismatch(&other, path, "map"),
        }
    }

    fn encode(&self) -> Datum {
        Datum::Map(self.iter().map(|(key, item)| (key.clone(), item.encode())).collect())
    }
}

fn elements<T: AttributeValue>(items: Vec<Datum>, path: &AttributePath) -> Result<Vec<T>, DecodeError> {
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| T::decode(item, &path.clone().index(i64::try_from(index).unwrap_or(i64::MAX))))
        .collect()
}

/// Null and unknown have a place here. A collection or object with an unknown inside, where its own type has no place
/// for one, is unknown as a whole: nothing can be concluded from the known part.
impl<T: AttributeValue> AttributeValue for Value<T> {
    fn kind() -> Kind {
        T::kind()
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        match datum {
            Datum::Null => Ok(Value::Null),
            Datum::Unknown(_) => Ok(Value::Unknown),
            known => match T::decode(known, path) {
                Ok(value) => Ok(Value::Value(value)),
                Err(DecodeError { mismatch: Mismatch::Unknown, .. }) => Ok(Value::Unknown),
                Err(error) => Err(error),
            },
        }
    }

    fn encode(&self) -> Datum {
        match self {
            Value::Value(value) => value.encode(),
            Value::Null => Datum::Null,
            Value::Unknown => Datum::unknown(),
        }
    }
}

/// Removes the attribute `field` from `object` and reads it. Used by [`model!`](crate::model).
#[doc(hidden)]
pub fn take<T: AttributeValue>(
    object: &mut BTreeMap<String, Datum>,
    field: &'static str,
    path: &AttributePath,
) -> Result<T, DecodeError> {
    let name = attribute_name(field);
    let path = path.clone().attribute(name);
    let datum = object.remove(name).ok_or_else(|| DecodeError::new(&path, Mismatch::Missing))?;
    T::decode(datum, &path)
}

/// The attributes of an object. Used by [`model!`](crate::model).
#[doc(hidden)]
pub fn object_entries(datum: Datum, path: &AttributePath) -> Result<BTreeMap<String, Datum>, DecodeError> {
    match datum {
        Datum::Object(entries) => Ok(entries),
        other => mismatch(&other, path, "object"),
    }
}

/// A field's name as HCL has it. Used by [`model!`](crate::model).
#[doc(hidden)]
#[must_use]
pub fn attribute_name(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// Doc lines as one Markdown text. Used by [`model!`](crate::model).
#[doc(hidden)]
#[must_use]
pub fn description(lines: &[&str]) -> String {
    lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}
