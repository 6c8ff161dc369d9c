//! Labels, annotations and taints of the node.

use super::Check;
use crate::value::Value;

const RESERVED: &[&str] = &["talos.dev/owned-annotations", "talos.dev/owned-labels", "talos.dev/owned-taints"];

/// All keys and values of the annotations together, in bytes.
const MOST_ANNOTATIONS: usize = 256 << 10;

pub(super) fn labels(check: &mut Check, labels: &Value) {
    for (key, value) in labels.entries() {
        name(check, "machine.nodeLabels", key, value);
        if !is_value(value.text()) {
            check.refuse(value, "machine.nodeLabels", format!("{:?} cannot be the value of a label", value.text()));
        }
    }
}

pub(super) fn annotations(check: &mut Check, annotations: &Value) {
    let mut size = 0;
    for (key, value) in annotations.entries() {
        name(check, "machine.nodeAnnotations", key, value);
        if RESERVED.contains(&key) {
            check.refuse(value, "machine.nodeAnnotations", format!("{key} is Talos' own"));
        }
        size += key.len() + value.text().len();
    }
    if size > MOST_ANNOTATIONS {
        check.refuse(annotations, "machine.nodeAnnotations", "all annotations together are larger than 256 KiB");
    }
}

pub(super) fn taints(check: &mut Check, taints: &Value) {
    for (key, value) in taints.entries() {
        if !name(check, "machine.nodeTaints", key, value) {
            continue;
        }
        let (label, effect) = value.text().split_once(':').unwrap_or(("", value.text()));
        if !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
            let text = format!("{effect:?} is not an effect of a taint. Use NoSchedule, PreferNoSchedule or NoExecute");
            check.refuse(value, "machine.nodeTaints", text);
        } else if !is_value(label) {
            check.refuse(value, "machine.nodeTaints", format!("{label:?} cannot be the value of a taint"));
        }
    }
}

fn name(check: &mut Check, path: &str, key: &str, value: &Value) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let fits = is_name(name) && prefix.is_none_or(is_domain);
    if !fits {
        check.refuse(value, path, format!("{key:?} is not a name such as example.com/name"));
    }
    fits
}

fn is_name(text: &str) -> bool {
    let ends = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
    let inner = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    text.len() <= 63 && ends(text.chars().next()) && ends(text.chars().next_back()) && text.chars().all(inner)
}

fn is_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

fn is_domain(text: &str) -> bool {
    let letter = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let label = |label: &str| {
        label.starts_with(letter)
            && label.ends_with(letter)
            && label.chars().all(|character| letter(character) || character == '-')
    };
    text.len() <= 253 && text.split('.').all(label)
}
