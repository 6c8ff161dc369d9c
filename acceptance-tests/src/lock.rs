//! Locks of what all tests share, whichever processes they run in: shared for a test that uses a part of the testbed and needs it to
//! stay as it is, exclusive for one that changes or harms it.
//!
//! They are locks of files below the testbed's run folder, so they end with the process that holds them, however that ends. What a
//! test does while it holds one, and how it puts a part back, is not here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::net::Ipv4Addr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::{Testbed, poll};

/// All others together do not hold a lock for so long.
const LIMIT: Duration = Duration::from_hours(1);

/// A part of the testbed, in the order in which a test takes their locks: so no two tests wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The cluster: its API server and nodes, the controllers and the definitions that the testbed has brought. Every
    /// [`Workspace`](crate::Workspace) that reaches it and every [`Namespace`](crate::Namespace) shares it.
    Cluster,
    /// All objects of Flux and of External Secrets. Exclusive for a test that asks for every one, shared for those that make some.
    Objects,
    /// The definitions of cert-manager's kinds. Exclusive for whoever brings them, and for whoever needs a cluster without them.
    CertManager,
    /// All Services that an operator of Tailscale's works on. Exclusive for the real operator, shared for those that simulate one.
    Tailscale,
    /// Whether anybody may read the keys of the cluster's tokens. Exclusive for whoever allows it, and for whoever needs it refused.
    Discovery,
    /// The cluster's own DNS.
    Dns,
    /// An address of a Service that a test has chosen itself.
    Address(Ipv4Addr),
}

impl Part {
    /// Waits until nobody has it exclusively, nor waits for that.
    ///
    /// # Panics
    /// When this thread holds the lock of a later part, or after an hour.
    pub fn shared(self) -> Lock {
        self.locked(false)
    }

    /// The same without the cluster's own lock: for what works in a thread of its own for a test that has the cluster for itself.
    ///
    /// # Panics
    /// As [`Part::shared`].
    pub(crate) fn shared_by_a_helper(self) -> Lock {
        Lock(vec![held(self, false)])
    }

    /// Waits until nobody else has it at all.
    ///
    /// # Panics
    /// When this thread holds the lock of a later part, or this one as a shared lock, or after an hour.
    pub fn exclusive(self) -> Lock {
        self.locked(true)
    }

    fn locked(self, exclusive: bool) -> Lock {
        // The other parts are the cluster's.
        let cluster = (self != Self::Cluster).then(|| held(Self::Cluster, false));
        Lock(cluster.into_iter().chain([held(self, exclusive)]).collect())
    }

    /// # Panics
    /// When this thread has no lock of it: what is about to happen would be seen by other tests, or they would disturb it.
    pub fn assert_shared(self) {
        let has = |part| of_this_thread(part).is_some();
        let alone = of_this_thread(Self::Cluster).is_some_and(|hold| hold.exclusive);
        assert!(alone || has(self), "take the lock first: `let _lock = Part::{self:?}.shared();`");
    }

    /// # Panics
    /// When this thread does not have it for itself.
    pub fn assert_exclusive(self) {
        let exclusive = of_this_thread(self).is_some_and(|hold| hold.exclusive);
        assert!(exclusive, "take the lock first: `let _lock = Part::{self:?}.exclusive();`");
    }
}

