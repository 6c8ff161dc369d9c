//! Types of configurations that Talos does not know but hands on to a component, which reads them strictly.

use tazlab_go::time;

use crate::value::{Data, Value};

/// A type, as far as it is judged.
pub(super) enum Shape {
    /// Not judged.
    Any,
    Bool,
    /// A whole number.
    Number,
    Text,
    /// A text such as `5m`.
    Duration,
    List(&'static Shape),
    /// A map with keys of any name.
    Map(&'static Shape),
    /// A map whose keys are fields.
    Fields(&'static [(&'static str, Shape)]),
}

pub(super) const TEXTS: Shape = Shape::List(&Shape::Text);

/// A value that the component does not accept: the value, its path, and why.
pub(super) type Misfit<'a> = (&'a Value, String, String);

/// Everything below `value` that is of another type, or of no field's name.
pub(super) fn misfits<'a>(value: &'a Value, shape: &Shape, path: &str) -> Vec<Misfit<'a>> {
    let mut found = Vec::new();
    judge(value, shape, path, &mut found);
    found
}

fn judge<'a>(value: &'a Value, shape: &Shape, path: &str, found: &mut Vec<Misfit<'a>>) {
    let expected = match (shape, &value.data) {
        // What is null is what nobody set.
        (Shape::Any, _)
        | (_, Data::Null)
        | (Shape::Bool, Data::Bool(_))
        | (Shape::Number, Data::Int(_))
        | (Shape::Text, Data::Text(_)) => return,
        (Shape::Number, Data::Float(number)) if number.fract() == 0.0 => return,
        (Shape::Duration, Data::Text(text)) if time::parse_duration(text).is_some() => return,
        (Shape::List(element), Data::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                judge(item, element, &format!("{path}[{index}]"), found);
            }
            return;
        }
        (Shape::Map(element), Data::Map(_) | Data::Struct(_)) => {
            for (key, entry) in value.entries() {
                judge(entry, element, &format!("{path}.{key}"), found);
            }
            return;
        }
        (Shape::Fields(fields), Data::Map(_) | Data::Struct(_)) => {
            for (key, entry) in value.entries() {
                match fields.iter().find(|(name, _)| *name == key) {
                    Some((_, shape)) => judge(entry, shape, &format!("{path}.{key}"), found),
                    None => found.push((entry, format!("{path}.{key}"), unknown(key, fields))),
                }
            }
            return;
        }
        (Shape::Bool, _) => "true or false",
        (Shape::Number, _) => "a whole number, without quotes,",
        (Shape::Text, Data::Int(_) | Data::Float(_) | Data::Bool(_)) => "a text, in quotes,",
        (Shape::Text, _) => "a text",
        (Shape::Duration, _) => "a duration such as 30s or 5m",
        (Shape::List(_), _) => "a list",
        (Shape::Map(_) | Shape::Fields(_), _) => "a map",
    };
    found.push((value, path.to_owned(), format!("{expected} is expected here")));
}

fn unknown(key: &str, fields: &[(&str, Shape)]) -> String {
    let nearest = fields.iter().map(|(name, _)| (strsim::osa_distance(name, key), name)).min();
    let same = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(name, _)| name);
    let meant = same.or(nearest.filter(|(distance, _)| *distance <= 2).map(|(_, name)| name));
    let hint = meant.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    format!("there is no such field{hint}")
}
