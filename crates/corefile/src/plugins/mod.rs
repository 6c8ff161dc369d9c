//! The plugins that are compiled into CoreDNS 1.15.0, in the order in which they run (`plugin.cfg`), with the grammar
//! of each. A new plugin is one table in the file of its family and one line here.

mod acl;
mod basic;
mod cache;
mod cloud;
mod dnssec;
mod dynupdate;
mod expression;
mod forward;
mod go_template;
mod grammar;
mod header;
mod kubernetes;
mod label_selector;
mod listen;
mod logging;
mod probes;
mod records;
mod rewrite;
mod shape;
mod stanza;
mod template;
mod tls;
mod translation;
mod value;
mod view;
mod zones;

pub(crate) use grammar::Plugin;
pub(crate) use stanza::{BlockContext, judge};
pub(crate) use value::judge_pattern;

use super::COREDNS_VERSION;
use super::diagnostic::{Finding, Kind};
use super::lexer::Token;
use super::nearest;

/// All plugins, first to run first.
static ALL: [&Plugin; 62] = [
    &basic::ROOT,
    &basic::METADATA,
    &basic::GEOIP,
    &basic::CANCEL,
    &listen::PROXYPROTO,
    &listen::QUIC,
    &listen::GRPC_SERVER,
    &listen::HTTPS,
    &listen::HTTPS3,
    &listen::TIMEOUTS,
    &listen::MULTISOCKET,
    &basic::RELOAD,
    &basic::NSID,
    &basic::BUFSIZE,
    &listen::BIND,
    &basic::DEBUG,
    &logging::TRACE,
    &probes::READY,
    &probes::HEALTH,
    &probes::PPROF,
    &listen::SHED,
    &probes::PROMETHEUS,
    &logging::ERRORS,
    &logging::LOG,
    &logging::DNSTAP,
    &basic::LOCAL,
    &translation::DNS64,
    &translation::SIIT,
    &basic::ANY,
    &basic::CHAOS,
    &basic::LOADBALANCE,
    &dnssec::TSIG,
    &rewrite::REWRITE,
    &kubernetes::AUTOPATH,
    &acl::ACL,
    &cache::CACHE,
    &header::HEADER,
    &dnssec::DNSSEC,
    &tls::TLS,
    &basic::MINIMAL,
    &template::TEMPLATE,
    &zones::TRANSFER,
    &dynupdate::DYNUPDATE,
    &zones::HOSTS,
    &cloud::ROUTE53,
    &cloud::AZURE,
    &cloud::CLOUDDNS,
    &kubernetes::K8S_EXTERNAL,
    &kubernetes::KUBERNETES,
    &zones::FILE,
    &zones::AUTO,
    &zones::SECONDARY,
    &cloud::ETCD,
    &basic::LOOP,
    &forward::FORWARD,
    &forward::GRPC,
    &basic::ERRATIC,
    &basic::WHOAMI,
    &basic::ON,
    &dnssec::SIGN,
    &view::VIEW,
    &cloud::NOMAD,
];

/// Finds a plugin by its name.
pub(crate) fn find(name: &str) -> Option<&'static Plugin> {
    ALL.iter().copied().find(|plugin| plugin.name == name)
}

/// The place of a plugin in the order in which they run.
pub(crate) fn order(name: &str) -> usize {
    ALL.iter().position(|plugin| plugin.name == name).unwrap_or(ALL.len())
}

/// Names of all plugins.
fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|plugin| plugin.name)
}

/// The plugins that have an option of this name.
fn owners(option: &str) -> Vec<&'static str> {
    let has = |plugin: &&&Plugin| match plugin.block {
        grammar::Block::Options(options) => options.iter().any(|known| known.name == option),
        _ => false,
    };
    ALL.iter().filter(has).map(|plugin| plugin.name).collect()
}

/// The error for a name that no plugin has; whether it opens a block tells a zone from a plugin.
pub(crate) fn unknown(token: &Token, opens: bool, known: &[String]) -> Finding {
    // Plugins that people know from elsewhere, and what to do without them.
    let elsewhere = match &*token.text {
        "proxy" => Some("`proxy` is gone since CoreDNS 1.5: use `forward . ADDRESS`"),
        "federation" => Some("`federation` is gone since CoreDNS 1.7: remove it"),
        "upstream" => Some("`upstream` is not a plugin any more: remove it"),
        "startup" | "shutdown" => Some("use `on startup COMMAND` or `on shutdown COMMAND`"),
        "unbound" | "alternate" | "fanout" | "mdns" | "records" | "alias" | "finalize" | "blocklist"
        | "k8s_gateway" => {
            Some("this plugin is not compiled into CoreDNS: use an image that has it, and name it in known_plugins")
        }
        _ => None,
    };
    let mut all: Vec<&str> = names().collect();
    all.push("import");
    all.extend(known.iter().map(String::as_str));
    let looks_like_zone = token.text.contains(['.', ':', '/']);
    let owners = owners(&token.text);
    let fix = match (elsewhere, nearest::of(&token.text, all.into_iter())) {
        (Some(fix), _) => fix.to_owned(),
        _ if opens && looks_like_zone => {
            "a server block cannot be inside another: close the one before it with `}`".to_owned()
        }
        _ if !owners.is_empty() => {
            let plugins = owners.join(", ");
            format!(
                "`{}` is an option of {plugins}: write it inside the plugin's block, whose `{{` ends the plugin's line",
                token.text
            )
        }
        (None, Some(name)) => format!("did you mean `{name}`?"),
        (None, None) if token.is("{") => "write the plugin's name before the brace, on the same line".to_owned(),
        (None, None) => {
            "remove the line; if your build of CoreDNS has this plugin, name it in known_plugins".to_owned()
        }
    };
    let message = format!("`{}` is not a plugin of CoreDNS {COREDNS_VERSION}", token.text);
    Finding::error(Kind::UnknownPlugin, token.span, message).fix(fix)
}
