//! The environment of the process: variables, the home folder, `~` in paths that users write.
//!
//! Everything that depends on it gets an [`Environment`], so that tests can give their own and nobody writes the real one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// A variable says neither yes nor no.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "The environment variable {0} must be one of 1, t, T, TRUE, true, True, 0, f, F, FALSE, false and False. Correct it, or unset it"
)]
pub struct NotABool(pub &'static str);

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Environment variables.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

impl Environment {
    /// The real one.
    #[must_use]
    pub fn of_process() -> Self {
        Self(Arc::new(|name| std::env::var_os(name)))
    }

    /// One with exactly these variables.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let variables: BTreeMap<String, OsString> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
        Self(Arc::new(move |name| variables.get(name).cloned()))
    }

    /// The content of a variable, as it is.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<OsString> {
        (self.0)(name)
    }

    /// The text of a variable. An empty one counts as absent, as everywhere in this field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.raw(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
    }

    /// Does a variable say yes? Absent is no; read as Go's `strconv.ParseBool` reads it, as the tools of this field do.
    ///
    /// # Errors
    /// [`NotABool`] where it says neither yes nor no.
    pub fn flag(&self, name: &'static str) -> Result<bool, NotABool> {
        match self.get(name).as_deref() {
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
            None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
            Some(_) => Err(NotABool(name)),
        }
    }

    /// Does a variable say yes, and nothing that cannot be read?
    #[must_use]
    pub fn is_true(&self, name: &'static str) -> bool {
        self.flag(name) == Ok(true)
    }

    /// The user's home folder.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.get("HOME").or_else(|| self.get("USERPROFILE")).map(PathBuf::from)
    }

    /// A path as the user wrote it, with a leading `~` as the home folder.
    #[must_use]
    pub fn path(&self, text: &str) -> PathBuf {
        let below = match text {
            "~" => Some(""),
            _ => text.strip_prefix("~/"),
        };
        match (below, self.home()) {
            (Some(below), Some(home)) => home.join(below),
            _ => PathBuf::from(text),
        }
    }
}

impl fmt::Debug for Environment {
    /// Variables are often secret.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Environment")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_folder() {
        let environment = Environment::of(&[("HOME", "/home/a")]);
        for (text, path) in [("~/x/y", "/home/a/x/y"), ("~", "/home/a/"), ("/x", "/x"), ("a~", "a~"), ("~b/x", "~b/x")]
        {
            assert_eq!(environment.path(text), PathBuf::from(path), "{text}");
        }
        assert_eq!(Environment::of(&[]).path("~/x"), PathBuf::from("~/x"));
    }

    #[test]
    fn yes_and_no_are_those_of_go() {
        let of = |text: &str| Environment::of(&[("A", text)]).flag("A");
        for (texts, found) in [
            (&["1", "t", "T", "true", "TRUE", "True"][..], Ok(true)),
            (&["", "0", "f", "F", "false", "FALSE", "False"], Ok(false)),
            (&["yes", "no", "tRUE", " true", "2"], Err(NotABool("A"))),
        ] {
            for text in texts {
                assert_eq!(of(text), found, "{text}");
            }
        }
        assert_eq!(Environment::of(&[]).flag("A"), Ok(false));
    }

    #[test]
    fn empty_is_absent() {
        let environment = Environment::of(&[("A", ""), ("B", "b")]);
        assert_eq!(environment.get("A"), None);
        assert_eq!(environment.get("B").as_deref(), Some("b"));
        assert_eq!(environment.raw("A"), Some(OsString::new()));
    }
}
