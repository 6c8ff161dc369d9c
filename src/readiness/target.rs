//! A kind that the user names, and what the user says about when its objects are ready. Pure.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Kind, ServedKind};

use super::field::Field;
use super::kind::{ObjectKind, Reference};
use super::rules::{self, Judgement, Rule, View};
use super::sighting::{Reason, Sighting, Standing};
use super::wanted::Pattern;

/// What a kind is called, as far as that is known before a cluster is.
#[derive(Clone, Debug)]
pub(super) enum Named {
    /// One with an argument of its own.
    BuiltIn(ObjectKind),
    /// One with a rule.
    Ruled(&'static Rule),
    /// Any other: its name, in manifests or in URLs, and its group.
    Other(String, String),
}

impl Named {
    /// Reads `Kind.group` or `resource.group`. Kubernetes' own groups may be left out.
    ///
    /// # Errors
    /// What is wrong, for the user.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (kind, group) = text.split_once('.').unwrap_or((text, ""));
        if let Some(known) = Self::known(kind, group) {
            return Ok(known);
        }
        let first = group.split('.').next().unwrap_or_default();
        if is_version(first) {
            let rest = group.strip_prefix(first).unwrap_or_default();
            return Err(format!("{text:?} names a version. Leave it out: \"{kind}{rest}\"."));
        }
        if !group.is_empty() {
            return Ok(Self::Other(kind.to_owned(), group.to_owned()));
        }
        let own = ["apps", "batch", "networking.k8s.io", "apiextensions.k8s.io"];
        if let Some(known) = own.iter().find_map(|group| Self::known(kind, group)) {
            return Ok(known);
        }
        let elsewhere = Rule::all().find(|rule| rule.is_called(kind)).map(Rule::full_name);
        let example = elsewhere.or_else(|| {
            let all = ObjectKind::ALL.into_iter().map(|known| (known.name(), known.resource()));
            let mut called =
                all.filter(|(name, (_, plural))| name.eq_ignore_ascii_case(kind) || plural.eq_ignore_ascii_case(kind));
            called.next().map(|(name, (group, _))| format!("{name}.{group}"))
        });
        Err(match example {
            Some(example) => format!("{text:?} needs its API group: write {example:?}."),
            None => format!(
                "{text:?} is not a kind of the core API group. Write \"Kind.group\", such as \"Certificate.cert-manager.io\"."
            ),
        })
    }

    fn known(kind: &str, group: &str) -> Option<Self> {
        let built_in = ObjectKind::called(kind, group).map(Self::BuiltIn);
        built_in.or_else(|| Rule::of(kind, group).map(Self::Ruled))
    }

    /// Does each object live in a namespace? `None` where only the cluster knows.
    pub(super) fn is_namespaced(&self) -> Option<bool> {
        match self {
            Self::BuiltIn(kind) => Some(kind.is_namespaced()),
            Self::Ruled(rule) => Some(rule.namespaced),
            Self::Other(..) => None,
        }
    }
}

/// The name in URLs that a kind has by convention: `Thing` and `things` are one, and are listed once.
fn plural(kind: &str) -> String {
    match kind.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "ch", "sh"].iter().any(|end| kind.ends_with(end)) => format!("{kind}es"),
        None => format!("{kind}s"),
    }
}

/// `v1`, `v1beta2`.
fn is_version(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(rest) = text.strip_prefix('v') else { return false };
    ["alpha", "beta"]
        .iter()
        .find_map(|word| rest.split_once(word))
        .map_or_else(|| digits(rest), |(major, minor)| digits(major) && digits(minor))
}

/// What is asked of some objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Demand {
    /// Its place among the user's `objects`; none for nodes.
    pub(super) index: Option<usize>,
    pub(super) patterns: Vec<Pattern>,
    /// Conditions and the status that each must have. With these or with fields the kind's own rule does not count.
    pub(super) conditions: BTreeMap<String, String>,
    pub(super) fields: BTreeMap<Field, String>,
}

impl Demand {
    fn is_explicit(&self) -> bool {
        !self.conditions.is_empty() || !self.fields.is_empty()
    }

    fn is_met(&self, object: View<'_>) -> Result<(), Reason> {
        self.conditions.iter().try_for_each(|(kind, status)| object.expects(kind, status))?;
        self.fields.iter().try_for_each(|(field, text)| field.expects(object.0, text).map_err(Reason::seen))
    }
}

/// A kind, and all that is asked of its objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    /// Its name, in manifests or in URLs.
    kind: String,
    group: String,
    rule: Option<&'static Rule>,
    demands: Vec<Demand>,
    /// The other kinds that are read, for what waits for one of them.
    peers: Vec<(ObjectKind, String, String)>,
}

impl Target {
    pub(super) fn new(named: &Named) -> Self {
        let (kind, group, rule) = match named {
            Named::BuiltIn(kind) => (kind.name(), kind.resource().0.to_owned(), None),
            Named::Ruled(rule) => (rule.kind.to_owned(), rule.group.to_owned(), Some(*rule)),
            Named::Other(kind, group) => (kind.clone(), group.clone(), None),
        };
        Self { kind, group, rule, ..Self::default() }
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        let (own, others) = (self.kind.to_ascii_lowercase(), other.kind.to_ascii_lowercase());
        self.group == other.group && (own == others || plural(&own) == others || own == plural(&others))
    }

