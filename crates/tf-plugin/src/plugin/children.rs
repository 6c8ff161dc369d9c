//! The processes that the plugin started (credential plugins, what they started in turn): each program has a process group of
//! its own, and whatever else there is is in the one that the plugin made for itself. All of them end with it.

use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::{Pid, getpgrp, getpid, setpgid};

use tazlab_process_group as process_group;

/// Keeps a terminal from halting the plugin, to be called before any thread is started: they take the mask over. A program that asks
/// for a password on `/dev/tty` is in a group that does not own the terminal, and the kernel then halts the whole group
/// (`__tty_check_change`, Linux `drivers/tty/tty_jobctrl.c`). A program that leaves the mask as it is fails at once; a shell that
/// clears it is halted, until whoever waits for it gives up.
pub(crate) fn leave_terminal() {
    let signals: SigSet = [Signal::SIGTTIN, Signal::SIGTTOU].into_iter().collect();
    if let Err(error) = signals.thread_block() {
        tracing::debug!(%error, "a program that reads the terminal may halt the plugin");
    }
}

/// Makes a process group of its own, which whatever is started later belongs to. The group that Terraform is in stays out of
/// it: what is ended with [`end`] must be ours alone.
pub(super) fn gather() {
    // A leader of a session is a leader of its group already, and cannot be anything else.
    if let Err(error) = setpgid(Pid::from_raw(0), Pid::from_raw(0)) {
        tracing::debug!(%error, "no process group of its own");
    }
}

/// Ends every program and every process of the group, where the group is ours and there are others than this one. This one ends with them, and
/// at once: whoever waits for a credential plugin starts it again when it is killed, and of the ways to end a process and
/// what it starts meanwhile only a signal to the whole group leaves nobody out.
#[cfg(target_os = "linux")]
pub(super) fn end() {
    process_group::end_all();
    if getpgrp() == getpid() && others().next().is_some() {
        let _ = kill(Pid::from_raw(0), Signal::SIGKILL);
    }
}

/// The other processes of our group, as far as they run.
#[cfg(target_os = "linux")]
fn others() -> impl Iterator<Item = Pid> {
    let (own, group) = (getpid(), getpgrp());
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).map(Pid::from_raw);
    pids.filter(move |process| *process != own && runs_in(*process, group))
}

#[cfg(target_os = "linux")]
fn runs_in(process: Pid, group: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name is in parentheses and may hold anything. After it: state, parent, group (proc_pid_stat(5)).
    let rest = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let mut fields = rest.split_whitespace();
    let state = fields.next();
    let of_group = fields.nth(1).and_then(|number| number.parse().ok()).map(Pid::from_raw) == Some(group);
    of_group && !matches!(state, Some("Z" | "X"))
}

/// Ends every process of the group, where the group is ours: this one too, since nothing tells which others there are.
#[cfg(not(target_os = "linux"))]
pub(super) fn end() {
    process_group::end_all();
    if getpgrp() == getpid() {
        let _ = kill(Pid::from_raw(0), Signal::SIGTERM);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_group() {
        let group = getpgrp();
        assert!(runs_in(getpid(), group) && !runs_in(getpid(), Pid::from_raw(1)));
        assert!(!runs_in(Pid::from_raw(i32::MAX), group));
        assert!(!others().any(|process| process == getpid()));
    }
}
