//! When an object is as `wait_for` expects. Pure.

use serde_json::Value as Json;
use tf_plugin::framework::value::Value;

use super::model::Expectation;
use crate::cluster::object::Standing;

/// What a look at the object means.
pub(super) fn standing(
    title: &str,
    object: &Json,
    wait_for: &Value<Expectation>,
    failed_when: &Value<Expectation>,
) -> Standing {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return Standing::Waiting(format!("{title} is being deleted"));
    }
    let current = is_current(object);
    if let Some(failed) = failed_when.as_ref_option()
        && current
        && let Some(why) = failure(object, failed)
    {
        return Standing::Hopeless(format!("{title}: {why}"));
    }
    let Some(expected) = wait_for.as_ref_option() else { return Standing::Done };
    if !current {
        return Standing::Waiting(format!("{title}: its controller has not processed the current generation yet"));
    }
    let mut open = Vec::new();
    for (kind, status) in expected.conditions.as_ref_option().into_iter().flatten() {
        match condition(object, kind) {
            Some(found) if found.is_current && found.status == *status => {}
            Some(found) if !found.is_current => open.push(format!("{kind} is about an earlier generation")),
            Some(found) => open.push(format!("{found} (expected {status})")),
            None => open.push(format!("it has no condition {kind} yet (expected {status})")),
        }
    }
    for (path, text) in expected.fields.as_ref_option().into_iter().flatten() {
        match field(object, path) {
            Some(found) if found == *text => {}
            Some(found) => open.push(format!("{path} is {found:?} (expected {text:?})")),
            None => open.push(format!("{path} is not set (expected {text:?})")),
        }
    }
    if open.is_empty() { Standing::Done } else { Standing::Waiting(format!("{title}: {}", open.join("; "))) }
}

/// Has the controller seen the object as it is, as far as it says so?
fn is_current(object: &Json) -> bool {
    let number = |pointer: &str| object.pointer(pointer).and_then(Json::as_i64);
    match (number("/status/observedGeneration"), number("/metadata/generation")) {
        (Some(observed), Some(generation)) => observed >= generation,
        _ => true,
    }
}

/// A condition as its controller wrote it.
struct Found {
    kind: String,
    status: String,
    reason: String,
    message: String,
    is_current: bool,
}

impl std::fmt::Display for Found {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} is {}", self.kind, self.status)?;
        if !self.reason.is_empty() && self.reason != self.message {
            write!(out, ", {}", self.reason)?;
        }
        if !self.message.is_empty() {
            write!(out, ": {}", self.message)?;
        }
        Ok(())
    }
}

fn condition(object: &Json, kind: &str) -> Option<Found> {
    let all = object.pointer("/status/conditions")?.as_array()?;
    let found = all.iter().find(|condition| condition.get("type").and_then(Json::as_str) == Some(kind))?;
    let text = |name: &str| found.get(name).and_then(Json::as_str).unwrap_or_default().trim().to_owned();
    let observed = found.get("observedGeneration").and_then(Json::as_i64);
    let generation = object.pointer("/metadata/generation").and_then(Json::as_i64);
    let is_current = observed.zip(generation).is_none_or(|(observed, generation)| observed >= generation);
    let (status, reason, message) = (text("status"), text("reason"), text("message"));
    Some(Found { kind: kind.to_owned(), status, reason, message, is_current })
}

/// What of `failed` holds.
fn failure(object: &Json, failed: &Expectation) -> Option<String> {
    let conditions = failed.conditions.as_ref_option().into_iter().flatten();
    let by_condition = conditions
        .filter_map(|(kind, status)| condition(object, kind).filter(|one| one.is_current && one.status == *status))
        .map(|found| found.to_string());
    let fields = failed.fields.as_ref_option().into_iter().flatten();
    let by_field = fields
        .filter(|(path, text)| field(object, path).as_ref() == Some(*text))
        .map(|(path, text)| format!("{path} is {text:?}"));
    by_condition.chain(by_field).next()
}

