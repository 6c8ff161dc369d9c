//! A custom resource cannot be applied before its CRD. Flux applies CRDs, namespaces and cluster roles of a Kustomization
//! first, so that a CRD's manifest may stand beside its custom resource; a CRD that a Helm release brings may not, since
//! the release is installed after the Kustomization is applied.

use std::collections::{BTreeMap, BTreeSet};

use super::charts;
use super::flux::{Applied, Cluster, Known as Kustomizations, chart_of, depends, known, urls};
use super::object::Object;
use super::problem::{Finding, Id};

/// What is known besides the repository's objects.
pub(crate) struct Known<'k> {
    /// API groups whose CRDs are there before Flux.
    pub(crate) present: &'k [String],
    /// Does something else of the repository speak of a chart or a CRD? Then that may bring it before Flux.
    pub(crate) is_mentioned: &'k dyn Fn(&str) -> bool,
}

/// What brings a kind: whose Kustomization, and by which object.
struct Bringer<'a> {
    by: &'a Applied,
    object: &'a Object,
    is_release: bool,
    /// By which words others would speak of it.
    words: Vec<String>,
}

/// Where more Kustomizations than these use what a release brings, and fewer than a quarter of them wait for it, they count on Flux
/// trying again: that is how the repository works, and no mistake of one of them.
const MOST_UNORDERED: usize = 5;

/// Custom resources of one Kustomization that come before what brings their CRDs.
struct Late<'a> {
    one: &'a Applied,
    /// The first of them.
    object: &'a Object,
    others: usize,
    bringer: &'a Bringer<'a>,
    is_uncertain: bool,
}

/// Who uses what something brings.
#[derive(Default)]
struct Users<'a> {
    all: BTreeSet<&'a str>,
    waiting: usize,
}

/// Finds custom resources that come too early.
pub(super) fn check(cluster: &Cluster, world: &Known<'_>, problems: &mut Vec<Finding>, notes: &mut Vec<Finding>) {
    let kustomizations = known(&cluster.applied);
    let found = Bringers::of(cluster);
    let mut said = BTreeSet::new();
    let mut late: Vec<Late<'_>> = Vec::new();
    let mut users: BTreeMap<[&str; 2], Users<'_>> = BTreeMap::new();
    for one in cluster.applied.iter().filter(|one| !one.is_suspended && !one.elsewhere) {
        for object in one.objects.iter().filter(|object| is_custom(&object.group)) {
            if world.present.contains(&object.group) {
                continue;
            }
            let all = found.of_kind(object);
            let Some(first) = all.first() else {
                if said.insert((object.group.clone(), object.kind.clone())) {
                    let text =
                        format!("the CRD of {} ({}) does not come from this repository", object.kind, object.group);
                    notes.push(Finding::new(Id::CrdOrder, &object.file, object.at, text));
                }
                continue;
            };
            let in_time = |bringer: &&Bringer<'_>| {
                if bringer.by.name == one.name {
                    !bringer.is_release
                } else {
                    depends(&kustomizations, one, &bringer.by.name)
                }
            };
            let is_in_time = all.iter().any(in_time);
            let users = users.entry(first.name()).or_default();
            if users.all.insert(&one.name) && is_in_time {
                users.waiting += 1;
            }
            if is_in_time {
                continue;
            }
            let is_same = |other: &&mut Late<'_>| other.one.name == one.name && other.bringer.name() == first.name();
            if let Some(other) = late.iter_mut().find(is_same) {
                other.others += 1;
                continue;
            }
            let is_uncertain = waits_for_the_unknown(&kustomizations, one)
                || found.uncertain.contains(object.group.as_str())
                || all.iter().flat_map(|bringer| &bringer.words).any(|word| (world.is_mentioned)(word));
            late.push(Late { one, object, others: 0, bringer: first, is_uncertain });
        }
    }
    for late in late {
        let (name, is_same) = (late.bringer.name(), late.bringer.by.name == late.one.name);
        let counts_on_retries = !is_same
            && users
                .get(&name)
                .is_some_and(|users| users.waiting * 4 < users.all.len() && users.all.len() > MOST_UNORDERED);
        let finding = Finding::new(Id::CrdOrder, &late.object.file, late.object.at, late.text());
        if !late.is_uncertain && !counts_on_retries {
            problems.push(finding);
        } else if said.insert((late.object.group.clone(), late.object.kind.clone())) {
            notes.push(finding);
        }
    }
}

