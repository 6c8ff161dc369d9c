//! The words in which a plugin's grammar is written down: how often it stands, its arguments, its block.
//!
//! A grammar describes what `setup.go` of the plugin does, the order of its reads included; what cannot be said in a
//! table is a function of the plugin's file.

use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::lexer::Token;

/// One plugin.
pub(crate) struct Plugin {
    pub(crate) name: &'static str,
    /// How it is written, for people.
    pub(crate) usage: &'static str,
    pub(crate) occurs: Occurs,
    pub(crate) head: Head,
    pub(crate) block: Block,
    /// Whether the names of options may be written in any case.
    pub(crate) any_case: bool,
    /// Checks between options, once the block is read.
    pub(crate) finish: fn(&mut Stanza),
}

impl Plugin {
    /// Whether a second use of it in one server block is not looked at.
    pub(crate) fn reads_first_only(&self) -> bool {
        self.occurs == Occurs::FirstCounts
    }
}

/// A plugin that takes nothing and may be repeated: the base of all tables.
pub(crate) const PLUGIN: Plugin = Plugin {
    name: "",
    usage: "",
    occurs: Occurs::Repeated,
    head: Head::NoArgument,
    block: Block::Unread,
    any_case: false,
    finish: |_| {},
};

/// How often the plugin may stand in one server block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occurs {
    /// As often as one likes.
    Repeated,
    /// A second one is an error.
    Once,
    /// Only the first is read.
    FirstCounts,
    /// Only the first is read, and nothing may follow it.
    Alone,
}

/// What stands after the name.
#[derive(Clone, Copy)]
pub(crate) enum Head {
    /// Not looked at.
    Unread,
    /// Nothing may follow, not even a block on that line.
    NoArgument,
    /// One word; what follows on the line is taken for a further use of the plugin.
    One(Value),
    /// All arguments of the line.
    Arguments(Arguments),
    /// Arguments that are read one by one, so that `{` is one of them, then the rest of the line.
    Leading(&'static [Value], Arguments),
    Custom(fn(&mut Stanza) -> Judged),
}

/// How many arguments, and of what kind; the last kind holds for all further ones.
#[derive(Clone, Copy)]
pub(crate) struct Arguments {
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) values: &'static [Value],
}

impl Arguments {
    pub(crate) const NONE: Arguments = between(0, 0, &[]);
    /// Any number of zones; CoreDNS passes over those that are none.
    pub(crate) const ZONES: Arguments = at_least(0, &[Value::Zone]);

    pub(crate) fn value(&self, index: usize) -> Option<&'static Value> {
        self.values.get(index).or(self.values.last())
    }
}

pub(crate) const fn exactly(count: usize, values: &'static [Value]) -> Arguments {
    Arguments { least: count, most: count, values }
}

pub(crate) const fn between(least: usize, most: usize, values: &'static [Value]) -> Arguments {
    Arguments { least, most, values }
}

pub(crate) const fn at_least(least: usize, values: &'static [Value]) -> Arguments {
    Arguments { least, most: usize::MAX, values }
}

/// What stands between the braces.
#[derive(Clone, Copy)]
pub(crate) enum Block {
    /// Not looked at; words in it are taken for further uses of the plugin.
    Unread,
    /// May be there, must be empty.
    Refused,
    Options(&'static [Opt]),
    Custom(fn(&mut Stanza)),
}

/// One option of a block.
pub(crate) struct Opt {
    pub(crate) name: &'static str,
    pub(crate) take: Take,
    /// A second one is an error.
    pub(crate) once: bool,
}

/// How an option reads its arguments.
#[derive(Clone, Copy)]
pub(crate) enum Take {
    /// Not at all: what follows on the line is read as the next option.
    Flag,
    /// One, and what follows on the line is read as the next option.
    One(Value),
    /// The rest of the line.
    Arguments(Arguments),
    /// The rest of the line, without a look at it.
    Ignored,
    Custom(for<'a> fn(&mut Stanza<'a, '_>, &'a Token) -> Judged),
}

pub(crate) const fn flag(name: &'static str) -> Opt {
    Opt { name, take: Take::Flag, once: false }
}

pub(crate) const fn one(name: &'static str, value: Value) -> Opt {
    Opt { name, take: Take::One(value), once: false }
}

pub(crate) const fn takes(name: &'static str, arguments: Arguments) -> Opt {
    Opt { name, take: Take::Arguments(arguments), once: false }
}

pub(crate) const fn once(name: &'static str, arguments: Arguments) -> Opt {
    Opt { name, take: Take::Arguments(arguments), once: true }
}

pub(crate) const fn custom(name: &'static str, judge: for<'a> fn(&mut Stanza<'a, '_>, &'a Token) -> Judged) -> Opt {
    Opt { name, take: Take::Custom(judge), once: false }
}

/// `fallthrough [ZONES…]`.
pub(crate) const FALLTHROUGH: Opt = takes("fallthrough", Arguments::ZONES);
/// `upstream`, which CoreDNS reads and ignores.
pub(crate) const UPSTREAM: Opt = Opt { name: "upstream", take: Take::Ignored, once: false };
