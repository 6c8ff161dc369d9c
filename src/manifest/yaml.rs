//! Documents of YAML as JSON, read as `kubectl` reads them. Pure.

use serde_json::{Map, Number, Value as Json};
use tazlab_yaml::{Kind, Mark, Node, Scalar, merged, parse, repeated, resolve};
use thiserror::Error;

/// A text that is not what is wanted. Nothing of the text is repeated but the names of keys.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{at}: {text}")]
pub struct YamlError {
    /// Where.
    pub at: Mark,
    /// Why.
    pub text: String,
}

/// One document, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Where.
    pub at: Mark,
    /// What it says.
    pub json: Json,
}

/// The documents that are not empty.
///
/// # Errors
/// [`YamlError`] at the first place that cannot be read, or that JSON has no form for.
pub fn documents(text: &str) -> Result<Vec<Document>, YamlError> {
    let nodes = parse(text).map_err(|error| YamlError { at: error.at, text: error.text })?;
    let mut found = Vec::new();
    for mut node in nodes {
        if node.is_null() {
            continue;
        }
        let of_keys = |refused: tazlab_yaml::Refused| YamlError { at: refused.at, text: refused.text };
        merged(&mut node).map_err(of_keys)?;
        if let Some(wrong) = repeated(&node) {
            return Err(of_keys(wrong));
        }
        found.push(Document { at: node.at, json: json(&node)? });
    }
    Ok(found)
}

fn json(node: &Node) -> Result<Json, YamlError> {
    let node = node.target();
    let wrong = |text: &str| YamlError { at: node.at, text: text.to_owned() };
    match &node.kind {
        Kind::Sequence(items) => items.iter().map(json).collect(),
        Kind::Mapping(entries) => {
            let mut all = Map::new();
            for (key, value) in entries.iter() {
                let name = name(key)?;
                if all.insert(name.clone(), json(value)?).is_some() {
                    return Err(YamlError { at: key.at, text: format!("the key {name} is set twice") });
                }
            }
            Ok(Json::Object(all))
        }
        Kind::Alias(_) => Ok(Json::Null),
        Kind::Scalar(..) => match resolve(node).ok_or_else(|| wrong("the value is not what its tag says"))? {
            Scalar::Null => Ok(Json::Null),
            Scalar::Bool(value) => Ok(Json::Bool(value)),
            Scalar::Int(value) => {
                let number = i64::try_from(value).map(Number::from).or_else(|_| u64::try_from(value).map(Number::from));
                number.map(Json::Number).map_err(|_| wrong("the number has more than 64 bits"))
            }
            Scalar::Float(value) => {
                let number = Number::from_f64(value).ok_or_else(|| wrong("JSON has no such number"))?;
                Ok(Json::Number(number))
            }
            Scalar::Time(text) | Scalar::Text(text) => Ok(Json::String(text)),
        },
    }
}

/// A key as a text, as `kubectl` makes one of a number or a bool (sigs.k8s.io/yaml v1.6.0, `yaml.go`, `convertToJSONableObject`).
fn name(key: &Node) -> Result<String, YamlError> {
    let wrong = |text: &str| Err(YamlError { at: key.at, text: text.to_owned() });
    match resolve(key.target()) {
        Some(Scalar::Text(text) | Scalar::Time(text)) => Ok(text),
        Some(Scalar::Bool(value)) => Ok(value.to_string()),
        Some(Scalar::Int(value)) => Ok(value.to_string()),
        Some(Scalar::Float(value)) => Ok(of_float(value)),
        Some(Scalar::Null) => wrong("a key is missing"),
        None => wrong("a key is a list or a mapping; a template needs quotes, as in \"{{ name }}\""),
    }
}

/// The shortest form in 32 bits, as `strconv.FormatFloat(value, 'g', -1, 32)` has it.
fn of_float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    #[allow(clippy::cast_possible_truncation, reason = "as kubectl does")]
    let value = value as f32;
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_read_as_kubectl_reads_them() {
        let text = "---\n# nothing\n---\na: 1\nb: yes\nc: 2024-01-01\nd: 0x10\ne: ~\nf: [1.5, 'x']\n---\nx: &v {k: 1}\ny: *v\nz:\n  <<: *v\n  l: 2\n";
        let found = documents(text).unwrap();
        let all: Vec<Json> = found.iter().map(|one| one.json.clone()).collect();
        assert_eq!(
            all,
            [
                json!({"a": 1, "b": "yes", "c": "2024-01-01", "d": 16, "e": null, "f": [1.5, "x"]}),
                json!({"x": {"k": 1}, "y": {"k": 1}, "z": {"k": 1, "l": 2}}),
            ]
        );
        assert_eq!(found[0].at.line, 4);
        assert_eq!(documents("").unwrap(), []);
    }

    #[test]
    fn keys_that_are_no_texts_become_texts_as_kubectl_makes_them() {
        let text = "8080: a\ntrue: b\nFALSE: c\n\"9090\": d\n0x10: e\n1.10: f\n1e6: g\n2.5e-7: h\n-0.5: i\n.inf: j\n2024-01-01: k\n";
        let found = documents(text).unwrap();
        let expected = json!({"8080": "a", "true": "b", "false": "c", "9090": "d", "16": "e", "1.1": "f", "1e+06": "g",
            "2.5e-07": "h", "-0.5": "i", ".inf": "j", "2024-01-01": "k"});
        assert_eq!(found[0].json, expected);
    }

    #[test]
    fn what_json_cannot_hold_is_refused_with_its_place() {
        for (text, line) in [
            ("a: .nan", 1),
            ("a: 1\na: 2", 2),
            ("a:\n  - ~: 2", 2),
            ("a:\n  [1]: 2", 2),
            ("8080: 1\n0x1f90: 2", 2),
            ("a: [", 1),
            ("a: !!int x", 1),
        ] {
            let error = documents(text).unwrap_err();
            assert_eq!(error.at.line, line, "{text}: {error}");
        }
    }
}
