//! The programs that a configuration names as sources of secrets: each distinct command runs once for a configured provider, however
//! many resources name it and however often they are tried. How a program is run is `clients`'; what it is for is the caller's.

#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tazlab_clients::program::{Program, ProgramError};
use tazlab_redacted::{SecretBytes, SecretText};
use tf_plugin::framework::context::{Context, Interrupted};
use thiserror::Error;

/// What one command gave, once it has run.
type Run = tokio::sync::Mutex<Option<Result<SecretBytes, CommandError>>>;

/// The commands that have run, by their program and arguments.
#[derive(Debug, Default)]
pub struct Commands(Mutex<BTreeMap<Vec<String>, Arc<Run>>>);

/// Why a command gives nothing. Holds neither its output nor its arguments.
#[derive(Clone, Debug, Error)]
pub enum CommandError {
    /// There is no such program.
    #[error(
        "program {0} cannot be started: it is not in PATH, or the interpreter that its first line names does not exist. Install it, or give its path"
    )]
    NotFound(String),
    /// There is no file at the path that it was named by.
    #[error(
        "program {0} cannot be started: there is no such file. Correct the path; there is no shell, so neither ~ nor $VARIABLE has a meaning"
    )]
    NoSuchFile(String),
    /// The file is there, and what runs it is not.
    #[error(
        "program {0} cannot be started: the file exists, but not the interpreter that its first line names, or not the loader that it needs. Install that, or correct the first line"
    )]
    NoInterpreter(String),
    /// It is a directory.
    #[error("program {0} cannot be started: it is a directory. Name a program in it")]
    Directory(String),
    /// Program and arguments stand in one element. Only the first word is told.
    #[error(
        "there is no program of the name that begins with \"{0}\" and has a space in it: each word of a command is an element of its own, such as [\"gopass\", \"show\", \"-o\", \"infra/github\"]"
    )]
    OneElement(String),
    /// It may not be executed.
    #[error("program {0} cannot be started: it is not executable. Run chmod +x on it, or name another program")]
    NotExecutable(String),
    /// It is no program for this system.
    #[error(
        "program {0} cannot be started: it is not a program for this system. A script needs a first line such as #!/bin/sh"
    )]
    NotAProgram(String),
    /// It could not be run for another reason.
    #[error("program {program}: {problem}")]
    Failed {
        /// The program.
        program: String,
        /// What the system says.
        problem: String,
    },
    /// It ended with another exit status than 0.
    #[error(
        "program {program} failed with exit status {code}. Run it by hand to see why; here it has no terminal and no standard input, so it cannot ask for a password: unlock what it reads beforehand"
    )]
    Exited {
        /// The program.
        program: String,
        /// Its exit status.
        code: i32,
        /// The last lines of its standard error.
        errors: SecretText,
    },
    /// A signal ended it.
    #[error("program {program} was ended by a signal ({signal}). Run it by hand to see why")]
    Signalled {
        /// The program.
        program: String,
        /// The signal, `signal: 9 (SIGKILL)`.
        signal: String,
        /// The last lines of its standard error.
        errors: SecretText,
    },
    /// It did not end in time.
    #[error(
        "program {program} did not end within {limit:?} and was ended. It may wait for a password or a confirmation, which it cannot get here: unlock what it reads beforehand. If it only needs more time, raise command_timeout"
    )]
    TimedOut {
        /// The program.
        program: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// It printed nothing, and succeeded.
    #[error("program {program} printed nothing to standard output. Run it by hand to see what it prints")]
    Silent {
        /// The program.
        program: String,
        /// The last lines of its standard error.
        errors: SecretText,
    },
    /// It printed more than a Secret can hold.
    #[error("program {program} printed more than {} and was ended: that is more than a Secret can hold", amount(*limit))]
    TooLarge {
        /// The program.
        program: String,
        /// The most that is read.
        limit: usize,
    },
    /// The call ended before the program did.
    #[error("program {program} was ended: {why}")]
    Interrupted {
        /// The program.
        program: String,
        /// Stopped, or out of time.
        why: Interrupted,
    },
}

