//! What a picture means: how many objects are ready, and what keeps the others, root causes first. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::kind::{Id, ObjectKind, Reference};
use super::order::{Place, order};
use super::picture::{Known, Picture};
use super::sighting::{Reason, Standing};
use super::wanted::{Pattern, Wanted};

/// How many problems a warning lists.
const TOLD: usize = 20;

/// What there is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    counts: Vec<Count>,
    lines: Vec<String>,
    suspended: Vec<String>,
    /// The argument that asks for the first cause.
    argument: Option<&'static str>,
    is_hopeless: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    argument: &'static str,
    what: &'static str,
    ready: usize,
    all: usize,
}

/// Something that is not ready.
#[derive(Clone, Debug)]
struct Entry {
    reason: Reason,
    waits_for: Vec<Reference>,
}

impl Report {
    /// What `picture` says of what is `wanted`.
    #[must_use]
    pub fn of(picture: &Picture, wanted: &Wanted) -> Self {
        let mut found = Found { picture, report: Self::default(), entries: BTreeMap::new() };
        let mut unmet: BTreeMap<(&str, &Pattern), (ObjectKind, bool)> = BTreeMap::new();
        let mut met: BTreeSet<(&str, &Pattern)> = BTreeSet::new();
        for (kind, patterns) in wanted.kinds() {
            for pattern in found.look(kind, patterns) {
                met.insert((kind.argument(), pattern));
            }
            let absent = *picture.of(kind) == Known::Absent;
            for pattern in patterns.iter().filter(|pattern| !matches!(pattern, Pattern::One(_))) {
                // Two kinds may share an argument: it is enough that one of them is there.
                let (_, all_absent) = unmet.entry((kind.argument(), pattern)).or_insert((kind, true));
                *all_absent &= absent;
            }
        }
        for ((argument, pattern), (kind, absent)) in unmet {
            if !met.contains(&(argument, pattern)) && !matches!(picture.of(kind), Known::Hidden { .. }) {
                found.none(kind, pattern, absent);
            }
        }
        found.follow();
        found.tell()
    }

    /// Is everything ready?
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.lines.is_empty()
    }

    /// Is something among it that its controller has given up, or that cannot become ready by itself?
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.is_hopeless
    }

    /// One line: `16/16 Kustomizations Ready, 17/17 ExternalSecrets Synced`.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = self.counts.iter().map(|count| format!("{}/{} {}", count.ready, count.all, count.what));
        let mut summary = counts.collect::<Vec<_>>().join(", ");
        if !self.suspended.is_empty() {
            summary.push_str("; suspended: ");
            summary.push_str(&self.suspended.join(", "));
        }
        summary
    }

    /// One line for each object that is not ready, with its reason; root causes first.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.lines
    }

    /// The first of the problems, for a warning: all are told elsewhere.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let mut told: Vec<String> = self.lines.iter().take(TOLD).cloned().collect();
        if self.lines.len() > TOLD {
            told.push(format!("… and {} more", self.lines.len() - TOLD));
        }
        told.join("\n")
    }

    /// The objects that are suspended: neither ready nor waited for.
    #[must_use]
    pub fn suspended(&self) -> &[String] {
        &self.suspended
    }

    /// The argument that the first problem is about.
    #[must_use]
    pub fn argument(&self) -> Option<&'static str> {
        self.argument
    }
}

/// A report in the making.
struct Found<'a> {
    picture: &'a Picture,
    report: Report,
    entries: BTreeMap<Reference, Entry>,
}

