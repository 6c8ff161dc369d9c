//! Runs a program that a configuration names: without a shell, without input, for as long as the caller waits for it. Which program
//! that is and what its output means is the caller's; nothing that it prints is logged here.

use std::ffi::OsStr;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tazlab_redacted::SecretBytes;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::reach::of_system;
use crate::scrub::Scrubber;

/// How much of the end of its standard error is kept, in bytes.
const KEPT: usize = 8 << 10;

/// How much of that is shown, in lines and in characters.
const SHOWN: (usize, usize) = (5, 2000);

/// How long its standard error is read after its end: a process that it left behind may keep it open.
const DRAIN: Duration = Duration::from_secs(1);

/// A program to run.
#[derive(Debug)]
pub struct Program {
    command: Command,
}

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// All of its standard output.
    pub output: SecretBytes,
    /// The end of its standard error.
    errors: SecretBytes,
}

/// A program that could not be run.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// It was not started.
    #[error("it cannot be started: {}", of_system(.0))]
    Start(io::Error),
    /// It prints more than is read; it was ended.
    #[error("its output is larger than {limit} bytes")]
    TooLarge {
        /// What is read at most, in bytes.
        limit: usize,
    },
    /// How it ended cannot be found out.
    #[error("{}", of_system(.0))]
    Lost(io::Error),
}

impl Program {
    /// The program of this name or path with these arguments, in the environment of this process.
    #[must_use]
    pub fn new(name: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let mut command = Command::new(name);
        command.args(arguments).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command }
    }

    /// Adds a variable to its environment.
    pub fn variable(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        self.command.env(name, value);
    }

    /// Removes a variable from its environment.
    pub fn without_variable(&mut self, name: impl AsRef<OsStr>) {
        self.command.env_remove(name);
    }

    /// Runs it until it has ended and has printed everything, at most `limit` bytes. When the future is dropped, the program is
    /// killed, and on Linux what it started too.
    ///
    /// # Errors
    /// [`ProgramError`]; a program that fails is no error.
    pub async fn run(mut self, limit: usize) -> Result<Ran, ProgramError> {
        let mut child = self.command.spawn().map_err(ProgramError::Start)?;
        // Dropped before the child: what it started is found by it.
        let mut tree = Tree::of(child.id());
        let (output, mut errors) = (child.stdout.take(), child.stderr.take());
        let mut last = Vec::new();
        let finished = async {
            let output = SecretBytes::new(beginning(output, limit).await);
            if output.expose().len() > limit {
                return Err(ProgramError::TooLarge { limit });
            }
            let status = child.wait().await.map_err(ProgramError::Lost)?;
            Ok((output, status))
        };
        let (output, status) = tokio::select! {
            finished = finished => finished?,
            never = async { end(&mut errors, &mut last).await; std::future::pending().await } => never,
        };
        tree.spare();
        drop(tokio::time::timeout(DRAIN, end(&mut errors, &mut last)).await);
        Ok(Ran { status, output, errors: SecretBytes::new(last) })
    }
}

impl Ran {
    /// The last lines of its standard error, without what is on its standard output.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.last_words_without(Scrubber::default())
    }

    /// The same, also without what `scrubber` knows.
    pub(crate) fn last_words_without(&self, mut scrubber: Scrubber) -> String {
        scrubber.add(self.output.expose());
        let text = String::from_utf8_lossy(self.errors.expose());
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(SHOWN.0)..).unwrap_or_default().join("\n");
        scrubber.scrub(&last).chars().take(SHOWN.1).collect()
    }
}

/// The beginning of what is written: up to one byte more than `limit`.
async fn beginning(pipe: Option<impl AsyncRead + Unpin>, limit: usize) -> Vec<u8> {
    let mut read = Vec::new();
    if let Some(pipe) = pipe {
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        // What was read before an error counts.
        drop(pipe.take(most).read_to_end(&mut read).await);
    }
    read
}

