//! From the protocol's messages to `framework`. One direction only; the other is `to_wire`.

use super::codec::{CodecError, decode, decode_json};
use crate::framework::context::ClientCapabilities;
use crate::framework::diagnostics::Diagnostic;
use crate::framework::identity::IdentitySchema;
use crate::framework::types::Type;
use crate::framework::value::Datum;
use crate::wire::tfplugin6 as wire;

/// A value. An absent message is null, as is one without bytes.
///
/// # Errors
/// [`CodecError`] when the bytes are no value of `kind`.
pub fn value(kind: &Type, message: Option<&wire::DynamicValue>) -> Result<Datum, CodecError> {
    match message {
        None => Ok(Datum::Null),
        Some(message) if message.msgpack.is_empty() => decode_json(kind, &message.json),
        Some(message) => decode(kind, &message.msgpack),
    }
}

/// What the client can do; nothing, where it does not say.
#[must_use]
pub fn capabilities(message: Option<wire::ClientCapabilities>) -> ClientCapabilities {
    message.map_or_else(ClientCapabilities::default, |flags| ClientCapabilities {
        deferral_allowed: flags.deferral_allowed,
        write_only_attributes_allowed: flags.write_only_attributes_allowed,
        store_planned_private: flags.store_planned_private,
        computed_blocks_allowed: flags.computed_blocks_allowed,
    })
}

/// An identity; `None` where there is none or the type has none.
///
/// # Errors
/// A diagnostic when the bytes are no identity of the type.
pub fn identity(
    schema: Option<&IdentitySchema>,
    message: Option<&wire::ResourceIdentityData>,
) -> Result<Option<Datum>, Diagnostic> {
    let (Some(schema), Some(message)) = (schema, message) else { return Ok(None) };
    let datum = value(&schema.object_type(), message.identity_data.as_ref())?;
    Ok(Some(datum).filter(|datum| !datum.is_null()))
}
