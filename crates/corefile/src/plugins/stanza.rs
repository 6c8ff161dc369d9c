//! Judges one directive by its plugin's grammar, and says what is wrong in words that help.

mod said;

use super::grammar::{Arguments, Block, Head, Occurs, Opt, Plugin, Take};
use super::shape;
use super::value::Value;
use crate::address::Zone;
use crate::diagnostic::{Finding, Kind, Requirement, Severity};
use crate::dispenser::Dispenser;
use crate::encryption::Encryption;
use crate::lexer::Token;
use crate::nearest;
use crate::parser::{Directive, ServerBlock};

/// An error was reported; the rest of the line makes no sense.
#[derive(Debug)]
pub(crate) struct Stop;

/// Outcome of judging a part of a directive.
pub(crate) type Judged = Result<(), Stop>;

/// What judging one server block gathers.
pub(crate) struct BlockContext<'a> {
    pub(crate) block: &'a ServerBlock,
    pub(crate) zones: &'a [Zone],
    pub(crate) findings: Vec<Finding>,
    pub(crate) requirements: Vec<Requirement>,
    /// Addresses that `bind` names.
    pub(crate) listen_on: Option<Vec<String>>,
    /// What `tls` asks for, once it was read.
    pub(crate) encryption: Option<Encryption>,
}

/// An option as it is written, with the arguments that it took.
pub(crate) struct Written<'a> {
    pub(crate) name: &'a Token,
    pub(crate) arguments: Vec<&'a Token>,
}

/// One use of a plugin.
pub(crate) struct Stanza<'a, 'c> {
    pub(crate) plugin: &'static Plugin,
    pub(crate) words: Dispenser<'a>,
    /// The word with which it begins: the plugin's name.
    pub(crate) name: &'a Token,
    pub(crate) arguments: Vec<&'a Token>,
    pub(crate) options: Vec<Written<'a>>,
    pub(crate) context: &'c mut BlockContext<'a>,
}

/// Judges all uses of a plugin in one server block.
pub(crate) fn judge<'a>(plugin: &'static Plugin, directive: &'a Directive, context: &mut BlockContext<'a>) {
    let before = context.findings.len();
    read_all(plugin, directive, context);
    let refused = context.findings.iter().skip(before).any(|found| found.severity == Severity::Error);
    let cause = || shape::brace_below(plugin, directive).or_else(|| shape::one_line_block(plugin, directive));
    if refused && let Some(finding) = cause() {
        context.findings.truncate(before);
        context.findings.push(finding);
    }
    if directive.is_partly_unknown() {
        shape::keep_certain(directive, &mut context.findings, before);
    }
}

fn read_all<'a>(plugin: &'static Plugin, directive: &'a Directive, context: &mut BlockContext<'a>) {
    let Some(first) = directive.tokens.first() else { return };
    let mut stanza = Stanza {
        plugin,
        words: Dispenser::new(&directive.tokens),
        name: first,
        arguments: Vec::new(),
        options: Vec::new(),
        context,
    };
    let mut count = 0;
    while let Some(name) = stanza.words.next() {
        stanza.name = name;
        if count > 0 && plugin.occurs != Occurs::Repeated {
            stanza.repeated();
            return;
        }
        count += 1;
        let before = stanza.errors();
        stanza.read();
        if stanza.errors() > before {
            // What was not understood must not be taken for further uses of the plugin.
            while stanza.words.ahead().is_some_and(|ahead| ahead.text != first.text) {
                stanza.words.next();
            }
        }
        if plugin.occurs == Occurs::FirstCounts {
            return;
        }
    }
}

