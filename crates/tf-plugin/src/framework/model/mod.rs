//! Typed models: a struct declared once with [`model!`](crate::model), from which schema, decoding, encoding,
//! documentation and plan rules follow.

mod declare;
mod decode;
mod joined;
mod values;

use super::AttributePath;
use super::schema::{Attribute, Kind};
use super::value::Datum;

pub use decode::{DecodeError, Mismatch};
pub use joined::Joined;
pub use values::Set;
#[doc(hidden)]
pub use values::{attribute_name, description, object_entries, take};

/// A type that can stand in a model's field, inside `Value<…>` or as an element.
pub trait AttributeValue: Sized {
    /// The schema's side of the type.
    fn kind() -> Kind;

    /// Reads a value.
    ///
    /// # Errors
    /// [`DecodeError`] with the path when the datum has another type, or is null or unknown where this type cannot be.
    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError>;

    /// Writes the value.
    fn encode(&self) -> Datum;
}

/// An object whose fields are attributes. Implemented by [`model!`](crate::model).
pub trait Model: AttributeValue + Clone + Send + Sync + 'static {
    /// What stands above the struct: the description of the object.
    fn about() -> String;

    /// The attributes in the order of their declaration.
    fn attributes() -> Vec<Attribute>;
}

/// Reads a model from a whole value.
///
/// # Errors
/// [`DecodeError`] with the path of the first attribute that does not fit.
pub fn decode<M: AttributeValue>(datum: Datum) -> Result<M, DecodeError> {
    M::decode(datum, &AttributePath::root())
}

#[cfg(test)]
mod tests;
