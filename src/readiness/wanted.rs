//! What is asked for: which objects of which kinds.

use std::collections::BTreeMap;
use std::sync::Arc;

use tazlab_clients::kubernetes::{Kind, ServedKind};

use super::kind::{Id, ObjectKind, Reference};
use super::target::{Demand, Named, Target};

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
    pub(super) fn of(text: &str) -> Self {
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
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    kinds: BTreeMap<ObjectKind, Vec<Pattern>>,
    /// The kinds that the user names, in the order of [`ObjectKind::Target`].
    targets: Vec<Arc<Target>>,
    /// The place among the user's `objects` that first asks for a kind which has an argument of its own, too.
    asked_by: BTreeMap<ObjectKind, usize>,
    /// So many of a kind must be ready, whichever they are.
    at_least: Option<(ObjectKind, usize)>,
    /// Must the API server itself say that it is ready?
    pub(super) api_server: bool,
}

/// Where in the configuration something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) argument: &'static str,
    /// The place among `objects`.
    pub(super) index: Option<usize>,
}

impl Wanted {
    /// Adds what an argument asks for.
    pub(super) fn ask(&mut self, argument: &str, texts: &[String]) {
        for kind in ObjectKind::ALL.into_iter().filter(|kind| kind.argument() == argument) {
            let patterns: Vec<Pattern> =
                texts.iter().map(|text| Pattern::of(text)).filter(|pattern| pattern.can_mean(kind)).collect();
            if !patterns.is_empty() {
                self.kinds.entry(kind).or_default().extend(patterns);
            }
        }
    }

    /// Adds what one of the user's `objects` asks for, or (without an index) the nodes.
    pub(super) fn ask_for(&mut self, named: &Named, demand: Demand) -> ObjectKind {
        let is_plain = demand.conditions.is_empty() && demand.fields.is_empty();
        if let Named::BuiltIn(kind) = named
            && is_plain
        {
            if let (false, Some(index)) = (self.kinds.contains_key(kind), demand.index) {
                self.asked_by.insert(*kind, index);
            }
            self.kinds.entry(*kind).or_default().extend(demand.patterns);
            return *kind;
        }
        let mut target = Target::new(named);
        let place = self.targets.iter().position(|other| other.is(&target));
        let kind = ObjectKind::Target(place.unwrap_or(self.targets.len()));
        self.kinds.entry(kind).or_default().extend(demand.patterns.iter().cloned());
        if let Some(known) = place.and_then(|place| self.targets.get_mut(place)) {
            Arc::make_mut(known).demand(demand);
        } else {
            target.demand(demand);
            self.targets.push(Arc::new(target));
        }
        kind
    }

    /// So many of a kind must be ready, whichever they are.
    pub(super) fn ask_for_at_least(&mut self, kind: ObjectKind, least: usize) {
        self.at_least = Some((kind, least));
    }

    /// Tells the kinds of each other, when all are there.
    pub(super) fn complete(&mut self) {
        let text = |text: &str| text.to_owned();
        let own = ObjectKind::ALL.into_iter().map(|kind| (kind, kind.name(), text(kind.resource().0)));
        let named = self.targets.iter().enumerate().map(|(place, target)| {
            let (kind, group) = target.is_called();
            (ObjectKind::Target(place), text(kind), text(group))
        });
        let peers: Vec<_> = named.chain(own.filter(|(kind, ..)| self.kinds.contains_key(kind))).collect();
        for target in &mut self.targets {
            Arc::make_mut(target).know(peers.clone());
        }
    }

    /// The kind that the user names, if it is one.
    pub(super) fn target(&self, kind: ObjectKind) -> Option<&Arc<Target>> {
        match kind {
            ObjectKind::Target(place) => self.targets.get(place),
            _ => None,
        }
    }

    /// Which of the kinds that are read this one is, if it is one.
    pub(super) fn called(&self, kind: &str, group: &str) -> Option<ObjectKind> {
        let own = ObjectKind::called(kind, group).filter(|own| self.kinds.contains_key(own));
        let named = || self.targets.iter().position(|target| target.is_called() == (kind, group));
        own.or_else(|| named().map(ObjectKind::Target))
    }

    /// How many of the kind must be ready, whichever they are.
    pub(super) fn at_least(&self, kind: ObjectKind) -> Option<usize> {
        self.at_least.filter(|(of, _)| *of == kind).map(|(_, least)| least)
    }

    /// Which kind it is on the server, if it has it.
    pub(super) fn api(&self, kind: ObjectKind, served: &[ServedKind]) -> Option<Kind> {
        match self.target(kind) {
            Some(target) => target.among(served).map(|one| one.kind),
            None => kind.among(served),
        }
    }

    /// Must the server be asked which kinds it has?
    pub(super) fn needs_discovery(&self, kind: ObjectKind) -> bool {
        match self.target(kind) {
            Some(target) => target.needs_discovery(),
            None => kind.built_in().is_none() || kind == ObjectKind::Crd,
        }
    }

    /// Where an object is asked for.
    pub(super) fn place(&self, object: &Reference) -> Place {
        match self.target(object.kind) {
            Some(target) => {
                let index = target.index(object);
                let is_named = self.kinds.get(&object.kind).is_some_and(|patterns| !patterns.is_empty());
                let argument = match index {
                    Some(_) => "objects",
                    None if is_named => "nodes",
                    None => "nodes_at_least",
                };
                Place { argument, index }
            }
            None => match self.asked_by.get(&object.kind) {
                Some(index) => Place { argument: "objects", index: Some(*index) },
                None => Place { argument: object.kind.argument(), index: None },
            },
        }
    }

    /// `Kustomization flux-system/apps`.
    pub(super) fn title(&self, object: &Reference, served: &[ServedKind]) -> String {
        match self.target(object.kind) {
            Some(target) => format!("{} {}", target.title(served), object.id),
            None => object.to_string(),
        }
    }

    /// Many of them in the state that is waited for.
    pub(super) fn counted(&self, kind: ObjectKind, served: &[ServedKind]) -> String {
        self.target(kind).map_or_else(|| kind.counted().to_owned(), |target| target.counted(served))
    }

    /// The kinds and what is meant of each.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (ObjectKind, &[Pattern])> {
        self.kinds.iter().map(|(kind, patterns)| (*kind, patterns.as_slice()))
    }

    /// Every kind that must be looked at to know.
    pub(super) fn looked_at(&self) -> Vec<ObjectKind> {
        let behind = [ObjectKind::EndpointSlice, ObjectKind::Proxy];
        let behind = behind.into_iter().filter(|_| self.kinds.contains_key(&ObjectKind::Service));
        self.kinds.keys().copied().chain(behind).collect()
    }

    /// Where the objects of a kind are: in this namespace only, or (`None`) anywhere; and the name, if it is only one.
    pub(super) fn scope(&self, kind: ObjectKind) -> (Option<&str>, Option<&str>) {
        let asked = if kind == ObjectKind::EndpointSlice { ObjectKind::Service } else { kind };
        let patterns = self.kinds.get(&asked).map(Vec::as_slice).unwrap_or_default();
        // What waits for another of its kind, or has made others, may do so across namespaces. Proxies are where the operator is.
        if kind.makes_others() || kind == ObjectKind::Proxy || self.at_least(kind).is_some() {
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