/// Reads to the end, and keeps the end of what is written.
async fn end(pipe: &mut Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(pipe) = pipe else { return };
    let mut chunk = vec![0; KEPT];
    while let Ok(size @ 1..) = pipe.read(&mut chunk).await {
        kept.extend_from_slice(chunk.get(..size).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
}

/// What a program has started, which ends with it where it is given up. A process whose own parent has ended before is not found; it
/// is in the process group of the plugin, and ends with that.
struct Tree(Option<u32>);

impl Tree {
    fn of(root: Option<u32>) -> Self {
        Self(root)
    }

    /// The program has ended by itself: what it left behind is meant to stay, such as an agent.
    fn spare(&mut self) {
        self.0 = None;
    }
}

#[cfg(target_os = "linux")]
impl Drop for Tree {
    fn drop(&mut self) {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;
        let Some(root) = self.0 else { return };
        let mut ended = std::collections::BTreeSet::new();
        // Again, for what was started meanwhile.
        loop {
            let found: Vec<u32> = descendants(root).into_iter().filter(|pid| ended.insert(*pid)).collect();
            if found.is_empty() {
                return;
            }
            for pid in found.into_iter().filter_map(|pid| i32::try_from(pid).ok()) {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
    }
}

/// The processes that `root` has started, and those that these have started.
#[cfg(target_os = "linux")]
fn descendants(root: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parents: Vec<(u32, u32)> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(of) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, parent)| *parent == of).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

#[cfg(target_os = "linux")]
fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold anything. After it: state, parent (proc_pid_stat(5)).
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::new("/bin/sh", ["-c", script])
    }

    #[tokio::test]
    async fn what_it_prints_is_collected_up_to_the_limit() {
        let ran = shell("printf '\\377a'; exit 3").run(2).await.unwrap();
        assert_eq!((ran.output.expose().as_slice(), ran.status.code()), (&b"\xffa"[..], Some(3)));
        let endless = shell("while :; do echo aaaaaaaaaaaaaaaa; done").run(100).await;
        assert!(matches!(endless, Err(ProgramError::TooLarge { limit: 100 })));
        // A pipe that nobody reads would keep it from ending.
        let loud = shell("head -c 1000000 /dev/zero >&2; echo done").run(100).await.unwrap();
        assert_eq!(loud.output.expose(), b"done\n");
    }

    #[tokio::test]
    async fn there_is_no_input() {
        let ran = shell("read -r line; echo \"$?:$line\"").run(100).await.unwrap();
        assert_eq!(ran.output.expose(), b"1:\n");
    }

    #[tokio::test]
    async fn its_last_words_do_not_repeat_its_output() {
        let ran = shell("echo s3cret-canary; echo a >&2; echo it is s3cret-canary >&2").run(100).await.unwrap();
        assert_eq!(ran.last_words(), "a\nit is (redacted)");
        let many = shell("for i in 1 2 3 4 5 6 7; do echo $i >&2; done").run(100).await.unwrap();
        assert_eq!(many.last_words(), "3\n4\n5\n6\n7");
    }

    #[tokio::test]
    async fn what_it_leaves_behind_does_not_hold_it_up_by_its_errors() {
        let ran = shell("sleep 600 >/dev/null & echo $!").run(100).await.unwrap();
        let left = String::from_utf8_lossy(ran.output.expose()).trim().to_owned();
        assert!(std::process::Command::new("kill").arg(&left).status().unwrap().success(), "{left} was meant to stay");
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_started() {
        let refused = Program::new("/nowhere/gopass", [""; 0]).run(1).await;
        assert!(matches!(refused, Err(ProgramError::Start(error)) if error.kind() == io::ErrorKind::NotFound));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_it_started_ends_with_it_when_it_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pids");
        let script = format!(
            "echo $$ >>{0}; (trap '' TERM; sh -c 'echo $$ >>{0}; sleep 600; :'; :) & sleep 600; :",
            file.display()
        );
        let pids = || -> Vec<u32> {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            text.lines().filter_map(|line| line.parse().ok()).collect()
        };
        let started = async {
            while pids().len() < 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            _ = shell(&script).run(1) => panic!("it does not end by itself"),
            () = started => {}
        }
        let runs = |pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(')').is_some_and(|(_, rest)| !matches!(rest.trim_start().chars().next(), Some('Z' | 'X')))
        };
        for _ in 0..500 {
            if !pids().iter().any(runs) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?} still run", pids());
    }
}
