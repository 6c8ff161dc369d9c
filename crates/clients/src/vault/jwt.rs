//! The JWT auth method: its configuration, and its roles. Fields and their behaviour: `docs/design/facts/vault-jwt.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::error::{Cause, Error};
use super::request::{Verb, body};
use super::{Client, null_is_default};
use crate::call::Call;

/// How a JWT auth method checks tokens. A write replaces everything.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct JwtConfig {
    /// The `iss` that tokens must have.
    #[serde(deserialize_with = "null_is_default")]
    pub bound_issuer: String,
    /// The role of a login that names none; Vault keeps it in lower case.
    #[serde(deserialize_with = "null_is_default")]
    pub default_role: String,
    /// Algorithms of signatures that are accepted; none is RS256 alone.
    #[serde(deserialize_with = "null_is_default")]
    pub jwt_supported_algs: Vec<String>,
    /// Public keys, PEM.
    #[serde(deserialize_with = "null_is_default")]
    pub jwt_validation_pubkeys: Vec<String>,
    /// Where Vault fetches the keys.
    #[serde(deserialize_with = "null_is_default")]
    pub jwks_url: String,
    /// Who may sign that server's certificate, PEM.
    #[serde(deserialize_with = "null_is_default")]
    pub jwks_ca_pem: String,
    /// Several such sources (Vault alone).
    #[serde(deserialize_with = "null_is_default")]
    pub jwks_pairs: Vec<Value>,
    /// The issuer whose discovery document names the keys.
    #[serde(deserialize_with = "null_is_default")]
    pub oidc_discovery_url: String,
    /// Who may sign that server's certificate, PEM.
    #[serde(deserialize_with = "null_is_default")]
    pub oidc_discovery_ca_pem: String,
    /// The client of interactive logins: not ours, but a sign of whose configuration this is.
    #[serde(deserialize_with = "null_is_default")]
    pub oidc_client_id: String,
}

impl JwtConfig {
    /// Has it a source of keys? Without one no login is possible.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !(self.jwt_validation_pubkeys.is_empty()
            && self.jwks_url.is_empty()
            && self.jwks_pairs.is_empty()
            && self.oidc_discovery_url.is_empty())
    }

    /// Does it let people log in with a browser? Vault keeps the secret of that to itself, so that a write loses it.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        !self.oidc_client_id.is_empty()
    }

    /// The request's body: what is empty is left out, for an omitted field is an empty one, and Vault refuses some
    /// fields beside others even when they are empty.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        let mut text = |name: &str, value: &str| {
            if !value.is_empty() {
                body.insert(name.to_owned(), json!(value));
            }
        };
        text("bound_issuer", &self.bound_issuer);
        text("default_role", &self.default_role);
        text("jwks_url", &self.jwks_url);
        text("jwks_ca_pem", &self.jwks_ca_pem);
        text("oidc_discovery_url", &self.oidc_discovery_url);
        text("oidc_discovery_ca_pem", &self.oidc_discovery_ca_pem);
        for (name, list) in
            [("jwt_supported_algs", &self.jwt_supported_algs), ("jwt_validation_pubkeys", &self.jwt_validation_pubkeys)]
        {
            if !list.is_empty() {
                body.insert(name.to_owned(), json!(list));
            }
        }
        Value::Object(body)
    }
}

