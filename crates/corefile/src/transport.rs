//! How a server block, or an upstream, is spoken to.

/// How a server block, or an upstream, is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Transport {
    Dns,
    Tls,
    Quic,
    Grpc,
    Https,
    Https3,
    Unix,
}

const TRANSPORTS: [(&str, Transport); 7] = [
    ("tls://", Transport::Tls),
    ("dns://", Transport::Dns),
    ("quic://", Transport::Quic),
    ("grpc://", Transport::Grpc),
    ("https3://", Transport::Https3),
    ("https://", Transport::Https),
    ("unix://", Transport::Unix),
];

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        TRANSPORTS
            .iter()
            .find(|(_, transport)| *transport == self)
            .map_or("dns", |(name, _)| name.trim_end_matches("://"))
    }

    /// The port without one in the Corefile; a socket has none.
    pub(crate) fn default_port(self) -> Option<i64> {
        match self {
            Transport::Dns => Some(53),
            Transport::Tls | Transport::Quic => Some(853),
            Transport::Grpc | Transport::Https | Transport::Https3 => Some(443),
            Transport::Unix => None,
        }
    }
}

/// Splits a known scheme off; anything else is plain DNS.
pub(crate) fn transport(text: &str) -> (Transport, &str) {
    TRANSPORTS
        .iter()
        .find_map(|(scheme, transport)| text.strip_prefix(scheme).map(|rest| (*transport, rest)))
        .unwrap_or((Transport::Dns, text))
}
