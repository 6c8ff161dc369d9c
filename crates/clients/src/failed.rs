//! A failed operation on a server: what was done, and why it failed. What can be done and what can fail differ from server
//! to server, and stay with it.

use std::fmt;

/// A failed operation `O`, because of `C`.
#[derive(Debug)]
pub struct Failed<O, C> {
    /// What was being done.
    pub operation: O,
    /// Why it failed.
    pub cause: Box<C>,
}

impl<O: Clone, C> Failed<O, C> {
    pub(super) fn new(operation: &O, cause: C) -> Self {
        Self { operation: operation.clone(), cause: Box::new(cause) }
    }
}

impl<O: fmt::Display, C: fmt::Display> fmt::Display for Failed<O, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.operation, self.cause)
    }
}

impl<O: fmt::Debug + fmt::Display, C: std::error::Error + 'static> std::error::Error for Failed<O, C> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.cause.as_ref())
    }
}
