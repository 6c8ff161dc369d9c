//! What starts and harms: loops, names that leak, rewrites whose answers do not match, plugins that a cluster misses.

use std::net::IpAddr;

use tazlab_go::net;

use super::address::{self, Transport, Zone};
use super::diagnostic::{Finding, Kind};
use super::domain;
use super::lexer::Token;
use super::network;
use super::parser::{Directive, ServerBlock};
use super::plugins::judge_pattern;
use super::settings::Cluster;

/// Judges one server block.
pub(crate) fn judge(
    block: &ServerBlock,
    zones: &[Zone],
    hosts: &[String],
    cluster: &Cluster,
    findings: &mut Vec<Finding>,
) {
    let rewrites = block.directive("rewrite").map(lines).unwrap_or_default();
    for line in block.directive("forward").map(lines).unwrap_or_default() {
        forward(block, zones, hosts, cluster, &rewrites, &line, findings);
    }
    for line in &rewrites {
        rewrite(line, findings);
    }
    for line in block.directive("template").map(lines).unwrap_or_default() {
        if let [name, patterns @ ..] = line.as_slice()
            && name.is("match")
        {
            for pattern in patterns {
                anchors(pattern, "template", findings);
            }
        }
    }
    if let (Some(cache), Some(rewrite)) = (block.directive("cache"), block.directive("rewrite"))
        && let (Some(cache), Some(first)) = (cache.tokens.first(), rewrite.tokens.first())
        && cache.span < first.span
    {
        let message = "`rewrite` always runs before `cache`: the order in the file has no effect, and what is cached are rewritten names";
        let fix = "put `rewrite` above `cache`, so that the file reads as it runs";
        findings.push(Finding::warning(Kind::Order, cache.span, message).fix(fix).plugin("cache"));
    }
    reverse_zones(block, zones, findings);
    if !block.directives.is_empty() && block.lacks("errors") {
        let message = "this server block has no `errors`: failures are not logged";
        findings.push(Finding::warning(Kind::MissingPlugin, block.span(), message).fix("add `errors`"));
    }
}

/// Judges what concerns all blocks together.
pub(crate) fn judge_whole(blocks: &[ServerBlock], zones: &[Vec<Zone>], cluster: &Cluster, findings: &mut Vec<Finding>) {
    let Some(first) = blocks.first() else { return };
    if zones.iter().all(Vec::is_empty) {
        return;
    }
    for (plugin, default, probed, purpose) in [
        ("ready", 8181, cluster.ready_port, "the pod's readiness cannot be probed"),
        ("health", 8080, cluster.health_port, "the pod's liveness cannot be probed"),
    ] {
        let found: Vec<&Directive> = blocks.iter().filter_map(|block| block.directive(plugin)).collect();
        if found.is_empty() && blocks.iter().any(|block| block.open) {
            continue;
        }
        if found.is_empty() {
            let message = format!("no server block has `{plugin}`: {purpose}");
            findings.push(
                Finding::warning(Kind::MissingPlugin, first.span(), message)
                    .fix(format!("add `{plugin}` to the first block")),
            );
            continue;
        }
        let port = |directive: &Directive| {
            let argument = directive.tokens.get(1).filter(|token| !token.is("{"));
            argument.map_or(Some(default), |token| net::split_host_port(&token.text).ok()?.1.parse::<u16>().ok())
        };
        if let Some(probed) = probed
            && !found.iter().any(|directive| port(directive) == Some(probed))
            && let Some(token) = found.first().and_then(|directive| directive.tokens.first())
        {
            let message = format!("the pod's probe uses port {probed}, and `{plugin}` listens on another one");
            findings.push(
                Finding::warning(Kind::Probe, token.span, message)
                    .fix(format!("write `{plugin} :{probed}`"))
                    .plugin(plugin),
            );
        }
    }
}

