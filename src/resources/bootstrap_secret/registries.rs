//! The logins to container registries that become one key, `.dockerconfigjson`, as `kubectl create secret docker-registry` writes it.
//! Where their passwords are read is `reading`'s.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use tazlab_redacted::{SecretBytes, SecretText};
use tf_plugin::framework::value::Value;

use super::model::{BootstrapSecret, DockerRegistry};
use super::origin::Origin;
use crate::environment::Environment;

/// The key that kubelets read.
pub(super) const KEY: &str = ".dockerconfigjson";

/// The type of such a Secret.
pub(super) const TYPE: &str = "kubernetes.io/dockerconfigjson";

/// The arguments that hold logins.
const STORED: &str = "docker_registries";
const NEVER_STORED: &str = "docker_registries_wo";

/// Logins by registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registries {
    /// The argument that holds them.
    pub(super) argument: &'static str,
    pub(super) all: BTreeMap<String, Registry>,
}

/// The login to one registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registry {
    pub(super) username: SecretText,
    pub(super) email: Option<SecretText>,
    pub(super) password: Password,
}

/// Where a password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Password {
    Text(SecretText),
    File(PathBuf),
    Command(Vec<String>),
}

impl Registries {
    /// Those of the arguments, where there are any.
    pub(super) fn of(
        arguments: &BootstrapSecret,
        config: &BootstrapSecret,
        environment: &Environment,
    ) -> Option<Origin> {
        if let Some(stored) = arguments.docker_registries.as_ref_option() {
            let all: Option<_> = stored
                .iter()
                .map(|(server, registry)| Some((server.clone(), read_later(registry, environment)?)))
                .collect();
            return Some(all.map_or(Origin::Unknown(STORED), |all| Origin::Registries(Self { argument: STORED, all })));
        }
        let given = config.docker_registries_wo.as_ref_option().filter(|given| !given.is_empty())?;
        let registry = |registry: &super::model::DockerLogin| {
            (!registry.email.is_unknown()).then_some(())?;
            Some(Registry {
                username: registry.username.as_ref_option()?.clone(),
                email: registry.email.as_ref_option().cloned(),
                password: Password::Text(registry.password.as_ref_option()?.clone()),
            })
        };
        let all: Option<_> = given.iter().map(|(server, login)| Some((server.clone(), registry(login)?))).collect();
        Some(all.map_or(Origin::Unknown(NEVER_STORED), |all| Origin::Registries(Self { argument: NEVER_STORED, all })))
    }
}

impl Registries {
    /// The files with passwords.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.all.values().filter_map(|registry| match &registry.password {
            Password::File(path) => Some(path.as_path()),
            _ => None,
        })
    }
}

/// The login, where everything that says what it is is known.
fn read_later(registry: &DockerRegistry, environment: &Environment) -> Option<Registry> {
    let password = match (&registry.password_file, &registry.password_command) {
        (Value::Value(path), Value::Null) => Password::File(environment.path(path)),
        (Value::Null, Value::Value(command)) => Password::Command(command.clone()),
        _ => return None,
    };
    let username = SecretText::new(registry.username.as_ref_option()?.clone());
    (!registry.email.is_unknown()).then_some(())?;
    let email = registry.email.as_ref_option().cloned().map(SecretText::new);
    Some(Registry { username, email, password })
}

/// The content of the key for logins whose passwords have been read.
pub(super) fn content(logins: &[(&str, &Registry, SecretText)]) -> SecretBytes {
    #[derive(Serialize)]
    struct Config<'a> {
        auths: BTreeMap<&'a str, Login<'a>>,
    }
    #[derive(Serialize)]
    struct Login<'a> {
        username: &'a str,
        password: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<&'a str>,
        auth: &'a str,
    }
    let auths: Vec<SecretText> = logins
        .iter()
        .map(|(_, registry, password)| {
            let both = SecretText::new(format!("{}:{}", registry.username.expose(), password.expose()));
            SecretText::new(BASE64_STANDARD.encode(both.expose()))
        })
        .collect();
    let auths = logins.iter().zip(&auths).map(|((server, registry, password), auth)| {
        let email = registry.email.as_ref().map(|email| email.expose().as_str());
        let (username, password) = (registry.username.expose().as_str(), password.expose().as_str());
        (*server, Login { username, password, email, auth: auth.expose() })
    });
    SecretBytes::json(&Config { auths: auths.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_is_what_kubectl_writes() {
        let registry = |email: Option<&str>| Registry {
            username: "me".into(),
            email: email.map(SecretText::from),
            password: Password::Text("unused".into()),
        };
        let (one, two) = (registry(None), registry(Some("me@example.com")));
        let content = content(&[("ghcr.io", &one, "p:w".into()), ("docker.io", &two, "\"".into())]);
        let expected = r#"{"auths":{"docker.io":{"username":"me","password":"\"","email":"me@example.com","auth":"bWU6Ig=="},"ghcr.io":{"username":"me","password":"p:w","auth":"bWU6cDp3"}}}"#;
        assert_eq!(String::from_utf8_lossy(content.expose()), expected);
    }
}
