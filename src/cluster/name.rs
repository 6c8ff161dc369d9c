//! Names of Kubernetes objects, as the API server demands them.

use tf_plugin::framework::validation::{Check, matches};

/// A DNS subdomain (RFC 1123): the names of most objects.
#[must_use]
pub fn is_subdomain() -> Check {
    matches(
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "a Kubernetes name: lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
    )
}

/// A DNS label (RFC 1123): the names of namespaces and Services.
#[must_use]
pub fn is_label() -> Check {
    matches(
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "a Kubernetes name: at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit",
    )
}

/// Keys of labels and annotations: the annotation that marks an object as this instance's is ours alone.
#[must_use]
pub fn is_not_ours() -> Check {
    Check::text(|key| {
        if key.starts_with("tazlab.io/") {
            Err("Annotations and labels of tazlab.io are reserved for the provider.".to_owned())
        } else {
            Ok(())
        }
    })
    .keys()
}
