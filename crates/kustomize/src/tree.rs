//! The files of a repository: listed at once, each read and parsed when it is first needed, and never twice. A view of a tree is what
//! a source of Flux makes of it. What the texts mean does not belong here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use std::{fs, thread};

use tazlab_yaml::{self as yaml, Mark, Node, Refused, SyntaxError};
use thiserror::Error;

use super::limits::{DEEPEST_FOLDER, LARGEST_FILE, MOST_BYTES, MOST_FILES, MOST_NODES};

/// The files cannot be listed.
#[derive(Debug, Error)]
pub enum TreeError {
    /// A folder cannot be read.
    #[error("{path}: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The path is not a folder.
    #[error("{0}: this is not a folder")]
    NoFolder(PathBuf),
    /// Too many files.
    #[error("the repository holds more than {MOST_FILES} files and folders")]
    TooMany,
    /// Folders in folders.
    #[error("{0}: folders lie more than {DEEPEST_FOLDER} deep")]
    TooDeep(PathBuf),
}

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

/// Files that are not parsed beside others, in bytes.
const LARGE: usize = 256 << 10;

pub(crate) type Parsed = Result<Arc<Vec<Node>>, SyntaxError>;

/// What was read of all files together.
#[derive(Debug, Default)]
struct Read {
    bytes: AtomicU64,
    nodes: AtomicUsize,
    /// Texts that stand in files and are YAML themselves, as patches are: the same ones stand in many.
    inline: Mutex<HashMap<String, Parsed>>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// Where it lies, from the root of the repository.
    pub(crate) place: String,
    disk: Option<PathBuf>,
    text: OnceLock<Result<String, Unreadable>>,
    parsed: OnceLock<Parsed>,
    refused: OnceLock<Option<Refused>>,
    read: Arc<Read>,
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
fn read(path: &Path) -> Result<String, Unreadable> {
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

/// Files by their path from the root, with slashes, and the folders that hold them.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Arc<File>>,
    folders: BTreeSet<String>,
    /// Links, pipes, sockets and devices: an artifact of Flux holds none of them.
    irregular: BTreeSet<String>,
    /// URLs of the repository's remotes, where it is a clone.
    remotes: Vec<String>,
    /// The folder of the repository that this one begins at.
    root: String,
    read: Arc<Read>,
}

impl Tree {
    /// Lists a folder and everything below it but `.git`. Links are not followed.
    ///
    /// # Errors
    /// [`TreeError`] when a folder cannot be read, or at a bound.
    pub fn read(root: &Path) -> Result<Self, TreeError> {
        if !root.is_dir() {
            return Err(TreeError::NoFolder(root.to_owned()));
        }
        let mut tree = Self { remotes: remotes(&root.join(".git/config")), ..Self::default() };
        tree.folders.insert(String::new());
        let mut open = vec![(root.to_owned(), String::new(), 0)];
        while let Some((folder, place, depth)) = open.pop() {
            let failed = |source| TreeError::Folder { path: folder.clone(), source };
            for entry in fs::read_dir(&folder).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let kind = entry.file_type().map_err(failed)?;
                if name == ".git" {
                    continue;
                }
                let path = if place.is_empty() { name } else { format!("{place}/{name}") };
                if kind.is_dir() {
                    if depth >= DEEPEST_FOLDER {
                        return Err(TreeError::TooDeep(entry.path()));
                    }
                    tree.folders.insert(path.clone());
                    open.push((entry.path(), path, depth + 1));
                } else if kind.is_file() {
                    tree.add(path, Some(entry.path()), OnceLock::new());
                } else {
                    tree.irregular.insert(path);
                }
                if tree.files.len() + tree.folders.len() + tree.irregular.len() > MOST_FILES {
                    return Err(TreeError::TooMany);
                }
            }
        }
        Ok(tree)
    }

