//! The objects of one build while it grows.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::edit;
use crate::generate::hash;
use crate::object::{Behaviour, Object};
use crate::problem::{Finding, Id};

/// Objects, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    pub(crate) objects: Vec<Object>,
    /// There may be more that nobody knows: something lies elsewhere, or could not be read.
    pub(crate) is_open: bool,
    /// Some configuration says how names in other objects follow those that change.
    pub(crate) follows_names: bool,
    /// Two objects have become one, and that is said.
    pub(super) has_twins: bool,
    /// The file of each object that is there.
    pub(super) ids: HashMap<[String; 5], Rc<str>>,
}

impl Layer {
    /// Adds an object; the same one twice is an error of kustomize.
    pub(super) fn add(&mut self, object: Object, problems: &mut Vec<Finding>) {
        match self.ids.entry(object.id()) {
            Entry::Occupied(there) => {
                let text = format!("{} is twice in one build: it is in {}, too", object.shown(), there.get());
                problems.push(Finding::new(Id::Duplicate, &object.file, object.at, text));
            }
            Entry::Vacant(place) => {
                place.insert(Rc::clone(&object.file));
                self.objects.push(object);
            }
        }
    }

    /// The ids after the objects have changed. Two that became one are an error where kustomize says so.
    pub(super) fn index(&mut self, problems: Option<(&str, &mut Vec<Finding>)>) {
        self.ids.clear();
        let mut problems = problems;
        for object in &self.objects {
            let twice = self.ids.insert(object.id(), Rc::clone(&object.file)).is_some();
            if let (true, Some((file, problems))) = (twice, problems.as_mut()) {
                let text = format!("namespace makes another object the same {}", object.shown());
                problems.push(Finding::of_file(Id::Duplicate, file, text));
                self.has_twins = true;
            }
        }
    }

    /// Takes in what a generator made.
    pub(super) fn absorb(&mut self, made: Object, problems: &mut Vec<Finding>) {
        let wanted = made.identity();
        let is_same = |object: &Object| {
            let now = object.identity();
            object.group == made.group
                && object.version == made.version
                && object.earlier.iter().chain([&now]).any(|one| *one == wanted)
        };
        let there = self.objects.iter_mut().find(|object| is_same(object));
        let refuse = |text: String| Finding::new(Id::Generator, &made.file, made.at, text);
        match (there, made.behaviour) {
            (None, Behaviour::Create) => self.add(made, problems),
            (Some(there), Behaviour::Create) => problems.push(refuse(format!(
                "the generator makes {}, which is in {} already; set behavior to merge or replace",
                made.shown(),
                there.file
            ))),
            (None, _) if self.is_open => {}
            (None, _) => problems.push(refuse(format!("no {} exists to merge into or replace", made.shown()))),
            (Some(there), behaviour) => {
                let mut node = if behaviour == Behaviour::Merge { there.node.clone() } else { made.node.clone() };
                if behaviour == Behaviour::Merge {
                    for (key, value) in made.node.get("data").map_or(&[][..], tazlab_yaml::Node::entries) {
                        edit::set(&mut node, &["data", key.as_str().unwrap_or_default()], value.clone());
                    }
                }
                there.node = node;
                // What had no hash gets none.
                there.is_hashed &= made.is_hashed;
            }
        }
    }

    /// What happens at the end of a whole build: hashes are added to names, and what is for this machine alone is left out.
    pub(super) fn finish(&mut self, problems: &mut Vec<Finding>) {
        self.objects.iter_mut().filter(|object| object.is_hashed).for_each(hash);
        self.objects.retain(|object| {
            object.meta("annotations", "config.kubernetes.io/local-config").is_none_or(|value| value == "false")
        });
        let mut ids = HashSet::new();
        let mut known = self.objects.iter().filter(|object| object.is_known());
        if let Some(twin) = known.find(|object| !ids.insert(object.id())).filter(|_| !self.has_twins) {
            let text = format!("what this build does makes two objects the same {}", twin.shown());
            problems.push(Finding::new(Id::Duplicate, &twin.file, twin.at, text));
        }
    }
}
