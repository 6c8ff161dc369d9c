//! `net`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `net.ParseIP`: no zone, no leading zeros.
#[must_use]
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// A network (`net.IPNet`): its first address and the length of its prefix in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// The network of that many bits that begins at an address given as a number, of the same family as this one.
    #[must_use]
    pub fn at(self, number: u128, prefix: u32) -> Self {
        let address = if self.address.is_ipv4() {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)))
        } else {
            IpAddr::V6(Ipv6Addr::from(number))
        };
        Self { address, prefix }
    }

    /// The first address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// The first address as a number.
    #[must_use]
    pub fn number(self) -> u128 {
        match self.address {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address),
        }
    }

    /// The length of its prefix in bits.
    #[must_use]
    pub fn prefix(self) -> u32 {
        self.prefix
    }

    /// The bits of an address of its family.
    #[must_use]
    pub fn bits(self) -> u32 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }
}

/// `net.ParseCIDR`, with the host bits cleared. `None` for what is no network.
#[must_use]
pub fn parse_cidr(text: &str) -> Option<Network> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip(address)?;
    let prefix = super::strconv::parse_uint(length, 32).and_then(|prefix| u32::try_from(prefix).ok())?;
    let network = Network { address, prefix };
    let host_bits = network.bits().checked_sub(prefix)?;
    let cleared = network.number().checked_shr(host_bits).unwrap_or(0).checked_shl(host_bits).unwrap_or(0);
    Some(network.at(cleared, prefix))
}

/// Why a text is not `host:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostPortError {
    /// No colon is where a port would follow.
    #[error("the port is missing")]
    MissingPort,
    /// An IPv6 address without brackets, as it seems.
    #[error("there are too many colons; an IPv6 address needs brackets")]
    TooManyColons,
    /// A bracket without its counterpart, or where none may be.
    #[error("the brackets do not match")]
    Brackets,
}

/// `net.SplitHostPort`: the host without brackets, and the port, which is not checked and may be empty.
///
/// # Errors
/// Where a part is missing or does not fit.
pub fn split_host_port(text: &str) -> Result<(&str, &str), HostPortError> {
    let (before, port) = text.rsplit_once(':').ok_or(HostPortError::MissingPort)?;
    let Some(inner) = text.strip_prefix('[') else {
        if before.contains(':') {
            return Err(HostPortError::TooManyColons);
        }
        return if text.contains(['[', ']']) { Err(HostPortError::Brackets) } else { Ok((before, port)) };
    };
    let (host, rest) = inner.split_once(']').ok_or(HostPortError::Brackets)?;
    match rest.strip_prefix(':') {
        // The last colon is the one that follows the bracket.
        Some(tail) if !tail.contains(':') => {}
        Some(_) => return Err(HostPortError::TooManyColons),
        None => return Err(HostPortError::MissingPort),
    }
    if inner.contains('[') || port.contains(']') { Err(HostPortError::Brackets) } else { Ok((host, port)) }
}
