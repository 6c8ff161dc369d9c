//! Why a request got no answer, from what the library and the clock say. What an answer means is read in `status`.

use super::address::origin;
use super::authentication;
use super::connection;
use super::error::Cause;
use crate::call::Ended;
use crate::reach::Unreachable;

pub(super) fn of_kube(error: &kube::Error, config: &kube::Config) -> Cause {
    if let Some(error) = authentication::in_chain(error) {
        return authentication::of_kube(error, &config.auth_info).into();
    }
    match error {
        kube::Error::Service(_) | kube::Error::HyperError(_) => {
            unreachable(&origin(&config.cluster_url), Unreachable::from_chain(error))
        }
        other => connection::of_kube(other, config),
    }
}

pub(super) fn unreachable(server: &str, reason: Unreachable) -> Cause {
    Cause::Unreachable { server: server.to_owned(), reason }
}

pub(super) fn why(ended: Ended, last: Option<String>) -> Cause {
    match ended {
        Ended::Stopped => Cause::Stopped,
        Ended::TimedOut => Cause::TimedOut { last },
    }
}
