//! What a Corefile takes from outside itself: environment variables and imported files.
//!
//! The caller brings both; nothing here touches the file system or the process's environment.

use std::borrow::Cow;

/// Gives the text of imported files. `pattern` is what stands after `import`, relative to the folder of the Corefile.
pub trait Imports {
    /// Finds the files of a pattern.
    fn find(&self, pattern: &str) -> Found;
}

/// Answer of [`Imports::find`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The files, as (name, text), in the order in which they are read. Empty: a pattern with a wildcard matched none.
    Files(Vec<(String, String)>),
    /// There is no such file.
    Missing,
    /// Cannot be told from here, for example a file that only exists in the container.
    Unknown,
}

/// Imports of which nothing is known: each is taken on trust and listed as a requirement.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnknownFiles;

impl Imports for UnknownFiles {
    fn find(&self, _pattern: &str) -> Found {
        Found::Unknown
    }
}

/// What is known of one environment variable of the CoreDNS process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Its value.
    Set(String),
    /// It is not set: CoreDNS puts nothing in its place.
    Unset,
    /// Nothing is known. What is made of it is not judged.
    Unknown,
}

/// Looks up an environment variable of the CoreDNS process.
pub type Variables<'a> = &'a dyn Fn(&str) -> Variable;

/// Result of a substitution.
pub(crate) struct Substituted<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Variables that are not set; they became the empty string.
    pub(crate) unset: Vec<String>,
    /// Whether a variable is left in the text, since nothing is known of it.
    pub(crate) unknown: bool,
}

/// Replaces `{%NAME%}`, then `{$NAME}`, as `caddyfile/parse.go` does: an unset variable becomes nothing, an empty name
/// ends the substitution. Variables of which nothing is known stay as they are written.
pub(crate) fn substitute<'a>(text: &'a str, variables: Variables) -> Substituted<'a> {
    let mut done = Substituted { text: Cow::Borrowed(text), unset: Vec::new(), unknown: false };
    if !text.contains("{%") && !text.contains("{$") {
        return done;
    }
    let once = replace(text.to_owned(), "{%", "%}", variables, &mut done);
    done.text = Cow::Owned(replace(once, "{$", "}", variables, &mut done));
    done
}

fn replace(mut text: String, open: &str, close: &str, variables: Variables, done: &mut Substituted) -> String {
    let mut from = 0;
    // CoreDNS loops for ever on a value that contains its own reference; a bound costs nothing.
    for _ in 0..100 {
        let Some(start) = text.get(from..).and_then(|rest| rest.find(open)).map(|at| from + at) else { return text };
        let Some(length) = text.get(start..).and_then(|rest| rest.find(close)) else { return text };
        if length <= open.len() {
            return text;
        }
        let end = start + length + close.len();
        let reference = text.get(start..end).unwrap_or_default().to_owned();
        let name = text.get(start + open.len()..start + length).unwrap_or_default();
        let value = match variables(name) {
            Variable::Set(value) => value,
            Variable::Unset => {
                done.unset.push(name.to_owned());
                String::new()
            }
            Variable::Unknown => {
                done.unknown = true;
                from = end;
                continue;
            }
        };
        text = text.replace(&reference, &value);
    }
    text
}
