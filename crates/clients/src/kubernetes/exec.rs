//! Runs a credential plugin and reads what it gives. When it is run again, and who uses it, is the connection's.
//!
//! kube would run it on a blocking thread, several times for one connection, keep what it gave out of sight, and print all of it
//! when it fails. Here it ends with the call that waits for it, what it gave is known, to be removed from what a server says,
//! and what it writes to standard error goes nowhere.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig, Kubeconfig};
use serde::Deserialize;
use serde_json::{Value, json};
use tazlab_redacted::SecretText;

use super::authentication::AuthenticationError;
use super::secrets::Sent;
use crate::program::{Program, ProgramError};

/// The most that a plugin may write to standard output, in bytes.
const LARGEST: usize = 1 << 20;

/// What a plugin gave.
#[derive(Debug)]
pub(super) struct Given {
    token: Option<SecretText>,
    /// Certificate and key, PEM.
    certificate: Option<(String, SecretText)>,
    /// When it ends.
    pub(super) ends: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Credential {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// The plugin that gives the credentials, where nothing else does. What outranks it is kube's order.
pub(super) fn plugin(who: &AuthInfo) -> Option<&ExecConfig> {
    let other = who.auth_provider.is_some()
        || (who.username.is_some() && who.password.is_some())
        || who.token.is_some()
        || who.token_file.is_some();
    who.exec.as_ref().filter(|_| !other)
}

/// Runs the plugin. It ends with the future, and so does what it has started.
///
/// What it writes to standard error is not read: it may hold anything that the plugin knows, such as values of the environment
/// that it inherits and of its own files, which nobody here can recognise.
pub(super) async fn run(exec: &ExecConfig) -> Result<Given, AuthenticationError> {
    let command = exec.command.clone().unwrap_or_default();
    let told =
        |status: &str, ran| AuthenticationError::Plugin { command: command.clone(), status: status.to_owned(), ran };
    let failed = |status: &str| told(status, true);
    if command.is_empty() {
        return Err(told("no command is set", false));
    }
    let mut program = Program::new(&command, exec.args.iter().flatten());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            program.variable(name, value);
        }
    }
    program.variable("KUBERNETES_EXEC_INFO", info(exec).to_string());
    for name in exec.drop_env.iter().flatten() {
        program.without_variable(name);
    }
    let ran = Box::pin(program.run(LARGEST)).await.map_err(|error| match error {
        ProgramError::Start(_) => told(&error.to_string(), false),
        ProgramError::TooLarge { limit } => failed(&format!("its output is larger than {} MiB", limit >> 20)),
        ProgramError::Lost(_) => failed(&error.to_string()),
    })?;
    if !ran.status.success() {
        return Err(failed(&ran.status.to_string()));
    }
    let credential = read(ran.output.expose()).ok_or_else(|| failed("its output is not an ExecCredential"))?;
    let status = credential.status.ok_or_else(|| failed("its output has no status"))?;
    let ends = status.expiration_timestamp.map(|text| text.parse::<Timestamp>()).transpose();
    let ends = ends.map_err(|_| failed("its expirationTimestamp is not an RFC 3339 time"))?;
    let token = status.token.filter(|token| !token.is_empty()).map(SecretText::new);
    let key = status.client_key_data.map(SecretText::new);
    let certificate = status.client_certificate_data.zip(key);
    if token.is_none() && certificate.is_none() {
        return Err(failed("its output has neither a token nor a client certificate"));
    }
    Ok(Given { token, certificate, ends })
}

impl Given {
    /// Puts it in the place of the plugin.
    pub(super) fn into(self, who: &mut AuthInfo, sent: &Sent) {
        who.exec = None;
        if let Some(token) = self.token {
            sent.keep(token.clone());
            who.token = Some(token.expose().clone().into());
        }
        if let Some((certificate, key)) = self.certificate {
            who.client_certificate_data = Some(BASE64_STANDARD.encode(certificate));
            who.client_key_data = Some(BASE64_STANDARD.encode(key.expose()).into());
            sent.keep(key);
        }
    }
}

/// What the plugin is told of its surroundings.
fn info(exec: &ExecConfig) -> Value {
    let mut spec = json!({"interactive": false});
    if exec.provide_cluster_info
        && let (Some(fields), Ok(cluster)) = (spec.as_object_mut(), serde_json::to_value(&exec.cluster))
    {
        fields.insert("cluster".to_owned(), cluster);
    }
    json!({"kind": "ExecCredential", "apiVersion": exec.api_version, "spec": spec})
}

/// JSON, or YAML, which client-go reads as well.
fn read(stdout: &[u8]) -> Option<Credential> {
    if let Ok(credential) = serde_json::from_slice(stdout) {
        return Some(credential);
    }
    // The one reader of YAML that kube gives away keeps the fields that it does not know.
    let mut document = Kubeconfig::from_yaml(std::str::from_utf8(stdout).ok()?).ok()?;
    let status = document.other.remove("status").map(serde_json::from_value).transpose().ok()?;
    (document.kind.as_deref() == Some("ExecCredential")).then_some(Credential { status })
}
