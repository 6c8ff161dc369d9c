//! Waiting for an API server to be ready.

use std::time::Duration;

use tokio::time::Instant;

use super::authentication::AuthenticationError;
use super::error::{Cause, Error};
use super::kind::Target;
use super::send::{Connected, Verb};
use super::unanswered::why;
use crate::backoff::backoff;
use crate::call::Call;

/// How long credentials or certificates may be wrong before the wait ends: a server that is being born may hold old
/// ones for a moment.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long the server may refuse to say whether it is ready: everybody may ask, but one that has just begun has not
/// read its roles yet.
const REFUSAL: Duration = Duration::from_secs(5);

pub(super) async fn wait(
    connected: &Connected,
    call: &Call,
    mut progress: impl FnMut(&str) + Send,
) -> Result<(), Error> {
    let target = Target::server("wait for the API server to be ready");
    let (mut done, mut wrong_since, mut last) = (0, None, None);
    let mut refused_since: Option<Instant> = None;
    loop {
        let cause = match connected.once(call, &target, Verb::Get, "/readyz", None).await {
            Ok(_) | Err(Cause::NotFound | Cause::Foreign { code: 404, .. }) => return Ok(()),
            // It answers, and knows who asks; that this user may not see /readyz says nothing about readiness.
            Err(Cause::Forbidden { .. }) if refused_since.is_some_and(|since| since.elapsed() >= REFUSAL) => {
                return Ok(());
            }
            Err(Cause::TimedOut { .. }) => return Err(target.fail(Cause::TimedOut { last })),
            Err(cause) => cause,
        };
        if matches!(cause, Cause::Forbidden { .. }) {
            refused_since.get_or_insert_with(Instant::now);
        } else if hopeless(&cause, &mut wrong_since) {
            return Err(target.fail(cause));
        }
        done += 1;
        let seen = cause.to_string();
        progress(&format!("waiting for the API server: {seen}"));
        last = Some(seen);
        let pause = call.run(tokio::time::sleep(backoff(done))).await;
        pause.map_err(|ended| target.fail(why(ended, last.clone())))?;
    }
}

/// One request for `/readyz`: why the server is not ready, in its own words, or `None` when it is.
pub(super) async fn probe(connected: &Connected, call: &Call) -> Result<Option<String>, Error> {
    let target = Target::server("ask whether the API server is ready");
    match connected.once(call, &target, Verb::Get, "/readyz", None).await {
        // As above: whoever may not read /readyz has been recognised by a server that answers.
        Ok(_) | Err(Cause::NotFound | Cause::Forbidden { .. } | Cause::Foreign { code: 404, .. }) => Ok(None),
        Err(cause @ (Cause::Api { .. } | Cause::Overloaded { .. } | Cause::Foreign { .. })) => {
            Ok(Some(cause.to_string()))
        }
        Err(cause) => Err(target.fail(cause)),
    }
}

/// Whether waiting cannot help (any more).
fn hopeless(cause: &Cause, wrong_since: &mut Option<Instant>) -> bool {
    match cause {
        Cause::Authentication(AuthenticationError::Refused) => {}
        Cause::Unreachable { reason, .. } if reason.is_about_trust() => {}
        Cause::Unreachable { .. } | Cause::Overloaded { .. } | Cause::Api { .. } => {
            *wrong_since = None;
            return false;
        }
        _ => return true,
    }
    wrong_since.get_or_insert_with(Instant::now).elapsed() >= PATIENCE
}
