//! Why a server cannot be reached: the causes that hide in the transport's error chain, by type and never by text.
//!
//! A foreign error is not displayed unless its type is known to hold nothing of the call: others quote URLs with their user
//! info, what a credential plugin printed, what a server sent.

use std::error::Error as StdError;
use std::io;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::CertificateError;
use thiserror::Error;

use super::resolve::{Unresolved, resolve};

/// Why no answer came.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unreachable {
    /// Nothing listens at the address.
    #[error("connection refused; nothing listens there yet")]
    Refused,
    /// The network knows no way.
    #[error("no route to the host")]
    NoRoute,
    /// The connection or the answer took too long.
    #[error("no answer in time")]
    TimedOut,
    /// The connection was closed in the middle.
    #[error("the connection was closed before the answer")]
    Reset,
    /// The name does not resolve.
    #[error("the host name does not resolve: {message}")]
    Dns {
        /// The resolver's words.
        message: String,
        /// Whether the resolver was told that there is no such name; otherwise nobody could tell it.
        nonexistent: bool,
    },
    /// The certificate is not signed by an authority that is trusted here.
    #[error("the server's certificate is signed by an unknown authority; is cluster_ca_certificate of this cluster?")]
    UnknownAuthority,
    /// The certificate is for other names.
    #[error("the server's certificate is not for this name but for {}; set tls_server_name or add the name to certSANs", names.join(", "))]
    WrongName {
        /// The names that it is for.
        names: Vec<String>,
    },
    /// Another TLS failure.
    #[error("TLS: {message}")]
    Tls {
        /// rustls' words.
        message: String,
    },
    /// The proxy in between did not connect, which says nothing about the server.
    #[error("the proxy did not connect: {message}")]
    Proxy {
        /// Why.
        message: String,
    },
    /// Anything else.
    #[error("{message}")]
    Other {
        /// What is known of the cause, in words that hold nothing of the call.
        message: String,
    },
}

/// The system's resolver, whose failures can be told from others.
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = resolve(name.as_str().to_owned()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// What the operating system says of an input or output error; never what somebody else wrapped into it.
#[must_use]
pub(super) fn of_system(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.kind().to_string(),
    }
}

/// The failure of a proxy to connect. Its type has no name outside of its crate, and fixed words.
#[derive(Debug, Error)]
#[error("{words}")]
pub(super) struct ProxyFailure {
    words: String,
    source: Box<dyn StdError + Send + Sync>,
}

impl ProxyFailure {
    /// Of an error of `hyper_util`'s own proxy connectors, and of no other: it is displayed.
    pub(super) fn of(error: impl StdError + Send + Sync + 'static) -> Self {
        Self { words: error.to_string(), source: Box::new(error) }
    }
}

