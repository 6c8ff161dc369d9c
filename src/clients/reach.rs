//! Why a server cannot be reached: the causes that hide in the transport's error chain, by type and never by text.

use std::error::Error as StdError;
use std::io;

use rustls::CertificateError;
use thiserror::Error;

/// Why no answer came.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unreachable {
    /// Nothing listens at the address.
    #[error("connection refused; nothing listens there (yet)")]
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
    /// Anything else.
    #[error("{message}")]
    Other {
        /// The innermost cause.
        message: String,
    },
}

/// The resolver's failure, marked so that it can be told from other input and output errors.
#[derive(Debug, Error)]
#[error("{0}")]
pub(super) struct DnsFailure(pub(super) io::Error);

impl Unreachable {
    /// Whether waiting can hardly help: the server is there, and it is not the one that was meant.
    pub(super) fn is_about_trust(&self) -> bool {
        matches!(self, Self::UnknownAuthority | Self::WrongName { .. } | Self::Tls { .. })
    }

    /// Finds the cause in a chain of errors.
    pub(super) fn from_chain(error: &(dyn StdError + 'static)) -> Self {
        let mut next = Some(error);
        let mut found = None;
        let mut innermost = error.to_string();
        while let Some(error) = next {
            innermost = error.to_string();
            if let Some(DnsFailure(cause)) = error.downcast_ref() {
                return Self::Dns { message: cause.to_string() };
            }
            if let Some(tls) = error.downcast_ref::<rustls::Error>() {
                return Self::from_tls(tls);
            }
            if let Some(hyper) = error.downcast_ref::<hyper::Error>()
                && (hyper.is_incomplete_message() || hyper.is_closed())
            {
                found = found.or(Some(Self::Reset));
            }
            if let Some(broken) = error.downcast_ref::<h2::Error>() {
                let io = broken.get_io().and_then(|io| Self::from_kind(io.kind()));
                let ended = broken.is_reset() || broken.is_go_away() || broken.is_io();
                found = io.or(found).or(ended.then_some(Self::Reset));
            }
            next = error.source();
            if let Some(io) = error.downcast_ref::<io::Error>() {
                found = Self::from_kind(io.kind()).or(found);
                // An io::Error that wraps another error gives that one's source, and hides the error itself.
                next = io.get_ref().map(|inner| -> &(dyn StdError + 'static) { inner }).or(next);
            }
        }
        found.unwrap_or(Self::Other { message: innermost })
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
        let dns = io::Error::other(DnsFailure(io::Error::other("no such name")));
        assert_eq!(Unreachable::from_chain(&dns), Unreachable::Dns { message: "no such name".into() });
    }
}
