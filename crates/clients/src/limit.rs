//! How much of an answer is read: one rule for every server. What is done with the answer is the client's.

use tazlab_redacted::SecretBytes;
use thiserror::Error;

/// The most that is read of an answer, in bytes: more than the largest page of a list that a sane server sends.
pub(super) const LARGEST_ANSWER: usize = 64 << 20;

/// The most that is read of a list that comes in pages, in bytes.
pub(super) const LARGEST_LIST: usize = 8 * LARGEST_ANSWER;

/// The most that is read of an answer that is not a success, in bytes. What is longer is cut off.
pub(super) const LARGEST_REFUSAL: usize = 64 << 10;

/// An answer that is larger than what is read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the answer is larger than {} MiB, the most that is read", limit >> 20)]
pub struct TooLarge {
    /// The most that is read, in bytes.
    pub limit: usize,
}

/// A body that is read up to a limit. It may hold secrets, so it is kept in pieces that are wiped: a buffer that grows leaves
/// what it held behind.
#[derive(Debug)]
pub(super) struct Bounded {
    pieces: Vec<SecretBytes>,
    size: usize,
    limit: usize,
}

impl Bounded {
    /// An empty body that grows up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { pieces: Vec::new(), size: 0, limit }
    }

    /// Adds a chunk.
    ///
    /// # Errors
    /// [`TooLarge`] where there is no room for it; what fits of it is added.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), TooLarge> {
        let room = self.limit - self.size;
        let piece = chunk.get(..room).unwrap_or(chunk);
        self.size += piece.len();
        self.pieces.push(SecretBytes::new(piece.to_vec()));
        if chunk.len() > room { Err(TooLarge { limit: self.limit }) } else { Ok(()) }
    }

    /// What was read, in one buffer of its size.
    pub(super) fn into_body(self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.size);
        self.pieces.iter().for_each(|piece| body.extend_from_slice(piece.expose()));
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_at_its_limit() {
        let mut body = Bounded::new(5);
        assert_eq!(body.push(b"abc"), Ok(()));
        assert_eq!(body.push(b"de"), Ok(()));
        assert_eq!(body.push(b""), Ok(()));
        assert_eq!(body.push(b"fg"), Err(TooLarge { limit: 5 }));
        assert_eq!(body.into_body(), b"abcde");
        let told = TooLarge { limit: LARGEST_ANSWER }.to_string();
        assert!(told.contains("64 MiB"), "{told}");
    }
}
