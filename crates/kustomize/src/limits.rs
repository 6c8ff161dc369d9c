//! The bounds of one check: a repository is someone else's text, and a check of it ends in time and in memory. What a bound stops is
//! said by name; nothing else is said then, since what was not read cannot be judged.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

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
    builds: Cell<usize>,
    stopped: RefCell<Option<String>>,
}

impl Budget {
    /// A whole one.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        let until = Instant::now() + time;
        let (objects, builds) = (Cell::new(0), Cell::new(0));
        Self { until, time, objects, builds, stopped: RefCell::new(None) }
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

    pub(crate) fn build(&self) {
        self.builds.set(self.builds.get() + 1);
        if self.builds.get() > MOST_BUILDS {
            self.stop(format!("more than {MOST_BUILDS} folders are built, components once for each use"));
        }
    }
}
