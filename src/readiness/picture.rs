//! All that is known of the objects of a cluster at one moment. Pure: it is told, and asked.

use std::collections::{BTreeMap, BTreeSet};

use tazlab_clients::kubernetes::{Seen, ServedKind};

use super::kind::{Id, ObjectKind, Reference};
use super::pods::Troubled;
use super::sighting::{Reason, Sighting, Standing};
use super::warnings::Warning;

/// What is known of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The cluster does not have the kind (yet).
    Absent,
    /// It cannot be listed.
    Hidden {
        /// Why.
        why: String,
        /// Will that surely stay so?
        is_final: bool,
    },
    /// Its objects.
    Seen(BTreeMap<Id, Sighting>),
}

/// What a watch told of an object.
#[derive(Clone, Debug)]
pub(super) enum Told {
    All(Vec<Sighting>),
    Changed(Sighting),
    Gone(Id),
    /// The server went away, for this reason. What was seen stays the last that is known.
    Lost(String),
}

impl Told {
    /// What was told of parts of objects.
    pub(super) fn of<T>(seen: Seen<T>, sighting: impl Fn(T) -> Sighting) -> Self {
        match seen {
            Seen::All(all) => Self::All(all.into_iter().map(|live| sighting(live.object)).collect()),
            Seen::Changed(live) => Self::Changed(sighting(live.object)),
            Seen::Gone(live) => Self::Gone(sighting(live.object).id),
            Seen::Lost(why) => Self::Lost(why),
        }
    }
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    known: BTreeMap<ObjectKind, Known>,
    /// The kinds that the server has.
    pub(super) served: Vec<ServedKind>,
    /// Why the API server is not ready, where that is asked for.
    pub(super) api_server: Option<String>,
    /// What pods of workloads that are not ready are about.
    pub(super) troubled: Vec<Troubled>,
    /// What controllers say in events about what is not ready, by uid.
    pub(super) warnings: BTreeMap<String, Warning>,
}

impl Picture {
    pub(super) fn know(&mut self, kind: ObjectKind, known: Known) {
        self.known.insert(kind, known);
    }

    pub(super) fn see(&mut self, kind: ObjectKind, told: Told) {
        let listed = |all: Vec<Sighting>| all.into_iter().map(|one| (one.id.clone(), one)).collect();
        let known = self.known.entry(kind).or_insert(Known::Absent);
        match (told, known) {
            (Told::All(all), known) => *known = Known::Seen(listed(all)),
            (Told::Changed(one), Known::Seen(seen)) => {
                let last = seen.remove(&one.id);
                seen.insert(one.id.clone(), remembering(one, last));
            }
            (Told::Changed(one), known) => *known = Known::Seen(listed(vec![one])),
            (Told::Gone(id), Known::Seen(seen)) => {
                seen.remove(&id);
            }
            (Told::Gone(_) | Told::Lost(_), _) => {}
        }
    }

    pub(super) fn of(&self, kind: ObjectKind) -> &Known {
        self.known.get(&kind).unwrap_or(&Known::Absent)
    }

    /// The kinds that the cluster does not have, or does not show.
    pub(super) fn unseen(&self) -> Vec<ObjectKind> {
        let unseen = self.known.iter().filter(|(_, known)| !matches!(known, Known::Seen(_)));
        unseen.map(|(kind, _)| *kind).collect()
    }

    /// Is there a CRD whose kind is not served yet?
    pub(super) fn awaits_serving(&self) -> bool {
        let Known::Seen(crds) = self.of(ObjectKind::Crd) else { return false };
        let serving = |crd: &&Sighting| matches!(crd.standing, Standing::NeedsServing { .. });
        crds.values().filter(serving).any(|crd| self.standing(crd) != Standing::Ready)
    }

    pub(super) fn sighting(&self, object: &Reference) -> Option<&Sighting> {
        match self.of(object.kind) {
            Known::Seen(seen) => seen.get(&object.id),
            _ => None,
        }
    }

