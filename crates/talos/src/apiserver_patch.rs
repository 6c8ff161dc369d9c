//! Makes the patch of the API server that a bootstrap needs: names, issuer, audiences, and who runs CoreDNS.

use std::fmt::Write;

use thiserror::Error;

use super::rules::{issuer_problem, lacks_default_audience};

/// What the patch sets. What is empty is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiServer {
    /// Names and addresses in the certificate of Kubernetes' API server.
    pub cert_sans: Vec<String>,
    /// The issuer of ServiceAccount tokens.
    pub issuer: Option<String>,
    /// The audiences that the API server takes.
    pub api_audiences: Vec<String>,
    /// Where verifiers find the signing keys.
    pub jwks_uri: Option<String>,
    /// Further flags.
    pub extra_args: Vec<(String, String)>,
    /// CoreDNS is left to `tazlab_coredns`.
    pub disable_coredns: bool,
}

/// A setting that makes no sense.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{setting}: {reason}")]
pub struct SettingError {
    /// The setting, with an index where it is a list.
    pub setting: String,
    /// What is wrong.
    pub reason: String,
}

const DEFAULT_AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";

/// The patch as YAML.
///
/// # Errors
/// [`SettingError`] for what no API server can be started with.
pub fn apiserver_patch(settings: &ApiServer) -> Result<String, SettingError> {
    let refused = |setting: &str, reason: String| Err(SettingError { setting: setting.to_owned(), reason });
    for (index, name) in settings.cert_sans.iter().enumerate() {
        if !is_name(name) {
            let setting = format!("cert_sans[{index}]");
            return refused(
                &setting,
                format!("{name:?} is not a DNS name or an IP address. Remove scheme, port and path"),
            );
        }
    }
    let issuer = settings.issuer.as_deref();
    if let Some(reason) = issuer.and_then(issuer_problem) {
        return refused("issuer", reason);
    }
    for (index, audience) in settings.api_audiences.iter().enumerate() {
        if audience.is_empty() || audience.contains([',', ' ']) {
            return refused(
                &format!("api_audiences[{index}]"),
                "an audience is one text without commas and blanks".to_owned(),
            );
        }
    }
    let audiences: Vec<&str> = settings.api_audiences.iter().map(String::as_str).collect();
    if !audiences.is_empty() && lacks_default_audience(&audiences, issuer.unwrap_or_default(), "cluster.local") {
        let reason = format!(
            "the list must keep {DEFAULT_AUDIENCE}, or what holds a token for it is locked out; the pod requests Vault's audience, which does not belong here"
        );
        return refused("api_audiences", reason);
    }
    if let Some(reason) = settings.jwks_uri.as_deref().and_then(issuer_problem) {
        return refused("jwks_uri", reason.replace("issuer", "address of the keys"));
    }
    Ok(written(settings))
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
    };
    let bare = name.strip_prefix("*.").unwrap_or(name);
    name.parse::<std::net::IpAddr>().is_ok() || (name.len() <= 253 && bare.split('.').all(label))
}

/// A text as JSON writes it, which is YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn written(settings: &ApiServer) -> String {
    let mut flags: Vec<(&str, String)> = Vec::new();
    if let Some(issuer) = &settings.issuer {
        flags.push(("service-account-issuer", issuer.clone()));
    }
    if !settings.api_audiences.is_empty() {
        flags.push(("api-audiences", settings.api_audiences.join(",")));
    }
    if let Some(address) = &settings.jwks_uri {
        flags.push(("service-account-jwks-uri", address.clone()));
    }
    flags.extend(settings.extra_args.iter().map(|(flag, value)| (flag.as_str(), value.clone())));
    let mut text = "cluster:\n".to_owned();
    if !settings.cert_sans.is_empty() || !flags.is_empty() {
        text.push_str("  apiServer:\n");
    }
    if !settings.cert_sans.is_empty() {
        text.push_str("    certSANs:\n");
        for name in &settings.cert_sans {
            let _ = writeln!(text, "      - {}", quoted(name));
        }
    }
    if !flags.is_empty() {
        text.push_str("    extraArgs:\n");
        for (flag, value) in &flags {
            let _ = writeln!(text, "      {}: {}", quoted(flag), quoted(value));
        }
    }
    if settings.disable_coredns {
        text.push_str("  coreDNS:\n    disabled: true # replaced by tazlab_coredns\n");
    }
    if text == "cluster:\n" { "cluster: {}\n".to_owned() } else { text }
}
