//! What is said of a stanza that is wrong, in words that help.

use super::super::grammar::{Arguments, Opt};
use super::{Stanza, Stop};
use crate::diagnostic::{Finding, Kind, Requirement};
use crate::lexer::Token;
use crate::nearest;

impl Stanza<'_, '_> {
    pub(crate) fn needs_file(&mut self, token: &Token) {
        let requirement = Requirement::File { plugin: self.plugin.name.into(), path: token.text.to_string() };
        self.context.requirements.push(requirement);
    }

    /// Reports an error.
    pub(crate) fn refuse(
        &mut self,
        kind: Kind,
        at: &Token,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Stop {
        if at.is("{") && !at.quoted && self.words.is_in_block() {
            let message = format!("a block inside the block of {}: its options have none", self.plugin.name);
            let fix = "write what the option takes on its own line, without braces";
            self.context
                .findings
                .push(Finding::error(Kind::UnknownOption, at.span, message).fix(fix).plugin(self.plugin.name));
            return Stop;
        }
        self.context.findings.push(Finding::error(kind, at.span, message).fix(fix).plugin(self.plugin.name));
        Stop
    }

    /// Reports a warning.
    pub(crate) fn warn(&mut self, kind: Kind, at: &Token, message: impl Into<String>, fix: impl Into<String>) {
        self.context.findings.push(Finding::warning(kind, at.span, message).fix(fix).plugin(self.plugin.name));
    }

    pub(super) fn usage(&self) -> String {
        if self.plugin.usage.is_empty() { String::new() } else { format!("; it is written: {}", self.plugin.usage) }
    }

    pub(crate) fn wrong_count(&mut self, of: &Token, found: &[&Token], expected: Arguments) -> Stop {
        let wanted = match (expected.least, expected.most) {
            (0, 0) => "no arguments".to_owned(),
            (1, 1) => "one argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, usize::MAX) => format!("at least {least} argument{}", if least == 1 { "" } else { "s" }),
            (0, 1) => "at most one argument".to_owned(),
            (0, most) => format!("at most {most} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        };
        let message = format!("`{}` takes {wanted}, found {}", of.text, found.len());
        let at = if found.len() > expected.most { found.get(expected.most).copied() } else { found.last().copied() };
        let fix = match expected.value(found.len().min(expected.least.saturating_sub(1))) {
            Some(value) if found.len() < expected.least => format!("write {}{}", value.describe(), self.usage()),
            _ => format!("remove what is too much{}", self.usage()),
        };
        self.refuse(Kind::ArgumentCount, at.unwrap_or(of), message, fix)
    }

    pub(super) fn unknown_option(&mut self, options: &'static [Opt], token: &Token) -> Stop {
        let names = || options.iter().map(|option| option.name);
        let message = format!("{} has no option `{}`", self.plugin.name, token.text);
        let is_plugin = super::super::find(&token.text).is_some();
        let kind = if is_plugin { Kind::OpenBlock } else { Kind::UnknownOption };
        let fix = if let Some(name) = nearest::of(&token.text, names()).filter(|_| !is_plugin) {
            format!("did you mean `{name}`?")
        } else if is_plugin {
            format!("`{}` is a plugin: close the block of {} with `}}` before it", token.text, self.plugin.name)
        } else {
            format!("its options are {}", names().collect::<Vec<_>>().join(", "))
        };
        self.refuse(kind, token, message, fix)
    }

    pub(super) fn repeated(&mut self) {
        let name = self.plugin.name;
        if self.name.is(name) {
            let message = format!("{name} can be used only once in a server block");
            self.refuse(Kind::Repeated, self.name, message, "keep one of them");
        } else {
            let message = format!("{name} ends before `{}`", self.name.text);
            self.refuse(Kind::ArgumentCount, self.name, message, format!("remove it{}", self.usage()));
        }
    }
}
