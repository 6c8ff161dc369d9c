//! One request and its retries: from bytes to an answer or a typed error.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Url, redirect};
use tazlab_redacted::SecretBytes;
use tokio::time::Instant;

use super::course::{Course, Patience, why};
use super::date;
use super::error::{Cause, Error, Operation};
use super::gate::Gate;
use super::part;
use super::refusal::{refusal, words};
use super::request::{Answer, Body, Request};
use super::secrets::{needles, scrubber};
use super::settings::Settings;
use super::token::{Authorization, Tokens};
use crate::address::{is_loopback, origin};
use crate::authorities;
use crate::call::{Call, Ended};
use crate::limit::{Bounded, LARGEST_ANSWER};
use crate::reach::{Resolver, Unreachable};
use crate::shared::shared;

/// How long one request may take, its body included.
const REQUEST: Duration = Duration::from_mins(1);
/// How long a request that changes something may still take after the user stopped.
const GRACE: Duration = Duration::from_secs(10);

/// Connections, token and gate of one client.
pub(super) struct Wire {
    pub(super) settings: Settings,
    base: Url,
    http: reqwest::Client,
    gate: Gate,
    tokens: Tokens,
}

impl Wire {
    pub(super) fn new(settings: Settings) -> Result<Self, Error> {
        let refused = |problem: String| Error {
            operation: Operation::Connect,
            cause: Box::new(Cause::Request { problem }),
            uncertain: false,
        };
        let base = Url::parse(settings.base_url.expose()).map_err(|error| refused(format!("base_url: {error}")))?;
        if base.cannot_be_a_base() || base.host().is_none() {
            return Err(refused("base_url is not the address of a server".to_owned()));
        }
        // Someone else may have installed it already; whichever comes first is ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("terraform-provider-tazlab/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .dns_resolver(Resolver)
            // A credential is for one server, and a delete for one path.
            .redirect(redirect::Policy::none());
        if base.scheme() == "http" {
            // Machines without any certificate authority can still use a server without TLS.
            builder = builder.tls_certs_only([]);
        } else {
            authorities::check().map_err(|error| refused(error.to_string()))?;
        }
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| refused(Unreachable::from_chain(&error).to_string()))?;
        Ok(Self { settings, base, http, gate: Gate::default(), tokens: Tokens::default() })
    }

    /// Sends a request until it is answered, repeating what is safe to repeat.
    pub(super) async fn send(&self, call: &Call, patience: Patience, request: &Request) -> Result<Answer, Error> {
        let mut course = Course::new(patience);
        loop {
            let cause = match self.attempt(call, request, &mut course).await {
                Ok(answer) => return Ok(answer),
                Err(Stumble::Here(cause)) => cause,
                Err(Stumble::AtLogin(error)) => return Err(Error { uncertain: course.uncertain, ..error }),
            };
            if matches!(cause, Cause::Unauthorized { .. })
                && course.may_renew(request)
                && self.tokens.refuse(&self.settings.credential, course.generation)
            {
                continue;
            }
            let Some(pause) = course.pause(&cause, request).filter(|pause| call.has(*pause)) else {
                return Err(course.fail(request, cause));
            };
            if matches!(cause, Cause::Overloaded { .. }) {
                self.gate.close(pause);
            }
            tracing::debug!(operation = %request.operation, %cause, ?pause, "trying again");
            course.last = Some(cause.to_string());
            course.failing = course.last.clone().filter(|_| !matches!(cause, Cause::Overloaded { code: 429, .. }));
            let ended = call.run(tokio::time::sleep(pause)).await;
            ended.map_err(|ended| course.fail(request, why(ended, course.last.clone())))?;
        }
    }

    /// One try: waits at the gate, logs in where that is needed, asks.
    async fn attempt(&self, call: &Call, request: &Request, course: &mut Course) -> Result<Answer, Stumble> {
        while let Some(wait) = self.gate.wait() {
            if !call.has(wait) {
                return Err(Stumble::Here(Cause::TimedOut { last: course.last.clone() }));
            }
            let waited = call.run(tokio::time::sleep(wait)).await;
            waited.map_err(|ended| Stumble::Here(why(ended, course.last.clone())))?;
        }
        let authorization = if request.operation == Operation::LogIn {
            None
        } else {
            let logged_in = self.authorization(call, course.patience).await;
            let (value, generation) = logged_in.map_err(Stumble::AtLogin)?;
            course.generation = generation;
            Some(value)
        };
        if call.stop.is_cancelled() {
            return Err(Stumble::Here(Cause::Stopped));
        }
        if request.justified.is_some_and(|until| Instant::now() > until) {
            return Err(Stumble::Here(Cause::Outdated { failing: course.failing.clone() }));
        }
        let exchange = self.exchange(request, authorization, course.silence());
        let answered = if request.changes() { finish(call, exchange).await } else { call.run(exchange).await };
        match answered {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(failed)) => {
                course.uncertain |= failed.acted;
                Err(Stumble::Here(failed.cause))
            }
            Err(ended) => {
                course.uncertain |= request.changes();
                Err(Stumble::Here(why(ended, course.last.clone())))
            }
        }
    }

    /// What to show the server, and of which generation it is; logs in where that is needed.
    async fn authorization(&self, call: &Call, patience: Patience) -> Result<(HeaderValue, u64), Error> {
        match self.tokens.authorization(&self.settings.credential, call, patience).await? {
            Authorization::Ready(value, generation) => Ok((value, generation)),
            Authorization::LogIn(login) => {
                let answered = Box::pin(self.send(call, patience, &login.request)).await;
                login.end(answered)
            }
        }
    }

    fn url(&self, request: &Request) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v2"]).extend(&request.path);
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        url
    }

    fn server(&self) -> String {
        origin(&self.base)
    }

    /// The whole address, which may have a path: user information, query and fragment are no part of it.
    pub(super) fn address(&self) -> String {
        format!("{}{}", self.server(), self.base.path().trim_end_matches('/'))
    }

    async fn exchange(
        &self,
        request: &Request,
        authorization: Option<HeaderValue>,
        silence: Duration,
    ) -> Result<Answer, Failed> {
        let shown = authorization.clone();
        let mut builder = self.http.request(request.method.clone(), self.url(request)).timeout(REQUEST);
        if let Some(value) = authorization {
            builder = builder.header(AUTHORIZATION, value);
        }
        builder = match &request.body {
            Body::None => builder,
            Body::Json(body) => builder.json(body),
            Body::Form(form) => builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(shared(form)),
        };
        let mut answer = self.patiently(silence, builder.send()).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Bounded::new(LARGEST_ANSWER);
        while let Some(chunk) = self.patiently(silence, answer.chunk()).await? {
            body.push(&chunk).map_err(Cause::TooLarge)?;
        }
        let body = SecretBytes::new(body.into_body());
        if status.is_success() {
            let is_part = part::is_part(status, &headers);
            let shown = needles(&self.settings, shown.as_ref());
            return Ok(Answer { date: date::date(&headers), body, is_part, shown });
        }
        let secrets = scrubber(&self.settings, shown.as_ref());
        let words = words(body.expose(), &secrets);
        let granted = self.tokens.scope().map(|scope| secrets.scrub(&scope));
        Err(refusal(&request.operation, status, words, date::retry_after(&headers), granted).into())
    }

    async fn patiently<T>(
        &self,
        silence: Duration,
        step: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, Failed> {
        match tokio::time::timeout(silence, step).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => {
                // Whatever broke after the connection stood may have broken after the server had heard.
                let acted = !error.is_connect() && !error.is_builder();
                let reason = if error.is_timeout() { Unreachable::TimedOut } else { Unreachable::from_chain(&error) };
                Err(Failed { acted, cause: Cause::Unreachable { server: self.server(), reason } })
            }
            Err(_) => Err(Cause::Silent { server: self.server(), limit: silence }.into()),
        }
    }
}

/// Why a try gave no answer.
enum Stumble {
    /// It failed itself.
    Here(Cause),
    /// The login before it failed, after tries of its own.
    AtLogin(Error),
}

/// An exchange that failed.
struct Failed {
    cause: Cause,
    /// May the server have done it all the same?
    acted: bool,
}

impl From<Cause> for Failed {
    fn from(cause: Cause) -> Self {
        Self { acted: cause.may_have_acted(), cause }
    }
}

/// Lets a request that changes something finish when the user stops.
async fn finish<T>(call: &Call, work: impl Future<Output = T>) -> Result<T, Ended> {
    let overdue = async {
        call.stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let unstopped = Call::new(tokio_util::sync::CancellationToken::new(), call.deadline);
    tokio::select! {
        biased;
        done = unstopped.run(work) => done,
        () = overdue => Err(Ended::Stopped),
    }
}
