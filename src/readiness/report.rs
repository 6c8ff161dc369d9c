//! What a picture means: how many objects are ready, and what keeps the others, root causes first. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tf_plugin::framework::AttributePath;

use super::absent::{misplaced, missing, no_kind};
use super::count::Count;
use super::kind::{Id, ObjectKind, Reference};
use super::order::{self, order};
use super::picture::{Known, Picture};
use super::sighting::{Reason, Sighting, Standing};
use super::wanted::{Pattern, Place, Wanted};

/// How many problems a warning lists.
const TOLD: usize = 20;

/// What there is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    counts: Vec<Count>,
    lines: Vec<String>,
    suspended: Vec<String>,
    /// Is the API server ready, if that is asked for?
    api_server: Option<bool>,
    /// Where the first cause is asked for.
    place: Option<Place>,
    is_hopeless: bool,
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
        let mut found = Found { picture, wanted, report: Self::default(), entries: BTreeMap::new() };
        let mut unmet: BTreeMap<(ObjectKind, &Pattern), (ObjectKind, bool)> = BTreeMap::new();
        let mut met: BTreeSet<(ObjectKind, &Pattern)> = BTreeSet::new();
        for (kind, patterns) in wanted.kinds() {
            for pattern in found.look(kind, patterns) {
                met.insert((kind.counted_as(), pattern));
            }
            let absent = *picture.of(kind) == Known::Absent;
            for pattern in patterns.iter().filter(|pattern| !matches!(pattern, Pattern::One(_))) {
                // Two kinds may share an argument: it is enough that one of them is there.
                let (_, all_absent) = unmet.entry((kind.counted_as(), pattern)).or_insert((kind, true));
                *all_absent &= absent;
            }
        }
        for ((counted, pattern), (kind, absent)) in unmet {
            if !met.contains(&(counted, pattern)) && !matches!(picture.of(kind), Known::Hidden { .. }) {
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
        let api_server = self.api_server.map(|ready| if ready { "API server ready" } else { "API server not ready" });
        let counts = self.counts.iter().map(ToString::to_string);
        let mut summary = api_server.map(ToOwned::to_owned).into_iter().chain(counts).collect::<Vec<_>>().join(", ");
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

    /// The argument that asks for what the first problem is about.
    #[must_use]
    pub fn path(&self) -> AttributePath {
        let Some(Place { argument, index }) = self.place else { return AttributePath::root() };
        let path = AttributePath::new(argument);
        match index.and_then(|index| i64::try_from(index).ok()) {
            Some(index) => path.index(index),
            None => path,
        }
    }
}

/// A report in the making.
struct Found<'a> {
    picture: &'a Picture,
    wanted: &'a Wanted,
    report: Report,
    entries: BTreeMap<Reference, Entry>,
}

