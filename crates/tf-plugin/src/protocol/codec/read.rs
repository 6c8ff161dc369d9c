//! From MessagePack to [`Datum`].

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode::{Bytes, read_array_len, read_bin_len, read_ext_meta, read_int, read_map_len, read_str_len};

use super::{CodecError, Fault, REFINED, attribute, index, key};
use crate::framework::number::Number;
use crate::framework::types::Type;
use crate::framework::value::{Datum, Refinement};

/// Reads a value of `kind`. No bytes at all are null, as everywhere in the protocol.
///
/// # Errors
/// [`CodecError`] with the path of the part that does not fit.
pub fn decode(kind: &Type, bytes: &[u8]) -> Result<Datum, CodecError> {
    if bytes.is_empty() {
        return Ok(Datum::Null);
    }
    let mut reader = Reader { rest: bytes };
    let datum = reader.value(kind)?;
    match reader.rest.len() {
        0 => Ok(datum),
        left => Err(Fault::Trailing(left).into()),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn value(&mut self, kind: &Type) -> Result<Datum, CodecError> {
        match found(self.marker()?) {
            "null" => {
                self.take(1)?;
                return Ok(Datum::Null);
            }
            "unknown" => return self.unknown(),
            _ => {}
        }
        match kind {
            Type::String => Ok(Datum::String(self.text("string")?.to_owned())),
            Type::Number => self.number(),
            Type::Bool => self.bool(),
            Type::List(element) => Ok(Datum::List(self.elements(element)?)),
            Type::Set(element) => Ok(Datum::Set(self.elements(element)?)),
            Type::Tuple(kinds) => self.tuple(kinds),
            Type::Map(element) => self.map(element),
            Type::Object(kinds) => self.object(kinds),
            Type::Dynamic => self.dynamic(),
        }
    }

    fn marker(&self) -> Result<Marker, Fault> {
        self.rest.first().map(|byte| Marker::from_u8(*byte)).ok_or(Fault::Truncated)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Fault::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a head with one of rmp's functions. What fails is of another type, or too short.
    fn head<T, E>(&mut self, expected: &str, read: impl FnOnce(&mut Bytes<'a>) -> Result<T, E>) -> Result<T, Fault> {
        let found = found(self.marker()?);
        let mut bytes = Bytes::new(self.rest);
        let head = read(&mut bytes).map_err(|_| {
            if found == expected { Fault::Truncated } else { Fault::Type { expected: expected.to_owned(), found } }
        })?;
        self.rest = bytes.remaining_slice();
        Ok(head)
    }

    fn text(&mut self, expected: &str) -> Result<&'a str, Fault> {
        let length = self.head(expected, read_str_len)?;
        std::str::from_utf8(self.take(length as usize)?).map_err(|_| Fault::Utf8)
    }

    fn unknown(&mut self) -> Result<Datum, CodecError> {
        let meta = self.head("unknown", read_ext_meta)?;
        let body = self.take(meta.size as usize)?;
        Ok(Datum::Unknown(Refinement((meta.typeid == REFINED).then(|| body.into()))))
    }

    fn bool(&mut self) -> Result<Datum, CodecError> {
        let value = match self.marker()? {
            Marker::True => true,
            Marker::False => false,
            other => return Err(Fault::Type { expected: "bool".to_owned(), found: found(other) }.into()),
        };
        self.take(1)?;
        Ok(Datum::Bool(value))
    }

    fn number(&mut self) -> Result<Datum, CodecError> {
        let number = match self.marker()? {
            Marker::F32 => Number::from_f64(f64::from(self.head("number", rmp::decode::read_f32)?)),
            Marker::F64 => Number::from_f64(self.head("number", rmp::decode::read_f64)?),
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => self.text("number")?.parse().ok(),
            Marker::U64 => Some(Number::from(self.head("number", read_int::<u64, _>)?)),
            _ => Some(Number::from(self.head("number", read_int::<i64, _>)?)),
        };
        Ok(Datum::Number(number.ok_or(Fault::Number)?))
    }

    /// The length that stands before the elements. Nothing is reserved for it: it may lie.
    fn length(&mut self, expected: &Type) -> Result<usize, Fault> {
        Ok(self.head(&expected.to_string(), read_array_len)? as usize)
    }

    fn elements(&mut self, element: &Type) -> Result<Vec<Datum>, CodecError> {
        let length = self.head("list", read_array_len)? as usize;
        // Each element takes a byte at least.
        let mut items = Vec::with_capacity(length.min(self.rest.len()));
        for position in 0..length {
            items.push(self.value(element).map_err(|error| error.inside(index(position)))?);
        }
        Ok(items)
    }

    fn tuple(&mut self, kinds: &[Type]) -> Result<Datum, CodecError> {
        let length = self.length(&Type::list(Type::Dynamic))?;
        if length != kinds.len() {
            return Err(Fault::Length { expected: kinds.len(), found: length }.into());
        }
        let items = kinds
            .iter()
            .enumerate()
            .map(|(position, kind)| self.value(kind).map_err(|error| error.inside(index(position))))
            .collect::<Result<_, _>>()?;
        Ok(Datum::Tuple(items))
    }

    fn map(&mut self, element: &Type) -> Result<Datum, CodecError> {
        let length = self.head("map", read_map_len)?;
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let name = self.text("string")?;
            let value = self.value(element).map_err(|error| error.inside(key(name)))?;
            entries.insert(name.to_owned(), value);
        }
        Ok(Datum::Map(entries))
    }

    fn object(&mut self, kinds: &BTreeMap<String, Type>) -> Result<Datum, CodecError> {
        let length = self.head("map", read_map_len)?;
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let name = self.text("string")?;
            let kind = kinds.get(name).ok_or_else(|| Fault::Unexpected(name.to_owned()))?;
            let value = self.value(kind).map_err(|error| error.inside(attribute(name)))?;
            entries.insert(name.to_owned(), value);
        }
        match kinds.keys().find(|name| !entries.contains_key(*name)) {
            Some(missing) => Err(Fault::Missing(missing.clone()).into()),
            None => Ok(Datum::Object(entries)),
        }
    }

    fn dynamic(&mut self) -> Result<Datum, CodecError> {
        let length = self.length(&Type::Dynamic)?;
        if length != 2 {
            return Err(Fault::Length { expected: 2, found: length }.into());
        }
        let size = self.head("type", read_bin_len)?;
        let kind: Type = serde_json::from_slice(self.take(size as usize)?).map_err(|_| Fault::DynamicType)?;
        let value = self.value(&kind)?;
        Ok(Datum::Dynamic(Box::new((kind, value))))
    }
}

fn found(marker: Marker) -> &'static str {
    match marker {
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => "string",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "list",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "map",
        Marker::True | Marker::False => "bool",
        Marker::Null => "null",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "bytes",
        Marker::Reserved => "nonsense",
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => "unknown",
        _ => "number",
    }
}
