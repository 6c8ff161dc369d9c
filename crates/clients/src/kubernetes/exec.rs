//! Runs a credential plugin and reads what it gives. When it is run again, and who uses it, is the connection's.
//!
//! kube would run it on a blocking thread, several times for one connection, keep what it gave out of sight, and print all of it
//! when it fails. Here it ends with the call that waits for it, and what it gave is known, to be removed from what it says.

use std::process::Stdio;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig, Kubeconfig};
use serde::Deserialize;
use serde_json::{Value, json};
use tazlab_redacted::{SecretBytes, SecretText};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::authentication::AuthenticationError;
use super::secrets::{self, Sent};
use crate::reach::of_system;

/// The most that a plugin may write to standard output, in bytes.
const LARGEST: usize = 1 << 20;

/// How much of the end of its standard error is kept, in bytes.
const KEPT: usize = 8 << 10;

/// How much of that is shown, in lines and in characters.
const TOLD: (usize, usize) = (5, 2000);

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

/// Runs the plugin. It ends with the future.
pub(super) async fn run(exec: &ExecConfig, who: &AuthInfo, sent: &Sent) -> Result<Given, AuthenticationError> {
    let command = exec.command.clone().unwrap_or_default();
    let failed =
        |status: String, stderr: String| AuthenticationError::Plugin { command: command.clone(), status, stderr };
    let silent = |status: &str| failed(status.to_owned(), String::new());
    if command.is_empty() {
        return Err(silent("no command is set"));
    }
    let mut process = Command::new(&command);
    process.args(exec.args.iter().flatten()).kill_on_drop(true);
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            process.env(name, value);
        }
    }
    process.env("KUBERNETES_EXEC_INFO", info(exec).to_string());
    for name in exec.drop_env.iter().flatten() {
        process.env_remove(name);
    }
    let started = process.spawn();
    let mut child = started.map_err(|error| silent(&format!("it cannot be started: {}", of_system(&error))))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr, status) = tokio::join!(beginning(out), end(err), child.wait());
    let (stdout, whole) = (SecretBytes::new(stdout.0), stdout.1);
    let status = status.map_err(|error| silent(&of_system(&error)))?;
    if !status.success() {
        let mut scrubber = secrets::of_plugin(who, sent);
        // Standard output is where credentials are written: what is on it is secret, too.
        scrubber.add(stdout.expose());
        let text = String::from_utf8_lossy(&stderr);
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(TOLD.0)..).unwrap_or_default().join("\n");
        return Err(failed(status.to_string(), scrubber.scrub(&last).chars().take(TOLD.1).collect()));
    }
    if !whole {
        return Err(silent("its output is larger than 1 MiB"));
    }
    let credential = read(stdout.expose()).ok_or_else(|| silent("its output is not an ExecCredential"))?;
    let status = credential.status.ok_or_else(|| silent("its output has no status"))?;
    let ends = status.expiration_timestamp.map(|text| text.parse::<Timestamp>()).transpose();
    let ends = ends.map_err(|_| silent("its expirationTimestamp is not an RFC 3339 time"))?;
    let token = status.token.filter(|token| !token.is_empty()).map(SecretText::new);
    let key = status.client_key_data.map(SecretText::new);
    let certificate = status.client_certificate_data.zip(key);
    if token.is_none() && certificate.is_none() {
        return Err(silent("its output has neither a token nor a client certificate"));
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

/// The beginning of what is written, and whether that is all of it.
async fn beginning(pipe: Option<impl AsyncRead + Unpin>) -> (Vec<u8>, bool) {
    let mut read = Vec::new();
    if let Some(pipe) = pipe {
        // What was read before an error counts.
        drop(pipe.take(LARGEST as u64 + 1).read_to_end(&mut read).await);
    }
    let whole = read.len() <= LARGEST;
    (read, whole)
}

/// The end of what is written.
async fn end(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut read = Vec::new();
    if let Some(mut pipe) = pipe {
        let mut chunk = vec![0; KEPT];
        while let Ok(size @ 1..) = pipe.read(&mut chunk).await {
            read.extend_from_slice(chunk.get(..size).unwrap_or_default());
            read.drain(..read.len().saturating_sub(KEPT));
        }
    }
    read
}
