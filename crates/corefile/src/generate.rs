//! Writes the Corefile of a cluster from arguments, and remembers which argument made which line.
//!
//! One server block answers for everything, so that one kubernetes plugin watches the API server. Names of a tailnet are
//! rewritten to Services and answered by that same plugin; what the rewrite does not match gets NXDOMAIN at once and is
//! never forwarded.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a cluster's DNS is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Domain of the cluster.
    pub cluster_domain: String,
    /// Servers for all other names; none: the node's own, by `/etc/resolv.conf`.
    pub upstreams: Vec<String>,
    /// Whether AAAA questions are answered; else NOERROR at once.
    pub ipv6: bool,
    /// TTL bound of the cache, in seconds; 0: no cache.
    pub cache_seconds: u32,
    /// Tailnets whose names stand for Services.
    pub tailnets: Vec<Tailnet>,
    /// Fixed names with their addresses.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
    /// Zones with servers of their own.
    pub stub_zones: BTreeMap<String, Vec<String>>,
    /// Server blocks as text, put at the end.
    pub extra_server_blocks: String,
}

/// A tailnet: `NAME.<domain>` stands for the Service `NAME` in the namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tailnet {
    /// MagicDNS domain, such as `tail1234.ts.net`.
    pub domain: String,
    /// Namespace of the egress Services.
    pub namespace: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cluster_domain: "cluster.local".into(),
            upstreams: Vec::new(),
            ipv6: true,
            cache_seconds: 30,
            tailnets: Vec::new(),
            hosts: BTreeMap::new(),
            stub_zones: BTreeMap::new(),
            extra_server_blocks: String::new(),
        }
    }
}

/// The argument that made a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// No argument: the line is always there.
    Fixed,
    /// `cluster_domain`.
    ClusterDomain,
    /// `upstreams`.
    Upstreams,
    /// `ipv6`.
    Ipv6,
    /// `cache_seconds`.
    CacheSeconds,
    /// `tailnets`, by index.
    Tailnet(usize),
    /// `hosts`, by name.
    Hosts(String),
    /// `stub_zones`, by zone.
    StubZone(String),
    /// `extra_server_blocks`.
    ExtraServerBlocks,
}

/// A Corefile and where its lines come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// The Corefile.
    pub text: String,
    arguments: Vec<Argument>,
}

impl Generated {
    /// The argument that made a line, counted from 1.
    #[must_use]
    pub fn argument(&self, line: u32) -> Option<&Argument> {
        self.arguments.get(usize::try_from(line).ok()?.checked_sub(1)?)
    }

    fn line(&mut self, argument: &Argument, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.arguments.push(argument.clone());
    }
}

/// Writes the Corefile.
#[must_use]
pub fn generate(settings: &Settings) -> Generated {
    let mut out = Generated::default();
    let fixed = &Argument::Fixed;
    for line in [".:53 {", "    errors", "    health {", "        lameduck 5s", "    }", "    ready"] {
        out.line(fixed, line);
    }
    for (index, tailnet) in settings.tailnets.iter().enumerate() {
        rewrites(&mut out, &Argument::Tailnet(index), tailnet, &settings.cluster_domain);
    }
    no_ipv6(&mut out, settings.ipv6);
    if !settings.hosts.is_empty() {
        hosts(&mut out, &settings.hosts);
    }
    let kubernetes = format!("    kubernetes {} in-addr.arpa ip6.arpa {{", settings.cluster_domain);
    out.line(&Argument::ClusterDomain, &kubernetes);
    for line in ["        pods insecure", "        fallthrough in-addr.arpa ip6.arpa", "        ttl 30", "    }"] {
        out.line(fixed, line);
    }
    out.line(fixed, "    prometheus :9153");
    let upstreams =
        if settings.upstreams.is_empty() { "/etc/resolv.conf".to_owned() } else { settings.upstreams.join(" ") };
    out.line(&Argument::Upstreams, &format!("    forward . {upstreams} {{"));
    out.line(fixed, "        max_concurrent 1000");
    out.line(fixed, "    }");
    cluster_cache(&mut out, settings);
    for line in ["    loop", "    reload", "    loadbalance", "}"] {
        out.line(fixed, line);
    }
    for (zone, servers) in &settings.stub_zones {
        let argument = &Argument::StubZone(zone.clone());
        out.line(argument, &format!("{zone}:53 {{"));
        out.line(argument, "    errors");
        no_ipv6(&mut out, settings.ipv6);
        out.line(argument, &format!("    forward . {}", servers.join(" ")));
        cache(&mut out, settings.cache_seconds);
        out.line(argument, "}");
    }
    for line in settings.extra_server_blocks.trim_end().lines() {
        out.line(&Argument::ExtraServerBlocks, line);
    }
    out
}

/// The cluster's own names are answered from memory anyway: a cache would only tell of yesterday's Services.
fn cluster_cache(out: &mut Generated, settings: &Settings) {
    if settings.cache_seconds == 0 {
        return;
    }
    out.line(&Argument::CacheSeconds, &format!("    cache {} {{", settings.cache_seconds));
    for what in ["success", "denial"] {
        out.line(&Argument::ClusterDomain, &format!("        disable {what} {}", settings.cluster_domain));
    }
    out.line(&Argument::CacheSeconds, "    }");
}

fn no_ipv6(out: &mut Generated, ipv6: bool) {
    if !ipv6 {
        for line in ["    template ANY AAAA {", "        rcode NOERROR", "    }"] {
            out.line(&Argument::Ipv6, line);
        }
    }
}

fn cache(out: &mut Generated, seconds: u32) {
    if seconds > 0 {
        out.line(&Argument::CacheSeconds, &format!("    cache {seconds}"));
    }
}

/// The names of a tailnet: one label below the domain is a Service, everything else does not exist.
fn rewrites(out: &mut Generated, argument: &Argument, tailnet: &Tailnet, cluster_domain: &str) {
    // Names come in small letters to where they are matched.
    let domain = tailnet.domain.trim_end_matches('.').to_ascii_lowercase();
    let escaped = domain.replace('.', "\\.");
    let service = format!("{{1}}.{}.svc.{cluster_domain}", tailnet.namespace);
    out.line(argument, &format!("    rewrite name regex ^([a-z0-9-]+)\\.{escaped}\\.$ {service} answer auto"));
    for line in [&format!("    template ANY ANY {domain} {{"), "        rcode NXDOMAIN", "    }"] {
        out.line(argument, line);
    }
}

fn hosts(out: &mut Generated, hosts: &BTreeMap<String, Vec<IpAddr>>) {
    out.line(&Argument::Fixed, "    hosts {");
    for (name, addresses) in hosts {
        for address in addresses {
            out.line(&Argument::Hosts(name.clone()), &format!("        {address} {name}"));
        }
    }
    out.line(&Argument::Fixed, "        fallthrough");
    out.line(&Argument::Fixed, "    }");
}
