//! The Corefile of the arguments: made from them or taken as it is, checked, and each finding led back to its argument.

use std::net::IpAddr;

use tazlab_corefile::{
    Argument, CheckOptions, Cluster, Generated, Kind, Report, Requirement, Settings, Tailnet, check, generate,
};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::value::Value;

use super::model::Coredns;
use super::objects::{HEALTH_PORT, READY_PORT};

/// Files that a pod has whatever the image brings.
const GIVEN_FILES: &[&str] = &["/etc/resolv.conf", "/etc/hosts", "/etc/coredns/Corefile", "/dev/null"];

/// A Corefile and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Corefile {
    made: Option<Generated>,
    given: String,
}

/// What a check says, in Terraform's terms.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

impl Corefile {
    /// The Corefile that `given` is or that the arguments of `model` make; `None` while one of them is unknown.
    pub(super) fn of(model: &Coredns, given: &Value<String>) -> Option<Self> {
        match given {
            Value::Unknown => None,
            Value::Value(text) => Some(Self { made: None, given: text.clone() }),
            Value::Null => Some(Self { made: Some(generate(&settings(model)?)), given: String::new() }),
        }
    }

    /// The Corefile that the plan promised, where it did: a configuration whose change is ignored says another.
    pub(super) fn promised(planned: &Coredns, given: &Value<String>) -> Option<Self> {
        let Some(text) = planned.corefile.as_deref_option() else { return Self::of(planned, given) };
        let made = Self::of(planned, &Value::Null).filter(|made| made.text() == text);
        Some(made.unwrap_or_else(|| Self { made: None, given: text.to_owned() }))
    }

    pub(super) fn text(&self) -> &str {
        self.made.as_ref().map_or(&self.given, |made| &made.text)
    }

    /// The argument that made a line, counted from 1.
    pub(super) fn argument(&self, line: u32) -> AttributePath {
        let Some(made) = &self.made else { return AttributePath::new("corefile") };
        match made.argument(line) {
            None | Some(Argument::Fixed) => AttributePath::root(),
            Some(Argument::ClusterDomain) => AttributePath::new("cluster_domain"),
            Some(Argument::Upstreams) => AttributePath::new("upstreams"),
            Some(Argument::Ipv6) => AttributePath::new("ipv6"),
            Some(Argument::CacheSeconds) => AttributePath::new("cache_seconds"),
            Some(Argument::Tailnet(index)) => {
                AttributePath::new("tailnets").index(i64::try_from(*index).unwrap_or(i64::MAX))
            }
            Some(Argument::Hosts(name)) => AttributePath::new("hosts").key(name.clone()),
            Some(Argument::StubZone(zone)) => AttributePath::new("stub_zones").key(zone.clone()),
            Some(Argument::ExtraServerBlocks) => AttributePath::new("extra_server_blocks"),
        }
    }

