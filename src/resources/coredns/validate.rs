//! Checks that need several arguments and no cluster.

use std::collections::BTreeMap;
use std::net::IpAddr;

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};

use super::corefile::Corefile;
use super::model::Coredns;

pub(super) fn validate(config: &Coredns, found: &mut Diagnostics) {
    addresses(config, found);
    servers(config, found);
    verified(config, found);
    if !config.waits_for_rollout() && !config.names_to_verify().is_empty() {
        let detail = "Names are queried when the rollout is done. Remove verify, or wait_for_rollout = false.";
        found.push(Diagnostic::error("verify needs wait_for_rollout", detail).at(AttributePath::new("verify")));
    }
    if found.has_error() {
        return;
    }
    if let Some(corefile) = Corefile::of(config, &config.corefile) {
        // Warnings are told by the plan: Terraform validates before it plans, and would show them twice.
        found.extend(corefile.check(config).errors);
    }
}

fn addresses(config: &Coredns, found: &mut Diagnostics) {
    for (name, addresses) in config.hosts.as_ref_option().into_iter().flatten() {
        let at = AttributePath::new("hosts").key(name.clone());
        if addresses.is_empty() {
            found.push(no_members(&format!("{name} has no address"), at.clone()));
        }
        for (index, address) in (0..).zip(addresses) {
            if address.parse::<IpAddr>().is_err() {
                let detail = format!("{address:?} is not an IP address.");
                found.push(Diagnostic::error("Invalid address", detail).at(at.clone().index(index)));
            }
        }
    }
}

fn servers(config: &Coredns, found: &mut Diagnostics) {
    let none = BTreeMap::new();
    for (zone, servers) in config.stub_zones.as_ref_option().unwrap_or(&none) {
        let at = AttributePath::new("stub_zones").key(zone.clone());
        if servers.is_empty() {
            found.push(no_members(&format!("{zone} has no server"), at.clone()));
        }
        let bad = |text: &String| text.is_empty() || text.contains(|c: char| c.is_whitespace() || "{}\"#".contains(c));
        for (index, _) in (0..).zip(servers).filter(|(_, server)| bad(server)) {
            let detail = "A server is one word: an address, with a port where it is not 53.";
            found.push(Diagnostic::error("Invalid server", detail).at(at.clone().index(index)));
        }
    }
}

/// A name of a tailnet in `verify` is one label below its domain, or it can never resolve.
fn verified(config: &Coredns, found: &mut Diagnostics) {
    for (domain, _) in config.known_tailnets() {
        let domain = domain.trim_end_matches('.');
        for (index, name) in (0..).zip(config.names_to_verify()) {
            let inside = name.trim_end_matches('.').strip_suffix(domain);
            let labels = inside.filter(|rest| rest.is_empty() || rest.ends_with('.'));
            if labels.is_some_and(|labels| labels.matches('.').count() != 1) {
                let detail =
                    format!("{name} can never resolve: only names with one label below {domain} map to Services.");
                found.push(
                    Diagnostic::error("This name has no Service", detail).at(AttributePath::new("verify").index(index)),
                );
            }
        }
    }
}

fn no_members(summary: &str, at: AttributePath) -> Diagnostic {
    Diagnostic::error(summary, "Leave it out, or give it at least one member.").at(at)
}
