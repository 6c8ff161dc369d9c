//! The kinds that say in a way of their own that they are ready: one rule each, with the source that it was read in. Pure: a rule
//! sees one object. How objects are found and reported is not its business.

mod certificates;
mod delivery;
mod generic;
mod kubernetes;
mod network;
mod postgres;
mod tailscale;
mod vault;
mod view;

use std::collections::BTreeMap;

use super::kind::Id;
use super::sighting::Standing;

pub(in crate::readiness) use generic::judge as generic;
pub(in crate::readiness) use view::View;

/// How one kind says that it is ready.
#[derive(Debug)]
pub(in crate::readiness) struct Rule {
    /// The kind, `Certificate`.
    pub(in crate::readiness) kind: &'static str,
    /// Its API group; empty for the core.
    pub(in crate::readiness) group: &'static str,
    /// Its name in URLs.
    pub(in crate::readiness) plural: &'static str,
    /// The version in which every cluster has it. Kinds of CRDs have the one that the cluster serves.
    pub(in crate::readiness) version: Option<&'static str>,
    pub(in crate::readiness) namespaced: bool,
    /// Many of them in the state that is waited for.
    pub(in crate::readiness) counted: &'static str,
    /// What ready means, for the reference; empty where there is nothing to say.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test writes the reference from it"))]
    ready: &'static str,
    /// Where that stands.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test writes the reference from it"))]
    source: &'static str,
    judge: fn(View<'_>) -> Judgement,
}

/// What a rule makes of an object.
#[derive(Debug)]
pub(in crate::readiness) struct Judgement {
    pub(in crate::readiness) standing: Standing,
    /// What it waits for, if that is not ready.
    pub(in crate::readiness) links: Vec<Link>,
    /// The labels of its pods.
    pub(in crate::readiness) pods: BTreeMap<String, String>,
    /// It says nothing about itself: that it exists is all that is known.
    pub(in crate::readiness) only_exists: bool,
}

impl Judgement {
    fn ready() -> Self {
        Self { standing: Standing::Ready, links: Vec::new(), pods: BTreeMap::new(), only_exists: false }
    }

    /// Existing is all that can be asked of it.
    fn exists() -> Self {
        Self { only_exists: true, ..Self::ready() }
    }

    fn suspended() -> Self {
        Self { standing: Standing::Suspended, ..Self::ready() }
    }

    fn waiting_for(self, links: impl IntoIterator<Item = Link>) -> Self {
        Self { links: links.into_iter().filter(|link| !link.id.name.is_empty()).collect(), ..self }
    }
}

/// An object of some kind.
#[derive(Debug)]
pub(in crate::readiness) struct Link {
    pub(in crate::readiness) kind: String,
    pub(in crate::readiness) group: &'static str,
    pub(in crate::readiness) id: Id,
}

impl Link {
    /// A reference's own namespace, or else that of the object which refers.
    fn to(kind: &str, group: &'static str, from: View<'_>, namespace: &str, name: &str) -> Self {
        let namespace = if namespace.is_empty() { from.id().namespace } else { namespace.to_owned() };
        Self { kind: kind.to_owned(), group, id: Id { namespace, name: name.to_owned() } }
    }
}

impl Rule {
    /// All rules, in the order of the reference.
    pub(in crate::readiness) fn all() -> impl Iterator<Item = &'static Self> {
        let tables = [
            kubernetes::RULES,
            delivery::RULES,
            certificates::RULES,
            vault::RULES,
            postgres::RULES,
            network::RULES,
            tailscale::RULES,
        ];
        tables.into_iter().flatten()
    }

    /// The rule of a kind, which is named as `Kind` or as in URLs.
    pub(in crate::readiness) fn of(kind: &str, group: &str) -> Option<&'static Self> {
        Self::all().find(|rule| rule.group == group && rule.is_called(kind))
    }

    pub(in crate::readiness) fn is_called(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind) || self.plural.eq_ignore_ascii_case(kind)
    }

    /// `Certificate.cert-manager.io`.
    pub(in crate::readiness) fn full_name(&self) -> String {
        if self.group.is_empty() { self.kind.to_owned() } else { format!("{}.{}", self.kind, self.group) }
    }

    pub(in crate::readiness) fn judge(&self, object: View<'_>) -> Judgement {
        (self.judge)(object)
    }

    /// The rules as a table of the reference.
    #[cfg(test)]
    pub(in crate::readiness) fn documentation() -> String {
        let rows = Self::all().filter(|rule| !rule.ready.is_empty());
        let rows = rows.map(|rule| format!("| `{}` | {} | {} |\n", rule.full_name(), rule.ready, rule.source));
        format!("| kind | ready | read in |\n|---|---|---|\n{}", rows.collect::<String>())
    }
}
