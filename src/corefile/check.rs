//! The whole check of a Corefile: parse it, judge each block by its plugins' grammars, then look at what starts and harms.

use super::address::{self, Listener, Transport, Zone};
use super::diagnostic::{Finding, Kind, Report, place};
use super::parser::{self, Directive};
use super::plugins::{self, BlockContext};
use super::settings::CheckOptions;
use super::source::Sources;
use super::warnings;

/// Checks a Corefile.
#[must_use]
pub fn check(text: &str, options: &CheckOptions) -> Report {
    let mut sources = Sources::default();
    sources.add(options.file_name, text);
    let is_plugin =
        |name: &str| plugins::find(name).is_some() || options.known_plugins.iter().any(|known| known == name);
    let parsed = parser::parse(&mut sources, options.variables, options.imports, &is_plugin);
    let mut findings = parsed.findings;
    let mut requirements = parsed.requirements;
    findings.extend(parsed.unknown.iter().map(|token| plugins::unknown(token, options.known_plugins)));

    let zones: Vec<Vec<Zone>> = parsed.blocks.iter().map(|block| address::zones(block, &mut findings)).collect();
    let mut hosts: Vec<Vec<String>> = Vec::new();
    for (block, zones) in parsed.blocks.iter().zip(&zones) {
        let mut context =
            BlockContext { block, zones, findings: Vec::new(), requirements: Vec::new(), listen_on: None };
        let mut directives: Vec<(&Directive, &'static plugins::Plugin)> = block
            .directives
            .iter()
            .filter(|directive| !directive.broken)
            .filter_map(|directive| Some((directive, plugins::find(&directive.name)?)))
            .collect();
        directives.sort_by_key(|(directive, _)| plugins::order(&directive.name));
        for (directive, plugin) in directives {
            plugins::judge(plugin, directive, &mut context);
        }
        if block.directive("tls").is_none()
            && let Some(zone) = zones.iter().find(|zone| zone.transport == Transport::Https3)
        {
            let message = format!("{}:// needs a certificate", zone.transport.name());
            findings.push(Finding::error(Kind::Start, block.span(), message).fix("add `tls CERT KEY` to this block"));
        }
        hosts.push(context.listen_on.take().unwrap_or_else(|| vec![String::new()]));
        findings.append(&mut context.findings);
        requirements.append(&mut context.requirements);
    }
    let listeners: Vec<Listener> = parsed
        .blocks
        .iter()
        .zip(&zones)
        .zip(&hosts)
        .map(|((block, zones), hosts)| Listener {
            zones,
            hosts,
            filtered: block.directive("view").is_some(),
            span: block.span(),
        })
        .collect();
    address::overlaps(&listeners, &mut findings);
    for ((block, zones), hosts) in parsed.blocks.iter().zip(&zones).zip(&hosts) {
        warnings::judge(block, zones, hosts, &options.cluster, &mut findings);
    }
    warnings::judge_whole(&parsed.blocks, &zones, &options.cluster, &mut findings);
    requirements.sort();
    requirements.dedup();
    Report { diagnostics: place(findings, &sources), requirements }
}
