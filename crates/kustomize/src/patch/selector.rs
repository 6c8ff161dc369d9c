//! What a patch or a replacement is for: patterns of names, and requirements of labels.

use regex::Regex;
use tazlab_yaml::Node;

use crate::object::{Identity, Object};

/// A pattern of a whole word; nothing is every word.
#[derive(Clone, Debug, Default)]
struct Word {
    text: String,
    pattern: Pattern,
}

#[derive(Clone, Debug, Default)]
enum Pattern {
    #[default]
    Any,
    /// The text itself.
    Exact,
    /// The text itself, where a dot is any character: most patterns are no more, and need no compiler.
    Dots,
    Other(Regex),
}

impl Word {
    fn read(text: &str, is_exact: bool) -> Self {
        let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.' | '/');
        let pattern = if text.is_empty() {
            Pattern::Any
        } else if is_exact {
            Pattern::Exact
        } else if text.chars().all(is_plain) {
            Pattern::Dots
        } else {
            // What cannot be read as a pattern stands for anything: nothing is said of it.
            Regex::new(&format!("^(?:{text})$")).map_or(Pattern::Any, Pattern::Other)
        };
        Self { text: text.to_owned(), pattern }
    }

    fn matches(&self, word: &str) -> bool {
        match &self.pattern {
            Pattern::Any => true,
            Pattern::Exact => self.text == word,
            Pattern::Dots => {
                let mut given = word.chars();
                let fits = |wanted: char| given.next().is_some_and(|one| wanted == one || wanted == '.' && one != '\n');
                self.text.chars().all(fits) && given.next().is_none()
            }
            Pattern::Other(pattern) => pattern.is_match(word),
        }
    }

    /// The word that it stands for alone.
    fn literal(&self) -> Option<&str> {
        (!self.text.is_empty() && regex::escape(&self.text).replace("\\-", "-") == self.text)
            .then_some(self.text.as_str())
    }
}

/// A selector.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    group: Word,
    version: Word,
    kind: Word,
    name: Word,
    namespace: Word,
    labels: String,
    annotations: String,
}

impl Selector {
    pub(crate) fn read(node: &Node, is_exact: bool) -> Self {
        let text = |key: &str| node.text_at(&[key]).unwrap_or_default();
        let word = |key: &str| Word::read(text(key), is_exact);
        Self {
            group: word("group"),
            version: word("version"),
            kind: word("kind"),
            name: word("name"),
            namespace: word("namespace"),
            labels: text("labelSelector").to_owned(),
            annotations: text("annotationSelector").to_owned(),
        }
    }

    /// As kustomize selects for a patch: by what an object was first, or is now.
    pub(crate) fn selects(&self, object: &Object) -> bool {
        let (first, now) = (object.original(), object.identity());
        let either = |word: &Word, of: fn(&Identity) -> &str| word.matches(of(&first)) || word.matches(of(&now));
        either(&self.namespace, |one| &one.namespace)
            && either(&self.name, |one| &one.name)
            && self.group.matches(&object.group)
            && self.version.matches(&object.version)
            && self.kind.matches(&object.kind)
            && self.fits_labels(object)
    }

    /// As a replacement selects: by anything that an object was.
    pub(crate) fn selects_any(&self, object: &Object) -> bool {
        let now = object.identity();
        let mut all = object.earlier.iter().chain([&now]);
        self.group.matches(&object.group)
            && self.version.matches(&object.version)
            && all.any(|one| {
                self.kind.matches(&one.kind) && self.name.matches(&one.name) && self.namespace.matches(&one.namespace)
            })
            && self.fits_labels(object)
    }

    fn fits_labels(&self, object: &Object) -> bool {
        fits(&self.labels, &|key| object.meta("labels", key))
            && fits(&self.annotations, &|key| object.meta("annotations", key))
    }

    /// The one object that it names, where it names one.
    pub(crate) fn named(&self) -> Option<String> {
        let name = self.name.literal()?;
        let kind = if self.kind.text.is_empty() { "object" } else { &self.kind.text };
        Some(format!("{kind} {name}"))
    }
}

/// Does a set of labels fulfil a selector in Kubernetes' own form?
fn fits<'v>(selector: &str, value: &dyn Fn(&str) -> Option<&'v str>) -> bool {
    requirements(selector).all(|one| {
        let one = one.trim();
        if let Some((key, values)) = one.split_once(" in ").or_else(|| one.split_once(" in(")) {
            return value(key.trim()).is_some_and(|found| is_among(values, found));
        }
        if let Some((key, values)) = one.split_once(" notin ").or_else(|| one.split_once(" notin(")) {
            return value(key.trim()).is_none_or(|found| !is_among(values, found));
        }
        if let Some((key, wanted)) = one.split_once("!=") {
            return value(key.trim()) != Some(wanted.trim());
        }
        if let Some((key, wanted)) = one.split_once("==").or_else(|| one.split_once('=')) {
            return value(key.trim()) == Some(wanted.trim());
        }
        match one.strip_prefix('!') {
            Some(key) => value(key.trim()).is_none(),
            None => one.is_empty() || value(one).is_some(),
        }
    })
}

fn is_among(values: &str, found: &str) -> bool {
    values.trim().trim_start_matches('(').trim_end_matches(')').split(',').any(|one| one.trim() == found)
}

/// The parts between commas that stand in no parentheses.
fn requirements(selector: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    selector.split(move |one| {
        match one {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        one == ',' && depth == 0
    })
}
