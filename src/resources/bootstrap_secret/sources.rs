//! The sources that are on this machine: files, variables, values, and what can be wrong with what they hold. Which of them is
//! read, and what is read elsewhere, is `reading`'s.
//!
//! Read in plan and apply only. What is read stays in redacting types; problems name key and path, never a content.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tazlab_clients::file::{self, FileError};
use tazlab_redacted::SecretBytes;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::origin::Origin;
use super::problem::Problem;
use crate::environment::Environment;

/// What the API server accepts for all keys together (`MaxSecretSize`, k8s.io/api core/v1).
pub(super) const LARGEST: usize = 1024 * 1024;

/// One key: where its content comes from, and the content.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) origin: Origin,
    pub(super) content: Result<SecretBytes, Problem>,
    /// The arguments that have this key, in the order in which they are asked.
    pub(super) candidates: Vec<&'static str>,
}

impl Source {
    /// Are there other sources of this key?
    pub(super) fn is_contested(&self) -> bool {
        self.candidates.len() > 1
    }
}

/// All keys.
pub(super) type Sources = BTreeMap<String, Source>;

/// The content of a source that is on this machine and needs no program. Blocks: not for the threads that serve.
pub(super) fn local(
    origin: &Origin,
    keep_newline: bool,
    environment: &Environment,
) -> Option<Result<SecretBytes, Problem>> {
    Some(match origin {
        Origin::File(path) => of_file(path, keep_newline),
        Origin::WriteOnly(text) | Origin::Binary(text) if text.is_empty() => Err(Problem::EmptyValue),
        Origin::WriteOnly(text) => Ok(SecretBytes::new(text.expose().as_bytes().to_vec())),
        Origin::Binary(text) => decoded(text.expose()).ok_or(Problem::NotBase64),
        Origin::Plain(text) => Ok(SecretBytes::new(text.as_bytes().to_vec())),
        Origin::Variable(name) => variable(name, environment),
        Origin::Unknown(_) => Err(Problem::Unknown),
        Origin::Vault(_) | Origin::Command(_) | Origin::Registries(_) => return None,
    })
}

/// What base64 stands for; tools break its lines.
pub(super) fn decoded(text: &str) -> Option<SecretBytes> {
    let bare = SecretBytes::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    BASE64_STANDARD.decode(bare.expose()).ok().map(SecretBytes::new)
}

pub(super) fn of_file(path: &Path, keep_newline: bool) -> Result<SecretBytes, Problem> {
    let refused = |error: FileError| match error {
        FileError::Unreadable(source) if source.kind() == io::ErrorKind::NotFound => Problem::Missing(path.to_owned()),
        FileError::Unreadable(source) => Problem::Unreadable { path: path.to_owned(), source },
        FileError::Directory => Problem::Directory(path.to_owned()),
        FileError::Special => Problem::Special(path.to_owned()),
        FileError::TooLarge { size, .. } => Problem::TooLarge { path: path.to_owned(), size },
    };
    // A newline at its end is not counted.
    let content = without_newline(file::read(path, LARGEST as u64 + 1).map_err(refused)?, keep_newline);
    if content.is_empty() { Err(Problem::EmptyFile(path.to_owned())) } else { Ok(content) }
}

/// A content without the newline at its end, unless that is to be kept.
pub(super) fn without_newline(content: SecretBytes, keep_newline: bool) -> SecretBytes {
    let bare = content.expose().strip_suffix(b"\n").map(|bare| bare.strip_suffix(b"\r").unwrap_or(bare));
    match bare {
        Some(bare) if !keep_newline => SecretBytes::new(bare.to_vec()),
        _ => content,
    }
}

fn variable(name: &str, environment: &Environment) -> Result<SecretBytes, Problem> {
    let value = environment.raw(name).ok_or_else(|| Problem::Unset(name.to_owned()))?;
    if value.is_empty() {
        return Err(Problem::EmptyVariable(name.to_owned()));
    }
    Ok(SecretBytes::new(value.into_encoded_bytes()))
}

/// What is probably not meant, but can be written.
pub(super) fn doubts(key: &str, origin: &Origin, content: &SecretBytes) -> Vec<Diagnostic> {
    let at = || AttributePath::new(origin.argument()).key(key.to_owned());
    let mut found = Vec::new();
    let paths: Vec<&Path> = match origin {
        Origin::File(path) => vec![path],
        Origin::Registries(registries) => registries.files().collect(),
        _ => Vec::new(),
    };
    for (path, mode) in paths.into_iter().filter_map(|path| Some((path, open_mode(path)?))) {
        found.push(
            Diagnostic::warning(
                "Others can read a source file",
                format!("{} has mode {mode:04o}: run chmod 600, so that only its owner can read it.", path.display()),
            )
            .at(if matches!(origin, Origin::File(_)) {
                at()
            } else {
                AttributePath::new(origin.argument())
            }),
        );
    }
    if content.expose().windows(11).any(|window| window == b"-----BEGIN ") {
        let whole = x509_parser::pem::Pem::iter_from_buffer(content.expose()).all(|block| block.is_ok());
        if !whole {
            let detail = format!(
                "The content of key \"{key}\" looks like PEM and cannot be parsed: it may be cut off or have lost its line breaks."
            );
            found.push(Diagnostic::warning("A source is not valid PEM", detail).at(at()));
        }
    }
    found
}

#[cfg(unix)]
fn open_mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_mode(_: &std::path::Path) -> Option<u32> {
    None
}
