//! What the API server says of a field that it refuses, without the values that it repeats at length: a whole object in a message
//! hides what is wrong with it.

use serde_json::Value;

/// The longest value that is repeated, in bytes: a name, a path, a quantity.
const LONGEST: usize = 120;

/// The most of a message whose form is not known, in characters.
const MOST: usize = 400;

/// The beginnings of messages that repeat a value (k8s.io/apimachinery v0.37.2, `pkg/util/validation/field/errors.go`, `ErrorBody`).
const REPEATING: [&str; 6] =
    ["Invalid value: ", "Unsupported value: ", "Duplicate value: ", "Not found: ", "Too many: ", "Too few: "];

/// The message without a long value, whose place an ellipsis takes.
pub(super) fn without_long_value(message: &str) -> String {
    for beginning in REPEATING {
        let Some(rest) = message.strip_prefix(beginning) else { continue };
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        // A value is JSON, and most often a reason follows.
        if matches!(values.next(), Some(Ok(_))) {
            let end = values.byte_offset();
            let after = rest.get(end..).unwrap_or_default();
            if end > LONGEST && (after.is_empty() || after.starts_with(": ")) {
                return format!("{beginning}…{}", shortened(after));
            }
        }
    }
    shortened(message)
}

/// What is told at length after the first line is a comparison of two objects.
fn shortened(message: &str) -> String {
    if message.chars().count() <= MOST {
        return message.to_owned();
    }
    let first = message.lines().next().unwrap_or_default();
    if first.chars().count() <= MOST {
        return format!("{first} …");
    }
    // The reason stands at the end.
    let half = MOST / 2;
    let begins: String = first.chars().take(half).collect();
    let ends: String = first.chars().skip(first.chars().count() - half).collect();
    format!("{begins} … {ends}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_are_repeated_and_long_ones_are_not() {
        for message in
            ["Invalid value: \"a b\": must not have blanks", "Required value", "Invalid value: 3: must be less"]
        {
            assert_eq!(without_long_value(message), message);
        }
        let long = format!("{{\"metadata\":{{\"labels\":{{\"a\":\"{}: b\"}}}}}}", "x".repeat(200));
        let told = without_long_value(&format!("Invalid value: {long}: field is immutable"));
        assert_eq!(told, "Invalid value: …: field is immutable");
        assert_eq!(without_long_value(&format!("Duplicate value: {long}")), "Duplicate value: …");
    }

    #[test]
    fn what_has_another_form_keeps_its_beginning_and_its_end() {
        let compared = format!("Forbidden: pod updates may not change fields\n  core.PodSpec{{{}", "a\n".repeat(400));
        assert_eq!(without_long_value(&compared), "Forbidden: pod updates may not change fields …");
        let told = without_long_value(&format!("Invalid value: core.Spec{{{}}}: field is immutable", "é".repeat(900)));
        assert!(told.starts_with("Invalid value: core.Spec") && told.ends_with("é}: field is immutable"), "{told}");
        assert!(told.chars().count() < 410);
    }
}
