//! Texts that are secret by their form, wherever they stand, and names that say so of what they name.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tazlab_yaml::{self as yaml, Node};

/// How the names of environment variables end that hold a secret.
const VARIABLES: &[&str] =
    &["TOKEN", "SECRET", "PASSWORD", "PASSPHRASE", "AUTHKEY", "AUTH_KEY", "API_KEY", "APIKEY", "PRIVATE_KEY"];

pub(super) fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "token", "cookie", "api-key", "secret", "password"].iter().any(|part| name.contains(part))
}

pub(super) fn is_secret_variable(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    VARIABLES.iter().any(|end| name.ends_with(end))
}

/// `NAME=value`
pub(super) fn is_secret_setting(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, value)| is_secret_variable(name.trim()) && !value.trim().is_empty())
}

/// Is the text a credential by its form: a private key, or a URL with one in it?
#[must_use]
pub fn is_credential(text: &str) -> bool {
    is_private_key(text) || has_login(text)
}

/// A private key in PEM, or the base64 of one, alone or as a word of the text.
fn is_private_key(text: &str) -> bool {
    let is_pem = |text: &str| {
        text.split("-----BEGIN ")
            .skip(1)
            .any(|rest| rest.split("-----").next().is_some_and(|kind| kind.ends_with("PRIVATE KEY")))
    };
    let encoded = |text: &str| {
        let decoded = BASE64_STANDARD.decode(text).ok();
        decoded.is_some_and(|bytes| is_pem(&String::from_utf8_lossy(&bytes)))
    };
    let packed: String = text.split_whitespace().collect();
    let is_digit = |one: char| one.is_ascii_alphanumeric() || matches!(one, '+' | '/' | '=');
    is_pem(text) || encoded(&packed) || text.split(|one| !is_digit(one)).any(encoded)
}

/// A URL with a password in it, or with a token in its query.
fn has_login(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let url = rest.split([' ', '\n', '"', '\'']).next().unwrap_or_default();
        let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
        let login = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
        let query = url.split_once('?').map_or("", |(_, query)| query);
        login.is_some_and(|(_, password)| !password.is_empty()) || query.split(['&', '#']).any(is_secret_setting)
    })
}

/// Whether one of the manifests is a Secret with content, or may be one: what cannot be read counts.
pub(super) fn holds_a_secret(manifests: &str) -> bool {
    match yaml::parse(manifests) {
        Ok(documents) => documents.iter().any(is_secret),
        Err(_) => {
            manifests.lines().any(|line| line.trim().strip_prefix("kind:").is_some_and(|kind| kind.trim() == "Secret"))
        }
    }
}

fn is_secret(object: &Node) -> bool {
    let filled = |name: &str| {
        let entries = object.get(name).map(Node::entries).unwrap_or_default();
        entries.iter().any(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()))
    };
    let is_secret_itself = object.get("kind").and_then(Node::as_str) == Some("Secret");
    is_secret_itself && (filled("data") || filled("stringData"))
        || object.get("items").is_some_and(|items| items.items().iter().any(is_secret))
}
