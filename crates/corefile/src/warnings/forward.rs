//! `forward`: loops, names that leak, upstreams that must be resolved before they can be asked.

use std::net::IpAddr;

use tazlab_go::net;

use super::super::address::Zone;
use super::super::diagnostic::{Finding, Kind};
use super::super::domain;
use super::super::lexer::Token;
use super::super::network;
use super::super::parser::{Directive, ServerBlock};
use super::super::settings::Cluster;
use super::super::transport::{Transport, transport};

#[allow(clippy::too_many_arguments)] // One rule, and all of these decide it.
pub(super) fn forward(
    block: &ServerBlock,
    zones: &[Zone],
    hosts: &[String],
    cluster: &Cluster,
    rewrites: &[Vec<&Token>],
    line: &[&Token],
    findings: &mut Vec<Finding>,
) {
    let [name, from, to @ ..] = line else { return };
    if !name.is("forward") {
        return;
    }
    let from_zones = domain::zones(&from.text);
    for token in to.iter().take_while(|token| !token.is("{")) {
        let (transport, host) = transport(&token.text);
        let (ip, port) = match net::split_host_port(host) {
            Ok((name, port)) => (network::ip_with_zone(name), port.parse().ok()),
            Err(_) => (network::ip_with_zone(host.trim_matches(['[', ']'])), transport.default_port()),
        };
        let Some(ip) = ip else {
            if host.starts_with('/') {
                if block.directive("loop").is_some() {
                    let message = format!(
                        "`loop` stops CoreDNS if a server of {host} leads back to it, as a local resolver does"
                    );
                    let fix = "name the upstream servers by their addresses";
                    findings.push(Finding::warning(Kind::NodeResolver, token.span, message).fix(fix).plugin("forward"));
                }
            } else if domain::is_name(host) {
                host_name(block, cluster, token, host, findings);
            }
            continue;
        };
        if transport == Transport::Dns && comes_back(zones, hosts, cluster, ip, port) {
            let message = format!("{ip} is where this server listens: what it forwards comes back to it");
            let unknown_rewrites = block.directive("rewrite").is_some_and(Directive::is_partly_unknown);
            // What is not known of the block may be a `bind` or a `rewrite`.
            let moved = unknown_rewrites || block.open || moves_every_name(zones, rewrites);
            let finding = if moved {
                Finding::warning(Kind::ForwardLoop, token.span, message)
            } else {
                Finding::error(Kind::ForwardLoop, token.span, message)
            };
            let fix = "answer from `kubernetes` in this block, or forward to another server";
            findings.push(finding.fix(fix).plugin("forward"));
        } else if !network::is_private(ip)
            && let Some(zone) = private_zone(zones, &from_zones, cluster)
        {
            let message = format!("names of {zone} are sent to the public server {ip}");
            let fix = "forward this zone to a server that has it";
            findings.push(Finding::warning(Kind::PrivateZoneLeaves, token.span, message).fix(fix).plugin("forward"));
        }
    }
}

fn host_name(block: &ServerBlock, cluster: &Cluster, token: &Token, host: &str, findings: &mut Vec<Finding>) {
    let name = domain::normalize(net::split_host_port(host).map_or(host, |(name, _)| name));
    let own = cluster.tailnet_domains.iter().chain([&cluster.domain]).filter(|domain| !domain.is_empty());
    let inside = own.map(|domain| domain::normalize(domain)).find(|domain| domain::is_within(&name, domain));
    let resolver =
        block.directive("forward").is_some_and(|directive| directive.tokens.iter().any(|token| token.is("resolver")));
    let finding = match inside {
        Some(domain) if !resolver => {
            let message = format!(
                "{host} lies in {domain}, which only this server could resolve, and it is resolved before it runs"
            );
            Finding::error(Kind::ForwardHostName, token.span, message)
        }
        _ => {
            let message = format!("{host} is resolved once, when CoreDNS starts: without it, DNS does not start");
            Finding::warning(Kind::ForwardHostName, token.span, message)
        }
    };
    findings.push(finding.fix("write the server's IP address").plugin("forward"));
}

/// Whether a query sent to this address reaches the block that sends it.
fn comes_back(zones: &[Zone], hosts: &[String], cluster: &Cluster, ip: IpAddr, port: Option<i64>) -> bool {
    let served = |port: Option<i64>| zones.iter().any(|zone| zone.transport == Transport::Dns && zone.port == port);
    if cluster.service_addresses.contains(&ip) {
        return port == Some(53);
    }
    let own = hosts.iter().any(|host| match host.as_str() {
        "" => ip.is_loopback() || ip.is_unspecified(),
        host => net::parse_ip(host).is_some_and(|host| host == ip || (host.is_unspecified() && ip.is_loopback())),
    });
    own && served(port)
}

/// Whether a rewrite moves every name out of the block's zones, so that what comes back is asked elsewhere.
fn moves_every_name(zones: &[Zone], rewrites: &[Vec<&Token>]) -> bool {
    zones.iter().all(|zone| {
        rewrites.iter().any(|line| {
            let words: Vec<&str> = line.iter().map(|token| &*token.text).collect();
            let (["rewrite", "stop" | "continue", rest @ ..] | ["rewrite", rest @ ..]) = words.as_slice() else {
                return false;
            };
            let words = rest;
            match *words {
                ["name", "suffix", from, to, ..] => {
                    domain::normalize(from) == zone.name && !domain::is_within(&domain::normalize(to), &zone.name)
                }
                ["name", "regex", from, to, ..] => {
                    // `^(.*)\.` would leave the zone's own name where it is.
                    let whole = format!("{}$", zone.name.replace('.', "\\."));
                    let begins = ["^(.*)", "^.*"].iter().any(|head| *from == format!("{head}{whole}"));
                    begins && !domain::is_within(&domain::normalize(to), &zone.name)
                }
                _ => false,
            }
        })
    })
}

/// A zone that must not be asked of public servers, if the block or the forward is for one.
fn private_zone(zones: &[Zone], from: &[String], cluster: &Cluster) -> Option<String> {
    let mut private: Vec<String> =
        ["local.", "internal.", "lan.", "home.arpa.", "ts.net.", "10.in-addr.arpa.", "168.192.in-addr.arpa."]
            .map(str::to_owned)
            .to_vec();
    private.extend((16..32).map(|octet| format!("{octet}.172.in-addr.arpa.")));
    private.extend(
        cluster
            .tailnet_domains
            .iter()
            .chain([&cluster.domain])
            .filter(|name| !name.is_empty())
            .map(|name| domain::normalize(name)),
    );
    let mut asked =
        zones.iter().map(|zone| &zone.name).filter(|zone| from.iter().any(|from| domain::is_within(zone, from)));
    let asked = asked.find(|zone| private.iter().any(|private| domain::is_within(zone, private))).cloned();
    asked.or_else(|| from.iter().find(|zone| private.iter().any(|private| domain::is_within(zone, private))).cloned())
}
