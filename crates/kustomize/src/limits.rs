//! The bounds of one check: a repository is someone else's text, and a check of it ends in time and in memory. What a bound stops is
//! said by name; nothing else is said then, since what was not read cannot be judged.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use tazlab_yaml::{Kind, Node};

/// Files and folders of a repository.
pub const MOST_FILES: usize = 500_000;
/// Folders within folders.
pub const DEEPEST_FOLDER: usize = 128;
/// One file, in bytes; a larger one is never read.
pub const LARGEST_FILE: u64 = 8 << 20;
/// All files that are read, in bytes.
pub const MOST_BYTES: u64 = 64 << 20;
/// All nodes of all files.
pub const MOST_NODES: usize = 1_500_000;
/// Objects that all builds together make.
pub const MOST_OBJECTS: usize = 100_000;
/// What all builds together put into objects, in bytes: generated, patched, replaced, filled in. A few lines may ask for any
/// amount, since a value may be copied into itself.
pub const MOST_MADE: usize = 256 << 20;
/// One value that is put into an object, in bytes.
pub const LARGEST_VALUE: usize = 32 << 20;
/// Nodes within nodes of an object.
pub const DEEPEST_NODE: usize = 1000;
/// Folders that are built, a component once for each place that includes it.
pub const MOST_BUILDS: usize = 20_000;
/// Folders that include each other in a chain.
pub const LONGEST_CHAIN: usize = 100;
/// Flux Kustomizations of one cluster.
pub const MOST_KUSTOMIZATIONS: usize = 5_000;
/// How long one check may take.
pub const TIME: Duration = Duration::from_secs(30);

/// What is left of the bounds.
#[derive(Debug)]
pub struct Budget {
    pub(crate) until: Instant,
    time: Duration,
    objects: Cell<usize>,
    made: Cell<usize>,
    builds: Cell<usize>,
    stopped: RefCell<Option<String>>,
}

impl Budget {
    /// A whole one.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        let until = Instant::now() + time;
        let (objects, made, builds) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Self { until, time, objects, made, builds, stopped: RefCell::new(None) }
    }

    /// Why the check ended early.
    pub fn stopped(&self) -> Option<String> {
        self.stopped.borrow().clone()
    }

    /// Is there nothing left?
    pub fn is_spent(&self) -> bool {
        if self.stopped.borrow().is_none() && Instant::now() > self.until {
            self.stop(format!("the check took more than {} s", self.time.as_secs()));
        }
        self.stopped.borrow().is_some()
    }

    pub(crate) fn stop(&self, why: String) {
        self.stopped.borrow_mut().get_or_insert(why);
    }

    pub(crate) fn objects(&self, objects: usize) {
        self.objects.set(self.objects.get().saturating_add(objects));
        if self.objects.get() > MOST_OBJECTS {
            self.stop(format!("the builds make more than {MOST_OBJECTS} objects"));
        }
    }

    /// Takes note of so many bytes that are about to be put into an object. May they?
    pub(crate) fn makes(&self, bytes: usize) -> bool {
        self.made.set(self.made.get().saturating_add(bytes));
        if bytes > LARGEST_VALUE {
            self.stop(format!("a value of more than {} MiB is put into an object", LARGEST_VALUE >> 20));
        } else if self.made.get() > MOST_MADE {
            self.stop(format!("the builds put more than {} MiB into objects", MOST_MADE >> 20));
        }
        !self.is_spent()
    }

    /// The same for a value as it reads, aliases followed.
    pub(crate) fn takes(&self, value: &Node) -> bool {
        let mut left = LARGEST_VALUE;
        if measure(value, DEEPEST_NODE, &mut left) {
            return self.makes(LARGEST_VALUE - left);
        }
        if left == 0 {
            return self.makes(LARGEST_VALUE + 1);
        }
        self.stop(format!("an object is nested deeper than {DEEPEST_NODE} levels"));
        false
    }

    pub(crate) fn build(&self) {
        self.builds.set(self.builds.get() + 1);
        if self.builds.get() > MOST_BUILDS {
            self.stop(format!("more than {MOST_BUILDS} folders are built, components once for each use"));
        }
    }
}

/// How much a node costs beside its texts, in bytes.
const NODE: usize = 64;

/// Takes what a node and all below it cost from `left`; false where it is not enough, or they go deeper than `depth`.
fn measure(node: &Node, depth: usize, left: &mut usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let node = node.target();
    let own = NODE + if let Kind::Scalar(text, _) = &node.kind { text.len() } else { 0 };
    let Some(rest) = left.checked_sub(own) else {
        *left = 0;
        return false;
    };
    *left = rest;
    match &node.kind {
        Kind::Sequence(items) => items.iter().all(|item| measure(item, depth, left)),
        Kind::Mapping(entries) => {
            entries.iter().all(|(key, value)| measure(key, depth, left) && measure(value, depth, left))
        }
        Kind::Scalar(..) | Kind::Alias(_) => true,
    }
}

/// What is copied of an object when its metadata changes: the texts beside what changes.
pub(crate) fn copied(object: &Node) -> usize {
    let beside =
        |node: &Node| -> usize { node.entries().iter().map(|(_, value)| value.as_str().map_or(0, str::len)).sum() };
    let metadata = object.get("metadata");
    let maps = ["labels", "annotations"].into_iter().filter_map(|name| metadata?.get(name));
    [Some(object), metadata].into_iter().flatten().chain(maps).map(beside).sum()
}
