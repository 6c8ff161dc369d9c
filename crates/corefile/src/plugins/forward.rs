//! Plugins that ask other servers: `forward` and `grpc`.

use tazlab_go::{net, time};

use super::grammar::{
    Arguments, Block, FALLTHROUGH, Head, Occurs, Opt, PLUGIN, Plugin, at_least, between, custom, one, takes,
};
use super::records;
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::{Kind, Requirement};
use crate::lexer::Token;
use crate::transport::{Transport, transport};
use crate::{domain, network};

/// Ways in which `forward` asks, from `forward/setup.go`.
const ASKS: [Transport; 4] = [Transport::Dns, Transport::Tls, Transport::Quic, Transport::Https];

/// `forward/setup.go` and `grpc/setup.go`.
const MOST_UPSTREAMS: usize = 15;

pub(super) const FORWARD: Plugin = Plugin {
    name: "forward",
    usage: "forward FROM TO…",
    head: Head::Custom(|stanza| {
        let from = stanza.take_one(stanza.name, &Value::StrictZone)?;
        stanza.arguments = stanza.take(from, at_least(1, &[Value::Any]))?;
        Ok(())
    }),
    block: Block::Options(FORWARD_OPTIONS),
    finish: forward,
    ..PLUGIN
};

const POLICY: Opt = one("policy", Value::Word(&["random", "round_robin", "sequential"]));
const EXCEPT: Opt = takes("except", at_least(1, &[Value::Zone]));

const FORWARD_OPTIONS: &[Opt] = &[
    EXCEPT,
    one("max_fails", Value::Unsigned { bits: 32 }),
    one("max_connect_attempts", Value::Unsigned { bits: 32 }),
    custom("health_check", health_check),
    custom("force_tcp", nothing),
    custom("prefer_udp", nothing),
    takes("tls", between(0, 3, &[Value::File])),
    one("tls_servername", Value::Any),
    one("expire", Value::DURATION),
    one("max_age", Value::DURATION),
    one("max_idle_conns", Value::NOT_NEGATIVE),
    one("read_timeout", Value::Duration { least: 1, most: i64::MAX }),
    one("doh_method", Value::Word(&["POST", "GET"])),
    POLICY,
    one("max_concurrent", Value::NOT_NEGATIVE),
    custom("next", |stanza, name| response_codes(stanza, name, &[])),
    custom("next_on_nodata", nothing),
    takes("failfast_all_unhealthy_upstreams", Arguments::NONE),
    custom("failover", |stanza, name| response_codes(stanza, name, &["NOERROR"])),
    custom("resolver", |stanza, name| {
        for token in stanza.take(name, at_least(1, &[Value::Any]))? {
            let host = net::split_host_port(&token.text).map_or(&*token.text, |(host, _)| host);
            if net::parse_ip(host).is_none() {
                let message = format!("`{}` is not an IP address", token.text);
                return Err(stanza.refuse(Kind::Value, token, message, "write an IP address, with a port if needed"));
            }
        }
        Ok(())
    }),
    one("source_address", Value::Ip),
];

/// An option after which the line must end, a `{` included.
fn nothing<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    match stanza.words.next_argument() {
        Some(extra) => Err(stanza.wrong_count(name, &[extra], Arguments::NONE)),
        None => Ok(()),
    }
}

/// `health_check DURATION [no_rec] [domain NAME]`.
fn health_check<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    stanza.take_one(name, &Value::DURATION)?;
    while let Some(token) = stanza.words.next_argument() {
        match &*token.text {
            "no_rec" => {}
            "domain" => {
                let domain = stanza.take_one(token, &Value::Any)?;
                if !domain::is_name(&domain.text) {
                    let message = format!("`{}` is not a domain name", domain.text);
                    return Err(stanza.refuse(Kind::Value, domain, message, "write a domain name"));
                }
            }
            _ => return stanza.judge_value(&Value::Word(&["no_rec", "domain"]), token),
        }
    }
    Ok(())
}

fn response_codes<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token, refused: &[&str]) -> Judged {
    for token in stanza.take(name, at_least(1, &[Value::Any]))? {
        let code = token.text.to_uppercase();
        if !records::is_response_code(&code) {
            return stanza.judge_value(&Value::ResponseCode, token);
        }
        if refused.contains(&code.as_str()) {
            let message = format!("{code} is not a code after which another server is queried");
            return Err(stanza.refuse(Kind::Value, token, message, "remove it"));
        }
    }
    Ok(())
}

