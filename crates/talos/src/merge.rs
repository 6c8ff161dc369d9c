//! Strategic merge: a patch's values into a configuration's, by the rules of Talos' `merge` package.

use std::collections::BTreeMap;

use tazlab_go::url;

use super::problem::Problem;
use super::schema::{Type, schema};
use super::value::{Data, Value};

/// Where a value stands, and how its parent wants it merged.
#[derive(Clone, Copy)]
struct How<'a> {
    path: &'a str,
    /// The field replaces.
    replace: bool,
    /// It stands behind a pointer, where also a zero counts.
    overwrite: bool,
}

/// Merges `right` into `left`, both of type `kind`.
pub(super) fn merge(left: &mut Value, right: Value, kind: &Type, path: &str, problems: &mut Vec<Problem>) {
    merge_as(left, right, kind, How { path, replace: false, overwrite: false }, problems);
}

fn merge_as(left: &mut Value, right: Value, kind: &Type, how: How<'_>, problems: &mut Vec<Problem>) {
    match kind {
        Type::Merging(name, inner) => match name.as_str() {
            "block.ByteSize" => *left = right,
            "v1alpha1.Args" => arguments(left, right),
            "security.ImageVerificationRules" => image_rules(left, right),
            "cel.Expression" => {
                if !right.is_nil() {
                    *left = right;
                }
            }
            _ => by_key(left, right, name, inner, how.path, problems),
        },
        Type::Pointer(inner) => {
            if right.is_nil() {
            } else if left.is_nil() {
                *left = right;
            } else {
                merge_as(left, right, inner, How { overwrite: true, ..how }, problems);
            }
        }
        Type::Any => merge_any(left, right, how, problems),
        Type::List(element) => list(left, right, how.replace || matches!(**element, Type::Uint(8))),
        Type::Map(element) => map(left, right, element, how, problems),
        Type::Struct(name) => structure(left, right, name, how, problems),
        Type::Own(name) if name == "v1alpha1.ClusterInlineManifests" => list(left, right, how.replace),
        // Certificate and key go together: what a patch leaves out becomes empty.
        Type::Own(name) if name.starts_with("x509.") => {
            if !right.is_nil() {
                *left = right;
            }
        }
        Type::Own(name) if name == "v1alpha1.Endpoint" && !left.is_nil() => endpoint(left, &right),
        Type::Bool => {
            // A bool that nobody wrote is false too, and merged.
            *left = if right.is_nil() { Value { data: Data::Bool(false), ..right } } else { right };
        }
        _ => {
            if !right.is_zero() || (how.overwrite && !right.is_nil()) {
                *left = right;
            }
        }
    }
}

fn list(left: &mut Value, right: Value, replace: bool) {
    if right.is_nil() {
        return;
    }
    match (&mut left.data, right.data) {
        (Data::List(items), Data::List(more)) if !replace => items.extend(more),
        (slot, data) => {
            *slot = data;
            left.at = right.at;
        }
    }
}

/// Arguments of a component: each replaces the one of its name.
fn arguments(left: &mut Value, right: Value) {
    if left.is_nil() {
        *left = right;
    } else if let (Data::Map(entries), Data::Map(more)) = (&mut left.data, right.data) {
        entries.extend(more);
    }
}

/// Rules for images: each replaces the one for the same images.
fn image_rules(left: &mut Value, right: Value) {
    let Data::List(more) = right.data else { return };
    if left.is_nil() {
        *left = Value { at: right.at, data: Data::List(Vec::new()) };
    }
    let Data::List(rules) = &mut left.data else { return };
    // What was there before is looked at alone: two rules of a patch for the same images stay two.
    let before = rules.len();
    for rule in more {
        let same = |old: &Value| old.get("image").text() == rule.get("image").text();
        match rules.iter_mut().take(before).rfind(|old| same(old)) {
            Some(old) => *old = rule,
            None => rules.push(rule),
        }
    }
}

fn map(left: &mut Value, right: Value, element: &Type, how: How<'_>, problems: &mut Vec<Problem>) {
    if right.is_nil() {
        return;
    }
    let (Data::Map(entries), false) = (&mut left.data, how.replace) else {
        *left = right;
        return;
    };
    let Data::Map(more) = right.data else { return };
    for (key, value) in more {
        let path = format!("{}.{key}", how.path);
        match entries.get_mut(&key).filter(|old| !(old.is_nil() && has_nil(element))) {
            // An entry of a map is a copy: it is merged as if it stood behind no pointer.
            Some(old) => merge_as(old, value, element, How { path: &path, replace: false, overwrite: false }, problems),
            None => drop(entries.insert(key, value)),
        }
    }
}

fn has_nil(kind: &Type) -> bool {
    matches!(kind, Type::Pointer(_) | Type::List(_) | Type::Map(_) | Type::Any)
}