    /// A line's text, counted from 1.
    pub(super) fn line(&self, line: u32) -> Option<&str> {
        self.text().lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)
    }

    /// The only line that begins with the name of a plugin.
    pub(super) fn line_of_plugin(&self, plugin: &str) -> Option<u32> {
        let named = |line: &str| line.split_whitespace().next() == Some(plugin);
        let mut found = (1..).zip(self.text().lines()).filter(|(_, line)| named(line)).map(|(number, _)| number);
        found.next().filter(|_| found.next().is_none())
    }

    /// Checks it by the grammar of CoreDNS, and for what would harm this cluster.
    pub(super) fn check(&self, model: &Coredns) -> Findings {
        let known = model.known_plugins.as_ref_option().map(Vec::as_slice).unwrap_or_default();
        let options = CheckOptions {
            known_plugins: known,
            cluster: Cluster {
                service_addresses: model
                    .cluster_ip
                    .as_ref_option()
                    .and_then(|ip| ip.parse().ok())
                    .into_iter()
                    .collect(),
                domain: or_default(&model.cluster_domain, "cluster.local"),
                tailnet_domains: model.known_tailnets().map(|(domain, _)| domain.to_owned()).collect(),
                health_port: Some(HEALTH_PORT),
                ready_port: Some(READY_PORT),
            },
            ..CheckOptions::default()
        };
        let mut report = check(self.text(), &options);
        if model.known_plugins.is_unknown() {
            // It may be one of those: apply checks again, when they are known.
            report.diagnostics.retain(|found| found.kind != Kind::UnknownPlugin);
        }
        self.findings(&report)
    }

    fn findings(&self, report: &Report) -> Findings {
        let mut findings = Findings::default();
        for error in report.errors() {
            let summary = "CoreDNS would not start, or not answer, with this Corefile";
            let (detail, at) = self.placed(error);
            findings.errors.push(Diagnostic::error(summary, detail).at(at));
        }
        for warning in report.warnings() {
            let (detail, at) = self.placed(warning);
            findings.warnings.push(Diagnostic::warning("The Corefile may not do what is meant", detail).at(at));
        }
        for requirement in &report.requirements {
            if let Requirement::File { plugin, path } = requirement
                && !GIVEN_FILES.contains(&path.as_str())
            {
                let detail = format!(
                    "Plugin {plugin} opens {path}. The pods have the Corefile only: without that file in the image, CoreDNS may not start."
                );
                let at = match self.made {
                    None => AttributePath::new("corefile"),
                    Some(_) => AttributePath::new("extra_server_blocks"),
                };
                findings.warnings.push(Diagnostic::warning("The Corefile needs a file", detail).at(at));
            }
        }
        findings
    }

    fn placed(&self, found: &tazlab_corefile::Diagnostic) -> (String, AttributePath) {
        let at = self.argument(found.location.line);
        let detail = match &self.made {
            None => found.to_string(),
            Some(_) => format!("{found}\n\nThis Corefile is generated from the arguments."),
        };
        (detail, at)
    }
}

fn or_default(value: &Value<String>, default: &str) -> String {
    value.as_ref_option().cloned().unwrap_or_else(|| default.to_owned())
}

/// What the Corefile is made from; `None` while something is unknown. Null is the default: a configuration that is
/// only validated has none yet.
fn settings(model: &Coredns) -> Option<Settings> {
    let unknown = model.cluster_domain.is_unknown()
        || model.upstreams.is_unknown()
        || model.ipv6.is_unknown()
        || model.cache_seconds.is_unknown()
        || model.tailnets.is_unknown()
        || model.hosts.is_unknown()
        || model.stub_zones.is_unknown()
        || model.extra_server_blocks.is_unknown();
    if unknown {
        return None;
    }
    let default = Settings::default();
    let tailnets = model.tailnets.as_ref_option().into_iter().flatten().map(|tailnet| {
        Some(Tailnet {
            domain: tailnet.domain.as_ref_option()?.clone(),
            namespace: tailnet.namespace.as_ref_option()?.clone(),
        })
    });
    let parsed = |addresses: &Vec<String>| -> Vec<IpAddr> {
        addresses.iter().filter_map(|address| address.parse().ok()).collect()
    };
    let hosts = model.hosts.as_ref_option().into_iter().flatten();
    Some(Settings {
        cluster_domain: or_default(&model.cluster_domain, &default.cluster_domain),
        upstreams: model.upstreams.as_ref_option().cloned().unwrap_or_default(),
        ipv6: model.ipv6.as_ref_option().copied().unwrap_or(default.ipv6),
        cache_seconds: match model.cache_seconds.as_ref_option() {
            Some(seconds) => u32::try_from(*seconds).unwrap_or_default(),
            None => default.cache_seconds,
        },
        tailnets: tailnets.collect::<Option<_>>()?,
        hosts: hosts.map(|(name, addresses)| (name.clone(), parsed(addresses))).collect(),
        stub_zones: model.stub_zones.as_ref_option().cloned().unwrap_or_default(),
        extra_server_blocks: model.extra_server_blocks.as_ref_option().cloned().unwrap_or_default(),
    })
}
