//! How many objects of a kind are ready, in words. Pure.

use std::fmt;

use super::kind::ObjectKind;

/// A kind's line of a summary: `16/16 Kustomizations Ready`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) kind: ObjectKind,
    pub(super) what: String,
    pub(super) ready: usize,
    pub(super) all: usize,
    /// Those of the ready ones that say nothing about themselves.
    pub(super) only_exist: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, ready, all, only_exist, .. } = self;
        write!(out, "{ready}/{all} {what}")?;
        match only_exist {
            0 => Ok(()),
            1 if *all == 1 => out.write_str(" (without conditions: it exists)"),
            many if many == all => out.write_str(" (without conditions: they exist)"),
            1 => out.write_str(" (1 without conditions: it exists)"),
            many => write!(out, " ({many} without conditions: they exist)"),
        }
    }
}
