//! What is wrong with a patch.

use std::fmt;

use tazlab_yaml::Mark;

/// Who objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Objection {
    /// Talos would not take the patch.
    Talos,
    /// Talos would take it, and the cluster would suffer.
    Rule(&'static str),
}

/// One reason why a patch is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the patch; nowhere when what the patch leaves undone is wrong.
    pub at: Option<Mark>,
    /// The path in the configuration, with dots.
    pub path: String,
    /// What is wrong and what to do.
    pub text: String,
    /// Who objects.
    pub objection: Objection,
}

impl Problem {
    /// What Talos refuses.
    pub(super) fn talos(at: Option<Mark>, path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { at, path: path.into(), text: text.into(), objection: Objection::Talos }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.at, self.path.is_empty()) {
            (Some(at), true) => write!(out, "{at}: {}", self.text),
            (Some(at), false) => write!(out, "{at}, {}: {}", self.path, self.text),
            (None, true) => out.write_str(&self.text),
            (None, false) => write!(out, "{}: {}", self.path, self.text),
        }
    }
}
