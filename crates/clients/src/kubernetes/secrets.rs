//! What one call to an API server holds that is secret: to be removed from what others say. How it is found in their words is
//! the scrubber's.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use kube::config::AuthInfo;
use serde_json::Value;
use tazlab_redacted::SecretText;

use crate::scrub::Scrubber;

/// How many `Authorization` headers are kept: a token is renewed while calls with the one before are in flight.
const KEPT: usize = 4;

/// The settings of a kubeconfig's `auth-provider` that are secret.
const PROVIDER: [&str; 5] = ["access-token", "client-secret", "cmd-args", "id-token", "refresh-token"];

/// The credentials that were really sent, or that a plugin gave, the newest last: by now it may give others.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Arc<Mutex<Vec<SecretText>>>);

impl Sent {
    /// Keeps what a header shows.
    pub(super) fn note(&self, header: &HeaderValue) {
        if let Ok(text) = header.to_str() {
            self.keep(SecretText::from(text.split_once(' ').map_or(text, |(_, shown)| shown)));
        }
    }

    /// Keeps a credential.
    pub(super) fn keep(&self, shown: SecretText) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&shown) {
            let from = (all.len() + 1).saturating_sub(KEPT);
            all.drain(..from);
            all.push(shown);
        }
    }

    fn add_to(&self, scrubber: &mut Scrubber) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().for_each(|shown| scrubber.add(shown.expose().as_bytes()));
    }
}

/// Removes what the server was sent: the credentials, and the contents of a Secret that is written.
pub(super) fn of_request(who: &AuthInfo, sent: &Sent, body: Option<&[u8]>) -> Scrubber {
    let mut scrubber = Scrubber::default();
    credentials(&mut scrubber, who, sent);
    if let Some(body) = body {
        match serde_json::from_slice(body) {
            Ok(object) => contents(&mut scrubber, &object),
            Err(_) => scrubber.add(body),
        }
    }
    scrubber
}

fn credentials(scrubber: &mut Scrubber, who: &AuthInfo, sent: &Sent) {
    // kube's own type for secrets has no other way out of it.
    if let Ok(Value::Object(mut all)) = serde_json::to_value(who) {
        let mut take = |name: &str| match all.remove(name) {
            Some(Value::String(text)) => Some(SecretText::new(text)),
            _ => None,
        };
        for secret in [take("token"), take("password"), take("client-key-data")].into_iter().flatten() {
            scrubber.add(secret.expose().as_bytes());
            if let Ok(pem) = BASE64_STANDARD.decode(secret.expose().trim()) {
                scrubber.add(&pem);
            }
        }
    }
    if let Some(provider) = &who.auth_provider {
        PROVIDER.iter().filter_map(|name| provider.config.get(*name)).for_each(|value| scrubber.add(value.as_bytes()));
    }
    sent.add_to(scrubber);
}

/// The values of a Secret.
fn contents(scrubber: &mut Scrubber, object: &Value) {
    let texts = |name: &str| object.get(name).and_then(Value::as_object).into_iter().flatten();
    if object.get("kind").and_then(Value::as_str) == Some("Secret") {
        for text in texts("data").filter_map(|(_, value)| value.as_str()) {
            match BASE64_STANDARD.decode(text) {
                Ok(value) => scrubber.add(&value),
                Err(_) => scrubber.add(text.as_bytes()),
            }
        }
        texts("stringData").filter_map(|(_, value)| value.as_str()).for_each(|text| scrubber.add(text.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(user: Value) -> AuthInfo {
        serde_json::from_value(user).unwrap()
    }

    #[test]
    fn what_a_request_holds_is_removed() {
        let sent = Sent::default();
        sent.note(&HeaderValue::from_static("Bearer renewed-canary-token"));
        let key = BASE64_STANDARD.encode("-----BEGIN KEY-----\ncanary-of-the-key\n");
        let who = who(serde_json::json!({"token": "canary-token", "password": "canary-pass", "client-key-data": key}));
        let body = serde_json::json!({"kind": "Secret", "metadata": {"name": "a-long-name"},
            "data": {"k": BASE64_STANDARD.encode("canary-value")}, "stringData": {"l": "canary-text"}});
        let scrubber = of_request(&who, &sent, Some(body.to_string().as_bytes()));
        let told =
            format!("canary-token canary-pass canary-of-the-key renewed-canary-token canary-text {body} a-long-name");
        let clean = scrubber.scrub(&told);
        assert!(!clean.contains("canary") && !clean.contains(&BASE64_STANDARD.encode("canary-value")), "{clean}");
        assert!(clean.contains("a-long-name"), "{clean}");
    }

    #[test]
    fn the_last_headers_are_kept() {
        let sent = Sent::default();
        (0..9).for_each(|n| sent.note(&HeaderValue::try_from(format!("Bearer token-number-{n}")).unwrap()));
        let scrubber = of_request(&AuthInfo::default(), &sent, None);
        assert!(!scrubber.scrub("token-number-8").contains("number") && !format!("{sent:?}").contains("number"));
        assert_eq!(sent.0.lock().unwrap().len(), KEPT);
    }
}