/// A role of a JWT auth method. All fields are written: an omitted one would stay as it was. Durations are seconds.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(default)]
pub struct JwtRole {
    /// `jwt`, or `oidc` for interactive logins.
    #[serde(deserialize_with = "null_is_default")]
    pub role_type: String,
    /// Audiences of which a token must have one.
    #[serde(deserialize_with = "null_is_default")]
    pub bound_audiences: Vec<String>,
    /// The `sub` that a token must have.
    #[serde(deserialize_with = "null_is_default")]
    pub bound_subject: String,
    /// Claims that a token must have: strings or lists of strings.
    #[serde(deserialize_with = "null_is_default")]
    pub bound_claims: BTreeMap<String, Value>,
    /// How they are compared: `string` or `glob`.
    #[serde(deserialize_with = "null_is_default")]
    pub bound_claims_type: String,
    /// Claims that become metadata.
    #[serde(deserialize_with = "null_is_default")]
    pub claim_mappings: BTreeMap<String, String>,
    /// The claim that names who logs in.
    #[serde(deserialize_with = "null_is_default")]
    pub user_claim: String,
    /// Is that a JSON pointer?
    #[serde(deserialize_with = "null_is_default")]
    pub user_claim_json_pointer: bool,
    /// The claim that holds groups.
    #[serde(deserialize_with = "null_is_default")]
    pub groups_claim: String,
    /// How long after its end a token is accepted; 0 is Vault's default, negative is none.
    #[serde(deserialize_with = "null_is_default")]
    pub expiration_leeway: i64,
    /// How long before its beginning a token is accepted; 0 is Vault's default, negative is none.
    #[serde(deserialize_with = "null_is_default")]
    pub not_before_leeway: i64,
    /// How far clocks may differ; 0 is Vault's default, negative is none.
    #[serde(deserialize_with = "null_is_default")]
    pub clock_skew_leeway: i64,
    /// Log what a login brought (not for production).
    #[serde(deserialize_with = "null_is_default")]
    pub verbose_oidc_logging: bool,
    /// Where a login, and its token, may come from.
    #[serde(deserialize_with = "null_is_default")]
    pub token_bound_cidrs: Vec<String>,
    /// How long a token lives at most, whatever else is set.
    #[serde(deserialize_with = "null_is_default")]
    pub token_explicit_max_ttl: i64,
    /// How long a token lives at most.
    #[serde(deserialize_with = "null_is_default")]
    pub token_max_ttl: i64,
    /// Leave the policy `default` out.
    #[serde(deserialize_with = "null_is_default")]
    pub token_no_default_policy: bool,
    /// How often a token may be used; 0 is without end.
    #[serde(deserialize_with = "null_is_default")]
    pub token_num_uses: i64,
    /// The period of periodic tokens.
    #[serde(deserialize_with = "null_is_default")]
    pub token_period: i64,
    /// Policies of a token.
    #[serde(deserialize_with = "null_is_default")]
    pub token_policies: Vec<String>,
    /// How long a token lives.
    #[serde(deserialize_with = "null_is_default")]
    pub token_ttl: i64,
    /// What tokens are issued: `default`, `service`, `batch`, …
    #[serde(deserialize_with = "null_is_default")]
    pub token_type: String,
}

impl JwtRole {
    /// Reads an answer with the names of roles.
    ///
    /// # Errors
    /// [`Cause::Answer`] when it is none.
    pub fn names(answer: &Answer) -> Result<Vec<String>, Cause> {
        #[derive(Default, Deserialize)]
        struct Keys {
            #[serde(default)]
            keys: Vec<String>,
        }
        Ok(answer.told::<Keys>()?.unwrap_or_default().keys)
    }
}

impl Client {
    /// The configuration of a JWT auth method; `None` when nothing is configured, or nothing mounted.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn jwt_config(&self, call: &Call, mount: &str) -> Result<Option<JwtConfig>, Error> {
        self.read_optional(call, &format!("auth/{mount}/config")).await
    }

    /// Replaces the configuration of a JWT auth method; gives Vault's warnings.
    ///
    /// # Errors
    /// [`Cause::Refused`] when Vault cannot fetch the keys or parse them, and the rest.
    pub async fn write_jwt_config(&self, call: &Call, mount: &str, config: &JwtConfig) -> Result<Vec<String>, Error> {
        let operation = Verb::Write.at(&format!("auth/{mount}/config"));
        let body = body(&config.body());
        Ok(self.send(call, &operation, Verb::Write, Some(&body)).await?.warnings())
    }

    /// The names of a JWT auth method's roles.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn jwt_roles(&self, call: &Call, mount: &str) -> Result<Vec<String>, Error> {
        let operation = Verb::List.at(&format!("auth/{mount}/role"));
        match self.send(call, &operation, Verb::List, None).await {
            Ok(answer) => JwtRole::names(&answer).map_err(|cause| Error::new(&operation, cause)),
            // An empty list is a 404.
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// A role; `None` when it does not exist.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn jwt_role(&self, call: &Call, mount: &str, name: &str) -> Result<Option<JwtRole>, Error> {
        self.read_optional(call, &format!("auth/{mount}/role/{name}")).await
    }

    /// Writes a role; gives Vault's warnings.
    ///
    /// # Errors
    /// [`Cause::Refused`] with Vault's words when it does not accept the role, and the rest.
    pub async fn write_jwt_role(
        &self,
        call: &Call,
        mount: &str,
        name: &str,
        role: &JwtRole,
    ) -> Result<Vec<String>, Error> {
        let operation = Verb::Write.at(&format!("auth/{mount}/role/{name}"));
        let body = body(role);
        Ok(self.send(call, &operation, Verb::Write, Some(&body)).await?.warnings())
    }

    /// Deletes a role. Already gone is success.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn delete_jwt_role(&self, call: &Call, mount: &str, name: &str) -> Result<(), Error> {
        let operation = Verb::Delete.at(&format!("auth/{mount}/role/{name}"));
        match self.send(call, &operation, Verb::Delete, None).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map(drop),
        }
    }
}