impl Found<'_> {
    /// Looks at the objects of a kind that are meant. Gives the patterns that are met by some.
    fn look<'p>(&mut self, kind: ObjectKind, patterns: &'p [Pattern]) -> Vec<&'p Pattern> {
        let (mut ready, mut all, mut only_exist, mut met) = (0, 0, 0, BTreeSet::new());
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
            match self.picture.standing(sighting) {
                _ if means.is_empty() => continue,
                Standing::Ready => {
                    ready += 1;
                    only_exist += usize::from(sighting.only_exists);
                }
                Standing::Suspended => {
                    let told = Reference { kind, id: sighting.id.clone() };
                    self.report.suspended.push(self.wanted.title(&told, &self.picture.served));
                    // Whoever names it needs it.
                    if !named {
                        continue;
                    }
                    self.not_ready(kind, sighting.id.clone(), suspended(), Vec::new());
                }
                standing => {
                    let reason = if let Standing::NotReady(reason) = standing { reason } else { Reason::default() };
                    self.not_ready(kind, sighting.id.clone(), reason, self.picture.waits_for(sighting));
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
                let (reason, waits_for) = if absent {
                    no_kind(kind, self.wanted)
                } else {
                    (missing(kind, !id.namespace.is_empty(), self.wanted, &self.picture.served), vec![])
                };
                self.not_ready(kind, id.clone(), reason, waits_for);
            }
        }
        if let Some(least) = self.wanted.at_least(kind) {
            let are = |sighting: &&Sighting| self.picture.standing(sighting) == Standing::Ready;
            let (those, known) = (seen.values().filter(are).count(), seen.len());
            if patterns.is_empty() {
                (ready, all) = (those, known);
            }
            all = all.max(least);
            if those < least && !matches!(self.picture.of(kind), Known::Hidden { .. }) {
                let id = Id { namespace: String::new(), name: "*".to_owned() };
                let seen = format!("{those} are Ready, and at least {least} must be");
                self.not_ready(kind, id, Reason::seen(seen), Vec::new());
            }
        }
        let (what, kind) = (self.wanted.counted(kind, &self.picture.served), kind.counted_as());
        let counts = &mut self.report.counts;
        match counts.iter_mut().find(|count| count.kind == kind) {
            Some(count) => (count.ready, count.all) = (count.ready + ready, count.all + all),
            None => counts.push(Count { kind, what, ready, all, only_exist }),
        }
        met.into_iter().collect()
    }

    fn not_ready(&mut self, kind: ObjectKind, id: Id, reason: Reason, waits_for: Vec<Reference>) {
        self.entries.insert(Reference { kind, id }, Entry { reason, waits_for });
    }

    /// All objects are meant, and there is none.
    fn none(&mut self, kind: ObjectKind, pattern: &Pattern, absent: bool) {
        let id = match pattern {
            Pattern::Namespace(namespace) => Id { namespace: namespace.clone(), name: "*".to_owned() },
            _ => Id { namespace: String::new(), name: "*".to_owned() },
        };
        let none = || Reason { message: "none exists".to_owned(), ..Reason::default() };
        let (reason, waits_for) = match (absent, pattern) {
            (true, _) => no_kind(kind, self.wanted),
            (false, Pattern::Namespace(_)) => {
                (misplaced(kind, true, self.wanted, &self.picture.served).unwrap_or_else(none), vec![])
            }
            (false, _) => (none(), vec![]),
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
            let reason = match self.picture.standing(sighting) {
                Standing::NotReady(reason) => reason,
                Standing::Suspended => suspended(),
                _ => continue,
            };
            let waits_for = self.picture.waits_for(sighting);
            next.extend(waits_for.iter().cloned());
            self.entries.insert(object, Entry { reason, waits_for });
        }
    }

    /// Puts the lines in order.
    fn tell(self) -> Report {
        let Self { mut report, entries, picture, wanted } = self;
        if wanted.api_server {
            report.api_server = Some(picture.api_server.is_none());
            report.lines.extend(picture.api_server.as_ref().map(|why| format!("API server: {why}")));
        }
        let waits: BTreeMap<&Reference, Vec<&Reference>> = entries
            .iter()
            .map(|(object, entry)| {
                let held = entry.waits_for.iter().filter(|other| *other != object && entries.contains_key(other));
                (object, held.collect())
            })
            .collect();
        let order = order(&waits);
        for order::Place { object, followers, circular, .. } in &order {
            let Some(entry) = entries.get(*object) else { continue };
            let circle = if *circular { " (it waits, by way of others, for itself)" } else { "" };
            let waiting = match followers {
                0 => String::new(),
                1 => " (1 other waits for it)".to_owned(),
                many => format!(" ({many} others wait for it)"),
            };
            let object = wanted.title(object, &picture.served);
            report.lines.push(format!("{object}: {}{circle}{waiting}", entry.reason));
        }
        report.place = order.first().map(|first| wanted.place(first.object));
        if report.api_server == Some(false) {
            report.place = Some(Place { argument: "api_server", index: None });
        }
        report.is_hopeless = entries.values().any(|entry| entry.reason.is_final);
        report
    }
}

fn suspended() -> Reason {
    Reason::seen("it is suspended: its controller ignores it until it is resumed")
}
