//! Host names and their addresses, by the system's own resolver. Whether a name does not exist, or nobody could be asked, is
//! told by getaddrinfo's code, which the standard library leaves out.

use std::io;
use std::net::SocketAddr;

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};
use thiserror::Error;

/// Why a name has no addresses.
#[derive(Debug, Error)]
pub(super) enum Unresolved {
    /// There is no such name, or it has no addresses.
    #[error("the name does not exist")]
    Nonexistent,
    /// It could not be found out.
    #[error("{0}")]
    Unknown(io::Error),
}

impl Unresolved {
    /// Is it sure that there is no such name?
    pub(super) fn is_nonexistent(&self) -> bool {
        matches!(self, Self::Nonexistent)
    }
}

impl From<LookupError> for Unresolved {
    fn from(error: LookupError) -> Self {
        match error.kind() {
            LookupErrorKind::NoName | LookupErrorKind::NoData => Self::Nonexistent,
            _ => Self::Unknown(error.into()),
        }
    }
}

/// The addresses of a host, which may also be an address itself; their port is 0.
///
/// # Errors
/// [`Unresolved`].
pub(super) async fn resolve(host: String) -> Result<Vec<SocketAddr>, Unresolved> {
    // It blocks, as long as the servers of the system's settings are silent.
    let asked = tokio::task::spawn_blocking(move || {
        let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
        let found = getaddrinfo(Some(&host), None, Some(hints))?;
        let addresses = found.map(|one| one.map(|one| one.sockaddr)).collect::<io::Result<Vec<_>>>();
        addresses.map_err(Unresolved::Unknown)
    });
    asked.await.map_err(|_| Unresolved::Unknown(io::Error::other("the runtime cancelled the look-up")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_is_its_own_and_a_name_that_cannot_be_is_none() {
        assert_eq!(resolve("127.0.0.1".to_owned()).await.unwrap(), ["127.0.0.1:0".parse().unwrap()]);
        assert!(!resolve("localhost".to_owned()).await.unwrap().is_empty());
        // A label of 64 characters is no name at all, so that the resolver need not ask anybody.
        let error = resolve(format!("{}.invalid", "a".repeat(64))).await.unwrap_err();
        assert!(error.is_nonexistent(), "{error:?}");
    }
}