impl<'a> Stanza<'a, '_> {
    fn read(&mut self) {
        self.arguments.clear();
        self.options.clear();
        if self.read_head().is_err() {
            self.words.skip_line();
            return;
        }
        let read = match self.plugin.block {
            Block::Unread => Ok(()),
            Block::Refused => match self.words.next_in_block() {
                Some(token) => Err(self.refuse(
                    Kind::UnknownOption,
                    token,
                    format!("{} accepts no options", self.plugin.name),
                    "remove the block",
                )),
                None => Ok(()),
            },
            Block::Options(options) => {
                self.read_options(options);
                Ok(())
            }
            Block::Custom(read) => {
                read(self);
                Ok(())
            }
        };
        if read.is_ok() {
            (self.plugin.finish)(self);
        }
    }

    fn read_head(&mut self) -> Judged {
        match self.plugin.head {
            Head::Unread => Ok(()),
            Head::NoArgument => match self.words.next_argument() {
                Some(token) if token.is("{") => Err(self.refuse(
                    Kind::ArgumentCount,
                    token,
                    format!("{} accepts no block", self.plugin.name),
                    "remove the block",
                )),
                Some(token) => {
                    let message = format!("{} accepts no arguments, but has `{}`", self.plugin.name, token.text);
                    Err(self.refuse(Kind::ArgumentCount, token, message, "remove it, or put it on a line of its own"))
                }
                None => Ok(()),
            },
            Head::One(value) => {
                let token = self.take_one(self.name, &value)?;
                self.arguments.push(token);
                Ok(())
            }
            Head::Arguments(arguments) => {
                self.arguments = self.take(self.name, arguments)?;
                Ok(())
            }
            Head::Leading(values, rest) => {
                for value in values {
                    let token = self.take_one(self.name, value)?;
                    self.arguments.push(token);
                }
                let mut more = self.take(self.name, rest)?;
                self.arguments.append(&mut more);
                Ok(())
            }
            Head::Custom(read) => read(self),
        }
    }

    /// Reads options until the block ends; an error in one leaves the others to be judged.
    pub(crate) fn read_options(&mut self, options: &'static [Opt]) {
        while let Some(token) = self.words.next_in_block() {
            if self.read_option(options, token).is_err() {
                self.words.skip_line();
            }
        }
    }

    fn read_option(&mut self, options: &'static [Opt], token: &'a Token) -> Judged {
        let folded = if self.plugin.any_case { token.text.to_lowercase() } else { token.text.to_string() };
        let Some(option) = options.iter().find(|option| option.name == folded) else {
            return Err(self.unknown_option(options, token));
        };
        if option.once && self.option(option.name).is_some() {
            let message = format!("`{}` is set more than once", option.name);
            return Err(self.refuse(Kind::Repeated, token, message, "keep one of them"));
        }
        let mut arguments = Vec::new();
        match option.take {
            Take::Flag => {}
            Take::Ignored => arguments = self.words.arguments(),
            Take::One(value) => arguments.push(self.take_one(token, &value)?),
            Take::Arguments(expected) => arguments = self.take(token, expected)?,
            Take::Custom(judge) => judge(self, token)?,
        }
        self.options.push(Written { name: token, arguments });
        Ok(())
    }

    /// The last use of an option.
    pub(crate) fn option(&self, name: &str) -> Option<&Written<'a>> {
        let same = |written: &&Written| {
            written.name.is(name) || (self.plugin.any_case && written.name.text.to_lowercase() == name)
        };
        self.options.iter().rev().find(same)
    }

    /// Takes the rest of the line and judges it.
    pub(crate) fn take(&mut self, of: &'a Token, expected: Arguments) -> Result<Vec<&'a Token>, Stop> {
        let arguments = self.words.arguments();
        if arguments.len() < expected.least || arguments.len() > expected.most {
            return Err(self.wrong_count(of, &arguments, expected));
        }
        let mut judged = Ok(());
        for (index, token) in arguments.iter().enumerate() {
            if let Some(value) = expected.value(index)
                && self.judge_value(value, token).is_err()
            {
                judged = Err(Stop);
            }
        }
        judged.map(|()| arguments)
    }

    /// Takes the next word of the line and judges it.
    pub(crate) fn take_one(&mut self, of: &'a Token, value: &Value) -> Result<&'a Token, Stop> {
        let Some(token) = self.words.next_argument() else {
            let message = format!("`{}` needs an argument", of.text);
            let fix = format!("write {} after it{}", value.describe(), self.usage());
            return Err(self.refuse(Kind::ArgumentCount, of, message, fix));
        };
        self.judge_value(value, token)?;
        Ok(token)
    }

    /// Judges one argument.
    pub(crate) fn judge_value(&mut self, value: &Value, token: &'a Token) -> Judged {
        if matches!(value, Value::File | Value::NamedFile) {
            self.needs_file(token);
        }
        if matches!(value, Value::Zone) && crate::domain::zones(&token.text).is_empty() {
            let message = format!("`{}` is not a zone: CoreDNS ignores it", token.text);
            self.warn(Kind::Ignored, token, message, "correct it or remove it");
        }
        match value.judge(&token.text) {
            Ok(()) => Ok(()),
            Err(message) => {
                let nearest = match value {
                    Value::Word(words) | Value::WordAnyCase(words) => nearest::of(&token.text, words.iter().copied()),
                    Value::RecordType => super::records::nearest_type(&token.text),
                    _ => None,
                };
                let fix = nearest
                    .map_or_else(|| format!("write {}", value.describe()), |name| format!("did you mean `{name}`?"));
                Err(self.refuse(Kind::Value, token, message, fix))
            }
        }
    }

    /// Judges a word that must be one of a few.
    pub(crate) fn judge_word(&mut self, words: &'static [&'static str], token: &Token) -> Judged {
        if words.contains(&&*token.text) {
            return Ok(());
        }
        let fix = nearest::of(&token.text, words.iter().copied())
            .map_or_else(|| format!("write one of {}", words.join(", ")), |name| format!("did you mean `{name}`?"));
        Err(self.refuse(Kind::Value, token, format!("`{}` is not one of {}", token.text, words.join(", ")), fix))
    }

    fn errors(&self) -> usize {
        self.context.findings.iter().filter(|found| found.severity == Severity::Error).count()
    }
}
