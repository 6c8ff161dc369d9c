//! From [`Datum`] to MessagePack.

use rmp::encode::{
    write_array_len, write_bin, write_bool, write_ext_meta, write_map_len, write_nil, write_sint, write_str,
};

use super::{CodecError, Fault, REFINED, attribute, index, key};
use crate::framework::number::Number;
use crate::framework::types::Type;
use crate::framework::value::{Datum, Refinement};

/// Writes a value of `kind` as Terraform reads it: objects with every attribute, unknowns as extensions.
///
/// # Errors
/// [`CodecError`] with the path of the part that is not of its type, which is a bug of the provider.
pub fn encode(kind: &Type, datum: &Datum) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::with_capacity(256);
    value(&mut out, kind, datum)?;
    Ok(out)
}

/// A vector takes what is written to it: what rmp returns is no error that can happen.
fn value(out: &mut Vec<u8>, kind: &Type, datum: &Datum) -> Result<(), CodecError> {
    match (kind, datum) {
        (_, Datum::Null) => drop(write_nil(out)),
        (_, Datum::Unknown(refinement)) => unknown(out, refinement),
        (Type::String, Datum::String(text)) => drop(write_str(out, text)),
        (Type::Bool, Datum::Bool(value)) => drop(write_bool(out, *value)),
        (Type::Number, Datum::Number(value)) => number(out, value),
        (Type::List(element), Datum::List(items)) | (Type::Set(element), Datum::Set(items)) => {
            drop(write_array_len(out, length(items.len())));
            for (position, item) in items.iter().enumerate() {
                value(out, element, item).map_err(|error| error.inside(index(position)))?;
            }
        }
        (Type::Tuple(kinds), Datum::Tuple(items)) => {
            if kinds.len() != items.len() {
                return Err(Fault::Length { expected: kinds.len(), found: items.len() }.into());
            }
            drop(write_array_len(out, length(items.len())));
            for (position, (kind, item)) in kinds.iter().zip(items).enumerate() {
                value(out, kind, item).map_err(|error| error.inside(index(position)))?;
            }
        }
        (Type::Map(element), Datum::Map(entries)) => {
            drop(write_map_len(out, length(entries.len())));
            for (name, item) in entries {
                drop(write_str(out, name));
                value(out, element, item).map_err(|error| error.inside(key(name)))?;
            }
        }
        (Type::Object(kinds), Datum::Object(entries)) => {
            if let Some(name) = entries.keys().find(|name| !kinds.contains_key(*name)) {
                return Err(Fault::Unexpected(name.clone()).into());
            }
            drop(write_map_len(out, length(kinds.len())));
            for (name, kind) in kinds {
                let item = entries.get(name).ok_or_else(|| Fault::Missing(name.clone()))?;
                drop(write_str(out, name));
                value(out, kind, item).map_err(|error| error.inside(attribute(name)))?;
            }
        }
        (Type::Dynamic, Datum::Dynamic(pair)) => {
            drop(write_array_len(out, 2));
            drop(write_bin(out, &pair.0.to_json()));
            value(out, &pair.0, &pair.1)?;
        }
        (kind, other) => return Err(Fault::Type { expected: kind.to_string(), found: other.kind() }.into()),
    }
    Ok(())
}

fn unknown(out: &mut Vec<u8>, refinement: &Refinement) {
    match &refinement.0 {
        Some(body) => {
            drop(write_ext_meta(out, length(body.len()), REFINED));
            out.extend_from_slice(body);
        }
        // One zero byte under code 0: the only form that Terraform takes for an unknown without more.
        None => out.extend_from_slice(&[0xd4, 0, 0]),
    }
}

/// A decimal goes as text: Terraform takes any form, and text cannot round.
fn number(out: &mut Vec<u8>, value: &Number) {
    match value.as_i64() {
        Some(whole) => drop(write_sint(out, whole)),
        None => drop(write_str(out, &value.to_string())),
    }
}

/// MessagePack counts in 32 bits; a message of the protocol is far smaller.
fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
