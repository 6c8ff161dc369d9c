//! `tls`: certificates from files, or by ACME.

use tazlab_go::{net, strconv, url};

use super::grammar::{Block, Head, Opt, PLUGIN, Plugin, at_least, between, exactly, once, takes};
use super::stanza::Stanza;
use super::value::Value;
use crate::diagnostic::Kind;
use crate::domain;
use crate::encryption::Encryption;

pub(super) const TLS: Plugin = Plugin {
    name: "tls",
    usage: "tls CERT KEY [CA]",
    head: Head::Custom(|stanza| {
        let arguments = stanza.take(stanza.name, between(0, 3, &[Value::Any]))?;
        if arguments.len() == 1 {
            return Err(stanza.wrong_count(stanza.name, &arguments, between(2, 3, &[Value::File])));
        }
        // Without a third one, the system's authorities are taken; an empty one is none.
        for (index, token) in arguments.iter().enumerate() {
            stanza.judge_value(if index < 2 { &Value::NamedFile } else { &Value::File }, token)?;
        }
        stanza.arguments = arguments;
        Ok(())
    }),
    block: Block::Custom(|stanza| {
        let before = stanza.context.findings.len();
        if stanza.arguments.is_empty() {
            acme(stanza);
        } else {
            stanza.read_options(MANUAL);
        }
        stanza.context.encryption =
            Some(if stanza.context.findings.len() > before { Encryption::Unknown } else { encryption(stanza) });
    }),
    ..PLUGIN
};

/// What the blocks of one listener must agree on.
fn encryption(stanza: &Stanza) -> Encryption {
    let value = |name: &str| {
        let argument = stanza.option(name)?.arguments.first()?;
        Some(argument.text.to_string())
    };
    if let [certificate, key, authority @ ..] = stanza.arguments.as_slice() {
        return Encryption::Files {
            paths: vec![certificate.text.to_string(), key.text.to_string()],
            authority: authority.first().map(|path| path.text.to_string()).filter(|path| !path.is_empty()),
            client_auth: value("client_auth").unwrap_or_else(|| "nocert".into()),
        };
    }
    let domains = stanza.option("acme").map(|option| option.arguments.as_slice()).unwrap_or_default();
    Encryption::Acme {
        domains: domains
            .iter()
            .map(|domain| domain.text.strip_suffix('.').unwrap_or(&domain.text).to_lowercase())
            .collect(),
        account: [
            value("email").unwrap_or_default(),
            value("ca").unwrap_or_else(|| LETS_ENCRYPT.into()),
            value("resolver").unwrap_or_default(),
        ],
        paths: [value("storage"), value("ca_root")],
    }
}

/// The authority that certmagic asks unless another is named.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

const MANUAL: &[Opt] = &[
    takes(
        "client_auth",
        exactly(1, &[Value::Word(&["nocert", "request", "require", "verify_if_given", "require_and_verify"])]),
    ),
    takes("keylog", exactly(1, &[Value::File])),
];

const ACME: &[Opt] = &[
    once("acme", at_least(1, &[Value::Any])),
    once("email", exactly(1, &[Value::Any])),
    once("ca", exactly(1, &[Value::Any])),
    once("storage", exactly(1, &[Value::Any])),
    once("ca_root", exactly(1, &[Value::File])),
    once("resolver", exactly(1, &[Value::Any])),
];

fn acme(stanza: &mut Stanza) {
    let before = stanza.context.findings.len();
    stanza.read_options(ACME);
    if stanza.context.findings.len() > before {
        return;
    }
    let Some(domains) = stanza.option("acme").map(|option| option.arguments.clone()) else {
        let fix = "write `tls CERT KEY`, or a block with `acme DOMAIN`";
        stanza.refuse(Kind::ArgumentCount, stanza.name, "tls has neither files nor an ACME domain", fix);
        return;
    };
    for token in domains {
        let name = token.text.strip_suffix('.').unwrap_or(&token.text);
        let bare = name.strip_prefix("*.").unwrap_or(name);
        // The rules of IDNA's look-up profile, for what is plain ASCII.
        let plain = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.get(2..4) != Some("--")
                && label.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-')
        };
        let good =
            domain::is_name(bare) && !bare.contains('*') && net::parse_ip(bare).is_none() && bare.split('.').all(plain);
        if !good && !bare.contains("xn--") {
            stanza.refuse(
                Kind::Value,
                token,
                format!("`{}` is not a domain for ACME", token.text),
                "write a domain name",
            );
        }
    }
    if let Some(ca) = stanza.option("ca").and_then(|option| option.arguments.first().copied()) {
        let good = |url: url::Url| matches!(url.scheme.as_str(), "https" | "http") && !url.host.is_empty();
        if !url::parse(&ca.text).is_some_and(good) {
            stanza.refuse(Kind::Value, ca, format!("`{}` is not the URL of a CA", ca.text), "write an https:// URL");
        }
    }
    if let Some(resolver) = stanza.option("resolver").and_then(|option| option.arguments.first().copied())
        && !resolver.text.is_empty()
    {
        let parts = net::split_host_port(&resolver.text).ok();
        let good = parts.is_some_and(|(host, port)| {
            !host.is_empty() && strconv::atoi(port).is_some_and(|port| (1..=65_535).contains(&port))
        });
        if !good {
            stanza.refuse(
                Kind::Value,
                resolver,
                format!("`{}` is not host:port", resolver.text),
                "write for example 1.1.1.1:53",
            );
        }
    }
}
