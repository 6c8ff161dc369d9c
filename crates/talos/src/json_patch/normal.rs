//! Values as JSON holds them: what a patch in YAML is before it is applied.

use std::sync::Arc;

use tazlab_yaml::{Kind, Mark, Node, Scalar, resolve};

use super::set;

/// A value as JSON holds it, written back as YAML: texts are quoted, numbers are decimal, aliases and merges are gone.
/// The keys of an operation may be any scalar, those below it are texts.
pub(super) fn normal(node: &Node, any_key: bool) -> Result<Node, (Mark, String)> {
    let wrong = |text: &str| (node.at, text.to_owned());
    let node = node.target();
    let kind = match &node.kind {
        Kind::Sequence(items) => {
            Kind::Sequence(Arc::new(items.iter().map(|item| normal(item, false)).collect::<Result<_, _>>()?))
        }
        Kind::Mapping(entries) => {
            let mut normalized: Vec<(Node, Node)> = Vec::with_capacity(entries.len());
            for (key, value) in entries.iter().filter(|(key, _)| !is_merge(key)) {
                let name = match resolve(key.target()) {
                    Some(Scalar::Text(name)) => name,
                    Some(_) if any_key => key.as_str().unwrap_or_default().to_owned(),
                    _ => return Err(wrong("a key of a JSON patch must be a text")),
                };
                set(&mut normalized, &name, normal(value, false)?);
            }
            for (_, source) in entries.iter().filter(|(key, _)| is_merge(key)) {
                merge(&mut normalized, source, any_key)?;
            }
            Kind::Mapping(Arc::new(normalized))
        }
        _ => match resolve(node).ok_or_else(|| wrong("the value is not what its tag says"))? {
            Scalar::Null => Kind::Scalar("null".to_owned(), true),
            Scalar::Bool(value) => Kind::Scalar(value.to_string(), true),
            Scalar::Int(value) => Kind::Scalar(value.to_string(), true),
            Scalar::Float(value) if value.is_finite() => Kind::Scalar(value.to_string(), true),
            Scalar::Float(_) => return Err(wrong("JSON has no such number")),
            Scalar::Time(text) => Kind::Scalar(time(&text), false),
            Scalar::Text(text) => Kind::Scalar(text, false),
        },
    };
    Ok(Node { at: node.at, tag: None, kind })
}

/// A date or time as Go writes it into JSON.
fn time(text: &str) -> String {
    if text.contains(':') {
        let text = text.replacen([' ', 't'], "T", 1);
        return if text.ends_with('Z') || text.get(10..).is_some_and(|rest| rest.contains(['+', '-'])) {
            text
        } else {
            format!("{text}Z")
        };
    }
    let date: Vec<String> = text.split('-').map(|part| format!("{part:0>2}")).collect();
    format!("{}T00:00:00Z", date.join("-"))
}

fn is_merge(key: &Node) -> bool {
    key.kind == Kind::Scalar("<<".to_owned(), true)
}

/// The entries of `<<`, where there are none yet.
fn merge(into: &mut Vec<(Node, Node)>, source: &Node, any_key: bool) -> Result<(), (Mark, String)> {
    let sources = match &source.target().kind {
        Kind::Mapping(_) => std::slice::from_ref(source),
        Kind::Sequence(items) => items,
        Kind::Scalar(..) | Kind::Alias(_) => &[],
    };
    let is_mapping = |node: &Node| matches!(node.target().kind, Kind::Mapping(_));
    if sources.is_empty() || !sources.iter().all(is_mapping) {
        return Err((source.at, "a merge takes a mapping, or a list of mappings".to_owned()));
    }
    for source in sources {
        for (key, value) in normal(source, any_key)?.entries() {
            let name = key.as_str().unwrap_or_default();
            if !into.iter().any(|(there, _)| there.as_str() == Some(name)) {
                set(into, name, value.clone());
            }
        }
    }
    Ok(())
}