impl CommandError {
    /// The exit status, where the program ended with one other than 0.
    #[must_use]
    pub fn exit_status(&self) -> Option<i32> {
        match self {
            Self::Exited { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// The last lines of its standard error, where there are any. They may hold a secret that nobody can recognise.
    #[must_use]
    pub fn errors(&self) -> Option<&SecretText> {
        match self {
            Self::Exited { errors, .. } | Self::Signalled { errors, .. } | Self::Silent { errors, .. } => {
                Some(errors).filter(|errors| !errors.is_empty())
            }
            _ => None,
        }
    }

    /// Would it perhaps have ended by itself, had it been given more time?
    fn gave_up_before(&self, limit: Duration) -> bool {
        matches!(self, Self::TimedOut { limit: given, .. } if *given < limit)
    }
}

impl Commands {
    /// What `command`, a program and its arguments, prints, up to `most` bytes, within `limit`. A command that has run before is not
    /// run again, whatever came of it, unless it was given less time than now.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn output<D>(
        &self,
        context: &Context<D>,
        command: &[String],
        limit: Duration,
        most: usize,
    ) -> Result<SecretBytes, CommandError> {
        let program = || command.first().cloned().unwrap_or_default();
        let ended = |why| CommandError::Interrupted { program: program(), why };
        let run = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(command.to_vec()).or_default())
        };
        let mut known = context.run(run.lock()).await.map_err(ended)?;
        if let Some(known) = known.as_ref()
            && !known.as_ref().is_err_and(|error| error.gave_up_before(limit))
        {
            return known.clone();
        }
        context.progress(&format!("running {}", program()));
        let within = tokio::time::timeout(limit, once(command, most));
        let output = context.run(within).await.map_err(ended)?;
        let output = output.unwrap_or_else(|_| Err(CommandError::TimedOut { program: program(), limit }));
        *known = Some(output.clone());
        output
    }
}

async fn once(command: &[String], most: usize) -> Result<SecretBytes, CommandError> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(CommandError::NotFound("\"\"".to_owned()));
    };
    let named = || program.clone();
    let ran = match Box::pin(Program::new(program, arguments).keeping_errors().run(most)).await {
        Ok(ran) => ran,
        Err(ProgramError::TooLarge { limit }) => return Err(CommandError::TooLarge { program: named(), limit }),
        Err(ProgramError::Start(error)) => {
            // The system tells a directory and a missing interpreter in the words for a missing right and a missing file.
            let file = if is_path(program) { tokio::fs::metadata(program).await.ok() } else { None };
            return Err(not_started(program, arguments, file.as_ref(), &error));
        }
        Err(other @ ProgramError::Lost(_)) => {
            return Err(CommandError::Failed { program: named(), problem: other.to_string() });
        }
    };
    let errors = || SecretText::new(ran.last_words());
    match ran.status.code() {
        Some(0) if ran.output.is_empty() => Err(CommandError::Silent { program: named(), errors: errors() }),
        Some(0) => Ok(ran.output),
        Some(code) => Err(CommandError::Exited { program: named(), code, errors: errors() }),
        None => Err(CommandError::Signalled { program: named(), signal: ran.status.to_string(), errors: errors() }),
    }
}

/// Is it named by its path, and not looked for in `PATH`?
fn is_path(program: &str) -> bool {
    program.contains(std::path::is_separator)
}

/// A limit in people's words. The newline at the end of a content, which is read and not counted, is not told.
fn amount(limit: usize) -> String {
    const MEBIBYTE: usize = 1024 * 1024;
    if limit < MEBIBYTE { format!("{limit} bytes") } else { format!("{} MiB", limit / MEBIBYTE) }
}

fn not_started(program: &str, arguments: &[String], file: Option<&Metadata>, error: &io::Error) -> CommandError {
    let words = program.split_once(char::is_whitespace).filter(|_| arguments.is_empty() && file.is_none());
    let program = program.to_owned();
    match error.kind() {
        _ if file.is_some_and(Metadata::is_dir) => CommandError::Directory(program),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => match (words, file) {
            (Some((first, _)), _) => CommandError::OneElement(first.to_owned()),
            (None, Some(_)) => CommandError::NoInterpreter(program),
            (None, None) if is_path(&program) => CommandError::NoSuchFile(program),
            (None, None) => CommandError::NotFound(program),
        },
        io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => CommandError::NotExecutable(program),
        _ if cfg!(unix) && error.raw_os_error() == Some(NOT_EXECUTABLE_FORMAT) => CommandError::NotAProgram(program),
        _ => CommandError::Failed { program, problem: error.to_string() },
    }
}

/// `ENOEXEC`, for which the standard library has no name; it is 8 on every Unix.
const NOT_EXECUTABLE_FORMAT: i32 = 8;
