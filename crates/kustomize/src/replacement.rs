//! Replacements: a value of one object is copied into fields of others.

use tazlab_yaml::{Kind, Node};

use super::edit;
use super::limits::{Budget, DEEPEST_NODE, copied};
use super::object::Object;
use super::patch::Selector;

/// Applies one replacement, or says why kustomize would not. Nothing is said where objects may be unknown.
pub(crate) fn apply(replacement: &Node, objects: &mut [Object], is_open: bool, budget: &Budget) -> Result<(), String> {
    let targets = replacement.get("targets").map_or(&[][..], Node::items);
    let value = match (replacement.get("sourceValue"), replacement.get("source")) {
        (Some(value), None) => value.clone(),
        (None, Some(source)) => match source_value(source, objects) {
            Err(_) if is_open => return Ok(()),
            found => found?,
        },
        _ => return Err("a replacement needs a source, or a sourceValue".to_owned()),
    };
    if targets.is_empty() {
        return Err("a replacement needs at least one target".to_owned());
    }
    for target in targets {
        let select = target.get("select").ok_or("a target of a replacement needs select")?;
        let (select, rejects) = (Selector::read(select, false), target.get("reject").map_or(&[][..], Node::items));
        let rejects: Vec<Selector> = rejects.iter().map(|one| Selector::read(one, false)).collect();
        let paths = target.get("fieldPaths").map_or(&[][..], Node::items).iter().filter_map(Node::as_str);
        let mut paths: Vec<&str> = paths.collect();
        if paths.is_empty() {
            paths.push("metadata.name");
        }
        let is_meant =
            |object: &Object| select.selects_any(object) && !rejects.iter().any(|one| one.selects_any(object));
        let put = Put { value: &value, options: target.get("options"), budget };
        for object in objects.iter_mut().filter(|object| is_meant(object)) {
            if !budget.makes(copied(&object.node)) {
                return Ok(());
            }
            object.write();
            for path in &paths {
                let path_parts = split(path);
                if path_parts.len() > DEEPEST_NODE {
                    return Err(format!("a path has more than {DEEPEST_NODE} parts"));
                }
                put.at(&mut object.node, &path_parts)
                    .map_err(|()| format!("{} has no field {path}", object.shown()))?;
            }
            object.read_back();
        }
    }
    Ok(())
}

fn source_value(source: &Node, objects: &mut [Object]) -> Result<Node, String> {
    let select = Selector::read(source, true);
    let mut found = objects.iter_mut().filter(|object| select.selects_any(object));
    let (first, second) = (found.next(), found.next());
    let name = || select.named().unwrap_or_else(|| "object".to_owned());
    let object = match (first, second) {
        (Some(object), None) => object,
        (None, _) => return Err(format!("its source does not exist: this build makes no {}", name())),
        (Some(_), Some(_)) => return Err(format!("its source fits more than one {}", name())),
    };
    object.write();
    let path = source.text_at(&["fieldPath"]).unwrap_or("metadata.name");
    let value = split(path).iter().try_fold(&object.node, |node, part| child(node, part));
    let value = value.ok_or_else(|| format!("its source {} has no field {path}", object.shown()))?;
    let Some(delimiter) = source.text_at(&["options", "delimiter"]).filter(|one| !one.is_empty()) else {
        return Ok(value.clone());
    };
    let text = value.as_str().ok_or("a delimiter needs a text")?;
    let index = number(source.get("options")).unwrap_or_default();
    let part = usize::try_from(index).ok().and_then(|index| text.split(delimiter).nth(index));
    part.map(Node::text).ok_or_else(|| format!("options.index {index} is out of bounds for {path}"))
}

fn number(options: Option<&Node>) -> Option<i64> {
    options?.text_at(&["index"])?.parse().ok()
}

/// The parts of a path; what stands in brackets is one part, and `\.` is a dot.
fn split(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut escaped) = (0_usize, false);
    for one in path.chars() {
        match one {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '[' if !escaped => depth += 1,
            ']' if !escaped => depth = depth.saturating_sub(1),
            '.' if !escaped && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        escaped = false;
        if let Some(last) = parts.last_mut() {
            last.push(one);
        }
    }
    parts
}

fn child<'n>(node: &'n Node, part: &str) -> Option<&'n Node> {
    if edit::is_mapping(node) {
        return node.get(part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(part));
    }
    match condition(part) {
        Some((key, value)) => node.items().iter().find(|item| item.text_at(&[key]) == Some(value)),
        None => node.items().get(part.parse::<usize>().ok()?),
    }
}

/// `[name=value]`.
fn condition(part: &str) -> Option<(&str, &str)> {
    part.strip_prefix('[')?.strip_suffix(']')?.split_once('=')
}

/// What is put, and how.
struct Put<'a> {
    value: &'a Node,
    options: Option<&'a Node>,
    budget: &'a Budget,
}

impl Put<'_> {
    /// Sets the value at every place that the path leads to. Where a bound is met, what is left stays as it is.
    fn at(&self, node: &mut Node, path: &[String]) -> Result<(), ()> {
        let Self { value, options, budget } = *self;
        let creates = options.and_then(|options| options.text_at(&["create"])) == Some("true");
        let Some((part, rest)) = path.split_first() else {
            let there = node.as_str().unwrap_or_default();
            if !budget.makes(there.len()) || !budget.takes(value) {
                return Ok(());
            }
            let text = value.as_str().map(|text| joined(there, text, options));
            match (&mut edit::own(node).kind, text) {
                (Kind::Scalar(there, _), Some(text)) => *there = text,
                (_, Some(text)) if creates => *node = Node::text(text),
                _ => *node = value.clone(),
            }
            return Ok(());
        };
        if edit::is_mapping(node) {
            let key = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(part);
            if key == "*" {
                let entries = edit::entries(node).ok_or(())?;
                return entries.iter_mut().try_for_each(|(_, there)| self.at(there, rest));
            }
            if node.get(key).is_none() {
                if !creates {
                    return Err(());
                }
                edit::set(node, &[key], edit::null());
            }
            return edit::value(node, key).map_or(Err(()), |there| self.at(there, rest));
        }
        if creates && node.is_null() {
            edit::set(node, &[part], edit::null());
            return edit::value(node, part).map_or(Err(()), |there| self.at(there, rest));
        }
        // A text may hold YAML of its own: kustomize looks into it, and what a check reads never stands there.
        if node.as_str().is_some_and(|text| !text.is_empty()) {
            return Ok(());
        }
        let index = part.parse::<usize>().ok();
        let items = edit::items(node).ok_or(())?;
        let mut met = false;
        for (at, item) in items.iter_mut().enumerate() {
            let is_meant = part == "*"
                || index == Some(at)
                || condition(part).is_some_and(|(key, wanted)| item.text_at(&[key]) == Some(wanted));
            if is_meant {
                met = true;
                self.at(item, rest)?;
            }
        }
        if met || creates { Ok(()) } else { Err(()) }
    }
}

fn joined(there: &str, value: &str, options: Option<&Node>) -> String {
    let Some(delimiter) = options.and_then(|one| one.text_at(&["delimiter"])).filter(|one| !one.is_empty()) else {
        return value.to_owned();
    };
    let mut parts: Vec<&str> = there.split(delimiter).collect();
    match usize::try_from(number(options).unwrap_or_default()) {
        Err(_) => parts.insert(0, value),
        Ok(index) => match parts.get_mut(index) {
            Some(part) => *part = value,
            None => parts.push(value),
        },
    }
    parts.join(delimiter)
}