/// The text of a field: `status.phase`, `status.addresses[0].value`, `metadata.labels["a.b/c"]`.
fn field(object: &Json, path: &str) -> Option<String> {
    let found = parts(path)?.iter().try_fold(object, |at, part| match at {
        Json::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })?;
    match found {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The names in a path; `None` where a bracket is not closed.
pub(super) fn parts(path: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = path.trim_start_matches('.');
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (name, after) = match inside.strip_prefix('"') {
                Some(quoted) => quoted.split_once("\"]")?,
                None => inside.split_once(']')?,
            };
            found.push(name.to_owned());
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            found.push(name.to_owned());
            rest = after.strip_prefix('.').unwrap_or(after);
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn expects(conditions: &[(&str, &str)], fields: &[(&str, &str)]) -> Value<Expectation> {
        let map = |all: &[(&str, &str)]| -> Value<BTreeMap<String, String>> {
            Value::Value(all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
        };
        Value::Value(Expectation { conditions: map(conditions), fields: map(fields) })
    }

    fn object(ready: &str, observed: i64) -> Json {
        json!({"metadata": {"generation": 2, "labels": {"a.b/c": "x"}}, "status": {"phase": "Running", "count": 3,
            "addresses": [{"value": "10.0.0.1"}],
            "conditions": [{"type": "Ready", "status": ready, "reason": "Why", "message": "because", "observedGeneration": observed}]}})
    }

    fn waiting(object: &Json, expected: &Value<Expectation>) -> String {
        match standing("Thing a", object, expected, &Value::Null) {
            Standing::Waiting(what) => what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn everything_that_is_expected_must_hold() {
        let fields = [("status.phase", "Running"), ("status.count", "3"), ("status.addresses[0].value", "10.0.0.1")];
        let all = expects(&[("Ready", "True")], &fields);
        assert_eq!(standing("", &object("True", 2), &all, &Value::Null), Standing::Done);
        assert_eq!(standing("", &json!({}), &Value::Null, &Value::Null), Standing::Done, "it exists");
        let told = waiting(&object("False", 2), &all);
        assert_eq!(told, "Thing a: Ready is False, Why: because (expected True)");
        assert!(waiting(&object("True", 1), &all).contains("earlier generation"));
        let labelled = expects(&[], &[("metadata.labels[\"a.b/c\"]", "y"), ("status.nothing.at", "z")]);
        let told = waiting(&object("True", 2), &labelled);
        assert!(told.contains("is \"x\" (expected \"y\")") && told.contains("status.nothing.at is not set"), "{told}");
    }

    #[test]
    fn an_earlier_generation_counts_for_nothing() {
        let mut old = object("True", 2);
        old["status"]["observedGeneration"] = json!(1);
        let ready = expects(&[("Ready", "True")], &[]);
        assert!(waiting(&old, &ready).contains("current generation"));
        assert!(matches!(standing("", &old, &ready, &expects(&[("Ready", "True")], &[])), Standing::Waiting(_)));
        let mut without = object("True", 2);
        without["status"]["conditions"][0].as_object_mut().unwrap().remove("observedGeneration");
        assert_eq!(standing("", &without, &ready, &Value::Null), Standing::Done);
    }

    #[test]
    fn a_failure_ends_the_wait() {
        let failed =
            |failed_when| standing("Thing a", &object("False", 2), &expects(&[("Ready", "True")], &[]), &failed_when);
        let told = Standing::Hopeless("Thing a: Ready is False, Why: because".to_owned());
        assert_eq!(failed(expects(&[("Ready", "False")], &[])), told);
        assert_eq!(
            failed(expects(&[], &[("status.phase", "Running")])),
            Standing::Hopeless("Thing a: status.phase is \"Running\"".to_owned())
        );
        assert!(matches!(failed(expects(&[("Stalled", "True")], &[])), Standing::Waiting(_)));
    }
}
