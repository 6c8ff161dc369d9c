//! One request and its retries: from bytes to an answer or a typed error.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use super::connection::Versions;
use super::error::{Cause, Error};
use super::kind::Target;
use super::live::Live;
use super::settings::Settings;
use super::{Object, connection, kubeconfig, retry, status};
use crate::clients::call::{Call, Ended};
use crate::clients::reach::Unreachable;

/// How long a single request may take where the caller's deadline is further away.
const REQUEST: Duration = Duration::from_secs(30);

/// The settings, and the client that is made of them with the first call.
pub(super) struct Connected {
    pub(super) settings: Settings,
    client: OnceCell<(kube::Config, kube::Client)>,
    /// For connections that become something else than HTTP, which HTTP/2 has no place for.
    upgrading: OnceCell<kube::Client>,
}

/// What a request does, as far as sending it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    /// A list without the objects' contents.
    Metadata,
    /// Aggregated discovery.
    Discovery,
    /// A JWKS document, which is served as nothing else.
    Keys,
    Create,
    /// Something that is no JSON, such as a log.
    Text,
    Apply,
    /// A JSON merge patch.
    Merge,
    Delete,
}

impl Verb {
    fn reads(self) -> bool {
        matches!(self, Self::Get | Self::Metadata | Self::Discovery | Self::Keys | Self::Text)
    }

    fn request(self, path: &str, body: Option<Vec<u8>>) -> Result<Request<Body>, http::Error> {
        let (method, accept, content) = match self {
            Self::Get => ("GET", "application/json", None),
            Self::Metadata => ("GET", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", None),
            Self::Discovery => ("GET", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", None),
            Self::Keys => ("GET", "application/jwk-set+json", None),
            Self::Create => ("POST", "application/json", Some("application/json")),
            Self::Text => ("GET", "*/*", None),
            Self::Apply => ("PATCH", "application/json", Some("application/apply-patch+yaml")),
            Self::Merge => ("PATCH", "application/json", Some("application/merge-patch+json")),
            Self::Delete => ("DELETE", "application/json", Some("application/json")),
        };
        let mut request = Request::builder().method(method).uri(path).header(ACCEPT, accept);
        if let Some(content) = content {
            request = request.header(CONTENT_TYPE, content);
        }
        request.body(Body::from(body.unwrap_or_default()))
    }
}

/// An answer that is a success.
pub(super) struct Answer {
    pub(super) code: StatusCode,
    body: bytes::Bytes,
}

impl Answer {
    /// Decodes the body. A parser's message may quote what it read, so only the place is kept.
    pub(super) fn decode<T: DeserializeOwned>(&self, target: &Target) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| target.fail(Cause::Answer { line: error.line(), column: error.column() }))
    }

