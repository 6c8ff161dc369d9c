//! Values as HCL writes them, for lines that can be pasted into a configuration.

use std::collections::BTreeMap;

use serde_json::Value;

/// A text in quotes.
#[must_use]
pub fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Else it would begin a template.
            '$' | '%' if characters.peek() == Some(&'{') => quoted.extend([character, character]),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A list of texts.
#[must_use]
pub fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(text).collect();
    format!("[{}]", texts.join(", "))
}

/// `bound_claims`: every key has a list. The whole of it, since what is pasted replaces the argument.
#[must_use]
pub fn claims(claims: &BTreeMap<String, Value>) -> String {
    let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), text);
    let values = |demanded: &Value| match demanded {
        Value::Array(items) => items.iter().map(value).collect::<Vec<_>>().join(", "),
        one => value(one),
    };
    let entries: Vec<String> =
        claims.iter().map(|(name, demanded)| format!("{} = [{}]", text(name), values(demanded))).collect();
    format!("{{ {} }}", entries.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_pasted() {
        assert_eq!(text("a\"b\\c\n${d} %{e} $5"), r#""a\"b\\c\n$${d} %%{e} $5""#);
        assert_eq!(list(["a", "b"]), r#"["a", "b"]"#);
        let all = [("/a".to_owned(), serde_json::json!(["x", 1])), ("b".to_owned(), serde_json::json!("${y}"))];
        assert_eq!(claims(&all.into()), r#"{ "/a" = ["x", 1], "b" = ["$${y}"] }"#);
    }
}
