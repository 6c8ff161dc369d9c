//! One build by itself: what kustomize, or a Kustomization of Flux, makes of a folder.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, Layer};
use crate::flux::Applied;
use crate::limits::{Budget, TIME};
use crate::object::{self, Object};
use crate::problem::{Finding, Id};
use crate::tree::Tree;

/// What a build gives.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The files that were read.
    pub reached: BTreeSet<String>,
    /// Why kustomize would refuse.
    pub problems: Vec<Finding>,
    /// What lies elsewhere and was not read.
    pub notes: Vec<Finding>,
    /// Group, version, kind, namespace, name and `spec.path` of each object.
    pub objects: Vec<[String; 6]>,
}

/// Builds a folder as kustomize alone does, with Flux's options.
#[must_use]
pub fn build(tree: &Tree, folder: &str, ignore: &[String]) -> Built {
    let budget = Budget::new(TIME);
    let mut builder = Builder::new(tree, ignore, &budget);
    let layer = builder.top(folder, None);
    builder.finish(&layer, &budget)
}

/// Builds a folder as a Kustomization of Flux does that stands in `kustomization` (YAML); `None` where that is not one. Its variables
/// come from itself and from `cluster`: the data of each `ConfigMap` or Secret by `kind/name`.
#[must_use]
pub fn build_as_flux(
    tree: &Tree,
    folder: &str,
    kustomization: &str,
    cluster: &BTreeMap<String, BTreeMap<String, String>>,
) -> Option<Built> {
    let text = Tree::of([("kustomization.yaml", kustomization)]);
    let object = object::objects(text.file("kustomization.yaml")?).ok()?.into_iter().next()?;
    let budget = Budget::new(TIME);
    let mut builder = Builder::new(tree, &[], &budget);
    let one = Applied::of(&object);
    let mut layer = builder.top(folder, Some(&one.additions));
    let (mut problems, mut notes) = (Vec::new(), Vec::new());
    one.fill(&mut layer.objects, cluster, &mut problems, &mut notes, &budget);
    builder.problems.append(&mut problems);
    Some(builder.finish(&layer, &budget))
}

impl Builder<'_> {
    fn finish(self, layer: &Layer, budget: &Budget) -> Built {
        let mut problems = self.problems;
        problems.extend(self.absent.into_iter().map(|absent| absent.finding));
        problems
            .extend(budget.stopped().or_else(|| self.tree.exceeded()).map(|why| Finding::of_file(Id::Limit, ".", why)));
        let object = |one: &Object| {
            let path = one.spec_text(&["path"]).filter(|_| one.group == "kustomize.toolkit.fluxcd.io");
            let path = path.unwrap_or_default().to_owned();
            [one.group.clone(), one.version.clone(), one.kind.clone(), one.namespace.clone(), one.name.clone(), path]
        };
        let objects = layer.objects.iter().map(object).collect();
        Built { reached: self.reached, problems, notes: self.notes, objects }
    }
}
