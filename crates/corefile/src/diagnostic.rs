//! What a check finds: errors that keep `CoreDNS` from starting, warnings for what starts and harms, and requirements,
//! which only the machine that runs it can tell.

use std::fmt;

use super::source::{Location, Sources, Span};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `CoreDNS` would not start, or the cluster's DNS would eat itself.
    Error,
    /// `CoreDNS` starts, and something is probably not as meant.
    Warning,
}

/// What sort of finding it is. Callers decide by this, never by the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Braces, quotes, commas, snippets: the shape of the file.
    Syntax,
    /// `import` of something that is not there, or without end.
    Import,
    /// A zone or address at the head of a server block.
    Address,
    /// Two server blocks claim the same zone and port.
    DuplicateZone,
    /// A name that this build of `CoreDNS` does not have.
    UnknownPlugin,
    /// A word in a plugin's block that the plugin does not know.
    UnknownOption,
    /// Too many or too few arguments.
    ArgumentCount,
    /// An argument of the wrong form or out of range.
    Value,
    /// The block of a plugin in which the next plugin begins: its `}` is missing.
    OpenBlock,
    /// A block written on one line.
    OneLineBlock,
    /// A plugin or option that may stand once only.
    Repeated,
    /// Options that exclude or need each other.
    Conflict,
    /// The plugin parses and stops `CoreDNS` at its start.
    Start,
    /// A query would come back to the server that forwards it.
    ForwardLoop,
    /// An upstream by host name.
    ForwardHostName,
    /// A private zone is asked of public servers.
    PrivateZoneLeaves,
    /// `loop` beside the node's own resolver.
    NodeResolver,
    /// The order in the file suggests what the build does not do.
    Order,
    /// A rewrite whose answer carries another name than the question.
    RewriteAnswer,
    /// A regular expression that matches more, or less, than it seems.
    Pattern,
    /// A plugin that a cluster relies on is missing.
    MissingPlugin,
    /// Reverse zones without `fallthrough`.
    ReverseZones,
    /// A probe of the pod asks another port.
    Probe,
    /// Text that `CoreDNS` accepts and ignores or misreads.
    Ignored,
    /// A variable that is not set.
    Variable,
}

impl Kind {
    /// Whether an error of this kind keeps CoreDNS from starting. The others are errors in a cluster only, where it would
    /// start and answer nobody.
    #[must_use]
    pub fn keeps_from_starting(self) -> bool {
        !matches!(self, Kind::ForwardLoop | Kind::ForwardHostName)
    }
}

/// One finding, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What sort it is.
    pub kind: Kind,
    /// Where.
    pub location: Location,
    /// The plugin, when one is concerned.
    pub plugin: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to write instead; may have several lines.
    pub fix: Option<String>,
    /// The line with a caret under the place.
    pub excerpt: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { file, line, column } = &self.location;
        write!(f, "{file}:{line}:{column}: ")?;
        if let Some(plugin) = &self.plugin {
            write!(f, "plugin {plugin}: ")?;
        }
        writeln!(f, "{}", self.message)?;
        write!(f, "{}", self.excerpt)?;
        if let Some(fix) = &self.fix {
            for (number, line) in fix.lines().enumerate() {
                write!(f, "\n{}{line}", if number == 0 { "fix: " } else { "     " })?;
            }
        }
        Ok(())
    }
}

/// Something outside the file on which its acceptance rests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// A file or directory that the plugin opens when it is set up.
    File {
        /// The plugin, or `import`.
        plugin: String,
        /// Its path as written.
        path: String,
    },
    /// The ServiceAccount's credentials inside a pod.
    InClusterCredentials,
    /// A network interface, or an address of one.
    Interface(String),
    /// A host name that is resolved once, at the start.
    HostName(String),
    /// Credentials and reachability of a cloud or another service.
    Service {
        /// The plugin.
        plugin: String,
    },
    /// An expression that is only judged by `CoreDNS` itself.
    Expression {
        /// The plugin.
        plugin: String,
    },
}

/// The findings of one check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Errors and warnings by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What must be there on the machine.
    pub requirements: Vec<Requirement>,
}

impl Report {
    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|found| found.severity == Severity::Error)
    }

    /// The warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|found| found.severity == Severity::Warning)
    }

    /// Whether nothing keeps `CoreDNS` from starting, given what [`Report::requirements`] lists.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.errors().next().is_none()
    }
}

/// A finding before it is placed in the text.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    pub(crate) plugin: Option<String>,
    pub(crate) message: String,
    pub(crate) fix: Option<String>,
}

impl Finding {
    pub(crate) fn error(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, kind, span, plugin: None, message: message.into(), fix: None }
    }

    pub(crate) fn warning(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(kind, span, message) }
    }

    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    pub(crate) fn plugin(mut self, plugin: &str) -> Self {
        self.plugin = Some(plugin.to_owned());
        self
    }
}

/// Places findings in their texts, sorts them and drops what was said twice.
pub(crate) fn place(mut findings: Vec<Finding>, sources: &Sources) -> Vec<Diagnostic> {
    // A file of rubbish must not become a report of a megabyte.
    const MOST: usize = 200;
    findings.sort_by_key(|found| (found.severity, found.span, found.kind));
    findings.dedup_by(|a, b| a.span == b.span && a.message == b.message);
    findings.truncate(MOST);
    findings.sort_by_key(|found| (found.span, found.severity));
    let placed = findings.into_iter().map(|found| Diagnostic {
        severity: found.severity,
        kind: found.kind,
        location: sources.locate(found.span),
        plugin: found.plugin,
        message: found.message,
        fix: found.fix,
        excerpt: sources.excerpt(found.span),
    });
    placed.collect()
}