    /// Files that are given.
    pub fn of<P: Into<String>, T: Into<String>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let mut tree = Self::default();
        tree.folders.insert(String::new());
        for (path, text) in files {
            let path = path.into();
            tree.folders_of(&path);
            tree.add(path, None, OnceLock::from(Ok(text.into())));
        }
        tree
    }

    fn add(&mut self, path: String, disk: Option<PathBuf>, text: OnceLock<Result<String, Unreadable>>) {
        let file = File { place: path.clone(), disk, text, parsed: OnceLock::new(), refused: OnceLock::new(), read: Arc::clone(&self.read) };
        self.files.insert(path, Arc::new(file));
    }

    fn folders_of(&mut self, path: &str) {
        for (at, _) in path.match_indices('/') {
            self.folders.insert(path.get(..at).unwrap_or_default().to_owned());
        }
    }

    /// The files that are kept, each at the paths that it gets. They are read once for all views.
    pub(crate) fn view<'t, I: IntoIterator<Item = String>>(&'t self, place: impl Fn(&'t str) -> I) -> Self {
        let (irregular, remotes, root) = (self.irregular.clone(), self.remotes.clone(), self.root.clone());
        let mut view = Self { irregular, remotes, root, read: Arc::clone(&self.read), ..Self::default() };
        view.folders.insert(String::new());
        for (path, file) in &self.files {
            for to in place(path) {
                view.folders_of(&to);
                view.files.insert(to, Arc::clone(file));
            }
        }
        view
    }

    /// What an artifact holds that is made of one folder: paths begin there.
    pub(crate) fn rooted(&self, root: &str) -> Self {
        let inside = |path: &str| path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')).map(str::to_owned);
        let names = |all: &BTreeSet<String>| all.iter().filter_map(|path| inside(path)).collect::<BTreeSet<_>>();
        let mut folders = names(&self.folders);
        folders.insert(String::new());
        Self {
            files: self.files.iter().filter_map(|(path, file)| Some((inside(path)?, Arc::clone(file)))).collect(),
            folders,
            irregular: names(&self.irregular),
            remotes: self.remotes.clone(),
            root: root.to_owned(),
            read: Arc::clone(&self.read),
        }
    }

    /// Where a path lies in the repository.
    pub(crate) fn placed(&self, path: &str) -> String {
        match (self.root.is_empty(), path.is_empty()) {
            (true, _) => path.to_owned(),
            (_, true) => self.root.clone(),
            _ => format!("{}/{path}", self.root),
        }
    }

    /// With the folders of another tree that are kept: an artifact holds empty ones too.
    pub(crate) fn with_folders(mut self, of: &Self, keeps: impl Fn(&str) -> bool) -> Self {
        self.folders.extend(of.folders.iter().filter(|folder| keeps(folder)).cloned());
        self
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    pub(crate) fn file(&self, path: &str) -> Option<&Arc<File>> {
        self.files.get(path)
    }

    /// Is it there, but as what no artifact holds?
    pub(crate) fn is_irregular(&self, path: &str) -> bool {
        self.irregular.contains(path)
    }

    /// The documents of a text that stands in a file.
    pub(crate) fn inline(&self, text: &str) -> Parsed {
        let mut known = self.read.inline.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = known.get(text) {
            return parsed.clone();
        }
        let parsed = yaml::parse(text).map(Arc::new);
        let nodes = parsed.as_ref().map_or(0, |documents| documents.iter().map(Node::count).sum());
        self.read.nodes.fetch_add(nodes, Ordering::Relaxed);
        known.insert(text.to_owned(), parsed.clone());
        parsed
    }

    /// The bound that the files together have met.
    pub(crate) fn exceeded(&self) -> Option<String> {
        if self.read.bytes.load(Ordering::Relaxed) > MOST_BYTES {
            return Some(format!("the files that were read hold more than {} MiB", MOST_BYTES >> 20));
        }
        let nodes = self.read.nodes.load(Ordering::Relaxed);
        (nodes > MOST_NODES).then(|| format!("the files hold more than {MOST_NODES} YAML nodes"))
    }

    pub(crate) fn remotes(&self) -> impl Iterator<Item = &str> {
        self.remotes.iter().map(String::as_str)
    }

    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str)
    }

    pub(crate) fn is_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }

    /// All files in the order of their paths.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &Arc<File>)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// All paths in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files below a folder, in order.
    pub(crate) fn below<'t>(&'t self, folder: &str) -> impl Iterator<Item = (&'t str, &'t Arc<File>)> + use<'t> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = self.files.range(start.clone()..);
        from.take_while(move |(path, _)| path.starts_with(&start)).map(|(path, file)| (path.as_str(), file))
    }

    /// Reads and parses what is certainly needed, on all processors, until the time is over.
    pub(crate) fn warm(&self, wanted: impl Fn(&str) -> bool, until: Instant) {
        let files: Vec<&Arc<File>> = self.files.iter().filter(|(path, _)| wanted(path)).map(|(_, file)| file).collect();
        let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(4);
        // Few files are read sooner than a thread is started.
        if workers == 1 || files.len() < 64 {
            return;
        }
        thread::scope(|scope| {
            for part in files.chunks(files.len().div_ceil(workers)) {
                scope.spawn(move || {
                    for file in part.iter().take_while(|_| Instant::now() < until) {
                        // Large ones are read one after the other, or their nodes would be counted too late.
                        if file.text().is_ok_and(|text| text.len() < LARGE) {
                            let _ = file.refused();
                        }
                    }
                });
            }
        });
    }
}

/// The URLs in Git's own configuration of a clone.
fn remotes(config: &Path) -> Vec<String> {
    let text = read(config).unwrap_or_default();
    let url = |line: &str| Some(line.trim().strip_prefix("url")?.trim_start().strip_prefix('=')?.trim().to_owned());
    text.lines().filter_map(url).collect()
}

/// A path from a folder; none where it leads out of the repository.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a path, empty at the root.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Is the path inside the folder, or the folder itself?
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Does the path name a file of YAML, as Flux's generator asks?
pub(crate) fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}
