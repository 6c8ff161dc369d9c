//! Who an object belongs to: each create or adoption writes a fresh id on the object and keeps it in private state.
//! A delete that finds another id leaves the object: a block renamed without `moved`, or replaced before it is
//! destroyed, is a create and a delete of the same name, in any order.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use rand::Rng;
use tf_plugin::framework::private::{Private, PrivateError};

/// The annotation that holds the id.
pub const ANNOTATION: &str = "tazlab.io/instance";

/// How many hexadecimal digits it has.
const DIGITS: usize = 16;

/// The name of the id in private state.
const PRIVATE: &str = "instance";

/// A new id: 64 random bits, in hexadecimal.
#[must_use]
pub fn fresh() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// The id on an object. What has not the form of one is none: it is kept in the state, and anybody may have written it.
#[must_use]
pub fn on(metadata: &ObjectMeta) -> Option<&str> {
    let text = metadata.annotations.as_ref()?.get(ANNOTATION)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == DIGITS && text.bytes().all(is_digit)).then_some(text)
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
    fn only_what_has_the_form_of_an_id_is_one() {
        let with = |text: &str| {
            let annotations = Some([(ANNOTATION.to_owned(), text.to_owned())].into());
            on(&ObjectMeta { annotations, ..ObjectMeta::default() }).map(ToOwned::to_owned)
        };
        let id = fresh();
        assert_eq!(with(&id), Some(id));
        for other in ["", "other", "0123456789ABCDEF", "0123456789abcdef0", "aHVudGVyMg==...."] {
            assert_eq!(with(other), None, "{other}");
        }
        assert_eq!(on(&ObjectMeta::default()), None);
    }

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
