//! What starts and harms: loops, names that leak, rewrites whose answers do not match, plugins that a cluster misses.

mod forward;

use tazlab_go::net;

use self::forward::forward;
use super::address::Zone;
use super::diagnostic::{Finding, Kind};
use super::domain;
use super::lexer::Token;
use super::parser::{Directive, ServerBlock};
use super::plugins::judge_pattern;
use super::settings::Cluster;

/// Judges one server block.
pub(crate) fn judge(
    block: &ServerBlock,
    zones: &[Zone],
    hosts: &[String],
    cluster: &Cluster,
    findings: &mut Vec<Finding>,
) {
    let rewrites = block.directive("rewrite").map(lines).unwrap_or_default();
    for line in block.directive("forward").map(lines).unwrap_or_default() {
        forward(block, zones, hosts, cluster, &rewrites, &line, findings);
    }
    for line in &rewrites {
        rewrite(line, findings);
    }
    for line in block.directive("template").map(lines).unwrap_or_default() {
        if let [name, patterns @ ..] = line.as_slice()
            && name.is("match")
        {
            for pattern in patterns {
                anchors(pattern, "template", findings);
            }
        }
    }
    if let (Some(cache), Some(rewrite)) = (block.directive("cache"), block.directive("rewrite"))
        && let (Some(cache), Some(first)) = (cache.tokens.first(), rewrite.tokens.first())
        && cache.span < first.span
    {
        let message = "`rewrite` always runs before `cache`: the order in the file has no effect, and what is cached are rewritten names";
        let fix = "put `rewrite` above `cache`, so that the file reads as it runs";
        findings.push(Finding::warning(Kind::Order, cache.span, message).fix(fix).plugin("cache"));
    }
    reverse_zones(block, zones, findings);
    if !block.directives.is_empty() && block.lacks("errors") {
        let message = "this server block has no `errors`: failures are not logged";
        findings.push(Finding::warning(Kind::MissingPlugin, block.span(), message).fix("add `errors`"));
    }
}

/// Judges what concerns all blocks together.
pub(crate) fn judge_whole(blocks: &[ServerBlock], zones: &[Vec<Zone>], cluster: &Cluster, findings: &mut Vec<Finding>) {
    let Some(first) = blocks.first() else { return };
    if zones.iter().all(Vec::is_empty) {
        return;
    }
    for (plugin, default, probed, purpose) in [
        ("ready", 8181, cluster.ready_port, "the pod's readiness cannot be probed"),
        ("health", 8080, cluster.health_port, "the pod's liveness cannot be probed"),
    ] {
        let found: Vec<&Directive> = blocks.iter().filter_map(|block| block.directive(plugin)).collect();
        if found.is_empty() && blocks.iter().any(|block| block.open) {
            continue;
        }
        if found.is_empty() {
            let message = format!("no server block has `{plugin}`: {purpose}");
            findings.push(
                Finding::warning(Kind::MissingPlugin, first.span(), message)
                    .fix(format!("add `{plugin}` to the first block")),
            );
            continue;
        }
        let port = |directive: &Directive| {
            let argument = directive.tokens.get(1).filter(|token| !token.is("{"));
            argument.map_or(Some(default), |token| net::split_host_port(&token.text).ok()?.1.parse::<u16>().ok())
        };
        if let Some(probed) = probed
            && !found.iter().any(|directive| port(directive) == Some(probed))
            && let Some(token) = found.first().and_then(|directive| directive.tokens.first())
        {
            let message = format!("the pod's probe uses port {probed}, and `{plugin}` listens on another one");
            findings.push(
                Finding::warning(Kind::Probe, token.span, message)
                    .fix(format!("write `{plugin} :{probed}`"))
                    .plugin(plugin),
            );
        }
    }
}

