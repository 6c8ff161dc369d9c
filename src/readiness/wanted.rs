//! What is asked for: which objects of which kinds.

use std::collections::BTreeMap;

use super::kind::{Id, ObjectKind};

/// Which objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pattern {
    /// All of them, `*`.
    All,
    /// All of a namespace, `namespace/*`.
    Namespace(String),
    /// This one.
    One(Id),
}

impl Pattern {
    fn of(text: &str) -> Self {
        match text.split_once('/') {
            None if text == "*" => Self::All,
            None => Self::One(Id { namespace: String::new(), name: text.to_owned() }),
            Some((namespace, "*")) => Self::Namespace(namespace.to_owned()),
            Some((namespace, name)) => Self::One(Id { namespace: namespace.to_owned(), name: name.to_owned() }),
        }
    }

    /// Can objects of this kind be meant? A secret store without a namespace is one of the cluster's.
    fn can_mean(&self, kind: ObjectKind) -> bool {
        match self {
            Self::All => true,
            Self::Namespace(_) => kind.is_namespaced(),
            Self::One(id) => kind.is_namespaced() != id.namespace.is_empty(),
        }
    }

    pub(super) fn means(&self, id: &Id) -> bool {
        match self {
            Self::All => true,
            Self::Namespace(namespace) => *namespace == id.namespace,
            Self::One(one) => one == id,
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => out.write_str("*"),
            Self::Namespace(namespace) => write!(out, "{namespace}/*"),
            Self::One(id) => write!(out, "{id}"),
        }
    }
}

/// Which objects are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted(BTreeMap<ObjectKind, Vec<Pattern>>);

impl Wanted {
    /// Adds what an argument asks for.
    pub(super) fn ask(&mut self, argument: &str, texts: &[String]) {
        for kind in ObjectKind::ALL.into_iter().filter(|kind| kind.argument() == argument) {
            let patterns: Vec<Pattern> =
                texts.iter().map(|text| Pattern::of(text)).filter(|pattern| pattern.can_mean(kind)).collect();
            if !patterns.is_empty() {
                self.0.entry(kind).or_default().extend(patterns);
            }
        }
    }

    /// The kinds and what is meant of each.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (ObjectKind, &[Pattern])> {
        self.0.iter().map(|(kind, patterns)| (*kind, patterns.as_slice()))
    }

    /// Every kind that must be looked at to know.
    pub(super) fn looked_at(&self) -> Vec<ObjectKind> {
        let behind = [ObjectKind::EndpointSlice, ObjectKind::Proxy];
        let behind = behind.into_iter().filter(|_| self.0.contains_key(&ObjectKind::Service));
        self.0.keys().copied().chain(behind).collect()
    }

    /// Where the objects of a kind are: in this namespace only, or (`None`) anywhere; and the name, if it is only one.
    pub(super) fn scope(&self, kind: ObjectKind) -> (Option<&str>, Option<&str>) {
        let asked = if kind == ObjectKind::EndpointSlice { ObjectKind::Service } else { kind };
        let patterns = self.0.get(&asked).map(Vec::as_slice).unwrap_or_default();
        // What waits for another of its kind, or has made others, may do so across namespaces. Proxies are where the operator is.
        if kind.makes_others() || kind == ObjectKind::Proxy {
            return (None, None);
        }
        let name = match patterns {
            [Pattern::One(id)] if kind == asked => Some(id.name.as_str()),
            _ => None,
        };
        let mut namespaces = patterns.iter().map(|pattern| match pattern {
            Pattern::All => "",
            Pattern::Namespace(namespace) => namespace,
            Pattern::One(id) => &id.namespace,
        });
        let first = namespaces.next().filter(|first| !first.is_empty());
        (first.filter(|first| namespaces.all(|other| other == *first)), name)
    }
}
