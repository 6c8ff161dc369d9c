//! One file of a repository: read when it is first needed, and parsed when its documents are.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use tazlab_yaml::{self as yaml, Mark, Node, Refused, SyntaxError};

use super::limits::{LARGEST_FILE, MOST_BYTES, MOST_NODES};

/// Why a file has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    TooLarge,
    NotText,
    NotAFile,
    Failed,
    /// The files before it used up what a check may read.
    TooMuch,
}

impl Unreadable {
    pub(crate) fn text(self) -> String {
        match self {
            Self::TooLarge => format!("the file is larger than {} MiB", LARGEST_FILE >> 20),
            Self::NotText => "the file is not text in UTF-8".to_owned(),
            Self::NotAFile => "this is not a regular file".to_owned(),
            Self::Failed => "the file cannot be read".to_owned(),
            Self::TooMuch => format!("the files before it hold {} MiB together", MOST_BYTES >> 20),
        }
    }
}

pub(crate) type Parsed = Result<Arc<Vec<Node>>, SyntaxError>;

/// What was read of all files together.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) bytes: AtomicU64,
    pub(crate) nodes: AtomicUsize,
    /// Texts that stand in files and are YAML themselves, as patches are: the same ones stand in many.
    pub(crate) inline: Mutex<HashMap<String, Parsed>>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// Where it lies, from the root of the repository.
    pub(crate) place: String,
    pub(crate) disk: Option<PathBuf>,
    pub(crate) text: OnceLock<Result<String, Unreadable>>,
    pub(crate) parsed: OnceLock<Parsed>,
    pub(crate) refused: OnceLock<Option<Refused>>,
    pub(crate) read: Arc<Read>,
}

impl File {
    pub(crate) fn text(&self) -> Result<&str, Unreadable> {
        let first = || {
            if self.read.bytes.load(Ordering::Relaxed) > MOST_BYTES {
                return Err(Unreadable::TooMuch);
            }
            let text = self.disk.as_deref().map_or(Err(Unreadable::Failed), read)?;
            self.read.bytes.fetch_add(u64::try_from(text.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
            Ok(text)
        };
        self.text.get_or_init(first).as_deref().map_err(|why| *why)
    }

    /// Why objects cannot stand in the file, though it is YAML: a key is set twice, or a directive leads it.
    pub(crate) fn refused(&self) -> Option<&Refused> {
        let first = || {
            if self.text().is_ok_and(|text| text.starts_with('%')) {
                let text = "the file begins with a directive, and kustomize parts them from their document".to_owned();
                return Some(Refused { at: Mark { line: 1, column: 1 }, text });
            }
            self.parsed().as_ref().ok()?.iter().find_map(yaml::refused)
        };
        self.refused.get_or_init(first).as_ref()
    }

    /// The documents; none where the file has no text.
    pub(crate) fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| {
            if self.read.nodes.load(Ordering::Relaxed) > MOST_NODES {
                return Ok(Arc::default());
            }
            let documents = yaml::parse(self.text().unwrap_or_default())?;
            self.read.nodes.fetch_add(documents.iter().map(Node::count).sum(), Ordering::Relaxed);
            Ok(Arc::new(documents))
        })
    }
}

/// Reads a regular file. A pipe or a device that lies there, or that was put there meanwhile, is not waited for.
pub(crate) fn read(path: &Path) -> Result<String, Unreadable> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_NOFOLLOW).bits());
    }
    let file = options.open(path).map_err(|_| Unreadable::Failed)?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Err(Unreadable::NotAFile);
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|_| Unreadable::Failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST_FILE) {
        return Err(Unreadable::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| Unreadable::NotText)
}
