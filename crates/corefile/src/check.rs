//! The whole check of a Corefile: parse it, judge each block by its plugins' grammars, then look at what starts and harms.

use super::address::{self, Listener, Zone};
use super::diagnostic::{Finding, Kind, Report, Requirement, Severity, place};
use super::encryption::{self, Encryption};
use super::lexer::{Reading, Token};
use super::meant;
use super::parser::{self, Directive};
use super::plugins::{self, BlockContext};
use super::repairs::{Repair, Repairs};
use super::settings::CheckOptions;
use super::source::Sources;
use super::transport::Transport;
use super::warnings;

/// Checks a Corefile.
#[must_use]
pub fn check(text: &str, options: &CheckOptions) -> Report {
    let strict = judge(text, options, Reading::Strict);
    if strict.errors() > 0 {
        // What CoreDNS does not take may be a slip of the pen, which the other errors only follow from.
        let mut repairs = Repairs::ALL;
        let mut meant = judge(text, options, Reading::Meant(repairs));
        // Only what changes the verdict is to be told: CoreDNS may take the rest as it is.
        for repair in Repair::ALL {
            if !meant.repairs.iter().any(|(made, _)| *made == repair) {
                continue;
            }
            let fewer = judge(text, options, Reading::Meant(repairs.without(repair)));
            if fewer.errors() <= meant.errors() {
                (repairs, meant) = (repairs.without(repair), fewer);
            }
        }
        if !meant.repairs.is_empty() && meant.errors() < strict.errors() {
            let slips = std::mem::take(&mut meant.repairs);
            meant.findings.extend(slips.iter().map(|(repair, token)| meant::finding(*repair, token)));
            return meant.report();
        }
    }
    strict.report()
}

/// What one reading of a Corefile found.
struct Judgement {
    sources: Sources,
    findings: Vec<Finding>,
    requirements: Vec<Requirement>,
    repairs: Vec<(Repair, Token)>,
}

impl Judgement {
    fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    fn report(mut self) -> Report {
        self.requirements.sort();
        self.requirements.dedup();
        Report { diagnostics: place(self.findings, &self.sources), requirements: self.requirements }
    }
}

/// Behind a block that is not closed, every brace closes the wrong one: what that makes of the rest is not told.
fn drop_what_follows(findings: &mut Vec<Finding>) {
    let open = findings.iter().filter(|finding| finding.kind == Kind::OpenBlock).map(|finding| finding.span).min();
    let Some(open) = open else { return };
    findings.retain(|finding| {
        finding.severity != Severity::Error
            || finding.span <= open
            || !matches!(finding.kind, Kind::Syntax | Kind::UnknownPlugin | Kind::OpenBlock)
    });
}

fn judge(text: &str, options: &CheckOptions, reading: Reading) -> Judgement {
    let mut sources = Sources::default();
    sources.add(options.file_name, text);
    let is_plugin =
        |name: &str| plugins::find(name).is_some() || options.known_plugins.iter().any(|known| known == name);
    let parsed = parser::parse(&mut sources, options.variables, options.imports, &is_plugin, reading);
    let mut findings = parsed.findings;
    let mut requirements = parsed.requirements;
    findings.extend(parsed.unknown.iter().map(|(token, opens)| plugins::unknown(token, *opens, options.known_plugins)));

    let zones: Vec<Vec<Zone>> = parsed.blocks.iter().map(|block| address::zones(block, &mut findings)).collect();
    let mut hosts: Vec<Vec<String>> = Vec::new();
    let mut encryptions: Vec<Encryption> = Vec::new();
    for (block, zones) in parsed.blocks.iter().zip(&zones) {
        let mut context = BlockContext {
            block,
            zones,
            findings: Vec::new(),
            requirements: Vec::new(),
            listen_on: None,
            encryption: None,
        };
        let mut directives: Vec<(&Directive, &'static plugins::Plugin)> = block
            .directives
            .iter()
            .filter(|directive| !directive.broken)
            .filter_map(|directive| Some((directive, plugins::find(&directive.name)?)))
            // Of these only the first use is read, which may be one that is not known.
            .filter(|(_, plugin)| !(block.open && plugin.reads_first_only()))
            .collect();
        directives.sort_by_key(|(directive, _)| plugins::order(&directive.name));
        for (directive, plugin) in directives {
            plugins::judge(plugin, directive, &mut context);
        }
        if block.lacks("tls")
            && let Some(zone) = zones.iter().find(|zone| zone.transport == Transport::Https3)
        {
            let message = format!("{}:// needs a certificate", zone.transport.name());
            findings.push(Finding::error(Kind::Start, block.span(), message).fix("add `tls CERT KEY` to this block"));
        }
        encryptions.push(match (context.encryption.take(), block.directive("tls")) {
            (_, Some(directive)) if directive.is_partly_unknown() => Encryption::Unknown,
            (Some(encryption), _) => encryption,
            (None, None) if block.lacks("tls") => Encryption::None,
            (None, _) => Encryption::Unknown,
        });
        hosts.push(context.listen_on.take().unwrap_or_else(|| vec![String::new()]));
        findings.append(&mut context.findings);
        requirements.append(&mut context.requirements);
    }
    let listeners: Vec<Listener> = parsed
        .blocks
        .iter()
        .zip(&zones)
        .zip(hosts.iter().zip(&encryptions))
        // What is not known may be a `bind` or a `view`.
        .filter(|((block, _), _)| !block.open)
        .map(|((block, zones), (hosts, encryption))| Listener {
            zones,
            hosts,
            filtered: block.directive("view").is_some(),
            encryption,
            span: block.span(),
        })
        .collect();
    address::overlaps(&listeners, &mut findings);
    encryption::conflicts(&listeners, &mut findings);
    for ((block, zones), hosts) in parsed.blocks.iter().zip(&zones).zip(&hosts) {
        warnings::judge(block, zones, hosts, &options.cluster, &mut findings);
    }
    warnings::judge_whole(&parsed.blocks, &zones, &options.cluster, &mut findings);
    drop_what_follows(&mut findings);
    Judgement { sources, findings, requirements, repairs: parsed.repairs }
}
