//! The `tailscale` block: checks, and what it becomes.

use tazlab_clients::address::Address;
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use super::configuration::Tailscale as Block;
use super::given::Given;
use crate::configured::Tailscale;
use crate::credential::Credential;
use crate::environment::Environment;

const BASE_URL: &str = "https://api.tailscale.com";

pub(super) fn validate(block: &Value<Block>, found: &mut Diagnostics) {
    let Some(block) = block.as_ref_option() else { return };
    let secret = !block.oauth_client_secret.is_null() || !block.oauth_client_secret_file.is_null();
    let federated = !block.identity_token.is_null() || !block.identity_token_file.is_null();
    let id = !block.oauth_client_id.is_null() || !block.oauth_client_id_file.is_null();
    let key = !block.api_key.is_null() || !block.api_key_file.is_null();
    if id && key {
        let detail = "tailscale.oauth_client_id belongs to an OAuth client and tailscale.api_key is a credential of its own: remove one of them.";
        found.push(
            Diagnostic::error("Two Tailscale credentials", detail)
                .at(AttributePath::new("tailscale").attribute("oauth_client_id")),
        );
    } else if (secret || federated) && !id {
        // The environment may bring the id, which is known at configure only.
        let name = if secret { "oauth_client_secret" } else { "identity_token" };
        let detail = format!("tailscale.{name} needs tailscale.oauth_client_id (or TAILSCALE_OAUTH_CLIENT_ID).");
        found.push(
            Diagnostic::warning("The OAuth client's id is not configured", detail)
                .at(AttributePath::new("tailscale").attribute(name)),
        );
    }
}

/// A credential that goes over the network in clear.
pub(super) fn exposure(settings: &Tailscale) -> Option<Diagnostic> {
    let has_credential =
        settings.api_key.is_some() || settings.oauth_client_secret.is_some() || settings.identity_token.is_some();
    let base_url = &settings.base_url;
    if !has_credential || !base_url.is_plain() || base_url.is_loopback() {
        return None;
    }
    let detail = format!(
        "The address of the Tailscale API is {base_url}, which is not on this machine: the credential is sent in clear text. Set tailscale.base_url (or TAILSCALE_BASE_URL) to an https:// address."
    );
    let at = AttributePath::new("tailscale").attribute("base_url");
    Some(Diagnostic::warning("The connection to the Tailscale API is not encrypted", detail).at(at))
}

/// What the block and the environment say about how to reach the Tailscale API.
pub(super) fn settings(block: &Value<Block>, environment: &Environment) -> Tailscale {
    let absent = absent();
    let unknown = block.is_unknown();
    let block = block.as_ref_option().unwrap_or(&absent);
    let mut given = Given::new("tailscale", environment);
    if unknown {
        given.unknown.push("tailscale".to_owned());
    }
    let api_key = given.credential("api_key", &block.api_key, &block.api_key_file, None);
    let secret =
        given.credential("oauth_client_secret", &block.oauth_client_secret, &block.oauth_client_secret_file, None);
    let identity = given.credential("identity_token", &block.identity_token, &block.identity_token_file, None);
    let id = given.credential(
        "oauth_client_id",
        &block.oauth_client_id,
        &block.oauth_client_id_file,
        Some("TAILSCALE_OAUTH_CLIENT_ID"),
    );
    // A credential of the environment joins only where the configuration names none of another sort. An id alone already
    // says that an OAuth client is meant.
    let named = |secret: &Value<SecretText>, file: &Value<String>| !secret.is_null() || !file.is_null();
    let complete = named(&block.api_key, &block.api_key_file)
        || named(&block.oauth_client_secret, &block.oauth_client_secret_file)
        || named(&block.identity_token, &block.identity_token_file);
    let client = named(&block.oauth_client_id, &block.oauth_client_id_file);
    let from = |variable: &str, excluded: bool| {
        environment.get(variable).filter(|_| !excluded).map(|text| Credential::Text(text.as_str().into()))
    };
    let tailnet = given.text("tailnet", &block.tailnet);
    let base_url = given.text("base_url", &block.base_url);
    let elsewhere = environment.get("TAILSCALE_BASE_URL").filter(|_| block.base_url.is_null());
    // A block without an address means Tailscale's own API: a variable may not send the block's credential elsewhere.
    let diverted = complete && elsewhere.as_deref().is_some_and(|url| Address::from(url).origin() != BASE_URL);
    Tailscale {
        tailnet: tailnet.or_else(|| environment.get("TAILSCALE_TAILNET")).unwrap_or_else(|| "-".to_owned()),
        base_url: base_url.or(elsewhere).unwrap_or_else(|| BASE_URL.to_owned()).into(),
        diverted,
        api_key: api_key.or_else(|| from("TAILSCALE_API_KEY", complete || client)),
        oauth_client_id: id,
        oauth_client_secret: secret.or_else(|| from("TAILSCALE_OAUTH_CLIENT_SECRET", complete)),
        scopes: given.known("scopes", &block.scopes).unwrap_or_default(),
        identity_token: identity.or_else(|| from("TAILSCALE_IDENTITY_TOKEN", complete)),
        gaps: given.gaps(),
        client: tokio::sync::OnceCell::new(),
    }
}

fn absent() -> Block {
    Block {
        tailnet: Value::Null,
        base_url: Value::Null,
        api_key: Value::Null,
        api_key_file: Value::Null,
        oauth_client_id: Value::Null,
        oauth_client_id_file: Value::Null,
        oauth_client_secret: Value::Null,
        oauth_client_secret_file: Value::Null,
        scopes: Value::Null,
        identity_token: Value::Null,
        identity_token_file: Value::Null,
    }
}