/// The words of a directive, line by line; lines that are not wholly known are left out.
fn lines(directive: &Directive) -> Vec<Vec<&Token>> {
    let mut lines: Vec<Vec<&Token>> = Vec::new();
    for token in &directive.tokens {
        match lines.last_mut() {
            Some(line) if line.last().is_some_and(|before| before.same_line(token)) => line.push(token),
            _ => lines.push(vec![token]),
        }
    }
    lines.retain(|line| !line.iter().any(|token| token.unknown));
    lines
}

fn rewrite(line: &[&Token], findings: &mut Vec<Finding>) {
    let rest = match line {
        [name, mode, rest @ ..] if name.is("rewrite") && (mode.is("stop") || mode.is("continue")) => rest,
        [name, rest @ ..] if name.is("rewrite") => rest,
        _ => return,
    };
    let [kind, how, from, _, answers @ ..] = rest else { return };
    let answers = match answers {
        [word, rest @ ..] if word.is("metadata") => rest,
        _ => answers,
    };
    if !kind.is("name") || how.is("exact") {
        return;
    }
    if answers.is_empty() {
        let message = "the answer will carry the rewritten name, and clients drop an answer to another question";
        findings.push(
            Finding::warning(Kind::RewriteAnswer, kind.span, message)
                .fix("add `answer auto` at the end")
                .plugin("rewrite"),
        );
    }
    if how.is("regex") {
        anchors(from, "rewrite", findings);
    }
}

fn anchors(token: &Token, plugin: &str, findings: &mut Vec<Finding>) {
    let Ok(pattern) = judge_pattern(&token.text) else { return };
    let finding = if pattern.ends && !pattern.may_end_with_dot {
        Finding::warning(Kind::Pattern, token.span, "this never matches: the names that CoreDNS matches end with a dot")
            .fix("write `\\.$` at the end")
    } else if !pattern.begins || !pattern.ends {
        let (side, fix) = match (pattern.begins, pattern.ends) {
            (false, false) => ("on neither side", "begin it with `^` and end it with `\\.$`"),
            (false, true) => ("not at its beginning", "begin it with `^`"),
            _ => ("not at its end", "end it with `\\.$`"),
        };
        Finding::warning(
            Kind::Pattern,
            token.span,
            format!("the expression is anchored {side}: it matches parts of names"),
        )
        .fix(fix)
    } else {
        return;
    };
    findings.push(finding.plugin(plugin));
}

fn reverse_zones(block: &ServerBlock, zones: &[Zone], findings: &mut Vec<Finding>) {
    let Some(directive) = block.directive("kubernetes").filter(|directive| !directive.is_partly_unknown()) else {
        return;
    };
    let Some((name, rest)) = directive.tokens.split_first() else { return };
    let arguments = rest.iter().take_while(|token| name.same_line(token) && !token.is("{"));
    let mut served: Vec<String> = arguments.flat_map(|token| domain::zones(&token.text)).collect();
    if served.is_empty() {
        served = zones.iter().map(|zone| zone.name.clone()).collect();
    }
    let falls = lines(directive).into_iter().find(|line| line.first().is_some_and(|word| word.is("fallthrough")));
    let passes: Vec<String> = match &falls {
        Some(line) if line.len() > 1 => line.iter().skip(1).flat_map(|token| domain::zones(&token.text)).collect(),
        Some(_) => vec![".".into()],
        None => Vec::new(),
    };
    let reverse = |zone: &&String| domain::is_reverse(zone) || matches!(zone.as_str(), "in-addr.arpa." | "ip6.arpa.");
    if let Some(zone) =
        served.iter().find(|zone| reverse(zone) && !passes.iter().any(|pass| domain::is_within(zone, pass)))
    {
        let message = format!("addresses of {zone} that are not the cluster's get NXDOMAIN");
        let fix = "add `fallthrough in-addr.arpa ip6.arpa`";
        findings.push(Finding::warning(Kind::ReverseZones, name.span, message).fix(fix).plugin("kubernetes"));
    }
}