impl Unreachable {
    /// Whether the failure is what a server that does not exist any more looks like: refused, no route, no answer in time, or
    /// a name that does not exist. A network that is off (a VPN) looks alike. Whatever answers, be it the wrong certificate or
    /// a closed connection, is there.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Refused | Self::NoRoute | Self::TimedOut | Self::Dns { nonexistent: true, .. })
    }

    /// Whether the request may have arrived before it failed so.
    #[must_use]
    pub fn comes_after_sending(&self) -> bool {
        matches!(self, Self::TimedOut | Self::Reset | Self::Tls { .. } | Self::Other { .. })
    }

    /// Whether waiting can hardly help: the server is there, and it is not the one that was meant.
    #[must_use]
    pub fn is_about_trust(&self) -> bool {
        matches!(self, Self::UnknownAuthority | Self::WrongName { .. } | Self::Tls { .. })
    }

    /// Finds the cause in a chain of errors.
    pub(super) fn from_chain(error: &(dyn StdError + 'static)) -> Self {
        let mut next = Some(error);
        let mut found = None;
        let mut words = None;
        while let Some(error) = next {
            if let Some(unresolved) = error.downcast_ref::<Unresolved>() {
                // The resolver of the system has fixed words.
                return Self::Dns { message: unresolved.to_string(), nonexistent: unresolved.is_nonexistent() };
            }
            if let Some(tls) = error.downcast_ref::<rustls::Error>() {
                return Self::from_tls(tls);
            }
            if let Some(ProxyFailure { words, source }) = error.downcast_ref() {
                return Self::Proxy {
                    message: match Self::from_chain(source.as_ref()) {
                        Self::Other { .. } => words.clone(),
                        reason => format!("{words} ({reason})"),
                    },
                };
            }
            if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
                if hyper.is_incomplete_message() || hyper.is_closed() {
                    found = found.or(Some(Self::Reset));
                }
                // Fixed words: its causes are not displayed with it.
                words = Some(hyper.to_string());
            }
            if let Some(broken) = error.downcast_ref::<h2::Error>() {
                let io = broken.get_io().and_then(|io| Self::from_kind(io.kind()));
                let ended = broken.is_reset() || broken.is_go_away() || broken.is_io();
                found = io.or(found).or(ended.then_some(Self::Reset));
                // Displayed whole, it quotes what the server sent.
                words = broken.reason().map(|reason| format!("HTTP/2: {}", reason.description())).or(words);
            }
            next = error.source();
            if let Some(io) = error.downcast_ref::<io::Error>() {
                found = Self::from_kind(io.kind()).or(found);
                // An io::Error that wraps another error gives that one's source, and hides the error itself.
                let inner = io.get_ref().map(|inner| -> &(dyn StdError + 'static) { inner });
                if inner.is_none() {
                    words = Some(of_system(io));
                }
                next = inner.or(next);
            }
        }
        let other = || Self::Other { message: words.unwrap_or_else(|| "the connection could not be made".to_owned()) };
        found.unwrap_or_else(other)
    }

    fn from_kind(kind: io::ErrorKind) -> Option<Self> {
        Some(match kind {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
                Self::NoRoute
            }
            io::ErrorKind::TimedOut => Self::TimedOut,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Self::Reset,
            _ => return None,
        })
    }

    fn from_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
                Self::UnknownAuthority
            }
            rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
                Self::WrongName { names: presented.clone() }
            }
            // What others put into rustls' errors is theirs.
            rustls::Error::InvalidCertificate(CertificateError::Other(_)) => {
                Self::Tls { message: "the server's certificate is not accepted".to_owned() }
            }
            rustls::Error::General(_) | rustls::Error::Other(_) => {
                Self::Tls { message: "the connection could not be secured".to_owned() }
            }
            other => Self::Tls { message: other.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_found_under_wrappers() {
        let refused = io::Error::other(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(Unreachable::from_chain(&refused), Unreachable::Refused);
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(Unreachable::from_chain(&io::Error::other(tls)), Unreachable::UnknownAuthority);
        let dns = io::Error::other(Unresolved::Nonexistent);
        let Unreachable::Dns { nonexistent: true, .. } = Unreachable::from_chain(&dns) else { panic!("{dns}") };
    }

    #[test]
    fn only_what_nobody_answers_looks_like_a_server_that_is_gone() {
        let dns = |nonexistent| Unreachable::Dns { message: String::new(), nonexistent };
        for gone in [Unreachable::Refused, Unreachable::NoRoute, Unreachable::TimedOut, dns(true)] {
            assert!(gone.is_absence(), "{gone}");
        }
        let other = Unreachable::Other { message: String::new() };
        let tls = Unreachable::Tls { message: String::new() };
        let name = Unreachable::WrongName { names: Vec::new() };
        for there in [Unreachable::Reset, Unreachable::UnknownAuthority, dns(false), other, tls, name] {
            assert!(!there.is_absence(), "{there}");
        }
    }

    #[test]
    fn a_foreign_error_is_not_displayed() {
        #[derive(Debug, Error)]
        #[error("it printed hunter2")]
        struct Foreign(#[source] io::Error);
        for inner in [io::Error::other("hunter2"), io::Error::from_raw_os_error(1)] {
            let chain = io::Error::other(Foreign(io::Error::other(Foreign(inner))));
            let told = Unreachable::from_chain(&chain);
            assert!(matches!(told, Unreachable::Other { .. }), "{told:?}");
            assert!(!format!("{told} {told:?}").contains("hunter2"), "{told:?}");
        }
        assert!(!of_system(&io::Error::other("hunter2")).contains("hunter2"));
        let tls = io::Error::other(rustls::Error::General("hunter2".into()));
        assert!(!Unreachable::from_chain(&tls).to_string().contains("hunter2"));
    }
}
