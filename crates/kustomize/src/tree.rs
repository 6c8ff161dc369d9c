//! The files of a repository: listed at once, each read and parsed when it is first needed, and never twice. A view of a tree is what
//! a source of Flux makes of it. What the texts mean does not belong here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Instant;
use std::{fs, io, thread};

use tazlab_yaml::{self as yaml, Node};
use thiserror::Error;

use super::file::{Read, Unreadable, read};
use super::limits::{DEEPEST_FOLDER, MOST_BYTES, MOST_FILES, MOST_NODES};

pub(crate) use super::file::{File, Parsed};
pub(crate) use super::path::{folder_of, is_below, is_yaml, join};

/// Files that are not parsed beside others, in bytes.
const LARGE: usize = 256 << 10;

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
    #[error("the repository holds more than {0} files and folders")]
    TooMany(usize),
    /// Folders in folders.
    #[error("{0}: folders lie more than {DEEPEST_FOLDER} deep")]
    TooDeep(PathBuf),
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
        Self::list(root, MOST_FILES)
    }

    pub(crate) fn list(root: &Path, most: usize) -> Result<Self, TreeError> {
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
                if tree.files.len() + tree.folders.len() + tree.irregular.len() > most {
                    return Err(TreeError::TooMany(most));
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
        let file = File {
            place: path.clone(),
            disk,
            text,
            parsed: OnceLock::new(),
            refused: OnceLock::new(),
            read: Arc::clone(&self.read),
        };
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
