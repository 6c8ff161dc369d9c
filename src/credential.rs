//! A credential: its text, or the file that holds it.

use std::path::PathBuf;

use tazlab_clients::file::{self, FileError};
use tazlab_redacted::SecretText;
use thiserror::Error;

/// Where a credential comes from. A file is read when the credential is needed, and not before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The text itself.
    Text(SecretText),
    /// A file.
    File {
        /// The argument that names the file, `kubernetes.token_file`.
        setting: String,
        /// The file.
        path: PathBuf,
    },
}

/// A credential that cannot be had.
#[derive(Debug, Error)]
pub enum CredentialError {
    /// The file cannot be read.
    #[error("{setting}: {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The argument.
        setting: String,
        /// The file.
        path: PathBuf,
        /// Why: it holds nothing of the file.
        source: FileError,
    },
    /// There is nothing in the file.
    #[error("{setting}: {} is empty", path.display())]
    Empty {
        /// The argument.
        setting: String,
        /// The file.
        path: PathBuf,
    },
}

impl Credential {
    /// The text, without the white space around what a file holds.
    ///
    /// # Errors
    /// [`CredentialError`] when the file cannot be read or is empty.
    pub fn read(&self) -> Result<SecretText, CredentialError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File { setting, path } => {
                let text = file::read_text(path, file::SMALL).map_err(|source| CredentialError::Unreadable {
                    setting: setting.clone(),
                    path: path.clone(),
                    source,
                })?;
                let trimmed = SecretText::from(text.expose().trim());
                if trimmed.is_empty() {
                    return Err(CredentialError::Empty { setting: setting.clone(), path: path.clone() });
                }
                Ok(trimmed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_when_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let credential = Credential::File { setting: "vault.token_file".into(), path: path.clone() };
        assert!(credential.read().unwrap_err().to_string().starts_with("vault.token_file: "));
        std::fs::write(&path, "abc\r\n").unwrap();
        assert_eq!(credential.read().unwrap(), SecretText::from("abc"));
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(credential.read(), Err(CredentialError::Empty { .. })));
        let device = Credential::File { setting: "vault.token_file".into(), path: "/dev/zero".into() };
        let told = device.read().unwrap_err().to_string();
        assert!(told.starts_with("vault.token_file: /dev/zero cannot be read: it is not a regular file"), "{told}");
    }
}