    /// The body of a document that must be UTF-8.
    pub(super) fn document(self, target: &Target) -> Result<String, Error> {
        String::from_utf8(self.body.into()).map_err(|_| target.fail(Cause::Answer { line: 1, column: 1 }))
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Decodes an object.
    pub(super) fn live<K: Object>(&self, target: &Target) -> Result<Live<K>, Error> {
        self.decode(target).map(Live::of)
    }
}

impl Connected {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, client: OnceCell::new(), upgrading: OnceCell::new() }
    }

    async fn client(&self) -> Result<&(kube::Config, kube::Client), Cause> {
        self.client
            .get_or_try_init(|| async {
                let config = kubeconfig::resolve(&self.settings).await?;
                // A credential plugin is a process that is waited for: away from the threads that serve.
                let runtime = tokio::runtime::Handle::current();
                tokio::task::spawn_blocking(move || {
                    let _inside = runtime.enter();
                    connection::build(&config, Versions::Any).map(|client| (config, client))
                })
                .await
                .map_err(|_| Cause::Request { problem: "the connection could not be set up".to_owned() })?
            })
            .await
    }

    /// The client for connections that are upgraded.
    pub(super) async fn upgrading(&self) -> Result<&kube::Client, Cause> {
        let (config, _) = self.client().await?;
        self.upgrading
            .get_or_try_init(|| async {
                let (config, runtime) = (config.clone(), tokio::runtime::Handle::current());
                tokio::task::spawn_blocking(move || {
                    let _inside = runtime.enter();
                    connection::build(&config, Versions::One)
                })
                .await
                .map_err(|_| Cause::Request { problem: "the connection could not be set up".to_owned() })?
            })
            .await
    }

    /// The cause of a failure of the library below.
    pub(super) async fn cause_of(&self, error: kube::Error) -> Cause {
        match self.client().await {
            Ok((config, _)) => of_kube(error, config),
            Err(cause) => cause,
        }
    }

    /// Sends a request until it is answered, repeating what is safe to repeat.
    pub(super) async fn send(
        &self,
        call: &Call,
        target: &Target,
        verb: Verb,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Error> {
        let mut done = 0;
        let mut last = None;
        loop {
            let outcome = call.run(self.once(target, verb, path, body.clone())).await;
            let cause = match outcome {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(cause)) => cause,
                Err(ended) => return Err(target.fail(why(ended, last))),
            };
            done += 1;
            let Some(pause) = retry::pause(&cause, verb.reads(), done).filter(|pause| call.has(*pause)) else {
                return Err(target.fail(cause));
            };
            tracing::debug!(operation = %target.operation, %cause, ?pause, "trying again");
            last = Some(cause.to_string());
            call.run(tokio::time::sleep(pause)).await.map_err(|ended| target.fail(why(ended, last.clone())))?;
        }
    }

    /// Sends a request once.
    pub(super) async fn once(
        &self,
        target: &Target,
        verb: Verb,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Cause> {
        let exchange = async {
            let (code, body) = self.open(target, verb, path, body).await?;
            let server = self.server();
            let body = body.collect().await.map_err(|error| unreachable(&server, Unreachable::from_chain(&error)))?;
            Ok(Answer { code, body: body.to_bytes() })
        };
        let silent = || Err(unreachable(&self.server(), Unreachable::TimedOut));
        tokio::time::timeout(REQUEST, exchange).await.unwrap_or_else(|_| silent())
    }

    /// Sends a request once; gives the body of a success as it comes.
    pub(super) async fn open(
        &self,
        target: &Target,
        verb: Verb,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Body), Cause> {
        let (config, client) = self.client().await?;
        let request = verb.request(path, body).map_err(|error| Cause::Request { problem: error.to_string() })?;
        let answer = client.send(request).await.map_err(|error| of_kube(error, config))?;
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            return Ok((head.status, body));
        }
        let server = config.cluster_url.to_string();
        let body = body.collect().await.map_err(|error| unreachable(&server, Unreachable::from_chain(&error)))?;
        let seconds = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let asked = seconds.map(Duration::from_secs);
        Err(status::cause(&target.operation, head.status.as_u16(), &body.to_bytes(), asked))
    }

    /// The server's address, for messages.
    pub(super) fn server(&self) -> String {
        self.client.get().map(|(config, _)| config.cluster_url.to_string()).unwrap_or_default()
    }
}

pub(super) fn unreachable(server: &str, reason: Unreachable) -> Cause {
    Cause::Unreachable { server: server.to_owned(), reason }
}

fn of_kube(error: kube::Error, config: &kube::Config) -> Cause {
    let unreachable = |reason| unreachable(&config.cluster_url.to_string(), reason);
    match error {
        kube::Error::Service(source) => unreachable(Unreachable::from_chain(source.as_ref())),
        kube::Error::HyperError(source) => unreachable(Unreachable::from_chain(&source)),
        other => connection::of_kube(other, config),
    }
}

pub(super) fn why(ended: Ended, last: Option<String>) -> Cause {
    match ended {
        Ended::Stopped => Cause::Stopped,
        Ended::TimedOut => Cause::TimedOut { last },
    }
}
