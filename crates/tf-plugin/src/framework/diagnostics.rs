//! Errors and warnings as Terraform shows them. The edge where typed errors end; nothing below it makes diagnostics.
//!
//! These are our own types because tf-provider's append a Rust backtrace to what the user reads.

use super::AttributePath;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The operation went on; the user should know.
    Warning,
}

/// One message to the user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// One line without a full stop.
    pub summary: String,
    /// What happened, to which object, why, and what to do.
    pub detail: String,
    /// The attribute that Terraform points at; empty for the whole block.
    pub attribute: AttributePath,
}

impl Diagnostic {
    /// An error about the whole block.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            attribute: AttributePath::root(),
        }
    }

    /// A warning about the whole block. Terraform groups warnings by their summary, so it is a constant: the object belongs in
    /// the detail.
    pub fn warning(summary: &'static str, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// The same message, pointing at `attribute`.
    #[must_use]
    pub fn at(mut self, attribute: AttributePath) -> Self {
        self.attribute = attribute;
        self
    }

    /// The same message as a warning, since what is an error elsewhere can be survived here. The summary of an error may name
    /// the object; it then begins the detail.
    #[must_use]
    pub fn into_warning(self, summary: &'static str) -> Self {
        let detail = if self.summary == summary { self.detail } else { format!("{}: {}", self.summary, self.detail) };
        Self { severity: Severity::Warning, summary: summary.to_owned(), detail, attribute: self.attribute }
    }
}

/// The text of an error as a sentence of a diagnostic: with a capital at its beginning and no full stop at its end.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Messages in the order in which they arose.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No messages.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one message. The same message twice is shown once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Is there an error among them?
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Is there no message at all?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, messages: I) {
        for message in messages {
            self.push(message);
        }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(messages: I) -> Self {
        let mut all = Self::new();
        all.extend(messages);
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_made_of_an_error_names_the_object_in_its_detail() {
        let error = Diagnostic::error("Cannot read Secret a/b", "It is late.").at(AttributePath::new("name"));
        let warning = error.clone().into_warning("Cannot read the Secret");
        let detail = "Cannot read Secret a/b: It is late.";
        assert_eq!(warning, Diagnostic::warning("Cannot read the Secret", detail).at(AttributePath::new("name")));
        assert_eq!(error.clone().into_warning("Cannot read Secret a/b").detail, error.detail);
    }
}
