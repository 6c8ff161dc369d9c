//! Where the contents come from: reading files, variables and values, and what can be wrong with them. Fields in Vault
//! are read in `vault.rs`.
//!
//! Read in plan and apply only. What is read stays in redacting types; problems name key and path, never a content.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use tazlab_clients::file::{self, FileError};
use tazlab_redacted::{SecretBytes, SecretText};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostic;
use thiserror::Error;

use super::model::BootstrapSecret;
use super::vault::{Field, VaultProblem};
use crate::environment::Environment;

/// What the API server accepts for all keys together (`MaxSecretSize`, k8s.io/api core/v1).
pub(super) const LARGEST: usize = 1024 * 1024;

/// Where the content of one key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    File(PathBuf),
    WriteOnly(SecretText),
    Plain(String),
    Variable(String),
    Vault(Field),
}

impl Origin {
    /// The argument that holds it.
    pub(super) fn argument(&self) -> &'static str {
        match self {
            Self::File(_) => "files",
            Self::WriteOnly(_) => "values_wo",
            Self::Plain(_) => "values",
            Self::Variable(_) => "env",
            Self::Vault(_) => "vault",
        }
    }
}

/// Why a source gives no content.
#[derive(Debug, Error)]
pub(super) enum Problem {
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    #[error("{} is a directory", .0.display())]
    Directory(PathBuf),
    #[error("{} is not a regular file", .0.display())]
    Special(PathBuf),
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} has {size} bytes; the limit for all keys of a Secret together is {LARGEST}", path.display())]
    TooLarge { path: PathBuf, size: u64 },
    #[error("{} is empty", .0.display())]
    EmptyFile(PathBuf),
    #[error("the value is empty")]
    EmptyValue,
    #[error("the environment variable {0} is not set")]
    Unset(String),
    #[error("the environment variable {0} is empty")]
    EmptyVariable(String),
    #[error(transparent)]
    Vault(#[from] VaultProblem),
}

/// One key: where its content comes from, and the content.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) origin: Origin,
    pub(super) content: Result<SecretBytes, Problem>,
}

/// All keys.
pub(super) type Sources = BTreeMap<String, Source>;

/// Where each key comes from. Write-only values stand in the configuration alone; arguments that are unknown have no
/// keys yet.
pub(super) fn origins(
    arguments: &BootstrapSecret,
    config: &BootstrapSecret,
    environment: &Environment,
) -> BTreeMap<String, Origin> {
    let mut all = BTreeMap::new();
    let texts = |value: &tf_plugin::framework::value::Value<BTreeMap<String, String>>| {
        value.as_ref_option().cloned().unwrap_or_default()
    };
    all.extend(texts(&arguments.files).into_iter().map(|(key, path)| (key, Origin::File(environment.path(&path)))));
    all.extend(texts(&arguments.values).into_iter().map(|(key, text)| (key, Origin::Plain(text))));
    all.extend(texts(&arguments.env).into_iter().map(|(key, name)| (key, Origin::Variable(name))));
    let fields = arguments.vault.as_ref_option().cloned().unwrap_or_default();
    all.extend(fields.into_iter().map(|(key, field)| (key, Origin::Vault(Field::of(&field)))));
    let secret = config.values_wo.as_ref_option().cloned().unwrap_or_default();
    all.extend(secret.into_iter().map(|(key, text)| (key, Origin::WriteOnly(text))));
    all
}

/// Reads every source that is on this machine; also gives warnings about what was read. Blocks: not for the threads that
/// serve.
pub(super) fn read(
    origins: BTreeMap<String, Origin>,
    keep_newline: bool,
    environment: &Environment,
) -> (Sources, Vec<Diagnostic>) {
    let mut warnings = Vec::new();
    let sources = origins
        .into_iter()
        .filter_map(|(key, origin)| {
            let content = match &origin {
                Origin::File(path) => of_file(path, keep_newline),
                Origin::WriteOnly(text) if text.is_empty() => Err(Problem::EmptyValue),
                Origin::WriteOnly(text) => Ok(SecretBytes::new(text.expose().as_bytes().to_vec())),
                Origin::Plain(text) => Ok(SecretBytes::new(text.as_bytes().to_vec())),
                Origin::Variable(name) => variable(name, environment),
                Origin::Vault(_) => return None,
            };
            warnings.extend(content.as_ref().ok().into_iter().flat_map(|content| doubts(&key, &origin, content)));
            Some((key, Source { origin, content }))
        })
        .collect();
    (sources, warnings)
}

fn of_file(path: &Path, keep_newline: bool) -> Result<SecretBytes, Problem> {
    let refused = |error: FileError| match error {
        FileError::Unreadable(source) if source.kind() == io::ErrorKind::NotFound => Problem::Missing(path.to_owned()),
        FileError::Unreadable(source) => Problem::Unreadable { path: path.to_owned(), source },
        FileError::Directory => Problem::Directory(path.to_owned()),
        FileError::Special => Problem::Special(path.to_owned()),
        FileError::TooLarge { size, .. } => Problem::TooLarge { path: path.to_owned(), size },
    };
    // A newline at its end is not counted.
    let mut content = file::read(path, LARGEST as u64 + 1).map_err(refused)?.expose().clone();
    if !keep_newline && content.last() == Some(&b'\n') {
        content.pop();
        if content.last() == Some(&b'\r') {
            content.pop();
        }
    }
    if content.is_empty() { Err(Problem::EmptyFile(path.to_owned())) } else { Ok(SecretBytes::new(content)) }
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
    if let Origin::File(path) = origin
        && let Some(mode) = open_mode(path)
    {
        found.push(
            Diagnostic::warning(
                "Others can read a source file",
                format!("{} has mode {mode:04o}: run chmod 600, so that only its owner can read it.", path.display()),
            )
            .at(at()),
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