/// The words of a directive, line by line; lines that are not wholly known are left out.
fn lines(directive: &Directive) -> Vec<Vec<&Token>> {
    let mut lines: Vec<Vec<&Token>> = Vec::new();
    for token in &directive.tokens {
        match lines.last_mut() {
            Some(line) if line.last().is_some_and(|before| before.same_line(token)) => line.push(token),
            _ => lines.push(vec![token]),
        }
    }
    lines.retain(|line| !line.iter().any(|token| token.unknown));
    lines
}

#[allow(clippy::too_many_arguments)] // One rule, and all of these decide it.
fn forward(
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
        let (transport, host) = address::transport(&token.text);
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

fn rewrite(line: &[&Token], findings: &mut Vec<Finding>) {
    let rest = match line {
        [name, mode, rest @ ..] if name.is("rewrite") && (mode.is("stop") || mode.is("continue")) => rest,
        [name, rest @ ..] if name.is("rewrite") => rest,
        _ => return,
    };
    let [kind, how, from, _, answers @ ..] = rest else { return };
    let answers = match answers {
        [word, rest @ ..] if word.is("metadata") => rest,
        _ => answers,
    };
    if !kind.is("name") || how.is("exact") {
        return;
    }
    if answers.is_empty() {
        let message = "the answer will carry the rewritten name, and clients drop an answer to another question";
        findings.push(
            Finding::warning(Kind::RewriteAnswer, kind.span, message)
                .fix("add `answer auto` at the end")
                .plugin("rewrite"),
        );
    }
    if how.is("regex") {
        anchors(from, "rewrite", findings);
    }
}

fn anchors(token: &Token, plugin: &str, findings: &mut Vec<Finding>) {
    let Ok(pattern) = judge_pattern(&token.text) else { return };
    let finding = if pattern.ends && !pattern.may_end_with_dot {
        Finding::warning(Kind::Pattern, token.span, "this never matches: the names that CoreDNS matches end with a dot")
            .fix("write `\\.$` at the end")
    } else if !pattern.begins || !pattern.ends {
        let (side, fix) = match (pattern.begins, pattern.ends) {
            (false, false) => ("on neither side", "begin it with `^` and end it with `\\.$`"),
            (false, true) => ("not at its beginning", "begin it with `^`"),
            _ => ("not at its end", "end it with `\\.$`"),
        };
        Finding::warning(
            Kind::Pattern,
            token.span,
            format!("the expression is anchored {side}: it matches parts of names"),
        )
        .fix(fix)
    } else {
        return;
    };
    findings.push(finding.plugin(plugin));
}

fn reverse_zones(block: &ServerBlock, zones: &[Zone], findings: &mut Vec<Finding>) {
    let Some(directive) = block.directive("kubernetes").filter(|directive| !directive.is_partly_unknown()) else {
        return;
    };
    let Some((name, rest)) = directive.tokens.split_first() else { return };
    let arguments = rest.iter().take_while(|token| name.same_line(token) && !token.is("{"));
    let mut served: Vec<String> = arguments.flat_map(|token| domain::zones(&token.text)).collect();
    if served.is_empty() {
        served = zones.iter().map(|zone| zone.name.clone()).collect();
    }
    let falls = lines(directive).into_iter().find(|line| line.first().is_some_and(|word| word.is("fallthrough")));
    let passes: Vec<String> = match &falls {
        Some(line) if line.len() > 1 => line.iter().skip(1).flat_map(|token| domain::zones(&token.text)).collect(),
        Some(_) => vec![".".into()],
        None => Vec::new(),
    };
    let reverse = |zone: &&String| domain::is_reverse(zone) || matches!(zone.as_str(), "in-addr.arpa." | "ip6.arpa.");
    if let Some(zone) =
        served.iter().find(|zone| reverse(zone) && !passes.iter().any(|pass| domain::is_within(zone, pass)))
    {
        let message = format!("addresses of {zone} that are not the cluster's get NXDOMAIN");
        let fix = "add `fallthrough in-addr.arpa ip6.arpa`";
        findings.push(Finding::warning(Kind::ReverseZones, name.span, message).fix(fix).plugin("kubernetes"));
    }
}