    /// How an object stands, with what others say about it.
    pub(super) fn standing(&self, seen: &Sighting) -> Standing {
        match &seen.standing {
            Standing::NeedsEndpoints => self.behind(&seen.id),
            Standing::NeedsProxy => self.proxied(&seen.id),
            Standing::NeedsServing { group, plural } => {
                let serves = |one: &ServedKind| one.kind.group == *group && one.kind.plural == *plural;
                if self.served.iter().any(serves) {
                    Standing::Ready
                } else {
                    Standing::NotReady(Reason::seen("it is established, and its kind is not served yet"))
                }
            }
            Standing::NotReady(reason) => Standing::NotReady(self.explained(seen, reason)),
            other => other.clone(),
        }
    }

    /// Why an object is not ready, with what its pods are about, or with what is said in events only.
    fn explained(&self, seen: &Sighting, reason: &Reason) -> Reason {
        let pods = self.pods_of(seen);
        let warning = self.warnings.get(&seen.uid).filter(|_| pods.is_empty());
        let mut parts = vec![reason.message.clone()];
        parts.extend(pods.iter().map(ToString::to_string));
        parts.extend(warning.map(ToString::to_string));
        let is_final =
            reason.is_final || pods.iter().any(|pod| pod.is_final) || warning.is_some_and(Warning::is_by_admission);
        Reason { message: parts.join("; "), is_final, ..reason.clone() }
    }

    fn pods_of(&self, seen: &Sighting) -> Vec<&Troubled> {
        self.troubled.iter().filter(|pod| pod.is_of(&seen.id.namespace, &seen.pods)).collect()
    }

    /// What an object waits for: what it says itself, and what would make the Secrets that its pods are missing.
    pub(super) fn waits_for(&self, seen: &Sighting) -> Vec<Reference> {
        let makers = self.pods_of(seen).into_iter().flat_map(|pod| pod.makers.iter());
        seen.waits_for.iter().chain(makers).cloned().collect()
    }

    fn proxied(&self, service: &Id) -> Standing {
        let unready = |message: &str| Standing::NotReady(Reason::seen(message));
        let proxies = match self.of(ObjectKind::Proxy) {
            Known::Seen(proxies) => proxies,
            Known::Hidden { why, .. } => return unready(&format!("its proxy cannot be read: {why}")),
            Known::Absent => return unready("its proxy does not exist"),
        };
        let Some(proxy) = proxies.values().find(|proxy| proxy.service.as_ref() == Some(service)) else {
            return unready("the Tailscale operator has not created its proxy yet");
        };
        match self.standing(proxy) {
            Standing::NotReady(reason) => {
                let message = format!("its proxy is StatefulSet {}: {reason}", proxy.id);
                Standing::NotReady(Reason { word: String::new(), message, ..reason })
            }
            other => other,
        }
    }

    fn behind(&self, service: &Id) -> Standing {
        let Known::Seen(slices) = self.of(ObjectKind::EndpointSlice) else {
            return Standing::NotReady(Reason::seen("its pods cannot be read"));
        };
        let of = |slice: &&Sighting| slice.service.as_ref() == Some(service);
        if slices.values().filter(of).any(|slice| slice.standing == Standing::Ready) {
            Standing::Ready
        } else {
            Standing::NotReady(Reason::seen("no pod behind it is ready"))
        }
    }

    /// The namespaces in which some objects are not ready.
    pub(super) fn troubled_namespaces(&self, which: impl Fn(ObjectKind, &Sighting) -> bool) -> BTreeSet<String> {
        let seen = self.known.iter().filter_map(|(kind, known)| match known {
            Known::Seen(seen) => Some(seen.values().filter(|one| which(*kind, one))),
            _ => None,
        });
        let troubled = seen.flatten().filter(|one| matches!(one.standing, Standing::NotReady(_)));
        troubled.map(|one| one.id.namespace.clone()).collect()
    }
}

/// A controller that tries again says so instead of how it went the last time, which is what a user wants to know.
fn remembering(mut now: Sighting, last: Option<Sighting>) -> Sighting {
    if let Standing::NotReady(reason) = &mut now.standing
        && reason.is_passing
        && let Some(Sighting { standing: Standing::NotReady(failure), waits_for, .. }) = last
        && !failure.word.is_empty()
        && !failure.is_passing
    {
        // It may be told again, and again be followed by another attempt.
        *reason = Reason { is_final: false, ..failure };
        now.waits_for = waits_for;
    }
    now
}
