//! What answers for the cluster: `kubernetes`, `k8s_external`, `autopath`.

use super::grammar::{
    Arguments, Block, FALLTHROUGH, Head, Occurs, PLUGIN, Plugin, at_least, between, custom, exactly, flag, takes,
};
use super::label_selector;
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::{Kind, Requirement};
use crate::domain;
use crate::lexer::Token;

pub(super) const KUBERNETES: Plugin = Plugin {
    name: "kubernetes",
    usage: "kubernetes [ZONES…]",
    occurs: Occurs::Once,
    head: Head::Custom(|stanza| {
        stanza.arguments = stanza.take(stanza.name, Arguments::ZONES)?;
        let unknown_zones = stanza.arguments.is_empty() && !stanza.context.block.knows_zones();
        if !unknown_zones && authoritative(stanza).iter().all(|zone| domain::is_reverse(zone)) {
            let message = "kubernetes needs a zone that is not a reverse one";
            return Err(stanza.refuse(
                Kind::Value,
                stanza.name,
                message,
                "write for example `kubernetes cluster.local in-addr.arpa`",
            ));
        }
        Ok(())
    }),
    block: Block::Options(&[
        takes("endpoint_pod_names", Arguments::NONE),
        takes("pods", exactly(1, &[Value::Word(&["disabled", "insecure", "verified"])])),
        takes("namespaces", at_least(1, &[Value::Any])),
        takes("endpoint", at_least(1, &[Value::Any])),
        takes("tls", exactly(3, &[Value::File])),
        custom("labels", selector),
        custom("namespace_labels", selector),
        FALLTHROUGH,
        takes("ttl", at_least(1, &[Value::TTL, Value::Any])),
        takes("noendpoints", Arguments::NONE),
        takes("zonal", Arguments::NONE),
        takes("ignore", at_least(0, &[Value::Word(&["empty_service"]), Value::Any])),
        takes("kubeconfig", between(1, 2, &[Value::File, Value::Any])),
        takes("multicluster", Arguments::ZONES),
        takes("startup_timeout", at_least(1, &[Value::ANY_DURATION, Value::Any])),
        takes("apiserver_qps", exactly(1, &[Value::Float { least: 0.0, most: f32::MAX as f64 }])),
        takes("apiserver_burst", exactly(1, &[Value::NOT_NEGATIVE])),
        takes("apiserver_max_inflight", exactly(1, &[Value::NOT_NEGATIVE])),
    ]),
    finish: |stanza| {
        let at = |stanza: &Stanza, name: &str| stanza.option(name).map(|option| option.name.clone());
        if let (Some(_), Some(labels)) = (at(stanza, "namespaces"), at(stanza, "namespace_labels")) {
            stanza.refuse(
                Kind::Conflict,
                &labels,
                "`namespaces` and `namespace_labels` exclude each other",
                "keep one of them",
            );
        }
        if let (Some(zonal), Some(_)) = (at(stanza, "zonal"), at(stanza, "noendpoints")) {
            stanza.refuse(Kind::Conflict, &zonal, "`zonal` and `noendpoints` exclude each other", "keep one of them");
        }
        let zones = authoritative(stanza);
        let clusters = stanza.option("multicluster").map(|option| option.arguments.clone()).unwrap_or_default();
        for token in clusters {
            if domain::zones(&token.text).iter().any(|zone| !zones.contains(zone)) {
                let message = format!("`{}` is not one of the zones of this kubernetes", token.text);
                stanza.refuse(Kind::Value, token, message, "add it after `kubernetes`");
            }
        }
        let endpoint = stanza.option("endpoint").and_then(|option| option.arguments.first().copied());
        if stanza.option("kubeconfig").is_none() {
            match endpoint {
                None => stanza.context.requirements.push(Requirement::InClusterCredentials),
                Some(_) => stanza.context.requirements.push(Requirement::Service { plugin: "kubernetes".into() }),
            }
        }
    },
    ..PLUGIN
};

/// The zones of this use: its arguments, else those of the server block.
fn authoritative(stanza: &Stanza) -> Vec<String> {
    if stanza.arguments.is_empty() {
        return stanza.context.zones.iter().map(|zone| zone.name.clone()).collect();
    }
    stanza.arguments.iter().flat_map(|token| domain::zones(&token.text)).collect()
}

fn selector<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let arguments = stanza.take(name, at_least(1, &[Value::Any]))?;
    let text = arguments.iter().map(|token| &*token.text).collect::<Vec<_>>().join(" ");
    match label_selector::judge(&text) {
        Ok(()) => Ok(()),
        Err(error) => {
            let at = arguments.first().copied().unwrap_or(name);
            let fix = "write for example `app=web,tier notin (cache)` or `env in (a,b)`";
            Err(stanza.refuse(Kind::Value, at, format!("`{text}` is not a label selector: {error}"), fix))
        }
    }
}

pub(super) const K8S_EXTERNAL: Plugin = Plugin {
    name: "k8s_external",
    usage: "k8s_external [ZONES…]",
    head: Head::Arguments(Arguments::ZONES),
    block: Block::Options(&[
        takes("ttl", at_least(1, &[Value::TTL, Value::Any])),
        takes("apex", at_least(1, &[Value::Any])),
        flag("headless"),
        FALLTHROUGH,
    ]),
    finish: |stanza| {
        if stanza.context.block.lacks("kubernetes") {
            let message = "k8s_external answers from the kubernetes plugin, which this server block does not have";
            stanza.refuse(Kind::Start, stanza.name, message, "add `kubernetes cluster.local` to this block");
        }
    },
    ..PLUGIN
};

pub(super) const AUTOPATH: Plugin = Plugin {
    name: "autopath",
    usage: "autopath [ZONES…] RESOLV.CONF|@PLUGIN",
    head: Head::Custom(|stanza| {
        let arguments = stanza.take(stanza.name, at_least(1, &[Value::Any]))?;
        let Some((source, _)) = arguments.split_last() else { return Ok(()) };
        let Some(plugin) = source.text.strip_prefix('@') else {
            return stanza.judge_value(&Value::NamedFile, source);
        };
        let present = stanza.context.block.directive(plugin).is_some();
        // Those that implement it: kubernetes and erratic. Plugins that are no handlers are not found at all.
        let not_handlers = [
            "bind",
            "debug",
            "grpc_server",
            "health",
            "https",
            "https3",
            "multisocket",
            "on",
            "pprof",
            "proxyproto",
            "quic",
            "ready",
            "reload",
            "root",
            "sign",
            "timeouts",
            "tls",
        ];
        if matches!(plugin, "kubernetes" | "erratic") || not_handlers.contains(&plugin) || !present {
            if !present {
                let message = format!("this server block has no {plugin}: autopath does nothing");
                stanza.warn(Kind::Ignored, source, message, format!("add {plugin} to the block, or remove autopath"));
            }
            return Ok(());
        }
        let message = format!("{plugin} gives autopath no search path");
        Err(stanza.refuse(Kind::Start, source, message, "write @kubernetes"))
    }),
    ..PLUGIN
};