fn forward(stanza: &mut Stanza) {
    let duration = |name: &str| {
        let option = stanza.option(name)?;
        let token = option.arguments.first().copied()?;
        Some((token, time::parse_duration(&token.text)?))
    };
    // `expire` is 10s unless it is set.
    let expire = duration("expire").map_or(10 * time::SECOND, |(_, time)| time);
    if let Some((token, age)) = duration("max_age")
        && age > 0
        && age < expire
    {
        let message = format!("max_age of {} is less than expire", token.text);
        stanza.refuse(Kind::Conflict, token, message, "raise max_age, or lower expire (10s unless it is set)");
    }
    let server_name = stanza.option("tls_servername").and_then(|option| option.arguments.first().copied());
    let server_name = server_name.filter(|token| !token.text.is_empty());
    let to = stanza.arguments.clone();
    for token in &to {
        let (transport, host) = transport(&token.text);
        if transport == Transport::Https && host.contains('/') {
            let message = format!("`{}` has a path: CoreDNS always queries /dns-query", token.text);
            stanza.refuse(Kind::Value, token, message, "remove the path");
            continue;
        }
        upstream(stanza, token);
        if matches!(transport, Transport::Tls | Transport::Quic)
            && host.contains('%')
            && let Some(name) = server_name
        {
            let message = "the TLS server name is set here and in `tls_servername`";
            stanza.refuse(Kind::Conflict, name, message, "keep one of them");
        }
    }
    too_many(stanza, &to);
}

fn too_many(stanza: &mut Stanza, to: &[&Token]) {
    if let Some(extra) = to.get(MOST_UPSTREAMS) {
        stanza.refuse(Kind::ArgumentCount, extra, format!("more than {MOST_UPSTREAMS} upstreams"), "remove some");
    }
}

/// An upstream of `forward`: an address, a file like resolv.conf, or a name that is resolved at the start.
fn upstream(stanza: &mut Stanza, token: &Token) {
    let (transport, host) = transport(&token.text);
    if host.is_empty() {
        stanza.refuse(Kind::Value, token, format!("`{}` has no address", token.text), "write an IP address");
        return;
    }
    let is_address = is_address(host);
    if transport == Transport::Unix || (is_address && !ASKS.contains(&transport)) {
        let message = format!("forward cannot query {}:// servers", transport.name());
        stanza.refuse(Kind::Value, token, message, "use plain DNS, tls://, quic:// or https://");
        return;
    }
    if is_address {
        return;
    }
    if host.starts_with('/') || host.starts_with('.') {
        stanza.needs_file(token);
        return;
    }
    // A relative file of that name would win over the host.
    stanza.needs_file(token);
    let bare = host.rsplit_once('%').map_or(host, |(before, _)| before);
    let name = net::split_host_port(bare).map_or(bare, |(name, _)| name);
    let name = name.trim_matches(['[', ']']);
    if !ASKS.contains(&transport) || !domain::is_name(name) || net::parse_ip(name).is_some() {
        stanza.refuse(
            Kind::Value,
            token,
            format!("`{}` is not an address, file or host name", token.text),
            "write an IP address",
        );
        return;
    }
    stanza.context.requirements.push(Requirement::HostName(name.to_owned()));
}

/// Whether `parse.HostPortOrFile` finds an IP address in what follows the scheme.
fn is_address(host: &str) -> bool {
    match net::split_host_port(host) {
        Ok((name, _)) => network::ip_with_zone(name).is_some(),
        Err(_) => network::ip_with_zone(host.trim_matches(['[', ']'])).is_some(),
    }
}

pub(super) const GRPC: Plugin = Plugin {
    name: "grpc",
    usage: "grpc FROM TO…",
    occurs: Occurs::Once,
    head: Head::Custom(|stanza| {
        let from = stanza.take_one(stanza.name, &Value::StrictZone)?;
        stanza.arguments = stanza.take(from, at_least(1, &[Value::Any]))?;
        for token in stanza.arguments.clone() {
            let (transport, host) = transport(&token.text);
            if host.is_empty() {
                return Err(stanza.refuse(
                    Kind::Value,
                    token,
                    format!("`{}` has no address", token.text),
                    "write an IP address",
                ));
            }
            if transport != Transport::Unix && !is_address(host) {
                stanza.needs_file(token);
                // Unlike forward, grpc resolves no names.
                if !host.contains('/') && domain::is_name(host) {
                    let message =
                        format!("`{}` is not an address, and grpc would look for a file of that name", token.text);
                    stanza.warn(Kind::Value, token, message, "write an IP address");
                }
            }
        }
        Ok(())
    }),
    block: Block::Options(&[
        EXCEPT,
        takes("tls", between(0, 3, &[Value::File])),
        one("tls_servername", Value::Any),
        POLICY,
        FALLTHROUGH,
    ]),
    finish: |stanza| {
        let to = stanza.arguments.clone();
        too_many(stanza, &to);
    },
    ..PLUGIN
};
