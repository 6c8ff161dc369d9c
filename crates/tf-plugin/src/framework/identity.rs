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

    /// The same with one more string, which an `identity` block may leave out and which may be null.
    #[must_use]
    pub fn with_optional(mut self, name: &'static str, description: &'static str) -> Self {
        self.attributes.push(IdentityAttribute { name, kind: Type::String, required_for_import: false, description });
        self
    }

    /// The same identity at another version of what is stored.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// The type of a value of this identity.
    #[must_use]
    pub fn object_type(&self) -> Type {
        Type::object(self.attributes.iter().map(|attribute| (attribute.name, attribute.kind.clone())))
    }

    /// Is every attribute of `identity` known, and every required one there?
    #[must_use]
    pub fn is_complete(&self, identity: &Datum) -> bool {
        self.attributes.iter().all(|attribute| {
            let value = identity.get(attribute.name);
            value.is_wholly_known() && !(attribute.required_for_import && value.is_null())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_complete_without_what_may_be_left_out_and_never_with_an_unknown() {
        let schema = IdentitySchema::of_strings(&[("name", "")]).with_optional("namespace", "");
        let complete = |name: Datum, namespace: Datum| {
            schema.is_complete(&Datum::object([("name", name), ("namespace", namespace)]))
        };
        assert!(complete("a".into(), Datum::Null) && complete("a".into(), "b".into()));
        assert!(!complete(Datum::Null, "b".into()));
        assert!(!complete(Datum::unknown(), Datum::Null) && !complete("a".into(), Datum::unknown()));
    }
}
