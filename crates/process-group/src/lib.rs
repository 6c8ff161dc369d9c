//! Programs that are started here, each in a process group of its own: what it starts ends with it, and all of them end with
//! this process. What a program is for, and what it says, is not known here.

use std::io;

use tokio::process::{Child, Command};

/// Starts a program as the leader of a process group.
///
/// # Errors
/// When it cannot be started, or this process is about to end.
pub fn start(command: &mut Command) -> io::Result<(Child, ProcessGroup)> {
    command.kill_on_drop(true);
    platform::start(command)
}

/// A program and what it has started. All of it ends when this is dropped.
#[derive(Debug)]
pub struct ProcessGroup(#[cfg(unix)] Option<nix::unistd::Pid>);

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        platform::end(self);
    }
}

#[cfg(unix)]
pub use platform::end_all;

#[cfg(unix)]
mod platform {
    use std::collections::BTreeSet;
    use std::io;
    use std::sync::{Mutex, PoisonError, TryLockError};
    use std::time::Duration;

    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    use tokio::process::{Child, Command};

    use super::ProcessGroup;

    /// How often, and in between how long, the end waits for a program that is just being started.
    const PATIENCE: (u32, Duration) = (10, Duration::from_millis(10));

    #[derive(Default)]
    struct Running {
        groups: BTreeSet<Pid>,
        /// The process ends: nothing is started any more.
        closed: bool,
    }

    static RUNNING: Mutex<Running> = Mutex::new(Running { groups: BTreeSet::new(), closed: false });

    pub(super) fn start(command: &mut Command) -> io::Result<(Child, ProcessGroup)> {
        // Held meanwhile, so that no group is there and not known.
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if running.closed {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let child = command.process_group(0).spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        running.groups.extend(group);
        Ok((child, ProcessGroup(group)))
    }

    pub(super) fn end(group: &mut ProcessGroup) {
        let Some(group) = group.0.take() else { return };
        // The number is not somebody else's: its leader has not been waited for, or has a moment ago.
        let _ = killpg(group, Signal::SIGKILL);
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).groups.remove(&group);
    }

    /// Ends all programs, and starts none any more.
    pub fn end_all() {
        for _ in 0..PATIENCE.0 {
            let mut running = match RUNNING.try_lock() {
                Ok(running) => running,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    std::thread::park_timeout(PATIENCE.1);
                    continue;
                }
            };
            running.closed = true;
            for group in std::mem::take(&mut running.groups) {
                let _ = killpg(group, Signal::SIGKILL);
            }
            return;
        }
    }
}

#[cfg(not(unix))]
mod platform {
    use std::io;

    use tokio::process::{Child, Command};

    use super::ProcessGroup;

    pub(super) fn start(command: &mut Command) -> io::Result<(Child, ProcessGroup)> {
        Ok((command.spawn()?, ProcessGroup()))
    }

    pub(super) fn end(_: &mut ProcessGroup) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::*;

    fn runs(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next().map(ToOwned::to_owned));
        state.is_some_and(|state| !matches!(state.as_str(), "Z" | "X"))
    }

    fn within(limit: Duration, is: impl Fn() -> bool) -> bool {
        let since = Instant::now();
        while !is() {
            if since.elapsed() > limit {
                return false;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        true
    }

    #[tokio::test]
    async fn what_a_program_has_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let pids = folder.path().join("pids");
        let mut command = Command::new("/bin/sh");
        // The grandchild has another parent by then: its own has ended.
        let script = format!(
            "(trap '' TERM HUP; sleep 600 & echo $! >{0}.new; mv {0}.new {0}) & wait; sleep 600",
            pids.display()
        );
        command.args(["-c", &script]).stdin(Stdio::null());
        let (mut child, group) = start(&mut command).unwrap();
        assert!(within(Duration::from_mins(1), || pids.exists()));
        let grandchild = std::fs::read_to_string(&pids).unwrap();
        assert!(runs(&grandchild), "the control");
        drop(group);
        assert!(within(Duration::from_mins(1), || !runs(&grandchild)));
        assert!(!child.wait().await.unwrap().success());
    }
}
