//! What the death of a CoreDNS container means: its last words, and the place in the Corefile that they are about. Pure.
//!
//! CoreDNS says why it ends in its log and nowhere else, so text is read here; what it says is shown as it is.

use std::sync::LazyLock;

use regex::Regex;
use tf_plugin::framework::AttributePath;

use super::corefile::Corefile;

/// How many lines of the log are shown.
const SHOWN: usize = 6;

/// Causes that may pass by themselves: what the container needs is not there yet.
const PASSING: &[&str] = &[
    "no such host",
    "i/o timeout",
    "connection refused",
    "network is unreachable",
    "no route to host",
    "server misbehaving",
    "Temporary failure in name resolution",
];

/// What can be concluded from a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The Corefile's text is refused: it will be at every start.
    Corefile,
    /// CoreDNS saw what it cannot live with. It may see it again, or not.
    Fatal,
    /// It lacks something that may come.
    Passing,
    /// It does not say.
    Unclear,
    /// The log could not be read: nothing is known.
    Unread,
}

/// What a log says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LastWords {
    /// The last lines.
    pub(super) lines: Vec<String>,
    /// The line of the Corefile that they are about, counted from 1.
    pub(super) line: Option<u32>,
    pub(super) cause: Cause,
}

fn place() -> Option<&'static Regex> {
    static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"Corefile:(\d+)").ok());
    PLACE.as_ref()
}

fn plugin() -> Option<&'static Regex> {
    static PLUGIN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"plugin/([a-z0-9_]+)").ok());
    PLUGIN.as_ref()
}

/// Reads the end of a log.
pub(super) fn last_words(log: &str, corefile: &Corefile) -> LastWords {
    let lines: Vec<&str> = log.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default();
    let captured =
        |regex: Option<&Regex>, line: &str| regex?.captures(line)?.get(1).map(|found| found.as_str().to_owned());
    let number = |line: &str| captured(place(), line)?.parse::<u32>().ok();
    let named = last.iter().rev().find_map(|line| number(line));
    let of_plugin = || last.iter().rev().find_map(|line| corefile.line_of_plugin(&captured(plugin(), line)?));
    // Other lines complain of what CoreDNS lives with.
    let decisive = last.iter().rev().find(|line| number(line).is_some() || line.contains("[FATAL]")).or(last.last());
    let cause = match decisive {
        Some(line) if PASSING.iter().any(|passing| line.contains(passing)) => Cause::Passing,
        Some(line) if number(line).is_some() => Cause::Corefile,
        Some(line) if line.contains("[FATAL]") => Cause::Fatal,
        _ => Cause::Unclear,
    };
    LastWords {
        lines: last.iter().map(|line| (*line).to_owned()).collect(),
        line: named.filter(|line| corefile.line(*line).is_some()).or_else(of_plugin),
        cause,
    }
}

impl LastWords {
    /// Of a log that could not be read.
    pub(super) fn unread() -> Self {
        Self { lines: Vec::new(), line: None, cause: Cause::Unread }
    }

    /// Of a container that the kubelet could not start.
    pub(super) fn of_kubelet(message: &str) -> Self {
        Self { lines: message.lines().map(ToOwned::to_owned).collect(), line: None, cause: Cause::Unclear }
    }

    /// Is it certain that a container that ended so often since the rollout began will end again?
    pub(super) fn are_certain_after(&self, times: i32) -> bool {
        match self.cause {
            Cause::Corefile => true,
            Cause::Fatal => times > 0,
            Cause::Unclear => times > 1,
            Cause::Passing | Cause::Unread => false,
        }
    }

    /// The argument to point at.
    pub(super) fn argument(&self, corefile: &Corefile) -> AttributePath {
        self.line.map_or_else(AttributePath::root, |line| corefile.argument(line))
    }

    /// The words, and the line that they are about.
    pub(super) fn told(&self, corefile: &Corefile) -> String {
        let mut told = match self.cause {
            Cause::Unread => "Its log could not be read.".to_owned(),
            _ if self.lines.is_empty() => "Its log is empty.".to_owned(),
            _ => format!("Its last log lines:\n\n  {}", self.lines.join("\n  ")),
        };
        if let Some((line, text)) = self.line.and_then(|line| Some((line, corefile.line(line)?))) {
            use std::fmt::Write;
            // Writing into a string cannot fail.
            let _ = write!(told, "\n\nLine {line} of the Corefile:\n\n  {line} | {text}");
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::coredns::tests::model;
    use tf_plugin::framework::value::Value;

    fn given(text: &str) -> Corefile {
        Corefile::of(&model(), &Value::Value(text.to_owned())).unwrap()
    }

    #[test]
    fn a_line_that_is_named_is_found_and_certain() {
        let corefile = given(".:53 {\n  errors\n  health { lameduck 5s }\n}\n");
        let log = "maxprocs: Leaving GOMAXPROCS=2\nplugin/health: /etc/coredns/Corefile:3 - Error during parsing: Wrong argument count\n";
        let words = last_words(log, &corefile);
        assert_eq!((words.line, words.cause), (Some(3), Cause::Corefile));
        assert!(words.are_certain_after(0), "the same text is refused at every start");
        assert_eq!(words.argument(&corefile), AttributePath::new("corefile"));
        assert!(words.told(&corefile).contains("3 |   health { lameduck 5s }"), "{}", words.told(&corefile));
    }

    #[test]
    fn a_plugin_that_is_named_leads_to_its_only_line() {
        let corefile = given(".:53 {\n  errors\n  file /nowhere/db example.org\n}\n");
        let words = last_words("plugin/file: open /nowhere/db: no such file or directory\n", &corefile);
        assert_eq!((words.line, words.cause), (Some(3), Cause::Unclear));
        assert!(!words.are_certain_after(1) && words.are_certain_after(2));
        let twice = given("a:53 {\n  file /x\n}\nb:53 {\n  file /y\n}\n");
        assert_eq!(last_words("plugin/file: open /x: no such file", &twice).line, None);
    }

    #[test]
    fn what_the_network_lacks_may_pass_and_fatal_words_do_not() {
        let corefile = given(".:53 {\n  loop\n}\n");
        let passing = "lookup dns.example: no such host";
        assert_eq!(last_words(passing, &corefile).cause, Cause::Passing);
        let named = format!("plugin/forward: /etc/coredns/Corefile:2 - Error during parsing: {passing}");
        assert!(!last_words(&named, &corefile).are_certain_after(9), "a name may come, also where a line is named");
        let lived_with = "[WARNING] plugin/kubernetes: starting with unsynced API: connection refused\n";
        let fatal = format!("{lived_with}[FATAL] plugin/loop: Loop (127.0.0.1:5 -> :53) detected for zone \".\"");
        let fatal = last_words(&fatal, &corefile);
        assert_eq!((fatal.cause, fatal.line), (Cause::Fatal, Some(2)));
        assert!(!fatal.are_certain_after(0) && fatal.are_certain_after(1), "it may have been mended since");
        assert!(last_words("", &corefile).told(&corefile).contains("empty"));
    }

    #[test]
    fn a_log_that_was_not_read_says_nothing() {
        let corefile = given(".:53 {\n  loop\n}\n");
        assert!(!LastWords::unread().are_certain_after(9));
        assert!(LastWords::unread().told(&corefile).contains("could not be read"));
        assert!(LastWords::of_kubelet("exec: \"/coredns\": no such file").are_certain_after(2));
    }
}