/// Does it depend on something that may bring what nobody sees?
fn waits_for_the_unknown(kustomizations: &Kustomizations<'_>, one: &Applied) -> bool {
    let mut unknown = kustomizations.values().filter(|other| other.is_open && other.name != one.name);
    unknown.any(|other| depends(kustomizations, one, &other.name))
        || one.depends_on.iter().any(|(name, _)| !kustomizations.contains_key(name.as_str()))
}

impl Late<'_> {
    fn text(&self) -> String {
        let (what, whose) = (self.bringer.object.shown(), &self.bringer.by.name);
        let more = match self.others {
            0 => String::new(),
            1 => " and one more object".to_owned(),
            others => format!(" and {others} more objects"),
        };
        let late = format!("{}{more}", self.object.shown());
        let (come, their) = if self.others == 0 { ("comes", "its CRD") } else { ("come", "their CRDs") };
        if *whose == self.one.name {
            return format!(
                "{late} {come} before {their}: {what} is in the same Kustomization {whose}, which is applied as a whole before \
                 any release is installed; put the two in two Kustomizations, one with dependsOn"
            );
        }
        format!(
            "{late} may come before {their}: {what} in {whose} brings what is needed, and {} has no dependsOn on that",
            self.one.name
        )
    }
}

#[derive(Default)]
struct Bringers<'a> {
    kinds: BTreeMap<(String, String), Vec<Bringer<'a>>>,
    groups: BTreeMap<&'static str, Vec<Bringer<'a>>>,
    /// Groups that a release may bring or not, by values that nobody knows.
    uncertain: BTreeSet<&'static str>,
}

impl Bringer<'_> {
    fn name(&self) -> [&str; 2] {
        [&self.by.name, &self.object.name]
    }
}

impl<'a> Bringers<'a> {
    /// Everything that brings the CRD of an object.
    fn of_kind(&self, object: &Object) -> Vec<&Bringer<'a>> {
        let kinds = self.kinds.get(&(object.group.clone(), object.kind.clone()));
        let groups = self.groups.get(object.group.as_str());
        kinds.into_iter().chain(groups).flatten().collect()
    }

    fn of(cluster: &'a Cluster) -> Self {
        let mut found = Self::default();
        let urls = urls(&cluster.applied);
        for by in &cluster.applied {
            for object in &by.objects {
                if object.kind == "CustomResourceDefinition" {
                    let text = |keys: &[&str]| object.spec_text(keys).unwrap_or_default().to_owned();
                    let kind = (text(&["group"]), text(&["names", "kind"]));
                    let bringer = Bringer { by, object, is_release: false, words: vec![object.name.clone()] };
                    found.kinds.entry(kind).or_default().push(bringer);
                } else if object.is_flux("helm", "HelmRelease") && object.spec(&["kubeConfig"]).is_none() {
                    found.release(cluster, by, object, &chart_of(object, &urls).unwrap_or_default());
                }
            }
        }
        found
    }

    fn release(&mut self, cluster: &'a Cluster, by: &'a Applied, object: &'a Object, chart: &str) {
        let bringer = || Bringer { by, object, is_release: true, words: vec![chart.to_owned(), object.name.clone()] };
        if object.spec_text(&["install", "crds"]) != Some("Skip") {
            for [name, group, kind] in &cluster.chart_crds {
                if name == chart {
                    self.kinds.entry((group.clone(), kind.clone())).or_default().push(bringer());
                }
            }
        }
        let Some((groups, brings)) = charts::brought(object, chart) else { return };
        match brings {
            Some(true) => groups.iter().for_each(|group| self.groups.entry(group).or_default().push(bringer())),
            Some(false) => {}
            None => self.uncertain.extend(groups),
        }
    }
}

/// Is this the group of a custom resource whose CRD somebody must bring? Kubernetes' own groups and Flux's are there.
fn is_custom(group: &str) -> bool {
    let own = ["apps", "autoscaling", "batch", "extensions", "policy"];
    let gateway = group == "gateway.networking.k8s.io";
    group.contains('.')
        && (!group.ends_with(".k8s.io") || gateway)
        && !group.ends_with(".toolkit.fluxcd.io")
        && !group.ends_with(".fluxcd.io")
        && !own.contains(&group)
}
