//! From the JSON of a state file to [`Datum`]. Numbers are read from their text: a float would round them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{CodecError, Fault, attribute, index, key};
use crate::framework::types::Type;
use crate::framework::value::Datum;

/// Reads a value of `kind`. Attributes that are missing are null, as Terraform reads its own state.
///
/// # Errors
/// [`CodecError`] with the path of the part that does not fit.
pub fn decode_json(kind: &Type, bytes: &[u8]) -> Result<Datum, CodecError> {
    if bytes.is_empty() {
        return Ok(Datum::Null);
    }
    let raw: &RawValue = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    value(kind, raw)
}

fn value(kind: &Type, raw: &RawValue) -> Result<Datum, CodecError> {
    if raw.get() == "null" {
        return Ok(Datum::Null);
    }
    Ok(match kind {
        Type::String => Datum::String(parse(kind, raw)?),
        Type::Bool => Datum::Bool(parse(kind, raw)?),
        Type::Number => {
            // Terraform writes big numbers as text.
            let quoted: Option<String> = serde_json::from_str(raw.get()).ok();
            let text = quoted.as_deref().unwrap_or(raw.get());
            Datum::Number(text.parse().map_err(|_| Fault::Number)?)
        }
        Type::List(element) => Datum::List(elements(kind, element, raw)?),
        Type::Set(element) => Datum::Set(elements(kind, element, raw)?),
        Type::Tuple(kinds) => {
            let items: Vec<&RawValue> = parse(kind, raw)?;
            if items.len() != kinds.len() {
                return Err(Fault::Length { expected: kinds.len(), found: items.len() }.into());
            }
            let items = kinds.iter().zip(items).enumerate();
            Datum::Tuple(
                items
                    .map(|(position, (kind, item))| value(kind, item).map_err(|error| error.inside(index(position))))
                    .collect::<Result<_, _>>()?,
            )
        }
        Type::Map(element) => {
            let entries: BTreeMap<String, &RawValue> = parse(kind, raw)?;
            let read = entries.into_iter().map(|(name, item)| match value(element, item) {
                Ok(datum) => Ok((name, datum)),
                Err(error) => Err(error.inside(key(&name))),
            });
            Datum::Map(read.collect::<Result<_, _>>()?)
        }
        Type::Object(kinds) => {
            let mut entries: BTreeMap<String, &RawValue> = parse(kind, raw)?;
            let read = kinds.iter().map(|(name, kind)| match entries.remove(name) {
                Some(item) => Ok((name.clone(), value(kind, item).map_err(|error| error.inside(attribute(name)))?)),
                None => Ok((name.clone(), Datum::Null)),
            });
            let object = Datum::Object(read.collect::<Result<_, CodecError>>()?);
            if let Some(name) = entries.into_keys().next() {
                return Err(Fault::Unexpected(name).into());
            }
            object
        }
        Type::Dynamic => {
            #[derive(Deserialize)]
            struct Pair<'a> {
                r#type: Type,
                #[serde(borrow)]
                value: &'a RawValue,
            }
            let pair: Pair<'_> = serde_json::from_str(raw.get()).map_err(|_| Fault::DynamicType)?;
            let inner = value(&pair.r#type, pair.value)?;
            Datum::Dynamic(Box::new((pair.r#type, inner)))
        }
    })
}

fn elements(kind: &Type, element: &Type, raw: &RawValue) -> Result<Vec<Datum>, CodecError> {
    let items: Vec<&RawValue> = parse(kind, raw)?;
    items
        .into_iter()
        .enumerate()
        .map(|(position, item)| value(element, item).map_err(|error| error.inside(index(position))))
        .collect()
}

/// The JSON is well-formed here: what does not parse is of another type.
fn parse<'a, T: Deserialize<'a>>(kind: &Type, raw: &'a RawValue) -> Result<T, Fault> {
    let found = match raw.get().as_bytes().first() {
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'[') => "list",
        Some(b't' | b'f') => "bool",
        _ => "number",
    };
    serde_json::from_str(raw.get()).map_err(|_| Fault::Type { expected: kind.to_string(), found })
}

fn malformed(error: &serde_json::Error) -> Fault {
    Fault::Json(error.line(), error.column())
}
