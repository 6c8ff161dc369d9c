//! Who an object belongs to: each create or adoption writes a fresh id on the object and keeps it in private state.
//! A delete that finds another id leaves the object: a block renamed without `moved`, or replaced before it is
//! destroyed, is a create and a delete of the same name, in any order.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use rand::Rng;

use crate::framework::private::{Private, PrivateError};

/// The annotation that holds the id.
pub const ANNOTATION: &str = "tazlab.io/instance";

/// The name of the id in private state.
const PRIVATE: &str = "instance";

/// A new id: 64 random bits, in hexadecimal.
#[must_use]
pub fn fresh() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// The id on an object.
#[must_use]
pub fn on(metadata: &ObjectMeta) -> Option<&str> {
    metadata.annotations.as_ref()?.get(ANNOTATION).map(String::as_str)
}

/// The id in private state.
///
/// # Errors
/// [`PrivateError`] when the stored value is no text.
pub fn kept(private: &Private) -> Result<Option<String>, PrivateError> {
    private.get(PRIVATE)
}

/// Keeps `id`; nothing where there is none.
///
/// # Errors
/// Never in practice: a text has a JSON form.
pub fn keep(private: &mut Private, id: Option<&str>) -> Result<(), PrivateError> {
    private.set_or_remove(PRIVATE, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_are_kept() {
        assert_ne!(fresh(), fresh());
        let mut private = Private::default();
        keep(&mut private, Some("a")).unwrap();
        assert_eq!(kept(&private).unwrap().as_deref(), Some("a"));
        keep(&mut private, None).unwrap();
        assert_eq!(kept(&private).unwrap(), None);
    }
}
