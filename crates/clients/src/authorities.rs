//! The system's certificate authorities, before a library reads them: `SSL_CERT_FILE` and `SSL_CERT_DIR` may name anything, and
//! a pipe or a device would be read without end. Which servers are trusted is decided by the library.

use std::env;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::file::{self, FileError};

/// The variables that say where they are.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// The most files of a folder that are read. Systems have some hundreds, twice.
const MOST: usize = 10_000;

/// Why they cannot be read.
#[derive(Debug, Error)]
pub(super) enum AuthoritiesError {
    /// A file is not one that is read.
    #[error("{variable} cannot be used: {}: {problem}", path.display())]
    File { variable: &'static str, path: PathBuf, problem: FileError },
    /// A folder has too many files.
    #[error("{variable} cannot be used: there are more than {MOST} files in {}, the most that are read", path.display())]
    TooMany { variable: &'static str, path: PathBuf },
}

/// Checks what the environment names. What is not there, or cannot be opened, is the library's to report.
///
/// # Errors
/// [`AuthoritiesError`].
pub(super) fn check() -> Result<(), AuthoritiesError> {
    let [file, folders] = VARIABLES.map(|name| env::var_os(name).filter(|value| !value.is_empty()));
    if let Some(file) = file {
        check_file(VARIABLES[0], Path::new(&file))?;
    }
    folders.iter().flat_map(env::split_paths).try_for_each(|folder| check_folder(VARIABLES[1], &folder))
}

fn check_file(variable: &'static str, path: &Path) -> Result<(), AuthoritiesError> {
    match file::check(path, file::SMALL) {
        Ok(()) | Err(FileError::Unreadable(_) | FileError::Directory) => Ok(()),
        Err(problem) => Err(AuthoritiesError::File { variable, path: path.to_owned(), problem }),
    }
}

fn check_folder(variable: &'static str, folder: &Path) -> Result<(), AuthoritiesError> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for (count, entry) in entries.flatten().enumerate() {
        if count == MOST {
            return Err(AuthoritiesError::TooMany { variable, path: folder.to_owned() });
        }
        // The library leaves out what is not a regular file.
        if let Err(problem @ FileError::TooLarge { .. }) = file::check(&entry.path(), file::SMALL) {
            return Err(AuthoritiesError::File { variable, path: entry.path(), problem });
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn pipes_devices_and_huge_files_are_refused_before_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, huge, good) = (folder.path().join("pipe"), folder.path().join("huge"), folder.path().join("good"));
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR).unwrap();
        std::fs::write(&good, "pem").unwrap();
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let told = check_file("SSL_CERT_FILE", path).unwrap_err().to_string();
            assert!(told.contains("SSL_CERT_FILE") && told.contains("regular file"), "{told}");
        }
        check_file("SSL_CERT_FILE", &good).unwrap();
        check_file("SSL_CERT_FILE", &folder.path().join("none")).unwrap();
        check_folder("SSL_CERT_DIR", folder.path()).unwrap();
        std::fs::File::create(&huge).unwrap().set_len(file::SMALL + 1).unwrap();
        let told = check_folder("SSL_CERT_DIR", folder.path()).unwrap_err().to_string();
        assert!(told.contains("SSL_CERT_DIR") && told.contains("huge") && told.contains("larger than"), "{told}");
        check_folder("SSL_CERT_DIR", &pipe).unwrap();
    }
}
