//! Resource identity: the few attributes by which a remote object is told from all others (protocol 6.9).

use super::types::Type;
use super::value::Datum;

/// The identity of a resource type.
#[derive(Clone, Debug)]
pub struct IdentitySchema {
    /// Version of the stored identity; 0 for the first.
    pub version: i64,
    /// Its attributes: strings, numbers, bools and lists of them only.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Clone, Debug)]
pub struct IdentityAttribute {
    /// Its name in HCL.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// Must an `identity` block give it? Else it may.
    pub required_for_import: bool,
    /// What it means.
    pub description: &'static str,
}

impl IdentitySchema {
    /// An identity of required strings: name and meaning of each.
    #[must_use]
    pub fn of_strings(attributes: &[(&'static str, &'static str)]) -> Self {
        let attributes = attributes
            .iter()
            .map(|(name, description)| IdentityAttribute {
                name,
                kind: Type::String,
                required_for_import: true,
                description,
            })
            .collect();
        Self { version: 0, attributes }
    }

    /// The type of a value of this identity.
    #[must_use]
    pub fn object_type(&self) -> Type {
        Type::object(self.attributes.iter().map(|attribute| (attribute.name, attribute.kind.clone())))
    }

    /// Is every attribute of `identity` known?
    #[must_use]
    pub fn is_complete(&self, identity: &Datum) -> bool {
        self.attributes.iter().all(|attribute| {
            let value = identity.get(attribute.name);
            value.is_wholly_known() && !value.is_null()
        })
    }
}