/// A lock that is held. Whoever locks the part again in the same thread has the same one, so a test may take it as soon as it
/// likes; it ends with the last of them.
#[derive(Clone, Debug)]
#[must_use = "it ends with its value"]
pub struct Lock(#[allow(dead_code, reason = "held until the end")] Vec<Arc<Hold>>);

#[derive(Debug)]
struct Hold {
    exclusive: bool,
    _file: File,
}

thread_local! {
    /// What this thread, and so this test, holds.
    static HELD: RefCell<BTreeMap<Part, Weak<Hold>>> = const { RefCell::new(BTreeMap::new()) };
}

fn of_this_thread(part: Part) -> Option<Arc<Hold>> {
    HELD.with_borrow(|held| held.get(&part).and_then(Weak::upgrade))
}

fn held(part: Part, exclusive: bool) -> Arc<Hold> {
    if let Some(hold) = of_this_thread(part) {
        assert!(
            hold.exclusive || !exclusive,
            "{part:?} is shared by this test already: take its exclusive lock before anything that shares it (a Workspace, a Namespace)"
        );
        return hold;
    }
    let later = HELD.with_borrow(|held| {
        held.iter().find_map(|(other, hold)| (*other > part && hold.strong_count() > 0).then_some(*other))
    });
    assert!(later.is_none(), "take the lock of {part:?} before that of {later:?}: two tests could wait for each other");
    let hold = Arc::new(Hold { exclusive, _file: waited_for(&folder(), &name(part), exclusive) });
    HELD.with_borrow_mut(|held| held.insert(part, Arc::downgrade(&hold)));
    hold
}

fn name(part: Part) -> String {
    match part {
        Part::Cluster => "cluster".to_owned(),
        Part::Objects => "objects".to_owned(),
        Part::CertManager => "cert-manager".to_owned(),
        Part::Tailscale => "tailscale".to_owned(),
        Part::Discovery => "discovery".to_owned(),
        Part::Dns => "dns".to_owned(),
        Part::Address(address) => format!("address-{address}"),
    }
}

/// Where the files are.
fn folder() -> PathBuf {
    let folder = Testbed::run_folder().join("locks");
    // Where no testbed was up yet, its run folder is nobody else's business all the same.
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

fn open(path: &Path) -> File {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    let opened = made.and_then(|()| OpenOptions::new().create(true).truncate(false).write(true).open(path));
    opened.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The locked file, or `None` where another has it.
fn tried(file: File, exclusive: bool) -> Result<File, File> {
    match if exclusive { file.try_lock() } else { file.try_lock_shared() } {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(file),
        Err(TryLockError::Error(error)) => panic!("a file cannot be locked: {error}"),
    }
}

fn until_locked(path: &Path, exclusive: bool) -> File {
    let mut file = Some(open(path));
    poll::until(LIMIT, &format!("lock of {}", path.display()), || {
        let tried = tried(file.take()?, exclusive);
        tried.map_err(|other| file = Some(other)).ok()
    })
}

/// Waits for the lock of a file. Whoever comes after one that waits for the exclusive lock waits behind it: else those that share it
/// could keep it for ever.
fn waited_for(folder: &Path, name: &str, exclusive: bool) -> File {
    let _gate = until_locked(&folder.join(format!("{name}.gate")), exclusive);
    until_locked(&folder.join(name), exclusive)
}

/// Waits until this process is the only one to make `product`, a file or a folder; others wait while the value lives.
#[must_use]
pub fn maker_of(product: &Path) -> File {
    until_locked(&product.with_added_extension("lock"), true)
}

/// The lock of `file`, whose holder uses something while the value lives; `None` where another has it.
#[must_use]
pub fn in_use(file: &Path) -> Option<File> {
    tried(open(file), true).ok()
}

/// Takes a port for this process, until it ends; false where another process has it.
pub(crate) fn takes_port(port: u16) -> bool {
    static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let Some(lock) = in_use(&folder().join(format!("port-{port}"))) else { return false };
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(lock);
    true
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::sync::mpsc;

    use super::*;

    /// Another process that holds the lock of a file.
    fn process(path: &Path, mode: &str) -> Child {
        let script = "flock \"$1\" 9; echo held; exec sleep 600";
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("exec 9> \"$0\"; {script}")]).arg(path).arg(mode).stdout(Stdio::piped());
        let mut child = bash.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        child
    }

    fn is_free(path: &Path, exclusive: bool) -> bool {
        tried(open(path), exclusive).is_ok()
    }

    #[test]
    fn another_process_shares_or_excludes_and_its_death_releases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part");
        let mut other = process(&path, "--shared");
        assert!(is_free(&path, false) && !is_free(&path, true));
        other.kill().unwrap();
        other.wait().unwrap();
        let mut other = process(&path, "--exclusive");
        assert!(!is_free(&path, false) && !is_free(&path, true));
        other.kill().unwrap();
        other.wait().unwrap();
        assert!(is_free(&path, true));
    }

    #[test]
    fn who_comes_after_one_that_waits_alone_waits_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let (place, (done, order)) = (folder.path(), mpsc::channel());
        let first = waited_for(place, "part", false);
        // They share it while nobody wants it alone.
        drop(waited_for(place, "part", false));
        std::thread::scope(|scope| {
            let alone = done.clone();
            scope.spawn(move || {
                let lock = waited_for(place, "part", true);
                alone.send("alone").unwrap();
                drop(lock);
            });
            poll::until(Duration::from_mins(1), "one that waits alone", || {
                (!is_free(&place.join("part.gate"), false)).then_some(())
            });
            scope.spawn(move || {
                let lock = waited_for(place, "part", false);
                done.send("shared").unwrap();
                drop(lock);
            });
            assert!(order.try_recv().is_err());
            drop(first);
            assert_eq!(order.iter().collect::<Vec<_>>(), ["alone", "shared"]);
        });
    }

    /// An address for documents: nobody else locks it.
    const NOBODYS: Part = Part::Address(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn a_test_that_has_a_lock_has_it_again_and_other_threads_wait() {
        let path = folder().join(name(NOBODYS));
        let lock = NOBODYS.exclusive();
        let (again, weaker) = (NOBODYS.exclusive(), NOBODYS.shared());
        NOBODYS.assert_exclusive();
        Part::Cluster.assert_shared();
        drop((lock, again));
        assert!(!is_free(&path, false), "it ends with the last");
        drop(weaker);
        assert!(is_free(&path, true));
        assert!(std::panic::catch_unwind(|| NOBODYS.assert_shared()).is_err());
    }

    #[test]
    fn what_could_wait_for_ever_is_refused() {
        let _shared = Part::Cluster.shared();
        assert!(std::panic::catch_unwind(|| Part::Cluster.exclusive()).is_err(), "it would wait for itself");
        let _later = Part::Address(Ipv4Addr::new(192, 0, 2, 2)).exclusive();
        assert!(std::panic::catch_unwind(|| Part::Dns.shared()).is_err(), "another may have taken them the other way");
    }
}