impl Found<'_> {
    /// Looks at the objects of a kind that are meant. Gives the patterns that are met by some.
    fn look<'p>(&mut self, kind: ObjectKind, patterns: &'p [Pattern]) -> Vec<&'p Pattern> {
        let (mut ready, mut all, mut met) = (0, 0, BTreeSet::new());
        let none = BTreeMap::new();
        let seen = match self.picture.of(kind) {
            Known::Seen(seen) => seen,
            Known::Absent => &none,
            Known::Hidden { why, is_final } => {
                let id = Id { namespace: String::new(), name: "*".to_owned() };
                let message = format!("they cannot be listed: {why}");
                self.not_ready(kind, id, Reason { message, is_final: *is_final, ..Reason::default() }, Vec::new());
                &none
            }
        };
        for sighting in seen.values() {
            let means: Vec<&Pattern> = patterns.iter().filter(|pattern| pattern.means(&sighting.id)).collect();
            let named = means.iter().any(|pattern| matches!(pattern, Pattern::One(_)));
            match self.picture.standing(kind, sighting) {
                _ if means.is_empty() => continue,
                Standing::Ready => ready += 1,
                Standing::Suspended => {
                    let told = Reference { kind, id: sighting.id.clone() }.to_string();
                    self.report.suspended.push(told);
                    // Whoever names it needs it.
                    if !named {
                        continue;
                    }
                    self.not_ready(kind, sighting.id.clone(), suspended(), Vec::new());
                }
                standing => {
                    let reason = if let Standing::NotReady(reason) = standing { reason } else { Reason::default() };
                    self.not_ready(kind, sighting.id.clone(), reason, sighting.waits_for.clone());
                }
            }
            all += 1;
            met.extend(means);
        }
        for pattern in patterns {
            if let Pattern::One(id) = pattern
                && !seen.contains_key(id)
                && !matches!(self.picture.of(kind), Known::Hidden { .. })
            {
                all += 1;
                let absent = *self.picture.of(kind) == Known::Absent;
                let (reason, waits_for) =
                    if absent { no_kind(kind) } else { (Reason::seen("it does not exist"), vec![]) };
                self.not_ready(kind, id.clone(), reason, waits_for);
            }
        }
        let counts = &mut self.report.counts;
        match counts.iter_mut().find(|count| count.argument == kind.argument()) {
            Some(count) => (count.ready, count.all) = (count.ready + ready, count.all + all),
            None => counts.push(Count { argument: kind.argument(), what: kind.counted(), ready, all }),
        }
        met.into_iter().collect()
    }

    fn not_ready(&mut self, kind: ObjectKind, id: Id, reason: Reason, waits_for: Vec<Reference>) {
        self.entries.insert(Reference { kind, id }, Entry { reason, waits_for });
    }

    /// All objects are meant, and there is none.
    fn none(&mut self, kind: ObjectKind, pattern: &Pattern, absent: bool) {
        let (reason, waits_for) = if absent { no_kind(kind) } else { (Reason::seen("none exists"), vec![]) };
        let id = match pattern {
            Pattern::Namespace(namespace) => Id { namespace: namespace.clone(), name: "*".to_owned() },
            _ => Id { namespace: String::new(), name: "*".to_owned() },
        };
        self.not_ready(kind, id, reason, waits_for);
    }

    /// Takes in what nobody asked for and others wait for.
    fn follow(&mut self) {
        let mut next: VecDeque<Reference> =
            self.entries.values().flat_map(|entry| entry.waits_for.iter().cloned()).collect();
        while let Some(object) = next.pop_front() {
            if self.entries.contains_key(&object) {
                continue;
            }
            let Some(sighting) = self.picture.sighting(&object) else { continue };
            let reason = match self.picture.standing(object.kind, sighting) {
                Standing::NotReady(reason) => reason,
                Standing::Suspended => suspended(),
                _ => continue,
            };
            next.extend(sighting.waits_for.iter().cloned());
            self.entries.insert(object, Entry { reason, waits_for: sighting.waits_for.clone() });
        }
    }

    /// Puts the lines in order.
    fn tell(self) -> Report {
        let Self { mut report, entries, .. } = self;
        let waits: BTreeMap<&Reference, Vec<&Reference>> = entries
            .iter()
            .map(|(object, entry)| {
                let held = entry.waits_for.iter().filter(|other| *other != object && entries.contains_key(other));
                (object, held.collect())
            })
            .collect();
        let order = order(&waits);
        for Place { object, followers, circular, .. } in &order {
            let Some(entry) = entries.get(*object) else { continue };
            let circle = if *circular { " (it waits, by way of others, for itself)" } else { "" };
            let waiting = match followers {
                0 => String::new(),
                1 => " (1 other waits for it)".to_owned(),
                many => format!(" ({many} others wait for it)"),
            };
            report.lines.push(format!("{object}: {}{circle}{waiting}", entry.reason));
        }
        report.argument = order.first().map(|first| first.object.kind.argument());
        report.is_hopeless = entries.values().any(|entry| entry.reason.is_final);
        report
    }
}

fn suspended() -> Reason {
    Reason::seen("it is suspended: its controller ignores it until it is resumed")
}

fn no_kind(kind: ObjectKind) -> (Reason, Vec<Reference>) {
    let (group, plural) = kind.resource();
    let crd =
        Reference { kind: ObjectKind::Crd, id: Id { namespace: String::new(), name: format!("{plural}.{group}") } };
    (Reason::seen(format!("the cluster does not serve this kind: CRD {} does not exist", crd.id)), vec![crd])
}
