//! The files of a repository, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use thiserror::Error;

/// Files that no manifest needs are larger; they are named and not read.
const LARGEST: u64 = 8 << 20;

/// The files cannot be read.
#[derive(Debug, Error)]
pub enum TreeError {
    /// The folder itself.
    #[error("{path}: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The path is no folder.
    #[error("{0}: this is no folder")]
    NoFolder(PathBuf),
}

/// Files by their path from the root, with slashes, and the folders that hold them.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Option<String>>,
    folders: BTreeSet<String>,
}

impl Tree {
    /// Reads a folder and everything below it. What is hidden stays out, and links are not followed.
    ///
    /// # Errors
    /// [`TreeError`] when a folder cannot be read.
    pub fn read(root: &Path) -> Result<Self, TreeError> {
        if !root.is_dir() {
            return Err(TreeError::NoFolder(root.to_owned()));
        }
        let mut tree = Self::default();
        tree.folders.insert(String::new());
        let mut open = vec![(root.to_owned(), String::new())];
        while let Some((folder, place)) = open.pop() {
            let failed = |source| TreeError::Folder { path: folder.clone(), source };
            for entry in fs::read_dir(&folder).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let kind = entry.file_type().map_err(failed)?;
                if name.starts_with('.') || kind.is_symlink() {
                    continue;
                }
                let path = join(&place, &name).unwrap_or_default();
                if kind.is_dir() {
                    tree.folders.insert(path.clone());
                    open.push((entry.path(), path));
                } else {
                    let small = entry.metadata().is_ok_and(|about| about.len() <= LARGEST);
                    let text = if small { fs::read_to_string(entry.path()).ok() } else { None };
                    tree.files.insert(path, text);
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
            for (at, _) in path.match_indices('/') {
                tree.folders.insert(path.get(..at).unwrap_or_default().to_owned());
            }
            tree.files.insert(path, Some(text.into()));
        }
        tree
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The text of a file; none where it is no text.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    pub(super) fn is_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }

    /// All paths in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files and folders that lie in a folder itself.
    pub(super) fn children<'t>(&'t self, folder: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let own =
            |path: &&String| path.strip_prefix(&start).is_some_and(|rest| !rest.is_empty() && !rest.contains('/'));
        let files = self.files.range(start.clone()..).map(|(path, _)| path);
        let files = files.take_while(|path| path.starts_with(&start)).filter(own).map(String::as_str).collect();
        let folders = self.folders.range(start.clone()..).take_while(|path| path.starts_with(&start));
        (files, folders.filter(own).map(String::as_str).collect())
    }
}

/// A path from a folder; none where it leads out of the repository.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
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

/// Does the path name a file of YAML?
pub(super) fn is_yaml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "yaml" || end == "yml")
}