/// A value of no declared type: the kinds of both sides must agree.
fn merge_any(left: &mut Value, right: Value, how: How<'_>, problems: &mut Vec<Problem>) {
    if left.is_nil() {
        *left = right;
        return;
    }
    let kind = match (&left.data, &right.data) {
        (Data::Map(_), Data::Map(_)) => Type::Map(Box::new(Type::Any)),
        (Data::List(_), Data::List(_)) => Type::List(Box::new(Type::Any)),
        (Data::Bool(_), Data::Bool(_)) => Type::Bool,
        (Data::Int(_), Data::Int(_)) => Type::Int(64),
        (Data::Float(_), Data::Float(_)) => Type::Float,
        (Data::Text(_), Data::Text(_)) => Type::Text,
        _ => {
            let text = "the configuration has a value of another kind here, and Talos does not merge the two";
            problems.push(Problem::talos(right.at, how.path, text));
            return;
        }
    };
    merge_as(left, right, &kind, How { overwrite: false, replace: false, ..how }, problems);
}

fn structure(left: &mut Value, right: Value, name: &str, how: How<'_>, problems: &mut Vec<Problem>) {
    if let Some(element) = schema().open(name) {
        if how.replace && right.entries().next().is_none() && (right.is_nil() || matches!(right.data, Data::Map(_))) {
            if !right.is_nil() && matches!(left.data, Data::Map(_)) {
                *left = right;
            }
            return;
        }
        return map(left, right, element, how, problems);
    }
    if how.replace {
        if !right.is_zero() {
            *left = right;
        }
        return;
    }
    if left.is_nil() {
        *left = Value { at: right.at, data: Data::Struct(BTreeMap::new()) };
    }
    let (Data::Struct(fields), Data::Struct(mut more)) = (&mut left.data, right.data) else { return };
    for field in schema().fields(name) {
        let value = more.remove(&field.key);
        // What neither side wrote stays unwritten, but for bools: those are merged as false.
        if value.is_none() && (field.kind != Type::Bool || !fields.contains_key(&field.key)) {
            continue;
        }
        let path = super::decode::below(how.path, &field.key);
        let slot = fields.entry(field.key.clone()).or_default();
        let below = How { path: &path, replace: field.replace, overwrite: false };
        merge_as(slot, value.unwrap_or_default(), &field.kind, below, problems);
    }
}

/// A URL is a struct too: what the new one leaves out, the old one gives.
fn endpoint(left: &mut Value, right: &Value) {
    let (old, new) = (url::parse(left.text()).unwrap_or_default(), url::parse(right.text()).unwrap_or_default());
    if !new.opaque.is_empty() {
        *left = right.clone();
        return;
    }
    let part = |new: String, old: String| if new.is_empty() { old } else { new };
    let (scheme, host, path) = (part(new.scheme, old.scheme), part(new.host, old.host), part(new.path, old.path));
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    *left = Value { at: right.at, data: Data::Text(format!("{scheme}://{host}{slash}{path}")) };
}

/// Lists whose members are known by a key of theirs: a member with the same key is merged, another is added.
fn by_key(left: &mut Value, right: Value, name: &str, kind: &Type, path: &str, problems: &mut Vec<Problem>) {
    let Type::List(element) = kind else { return };
    let Data::List(more) = right.data else { return };
    if left.is_nil() {
        *left = Value { at: right.at, data: Data::List(Vec::new()) };
    }
    let Data::List(items) = &mut left.data else { return };
    for value in more {
        let same = |old: &Value| match name {
            "v1alpha1.NetworkDeviceList" => {
                let interface = value.get("interface").text();
                if interface.is_empty() {
                    let selector = value.get("deviceSelector");
                    !selector.is_nil() && same_fields(old.get("deviceSelector"), selector)
                } else {
                    old.get("interface").text() == interface
                }
            }
            "v1alpha1.VlanList" => old.get("vlanId").number() == value.get("vlanId").number(),
            "extensions.ConfigFileList" => old.get("mountPath").text() == value.get("mountPath").text(),
            _ => old.get("name").text() == value.get("name").text(),
        };
        match items.iter_mut().find(|old| same(old)) {
            Some(old) => merge(old, value, element.bare(), path, problems),
            None => items.push(value),
        }
    }
}

/// Are two structs equal, whatever of them is written out?
fn same_fields(a: &Value, b: &Value) -> bool {
    if a.is_nil() != b.is_nil() {
        return false;
    }
    let covers = |one: &Value, other: &Value| {
        one.entries().all(|(key, value)| {
            let pair = other.get(key);
            value.data == pair.data || (value.is_zero() && pair.is_zero())
        })
    };
    covers(a, b) && covers(b, a)
}
