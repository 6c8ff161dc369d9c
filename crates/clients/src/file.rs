//! Files that a user names: regular ones only, and not more of them than a limit. Everything that reads such a file reads it
//! here, since a pipe that nobody writes to would be waited for without end, and a device may never end. What is in a file
//! is the reader's business.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use tazlab_redacted::{SecretBytes, SecretText};
use thiserror::Error;

/// The most that is read of a file with a credential, a certificate or a kubeconfig, in bytes.
pub const SMALL: u64 = 8 << 20;

/// Why a file cannot be used. Holds nothing of its content.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It is a folder.
    #[error("it is a directory")]
    Directory,
    /// It is a pipe, a socket or a device.
    #[error("it is not a regular file: a pipe or a device is not read, since it may never end")]
    Special,
    /// It is larger than what is read.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// What is read at most, in bytes.
        limit: u64,
        /// Its size where it has one, in bytes.
        size: u64,
    },
}

/// Reads the whole of a regular file of at most `limit` bytes. The content may be secret: it is wiped when it is dropped.
///
/// # Errors
/// [`FileError`].
pub fn read(path: &Path, limit: u64) -> Result<SecretBytes, FileError> {
    let file = open(path, limit)?;
    let mut content = Vec::new();
    // One byte more tells a file that grew, or that has no size of its own as those of /proc.
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut content);
    let content = SecretBytes::new(content);
    read?;
    let size = u64::try_from(content.expose().len()).unwrap_or(u64::MAX);
    if size > limit { Err(FileError::TooLarge { limit, size }) } else { Ok(content) }
}

/// Reads the whole of a regular file of at most `limit` bytes as text.
///
/// # Errors
/// [`FileError`]; what is not UTF-8 is unreadable.
pub fn read_text(path: &Path, limit: u64) -> Result<SecretText, FileError> {
    let content = read(path, limit)?;
    let invalid = |_| FileError::Unreadable(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"));
    std::str::from_utf8(content.expose()).map(SecretText::from).map_err(invalid)
}

/// Checks that a file could be read: for files that a library reads by itself.
///
/// # Errors
/// [`FileError`].
pub fn check(path: &Path, limit: u64) -> Result<(), FileError> {
    open(path, limit).map(drop)
}

fn open(path: &Path, limit: u64) -> Result<File, FileError> {
    // Before it is opened: to open some devices is to use them.
    usable(&std::fs::metadata(path)?, limit)?;
    let file = at_once(path)?;
    // And after: the name may mean another file by now.
    usable(&file.metadata()?, limit)?;
    Ok(file)
}

fn usable(metadata: &std::fs::Metadata, limit: u64) -> Result<(), FileError> {
    if metadata.is_dir() {
        return Err(FileError::Directory);
    }
    if !metadata.is_file() {
        return Err(FileError::Special);
    }
    let size = metadata.len();
    if size > limit { Err(FileError::TooLarge { limit, size }) } else { Ok(()) }
}

/// Opens without waiting for somebody at the other end. For a regular file this makes no difference.
#[cfg(unix)]
fn at_once(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)
}

#[cfg(not(unix))]
fn at_once(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_file_is_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abcd").unwrap();
        assert_eq!(read(&path, 4).unwrap().expose(), b"abcd");
        assert!(read_text(&path, 5).unwrap().is(b"abcd"));
        assert!(matches!(read(&path, 3), Err(FileError::TooLarge { limit: 3, size: 4 })));
        assert!(matches!(read(folder.path(), 4), Err(FileError::Directory)));
        assert!(matches!(read(&folder.path().join("b"), 4), Err(FileError::Unreadable(_))));
        std::fs::write(&path, [0xff]).unwrap();
        assert!(matches!(read_text(&path, 4), Err(FileError::Unreadable(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_without_a_size_is_bounded_too() {
        assert!(!read(Path::new("/proc/self/stat"), 1 << 16).unwrap().expose().is_empty());
        assert!(matches!(read(Path::new("/proc/self/stat"), 3), Err(FileError::TooLarge { limit: 3, size: 4 })));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_sockets_and_devices_are_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket) = (folder.path().join("pipe"), folder.path().join("socket"));
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR).unwrap();
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [pipe.as_path(), &socket, &link, Path::new("/dev/zero"), Path::new("/dev/null")] {
            assert!(matches!(read(path, 4), Err(FileError::Special)), "{}", path.display());
            assert!(matches!(check(path, 4), Err(FileError::Special)), "{}", path.display());
        }
        // Also where the name means a pipe only when it is opened.
        assert!(matches!(usable(&at_once(&pipe).unwrap().metadata().unwrap(), 4), Err(FileError::Special)));
    }
}
