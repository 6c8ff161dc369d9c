//! The connection to one Vault, made with the first call: whom requests go to, by which way, and how much of an answer is read.
//! What is asked and what it means is not known here.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode, Url};
use tazlab_redacted::{SecretBytes, SecretText};
use tokio::sync::{Mutex, OnceCell};

use super::certificate::Refused;
use super::error::Cause;
use super::settings::Settings;
use super::transport::{Ready, make};
use super::words::secrets_of;
use crate::address::origin;
use crate::limit::{Bounded, LARGEST_ANSWER, LARGEST_REFUSAL, TooLarge};
use crate::reach::Unreachable;

/// How many issued tokens are kept in mind.
const REMEMBERED: usize = 32;

/// The settings, and what is made of them with the first call.
pub(super) struct Connection {
    pub(super) settings: Settings,
    ready: OnceCell<Ready>,
    refused: Refused,
    /// The first request connects alone: before the first handshake nobody knows that the server speaks HTTP/2, and each
    /// request would open a connection of its own.
    opened: AtomicBool,
    opening: Mutex<()>,
    /// Does this Vault know namespaces? Asked when the first one is named.
    pub(super) namespaces: OnceCell<bool>,
    /// What of the settings is secret.
    pub(super) secrets: Vec<SecretText>,
    /// Tokens that Vault issued, the last ones: whoever has given them out may repeat them.
    issued: std::sync::Mutex<VecDeque<SecretText>>,
    /// The origin of the active node, where a standby named it.
    leader: std::sync::Mutex<Option<String>>,
}

impl Connection {
    pub(super) fn new(settings: Settings) -> Self {
        let headers = settings.headers.iter().map(|(_, value)| value.clone()).collect();
        Self {
            secrets: [settings.address.secrets(), secrets_of(&settings.tokens), headers].concat(),
            issued: std::sync::Mutex::default(),
            settings,
            ready: OnceCell::new(),
            refused: Refused::default(),
            opened: AtomicBool::new(false),
            opening: Mutex::new(()),
            namespaces: OnceCell::new(),
            leader: std::sync::Mutex::default(),
        }
    }

    pub(super) async fn ready(&self) -> Result<&Ready, Cause> {
        self.ready
            .get_or_try_init(|| async {
                let (settings, refused) = (self.settings.clone(), Arc::clone(&self.refused));
                // The system's authorities are read from files.
                let made = tokio::task::spawn_blocking(move || make(&settings, &refused));
                made.await.map_err(|_| Cause::Request { problem: "the connection could not be set up".to_owned() })?
            })
            .await
    }

    /// Sends a request to `url` once, the first one alone, and reads the answer.
    pub(super) async fn exchange(
        &self,
        request: RequestBuilder,
        url: &Url,
    ) -> Result<(StatusCode, HeaderMap, SecretBytes), Cause> {
        let exchange = async {
            let answer = request.send().await.map_err(Unread::Broken)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok((status, headers, read(answer).await?))
        };
        self.first_alone(exchange).await.map_err(|unread| match unread {
            Unread::Broken(error) => self.unreachable(url, &error),
            Unread::TooLarge(limit) => Cause::TooLarge { address: self.shown(url), limit },
        })
    }

    async fn first_alone<T, E>(&self, exchange: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        if self.opened.load(Ordering::Acquire) {
            return exchange.await;
        }
        let first = self.opening.lock().await;
        if self.opened.load(Ordering::Acquire) {
            drop(first);
            return exchange.await;
        }
        let done = exchange.await;
        self.opened.store(done.is_ok(), Ordering::Release);
        done
    }

    /// Why no answer came.
    fn unreachable(&self, url: &Url, error: &(dyn std::error::Error + 'static)) -> Cause {
        let address = self.shown(url);
        match Unreachable::from_chain(error) {
            Unreachable::UnknownAuthority => {
                let presented = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Cause::UnknownAuthority { address, presented }
            }
            Unreachable::WrongName { names } => Cause::WrongName { address, names },
            reason => Cause::Unreachable { address, reason },
        }
    }

    /// The server behind a URL, as the user knows it.
    fn shown(&self, url: &Url) -> String {
        let base = self.ready.get().map(|ready| &ready.base);
        if base.is_some_and(|base| base.origin() == url.origin()) {
            self.settings.address.origin()
        } else {
            origin(url)
        }
    }

    /// Keeps in mind a token that Vault has issued.
    pub(super) fn note_issued(&self, token: &SecretText) {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if !issued.contains(token) {
            issued.push_back(token.clone());
        }
        while issued.len() > REMEMBERED {
            issued.pop_front();
        }
    }

    pub(super) fn issued(&self) -> Vec<SecretText> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn known_leader(&self) -> Option<String> {
        self.leader.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn remember_leader(&self, leader: Option<&str>) {
        *self.leader.lock().unwrap_or_else(PoisonError::into_inner) = leader.map(ToOwned::to_owned);
    }
}

/// Why an answer was not read.
pub(super) enum Unread {
    /// The connection broke.
    Broken(reqwest::Error),
    /// There is too much of it.
    TooLarge(TooLarge),
}

/// Reads the body of an answer; of a refusal, which is repeated at most, the beginning.
pub(super) async fn read(mut answer: reqwest::Response) -> Result<SecretBytes, Unread> {
    let succeeded = answer.status().is_success();
    let mut body = Bounded::new(if succeeded { LARGEST_ANSWER } else { LARGEST_REFUSAL });
    while let Some(chunk) = answer.chunk().await.map_err(Unread::Broken)? {
        match body.push(&chunk) {
            Err(limit) if succeeded => return Err(Unread::TooLarge(limit)),
            Err(_) => break,
            Ok(()) => {}
        }
    }
    Ok(SecretBytes::new(body.into_body()))
}
