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

/// Finds custom resources that come too early.
pub(super) fn check(cluster: &Cluster, world: &Known<'_>, problems: &mut Vec<Finding>, notes: &mut Vec<Finding>) {
    let kustomizations = known(&cluster.applied);
    let found = Bringers::of(cluster);
    let mut said = BTreeSet::new();
    for one in cluster.applied.iter().filter(|one| !one.is_suspended && !one.elsewhere) {
        for object in one.objects.iter().filter(|object| is_custom(&object.group)) {
            if world.present.iter().any(|group| *group == object.group) {
                continue;
            }
            let mut bringers =
                found.kinds.get(&(object.group.clone(), object.kind.clone())).into_iter().flatten().peekable();
            let mut releases = found.groups.get(object.group.as_str()).into_iter().flatten().peekable();
            if bringers.peek().is_none() && releases.peek().is_none() {
                if said.insert((object.group.clone(), object.kind.clone())) {
                    let text =
                        format!("the CRD of {} ({}) does not come from this repository", object.kind, object.group);
                    notes.push(Finding::new(Id::CrdOrder, &object.file, object.at, text));
                }
                continue;
            }
            let all: Vec<&Bringer<'_>> = bringers.chain(releases).collect();
            let in_time = |bringer: &&Bringer<'_>| {
                if bringer.by.name == one.name {
                    !bringer.is_release
                } else {
                    depends(&kustomizations, one, &bringer.by.name)
                }
            };
            if all.iter().any(in_time) {
                continue;
            }
            let Some(first) = all.first() else { continue };
            let finding = Finding::new(Id::CrdOrder, &object.file, object.at, too_early(object, one, first));
            let is_uncertain = waits_for_the_unknown(&kustomizations, one)
                || found.uncertain.contains(object.group.as_str())
                || all.iter().flat_map(|bringer| &bringer.words).any(|word| (world.is_mentioned)(word));
            if !is_uncertain {
                problems.push(finding);
            } else if said.insert((object.group.clone(), object.kind.clone())) {
                notes.push(finding);
            }
        }
    }
}

/// Does it depend on something that may bring what nobody sees?
fn waits_for_the_unknown(kustomizations: &Kustomizations<'_>, one: &Applied) -> bool {
    let mut unknown = kustomizations.values().filter(|other| other.is_open && other.name != one.name);
    unknown.any(|other| depends(kustomizations, one, &other.name))
        || one.depends_on.iter().any(|(name, _)| !kustomizations.contains_key(name.as_str()))
}

fn too_early(object: &Object, one: &Applied, bringer: &Bringer<'_>) -> String {
    let (what, whose) = (bringer.object.shown(), &bringer.by.name);
    if *whose == one.name {
        return format!(
            "{} comes before its CRD: {what} brings it, in the same Kustomization {whose}, which is applied as a whole \
             before any release is installed; put the two in two Kustomizations, one with dependsOn",
            object.shown()
        );
    }
    format!(
        "{} may come before its CRD: {what} in {whose} brings it, and {} has no dependsOn on that",
        object.shown(),
        one.name
    )
}

#[derive(Default)]
struct Bringers<'a> {
    kinds: BTreeMap<(String, String), Vec<Bringer<'a>>>,
    groups: BTreeMap<&'static str, Vec<Bringer<'a>>>,
    /// Groups that a release may bring or not, by values that nobody knows.
    uncertain: BTreeSet<&'static str>,
}

impl<'a> Bringers<'a> {
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
