//! One kustomization's work, in kustomize's order: resources, generators, components, patches, names, replacements.

use std::collections::HashSet;
use std::rc::Rc;

use tazlab_yaml::Node;

use super::field_spec::{FieldSpec, put_into, rename};
use super::{Builder, Layer};
use crate::edit;
use crate::kustomization::{Kustomization, Reference};
use crate::limits::copied;
use crate::object::Object;
use crate::patch::{Applied, Patch, Source, Target};
use crate::problem::{Finding, Id};
use crate::replacement;

impl Builder<'_> {
    pub(super) fn target(
        &mut self,
        folder: &str,
        said: &Kustomization,
        above: &mut Vec<String>,
        given: Layer,
    ) -> Layer {
        let mut layer = given;
        layer.follows_names |= said.follows_names;
        let is_first = above.last().is_none_or(|last| last != folder);
        if is_first {
            above.push(folder.to_owned());
        }
        for resource in &said.resources {
            let before = layer.objects.len();
            self.resource(folder, resource, above, &mut layer);
            // `flux bootstrap` fills these in.
            let is_filled_in =
                resource.path.ends_with("gotk-components.yaml") || resource.path.ends_with("gotk-sync.yaml");
            layer.is_open |= is_filled_in && layer.objects.len() == before;
        }
        self.plain_files(folder, said);
        self.generate(folder, said, &mut layer);
        if let Some(at) = said.charts {
            let text =
                "helmCharts: kustomize-controller does not render charts, and the build fails; write a HelmRelease";
            self.problems.push(Finding::new(Id::HelmCharts, &said.file, at, text));
            layer.is_open = true;
        }
        for component in &said.components {
            match self.folder_of(folder, component, above) {
                Some(below) => layer = self.folder(&below, above, layer),
                None => layer.is_open = true,
            }
        }
        self.transform(folder, said, &mut layer);
        for plugin in &said.plugins {
            self.plugin(folder, plugin, above, &mut layer);
        }
        if is_first {
            above.pop();
        }
        layer
    }

    fn generate(&mut self, folder: &str, said: &Kustomization, layer: &mut Layer) {
        let place: Rc<str> = said.file.as_str().into();
        for generator in &said.generators {
            let mut texts: Vec<(String, Option<String>)> = Vec::new();
            for reference in generator.envs.iter().chain(generator.files.iter().map(|(_, file)| file)) {
                texts.push((reference.path.clone(), self.text_of(folder, reference)));
            }
            let text = |reference: &Reference| {
                texts.iter().find(|(path, _)| *path == reference.path).and_then(|(_, text)| text.clone())
            };
            let size: usize = texts.iter().filter_map(|(_, text)| text.as_ref()).map(String::len).sum();
            self.budget.objects(1);
            if !self.budget.makes(size + generator.weight()) {
                return;
            }
            layer.absorb(generator.object(&place, text), &mut self.problems);
        }
    }

    fn transform(&mut self, folder: &str, said: &Kustomization, layer: &mut Layer) {
        if !said.patches.is_empty() {
            self.patch(folder, said, &said.patches, layer);
        }
        let named = [said.namespace.as_ref(), Some(&said.prefix), Some(&said.suffix)];
        let added: usize = named.into_iter().flatten().map(String::len).sum();
        let pairs = said.labels.iter().chain(&said.annotations);
        let pairs: usize = pairs.flat_map(|(key, value)| [key, value]).filter_map(Node::as_str).map(str::len).sum();
        let changes = added + pairs > 0;
        let each = |object: &Object| added + pairs + copied(&object.node);
        if changes && !layer.objects.iter().all(|object| self.budget.makes(each(object))) {
            return;
        }
        if let Some(namespace) = &said.namespace {
            let specs = [FieldSpec::name_of_namespaces()];
            for object in &mut layer.objects {
                put_into(object, namespace, false, &specs);
            }
            layer.index(Some((&said.file, &mut self.problems)));
        }
        if !said.prefix.is_empty() || !said.suffix.is_empty() {
            layer.objects.iter_mut().for_each(|object| rename(object, &said.prefix, &said.suffix));
            layer.index(None);
        }
        for (what, pairs) in [("labels", &said.labels), ("annotations", &said.annotations)] {
            for (key, value) in pairs {
                let key = key.as_str().unwrap_or_default();
                let each = layer.objects.iter_mut();
                each.for_each(|object| edit::set(&mut object.node, &["metadata", what, key], value.clone()));
            }
        }
        if !said.late_patches.is_empty() {
            self.patch(folder, said, &said.late_patches, layer);
        }
        for (replacement, file) in &said.replacements {
            self.replace(folder, said, replacement, file.as_ref(), layer);
        }
    }

    fn patch(&mut self, folder: &str, said: &Kustomization, patches: &[Patch], layer: &mut Layer) {
        for patch in patches {
            if self.budget.is_spent() {
                return;
            }
            let text = match &patch.source {
                Source::Inline(text) => Some(text.clone()),
                Source::File(reference) => self.text_of(folder, reference),
            };
            let Some(text) = text else { continue };
            let mut patch = patch.clone();
            patch.is_general |= said.is_component;
            match patch.apply(&self.tree.inline(&text), &mut layer.objects, layer.is_open, self.budget) {
                // What a merge is selected for is added again, and no object may be there twice then.
                Ok(Applied::Selected) => self.refuse_twins(&patch, layer),
                Ok(Applied::Other) => {}
                Err(finding) => self.problems.push(finding),
            }
        }
        layer.index(None);
    }

    fn refuse_twins(&mut self, patch: &Patch, layer: &mut Layer) {
        let mut ids = HashSet::new();
        if let Some(twin) = layer.objects.iter().find(|object| !ids.insert(object.id())) {
            let text = format!("the patches make two objects the same {}", twin.shown());
            self.problems.push(Finding::new(Id::Duplicate, &patch.file, patch.at, text));
            layer.has_twins = true;
        }
    }

    fn replace(
        &mut self,
        folder: &str,
        said: &Kustomization,
        replacement: &Node,
        file: Option<&Reference>,
        layer: &mut Layer,
    ) {
        let text = file.and_then(|file| self.text_of(folder, file));
        let read = text.map(|text| self.tree.inline(&text).unwrap_or_default());
        let all: Vec<Node> = match (file, read) {
            (None, _) => vec![replacement.clone()],
            (Some(_), None) => return,
            (Some(_), Some(documents)) => {
                let each = |one: Node| if one.items().is_empty() { vec![one] } else { one.items().to_vec() };
                documents.iter().cloned().flat_map(each).collect()
            }
        };
        for one in all {
            if self.budget.is_spent() {
                return;
            }
            if let Err(why) = replacement::apply(&one, &mut layer.objects, layer.is_open, self.budget) {
                let text = format!("the replacement does not apply: {why}");
                self.problems.push(Finding::new(Id::Replacement, &said.file, replacement.at, text));
            }
        }
        layer.index(None);
    }

    /// A generator, transformer or validator: a file, a folder, or the configuration itself.
    fn plugin(&mut self, folder: &str, plugin: &Reference, above: &mut Vec<String>, layer: &mut Layer) {
        let mut configurations = Layer::default();
        if plugin.path.contains('\n') {
            let inline = self.tree.inline(&plugin.path).unwrap_or_default();
            inline.iter().for_each(|node| self.configured(node, &plugin.by, layer));
        } else {
            self.resource(folder, plugin, above, &mut configurations);
            layer.is_open |= configurations.is_open;
            for object in &mut configurations.objects {
                object.write();
                self.configured(&object.node, &object.file, layer);
            }
        }
        layer.index(None);
    }

    fn configured(&mut self, node: &Node, file: &str, layer: &mut Layer) {
        let text = |keys: &[&str]| node.text_at(keys).unwrap_or_default().to_owned();
        match text(&["kind"]).as_str() {
            "NamespaceTransformer" => {
                let (namespace, unset_only) = (text(&["metadata", "namespace"]), text(&["unsetOnly"]) == "true");
                let specs: Vec<FieldSpec> =
                    node.get("fieldSpecs").map_or(&[][..], Node::items).iter().map(FieldSpec::read).collect();
                let each = |object: &Object| (specs.len() + 1) * namespace.len() + copied(&object.node);
                if !layer.objects.iter().all(|object| self.budget.makes(each(object))) {
                    return;
                }
                let refused: Vec<String> = layer
                    .objects
                    .iter_mut()
                    .filter_map(|object| put_into(object, &namespace, unset_only, &specs))
                    .collect();
                if let Some(why) = refused.into_iter().next() {
                    self.problems.push(Finding::new(Id::InvalidKustomization, file, node.at, why));
                }
                layer.index(Some((file, &mut self.problems)));
            }
            "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer" => {
                let (prefix, suffix) = (text(&["prefix"]), text(&["suffix"]));
                if !layer.objects.iter().all(|_| self.budget.makes(prefix.len() + suffix.len())) {
                    return;
                }
                layer.objects.iter_mut().for_each(|object| rename(object, &prefix, &suffix));
            }
            "PatchTransformer" => {
                if let Some(patch) = Patch::read(file, node, "transformers", Target::read)
                    && let Source::Inline(text) = &patch.source
                    && let Err(finding) =
                        patch.apply(&self.tree.inline(text), &mut layer.objects, layer.is_open, self.budget)
                {
                    self.problems.push(finding);
                }
            }
            "LabelTransformer" | "AnnotationsTransformer" | "ImageTagTransformer" | "ReplicaCountTransformer" => {}
            // What it makes of the objects is not known.
            _ => layer.is_open = true,
        }
    }
}