    pub(super) fn is_called(&self) -> (&str, &str) {
        (&self.kind, &self.group)
    }

    pub(super) fn demand(&mut self, demand: Demand) {
        self.demands.push(demand);
    }

    pub(super) fn know(&mut self, peers: Vec<(ObjectKind, String, String)>) {
        self.peers = peers;
    }

    /// The place among the user's `objects` that asks for this object, or for the first of them.
    pub(super) fn index(&self, reference: &Reference) -> Option<usize> {
        let means = |demand: &&Demand| demand.patterns.iter().any(|pattern| pattern.means(&reference.id));
        self.demands.iter().find(means).or_else(|| self.demands.first()).and_then(|demand| demand.index)
    }

    /// Must the server be asked what it is called there?
    pub(super) fn needs_discovery(&self) -> bool {
        self.fixed().is_none()
    }

    /// What it is called in every cluster, where it is the same in all.
    fn fixed(&self) -> Option<ServedKind> {
        let Some(rule) = self.rule else {
            let own = ObjectKind::called(&self.kind, &self.group)?;
            return Some(ServedKind { kind: own.built_in()?, namespaced: own.is_namespaced() });
        };
        let text = |text: &str| text.to_owned();
        let (group, plural) = (text(rule.group), text(rule.plural));
        let kind = Kind { group, version: text(rule.version?), kind: text(rule.kind), plural };
        Some(ServedKind { kind, namespaced: rule.namespaced })
    }

    /// The kind that the server has, and whether its objects live in namespaces.
    pub(super) fn among(&self, served: &[ServedKind]) -> Option<ServedKind> {
        let called = |one: &&ServedKind| {
            let Kind { group, kind, plural, .. } = &one.kind;
            *group == self.group && (kind.eq_ignore_ascii_case(&self.kind) || plural.eq_ignore_ascii_case(&self.kind))
        };
        self.fixed().or_else(|| served.iter().find(called).cloned())
    }

    /// `Thing`, as the server spells it where that is known.
    pub(super) fn title(&self, served: &[ServedKind]) -> String {
        self.among(served).map_or_else(|| self.kind.clone(), |one| one.kind.kind)
    }

    /// `Thing.example.com`.
    pub(super) fn full_name(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }

    /// The name of its CRD, where that is known.
    pub(super) fn definition(&self) -> Option<String> {
        let is_plural = self.kind.starts_with(|letter: char| letter.is_ascii_lowercase());
        let plural = self.rule.map(|rule| rule.plural).or(is_plural.then_some(self.kind.as_str()))?;
        Some(format!("{plural}.{}", self.group))
    }

    /// Many of them in the state that is waited for.
    pub(super) fn counted(&self, served: &[ServedKind]) -> String {
        let counted = self.rule.map(|rule| rule.counted).filter(|counted| !counted.is_empty());
        match counted.filter(|_| !self.demands.iter().any(Demand::is_explicit)) {
            Some(counted) => counted.to_owned(),
            None => format!("{} ready", self.title(served)),
        }
    }

    /// What one of its objects says, by the kind's own rule or by what the user asks of it.
    pub(super) fn sighting(&self, object: &Json) -> Sighting {
        let view = View(object);
        let id = view.id();
        let asked = |demand: &&Demand| demand.patterns.iter().any(|pattern| pattern.means(&id));
        let (explicit, by_rule): (Vec<_>, Vec<_>) =
            self.demands.iter().filter(asked).partition(|one| one.is_explicit());
        let mut judged = self.rule.map_or_else(|| rules::generic(view), |rule| rule.judge(view));
        if let Some(departure) = view.departure() {
            judged.standing = departure;
        } else if !explicit.is_empty() {
            let unmet = explicit.iter().find_map(|demand| demand.is_met(view).err());
            match unmet {
                Some(reason) => judged.standing = Standing::NotReady(reason),
                // Without a demand by the rule, the user's own words are all that counts.
                None if by_rule.is_empty() => {
                    (judged.standing, judged.only_exists) = (Standing::Ready, false);
                }
                None => {}
            }
        }
        self.seen(view, judged)
    }

    fn seen(&self, view: View<'_>, judged: Judgement) -> Sighting {
        let Judgement { standing, links, pods, only_exists } = judged;
        let mut seen = Sighting::new(view.id(), standing);
        if matches!(seen.standing, Standing::NotReady(_)) {
            let peer = |kind: &str, group: &str| {
                let mut called = self.peers.iter().filter(|(_, of, own)| own == group && of.eq_ignore_ascii_case(kind));
                called.next().map(|(peer, ..)| *peer)
            };
            let known = |link: rules::Link| Some(Reference { kind: peer(&link.kind, link.group)?, id: link.id });
            seen.waits_for = links.into_iter().filter_map(known).collect();
            seen.pods = pods;
            view.text("/metadata/uid").clone_into(&mut seen.uid);
        }
        seen.only_exists = only_exists && seen.standing == Standing::Ready;
        seen
    }
}
