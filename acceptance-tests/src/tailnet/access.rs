//! Who may ask for what: API keys, OAuth clients and federated clients with scopes and tags, tokens that end.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::http::{Answer, Request, form};
use crate::canary;

/// A client that gets tokens.
#[derive(Clone, Debug)]
struct Client {
    id: String,
    /// An OAuth client's secret, or the one identity token that a federated client takes.
    secret: String,
    federated: bool,
    scopes: Vec<String>,
    tags: Vec<String>,
}

#[derive(Clone, Debug)]
struct Token {
    text: String,
    ends: Instant,
    scopes: Vec<String>,
    tags: Vec<String>,
}

/// What a caller may do.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    scopes: Vec<String>,
    /// The tags that its keys may have; `None` is any.
    pub(super) tags: Option<Vec<String>>,
}

impl Grant {
    /// `devices:core` covers `devices:core:read`, `all` covers everything.
    pub(super) fn covers(&self, needed: &str) -> bool {
        self.scopes.iter().any(|scope| scope == "all" || scope == needed || format!("{scope}:read") == needed)
    }
}

/// Every credential of the tailnet.
#[derive(Debug)]
pub struct Access {
    keys: Vec<String>,
    clients: Vec<Client>,
    tokens: Vec<Token>,
    /// How long new tokens last.
    pub token_life: Duration,
    /// Every token that was ever given out.
    pub given: Vec<String>,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            clients: Vec::new(),
            tokens: Vec::new(),
            token_life: Duration::from_hours(1),
            given: Vec::new(),
        }
    }
}

impl Access {
    /// Takes this API key from now on.
    pub fn key(&mut self, key: &str) {
        self.keys.push(key.to_owned());
    }

    /// Takes this OAuth client from now on.
    pub fn client(&mut self, id: &str, secret: &str, scopes: &[&str], tags: &[&str]) {
        self.add(id, secret, false, scopes, tags);
    }

    /// Takes this federated client with this identity token from now on.
    pub fn federated(&mut self, id: &str, token: &str, scopes: &[&str]) {
        self.add(id, token, true, scopes, &[]);
    }

    fn add(&mut self, id: &str, secret: &str, federated: bool, scopes: &[&str], tags: &[&str]) {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (scopes, tags) = (owned(scopes), owned(tags));
        self.clients.push(Client { id: id.into(), secret: secret.into(), federated, scopes, tags });
    }

    /// Every token that was given out ends now.
    pub fn end_tokens(&mut self) {
        self.tokens.clear();
    }

    /// What the caller may do; `None` is nobody.
    pub(super) fn grant(&self, request: &Request) -> Option<Grant> {
        let (scheme, shown) = request.authorization.split_once(' ')?;
        let everything = || Grant { scopes: vec!["all".to_owned()], tags: None };
        match scheme.to_lowercase().as_str() {
            "basic" => {
                let decoded = String::from_utf8(STANDARD.decode(shown).ok()?).ok()?;
                let (user, password) = decoded.split_once(':')?;
                (password.is_empty() && self.keys.iter().any(|key| key == user)).then(everything)
            }
            "bearer" if self.keys.iter().any(|key| key == shown) => Some(everything()),
            "bearer" => {
                let token = self.tokens.iter().find(|token| token.text == shown && Instant::now() < token.ends)?;
                Some(Grant { scopes: token.scopes.clone(), tags: Some(token.tags.clone()) })
            }
            _ => None,
        }
    }

    /// `POST /oauth/token` and `/oauth/token-exchange`.
    pub(super) fn log_in(&mut self, request: &Request, exchange: bool) -> Answer {
        let fields = form(&request.body);
        let field = |name: &str| {
            fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let by_header = request.authorization.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text).ok());
        let by_header = by_header.and_then(|bytes| String::from_utf8(bytes).ok());
        let (id, secret) = match by_header.as_deref().and_then(|pair| pair.split_once(':')) {
            Some((id, secret)) => (id.to_owned(), secret.to_owned()),
            None => (field("client_id"), field(if exchange { "jwt" } else { "client_secret" })),
        };
        if !exchange && field("grant_type") != "client_credentials" {
            return Answer::refuse(400, "unsupported grant_type");
        }
        let known = |client: &&Client| client.id == id && client.secret == secret && client.federated == exchange;
        let Some(client) = self.clients.iter().find(known).cloned() else {
            return Answer::refuse(401, "API token invalid");
        };
        let asked: Vec<String> = field("scope").split_whitespace().map(ToOwned::to_owned).collect();
        let grant = Grant { scopes: client.scopes.clone(), tags: None };
        if let Some(scope) = asked.iter().find(|scope| !grant.covers(scope)) {
            return Answer::refuse(403, &format!("requested scope {scope:?} is not granted to the client"));
        }
        let scopes = if asked.is_empty() { client.scopes } else { asked };
        let text = format!("tskey-token-{}", canary::plant());
        let answer = json!({
            "access_token": text, "token_type": "Bearer", "expires_in": self.token_life.as_secs(),
            "scope": scopes.join(" "), "unheardOf": true,
        });
        self.given.push(text.clone());
        self.tokens.push(Token { text, ends: Instant::now() + self.token_life, scopes, tags: client.tags });
        Answer::ok(&answer)
    }
}
