//! Reads the sources, each when it is needed: what is on this machine away from the threads that serve (a disk can be slow), fields in
//! Vault and programs only where no source before them has the key. What is read stays in redacting types.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tazlab_redacted::{SecretBytes, SecretText};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::duration;
use tf_plugin::framework::value::Value;

use super::errors::BootstrapSecretError;
use super::expiry;
use super::model::BootstrapSecret;
use super::origin::{Origin, Origins};
use super::problem::Problem;
use super::registries::{self, Password, Registries};
use super::sources::{self, LARGEST, Source, Sources};
use super::vault::{self, VaultProblem};
use crate::configured::Configured;
use crate::environment::Environment;

/// How long a program may run where `command_timeout` does not say it.
const COMMAND: Duration = Duration::from_secs(30);

/// What the arguments say of how sources are read.
#[derive(Clone, Debug)]
pub(super) struct How {
    keep_newline: bool,
    command_timeout: Duration,
    show_stderr: bool,
    absent_exit_codes: BTreeSet<i64>,
    warn_before: Duration,
}

impl How {
    pub(super) fn of(arguments: &BootstrapSecret) -> Self {
        let lasts = |value: &Value<String>| value.as_deref_option().and_then(|text| duration::parse(text).ok());
        let codes = arguments.absent_exit_codes.as_ref_option().map(|codes| codes.0.iter().copied().collect());
        Self {
            keep_newline: arguments.keep_newline.as_ref_option().copied().unwrap_or_default(),
            command_timeout: lasts(&arguments.command_timeout).unwrap_or(COMMAND),
            show_stderr: arguments.show_stderr.as_ref_option().copied().unwrap_or_default(),
            absent_exit_codes: codes.unwrap_or_default(),
            warn_before: lasts(&arguments.warn_before).unwrap_or(expiry::SOON),
        }
    }
}

impl How {
    /// How long before its end something is a warning.
    pub(super) fn warn_before(&self) -> Duration {
        self.warn_before
    }
}

type Content = Result<SecretBytes, Problem>;

/// One source, with its content where it has been read.
type Candidate = (Origin, Option<Content>);

/// Reads the sources of every key; warns of what is doubtful about them.
pub(super) async fn read(
    context: &Context<Configured>,
    origins: Origins,
    how: &How,
    environment: &Environment,
) -> Result<Sources, BootstrapSecretError> {
    let local = {
        let (environment, keep_newline) = (environment.clone(), how.keep_newline);
        let has_files = origins.values().flatten().any(|origin| matches!(origin, Origin::File(_)));
        let read = move || -> BTreeMap<String, Vec<Candidate>> {
            let candidate = |origin: Origin| {
                let found = sources::local(&origin, keep_newline, &environment);
                (origin, found)
            };
            origins.into_iter().map(|(key, all)| (key, all.into_iter().map(candidate).collect())).collect()
        };
        if has_files {
            tokio::task::spawn_blocking(read).await.map_err(|_| BootstrapSecretError::Reading)?
        } else {
            read()
        }
    };
    let mut reader = Reader { context, how, vault: vault::Reader::default() };
    let mut all = Sources::new();
    for (key, candidates) in local {
        let source = reader.first(&key, candidates).await;
        if let Ok(content) = &source.content {
            let doubts = sources::doubts(&key, &source.origin, content).into_iter();
            doubts
                .chain(expiry::doubt(&key, &source.origin, content, how.warn_before))
                .for_each(|doubt| context.warn(doubt));
        }
        all.insert(key, source);
    }
    Ok(all)
}

struct Reader<'a> {
    context: &'a Context<Configured>,
    how: &'a How,
    vault: vault::Reader,
}

impl Reader<'_> {
    /// The first source that has the key, or that may have it.
    async fn first(&mut self, key: &str, candidates: Vec<Candidate>) -> Source {
        let named: Vec<_> = candidates.iter().map(|(origin, _)| origin.argument()).collect();
        let contested = named.len() > 1;
        let mut passed = Vec::new();
        for (origin, content) in candidates {
            let content = match content {
                Some(content) => content,
                None => self.remote(&origin).await,
            };
            match content {
                Err(problem) if contested && problem.is_absence() => passed.push((origin, problem)),
                content => {
                    if content.is_ok() && !passed.is_empty() {
                        self.context.warn(passed_over(key, &passed, &origin));
                    }
                    return Source { origin, content, candidates: named };
                }
            }
        }
        let origin = passed.first().map_or(Origin::Unknown("name"), |(origin, _)| origin.clone());
        let problems = passed.into_iter().map(|(origin, problem)| (origin.argument(), problem)).collect();
        Source { origin, content: Err(Problem::Nowhere(problems)), candidates: named }
    }

    async fn remote(&mut self, origin: &Origin) -> Content {
        match origin {
            Origin::Vault(field) => Ok(self.vault.field(self.context, field).await?),
            Origin::Command(command) => self.output(command).await,
            Origin::Registries(registries) => self.logins(registries).await,
            _ => Err(Problem::Unknown),
        }
    }

    async fn output(&self, command: &[String]) -> Content {
        let Ok(provider) = self.context.provider() else { return Err(Problem::Unknown) };
        // A newline at its end is not counted.
        let output = provider.commands.output(self.context, command, self.how.command_timeout, LARGEST + 1).await;
        let content = output.map_err(|error| {
            let status = error.exit_status().map(i64::from);
            let absent = status.is_some_and(|status| self.how.absent_exit_codes.contains(&status));
            Problem::Command { error, absent, shown: self.how.show_stderr }
        })?;
        let content = sources::without_newline(content, self.how.keep_newline);
        if content.is_empty() {
            return Err(Problem::EmptyOutput(command.first().cloned().unwrap_or_default()));
        }
        Ok(content)
    }

    async fn logins(&self, registries: &Registries) -> Content {
        let mut logins = Vec::new();
        for (server, registry) in &registries.all {
            let password = self.password(&registry.password).await;
            let password =
                password.map_err(|problem| Problem::Registry { server: server.clone(), problem: Box::new(problem) })?;
            logins.push((server.as_str(), registry, password));
        }
        Ok(registries::content(&logins))
    }

    async fn password(&self, password: &Password) -> Result<SecretText, Problem> {
        let content = match password {
            Password::Text(text) if text.is_empty() => return Err(Problem::EmptyValue),
            Password::Text(text) => return Ok(text.clone()),
            // A password never ends with a newline.
            Password::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || sources::of_file(&path, false));
                read.await.map_err(|_| Problem::Unknown)??
            }
            Password::Command(command) => sources::without_newline(self.output(command).await?, false),
        };
        std::str::from_utf8(content.expose()).map(SecretText::from).map_err(|_| Problem::NotText)
    }
}

fn passed_over(key: &str, passed: &[(Origin, Problem)], winner: &Origin) -> Diagnostic {
    let winner = winner.argument();
    let lacks = passed.iter().map(|(origin, problem)| format!("{}: {problem}", origin.argument()));
    let detail = format!("Key \"{key}\" is read from {winner}. {}.", lacks.collect::<Vec<_>>().join("; "));
    let first = passed.first().map_or(winner, |(origin, _)| origin.argument());
    let at = AttributePath::new(first).key(key.to_owned());
    Diagnostic::warning("A source does not have a key", detail).at(at)
}

/// Is the way to Vault itself not known yet?
pub(super) fn waits_for_vault(source: &Source) -> bool {
    matches!(&source.content, Err(Problem::Vault(VaultProblem::Failure(failure))) if failure.is_gap())
}
