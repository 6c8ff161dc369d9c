//! The types that hold a secret: they print `(redacted)`, wipe themselves, and compare in constant time.
//!
//! They have no `Serialize`, no `Deref` and no `Hash`: whoever needs the content calls [`Redacted::expose`], which is
//! easy to search for.
//!
//! What is wiped is what this type owns, when its last owner is dropped. Copies in libraries are not: messages to and from
//! Terraform, buffers of HTTP, TLS and the kernel, a header's value, the parser's buffer for a JSON text with escapes.

use std::{fmt, io};

use serde::Serialize;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A secret text.
pub type SecretText = Redacted<String>;
/// A secret sequence of bytes.
pub type SecretBytes = Redacted<Vec<u8>>;

/// A secret that is wiped from memory when it is dropped and never prints itself.
#[derive(Clone, Default)]
pub struct Redacted<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Redacted<T> {
    /// Takes `content` over; the caller keeps no copy of it.
    #[must_use]
    pub fn new(content: T) -> Self {
        Self(Zeroizing::new(content))
    }

    /// The content. What is made of it must be redacted as well, or must not outlive the call.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + AsRef<[u8]>> Redacted<T> {
    /// Whether the content is `other`, in a time that depends on the lengths only.
    #[must_use]
    pub fn is(&self, other: &[u8]) -> bool {
        self.0.as_ref().ct_eq(other).into()
    }

    /// Whether there is no content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_empty()
    }
}

impl<T: Zeroize> From<T> for Redacted<T> {
    fn from(content: T) -> Self {
        Self::new(content)
    }
}

impl From<&str> for SecretText {
    fn from(content: &str) -> Self {
        Self::new(content.to_owned())
    }
}

impl<T: Zeroize> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

impl<T: Zeroize> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

impl<T: Zeroize + AsRef<[u8]>> PartialEq for Redacted<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is(other.0.as_ref())
    }
}

impl<T: Zeroize + AsRef<[u8]>> Eq for Redacted<T> {}

impl SecretBytes {
    /// The JSON of a value that holds secrets. It is measured first: a buffer that grows leaves copies behind.
    #[must_use]
    pub fn json(value: &impl Serialize) -> Self {
        struct Size(usize);
        impl io::Write for Size {
            fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
                self.0 += piece.len();
                Ok(piece.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut size = Size(0);
        // Structs and maps with texts for keys always have a JSON form, and neither writer fails.
        let _ = serde_json::to_writer(&mut size, value);
        let mut json = Vec::with_capacity(size.0);
        let _ = serde_json::to_writer(&mut json, value);
        Self::new(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_the_content() {
        let secret = SecretText::from("hunter2");
        assert_eq!(
            format!("{secret} {secret:?} {:#?}", Some(&secret)),
            "(redacted) (redacted) Some(\n    (redacted),\n)"
        );
    }

    #[test]
    fn equal_contents_are_equal() {
        assert_eq!(SecretText::from("a"), SecretText::from("a"));
        assert_ne!(SecretText::from("a"), SecretText::from("b"));
        assert_ne!(SecretText::from("a"), SecretText::from("ab"));
        assert!(SecretBytes::new(b"abc".to_vec()).is(b"abc"));
        assert!(SecretBytes::default().is_empty());
    }

    #[test]
    fn the_content_is_there_for_who_asks() {
        assert_eq!(SecretText::from("a").expose(), "a");
    }
}
