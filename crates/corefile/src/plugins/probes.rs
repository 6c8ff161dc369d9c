//! Plugins that serve HTTP beside DNS: probes, metrics, profiles.

use super::grammar::{Arguments, Block, Head, Occurs, PLUGIN, Plugin, between, exactly, once, takes};
use super::value::Value;

const ADDRESS: Head = Head::Arguments(between(0, 1, &[Value::HostPort]));

pub(super) const HEALTH: Plugin = Plugin {
    name: "health",
    usage: "health [:PORT]",
    head: ADDRESS,
    block: Block::Options(&[takes("lameduck", exactly(1, &[Value::ANY_DURATION]))]),
    ..PLUGIN
};

pub(super) const READY: Plugin = Plugin {
    name: "ready",
    usage: "ready [:PORT]",
    occurs: Occurs::Once,
    head: ADDRESS,
    block: Block::Options(&[takes("monitor", exactly(1, &[Value::Word(&["until-ready", "continuously"])]))]),
    ..PLUGIN
};

pub(super) const PPROF: Plugin = Plugin {
    name: "pprof",
    usage: "pprof [ADDRESS:PORT]",
    occurs: Occurs::Once,
    head: ADDRESS,
    block: Block::Options(&[takes("block", between(0, 1, &[Value::ANY_INTEGER]))]),
    ..PLUGIN
};

pub(super) const PROMETHEUS: Plugin = Plugin {
    name: "prometheus",
    usage: "prometheus [ADDRESS:PORT]",
    occurs: Occurs::Once,
    head: ADDRESS,
    block: Block::Options(&[takes("runtime_metrics", Arguments::NONE), once("tls", exactly(1, &[Value::Any]))]),
    ..PLUGIN
};
