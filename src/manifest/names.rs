//! What can name a kind, a namespace or an object at all, whichever the server has. Pure. What a kind demands of the names of its objects
//! is the API server's to say.

/// A part of a host name (RFC 1123): a namespace, a version.
#[must_use]
pub(super) fn is_label(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(inside) && !text.starts_with('-') && !text.ends_with('-')
}

/// A host name: a group.
#[must_use]
pub(super) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// A kind: what is a label in lower case.
#[must_use]
pub(super) fn is_kind(text: &str) -> bool {
    is_label(&text.to_ascii_lowercase())
}

/// Can it be a part of a path, as the name of every object is one (k8s.io/apimachinery v0.37.2, `pkg/api/validation/path`)?
#[must_use]
pub(super) fn is_segment(text: &str) -> bool {
    !matches!(text, "." | "..") && !text.contains(['/', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nothing_can_have_are_told_apart() {
        assert!(
            is_label("kube-system") && is_label("v1beta1") && is_subdomain("a.b-c.example") && is_kind("IPAddressPool")
        );
        assert!(is_segment("system:auth-delegator") && is_segment("v1.admission.example.com"));
        for text in ["", "-a", "a-", "A", "a_b", "a.b", &"a".repeat(64)] {
            assert!(!is_label(text), "{text}");
        }
        assert!(
            !is_subdomain("a..b") && !is_kind("Thing.v1") && !is_kind("a/b") && !is_kind("Thing ") && !is_kind("Ding€")
        );
        assert!(!is_segment("a/b") && !is_segment("..") && !is_segment("a%b"));
    }
}
