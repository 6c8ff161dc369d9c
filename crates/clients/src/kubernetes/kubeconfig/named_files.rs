//! The files that a kubeconfig names: read within limits, before the library would read them without one.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kube::config::{Context, Kubeconfig};
use tazlab_redacted::SecretText;

use super::super::authentication::AuthenticationError;
use super::super::error::Cause;
use crate::file::{self, FileError};
use crate::reach::of_system;

/// Refuses what the library would wait for, or never end to read. What it cannot read at all is its own to report.
pub(super) fn bounded(path: &Path) -> Result<(), Cause> {
    match file::check(path, file::SMALL) {
        Ok(()) | Err(FileError::Unreadable(_) | FileError::Directory) => Ok(()),
        Err(FileError::Special) => Err(unusable(path, "it is a pipe or a device, and only regular files are read")),
        Err(FileError::TooLarge { .. }) => Err(unusable(path, "it is larger than 8 MiB, the most that is read")),
    }
}

fn unusable(path: &Path, problem: &'static str) -> Cause {
    Cause::KubeconfigInvalid { path: path.to_owned(), problem }
}

/// Puts the files that the context names into its place, so that the library reads none: it would do so without a limit, and
/// whatever they are. The token's stays, since it is read again when it has changed.
pub(super) fn inline(merged: &mut Kubeconfig, context: &str) -> Result<(), Cause> {
    let named = merged.contexts.iter().find(|one| one.name == context);
    let Some(Context { cluster, user, .. }) = named.and_then(|one| one.context.clone()) else { return Ok(()) };
    let own = merged.clusters.iter_mut().find(|one| one.name == cluster).and_then(|one| one.cluster.as_mut());
    if let Some(cluster) = own
        && let Some(file) =
            cluster.certificate_authority.take().filter(|_| cluster.certificate_authority_data.is_none())
    {
        let unreadable = |path, reason| Cause::KubeconfigUnreadable { path, reason };
        cluster.certificate_authority_data = Some(encoded(&file, unreadable)?.expose().clone());
    }
    let Some(user) = user else { return Ok(()) };
    let own = merged.auth_infos.iter_mut().find(|one| one.name == user).and_then(|one| one.auth_info.as_mut());
    let Some(who) = own else { return Ok(()) };
    let unreadable = |path, reason| AuthenticationError::File { path, reason }.into();
    if let Some(file) = who.client_certificate.take().filter(|_| who.client_certificate_data.is_none()) {
        who.client_certificate_data = Some(encoded(&file, unreadable)?.expose().clone());
    }
    if let Some(file) = who.client_key.take().filter(|_| who.client_key_data.is_none()) {
        who.client_key_data = Some(encoded(&file, unreadable)?.expose().clone().into());
    }
    who.token_file.as_ref().map_or(Ok(()), |file| bounded(Path::new(file)))
}

/// A file in base64.
fn encoded(path: &str, unreadable: impl Fn(PathBuf, String) -> Cause) -> Result<SecretText, Cause> {
    let path = Path::new(path);
    bounded(path)?;
    let reason = |error| match error {
        FileError::Unreadable(error) => of_system(&error),
        other => other.to_string(),
    };
    let content = file::read(path, file::SMALL).map_err(|error| unreadable(path.to_owned(), reason(error)))?;
    Ok(SecretText::new(BASE64_STANDARD.encode(content.expose())))
}
