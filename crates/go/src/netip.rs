//! `net/netip`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `netip.ParseAddr`: an IPv6 address may name a zone. Gives the address, and whether it named one.
#[must_use]
pub fn parse_addr(text: &str) -> Option<(IpAddr, bool)> {
    match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => Some((address.parse::<Ipv6Addr>().ok()?.into(), true)),
        Some(_) => None,
        None => text.parse().ok().map(|address| (address, false)),
    }
}

/// `netip.ParsePrefix`: no zone, no leading zero in the number of bits. Gives the address as it is written, without the bits.
#[must_use]
pub fn parse_prefix(text: &str) -> Option<IpAddr> {
    let (address, bits) = text.rsplit_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let plain = bits == "0" || (!bits.starts_with('0') && super::strconv::parse_uint(bits, 32).is_some());
    let most = if address.is_ipv4() { 32 } else { 128 };
    (plain && bits.parse::<u32>().is_ok_and(|bits| bits <= most)).then_some(address)
}

/// `netip.ParseAddrPort`: an IPv6 address in brackets, an IPv4 address without.
#[must_use]
pub fn is_addr_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let six = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    super::strconv::parse_uint(port, 16).is_some()
        && match six {
            Some(inner) => parse_addr(inner).is_some_and(|(address, _)| address.is_ipv6()),
            None => host.parse::<Ipv4Addr>().is_ok(),
        }
}
