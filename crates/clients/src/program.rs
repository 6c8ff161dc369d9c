//! Runs a program that a configuration names: without a shell, without input, for as long as the caller waits for it. Which program
//! that is and what its output means is the caller's; nothing that it prints is logged here.

use std::ffi::OsStr;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tazlab_redacted::SecretBytes;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStdout, Command};
use zeroize::Zeroizing;

use crate::limit::{Bounded, TooLarge};
use crate::reach::of_system;
use crate::scrub::Scrubber;
use tazlab_process_group as process_group;

/// How much of the end of its standard error is kept, in bytes.
const KEPT: usize = 8 << 10;

/// How much of that is shown, in lines and in characters.
const SHOWN: (usize, usize) = (5, 2000);

/// How long the rest of its output is waited for when it has ended.
const REST: Duration = Duration::from_secs(1);

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
        command.args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
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

    /// Keeps the end of what it prints to standard error, for [`Ran::last_words`]. Without this nobody reads it.
    #[must_use]
    pub fn keeping_errors(mut self) -> Self {
        self.command.stderr(Stdio::piped());
        self
    }

    /// Runs it until it has ended, and reads at most `limit` bytes. When it has ended, or the future is dropped, what it has
    /// started ends with it; a process that made a session of its own, as agents do, lives on.
    ///
    /// # Errors
    /// [`ProgramError`]; a program that fails is no error.
    pub async fn run(mut self, limit: usize) -> Result<Ran, ProgramError> {
        let (mut child, group) = process_group::start(&mut self.command).map_err(ProgramError::Start)?;
        let (mut output, mut errors) = (Output::new(child.stdout.take(), limit), child.stderr.take());
        let mut last = Vec::new();
        let status = tokio::select! {
            biased;
            // Nobody reads what comes after the limit: a program that goes on writing does not end.
            Err(limit) = output.read() => return Err(limit.into()),
            status = child.wait() => status.map_err(ProgramError::Lost)?,
            never = async { end(&mut errors, &mut last).await; std::future::pending().await } => never,
        };
        // What it has left running may hold the pipes open without end.
        let (rest, _) = tokio::join!(
            tokio::time::timeout(REST, output.read()),
            tokio::time::timeout(REST, end(&mut errors, &mut last)),
        );
        drop(group);
        rest.unwrap_or(Ok(()))?;
        Ok(Ran { status, output: SecretBytes::new(output.body.into_body()), errors: SecretBytes::new(last) })
    }
}

/// What a program writes to standard output, as far as it was read.
struct Output {
    pipe: Option<ChildStdout>,
    body: Bounded,
}

impl Output {
    fn new(pipe: Option<ChildStdout>, limit: usize) -> Self {
        Self { pipe, body: Bounded::new(limit) }
    }

    /// Reads on until the end. What was read stays when this is given up.
    async fn read(&mut self) -> Result<(), TooLarge> {
        let Some(pipe) = &mut self.pipe else { return Ok(()) };
        let mut chunk = Zeroizing::new(vec![0; KEPT]);
        // What was read before an error counts.
        while let Ok(size @ 1..) = pipe.read(&mut chunk).await {
            self.body.push(chunk.get(..size).unwrap_or_default())?;
        }
        self.pipe = None;
        Ok(())
    }
}

impl From<TooLarge> for ProgramError {
    fn from(TooLarge { limit }: TooLarge) -> Self {
        Self::TooLarge { limit }
    }
}

impl Ran {
    /// The last lines of its standard error, without what is on its standard output.
    #[must_use]
    pub fn last_words(&self) -> String {
        let mut scrubber = Scrubber::default();
        scrubber.add(self.output.expose());
        let text = String::from_utf8_lossy(self.errors.expose());
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(SHOWN.0)..).unwrap_or_default().join("\n");
        scrubber.scrub(&last).chars().take(SHOWN.1).collect()
    }
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::new("/bin/sh", ["-c", script]).keeping_errors()
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
    async fn what_it_leaves_behind_does_not_hold_it_up_and_ends_with_it() {
        let ran = shell("sleep 600 & echo $!").run(100).await.unwrap();
        let left = String::from_utf8_lossy(ran.output.expose()).trim().to_owned();
        let runs = || std::process::Command::new("kill").args(["-0", &left]).output().unwrap().status.success();
        for _ in 0..500 {
            if !runs() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{left} still runs");
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_started() {
        let refused = Program::new("/nowhere/gopass", [""; 0]).run(1).await;
        assert!(matches!(refused, Err(ProgramError::Start(error)) if error.kind() == io::ErrorKind::NotFound));
    }
}
