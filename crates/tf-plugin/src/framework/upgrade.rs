//! State and identities of older versions, as the JSON objects that Terraform stores: what a type changes in them.

use serde_json::{Map, Value as Json};

use super::diagnostics::Diagnostic;

/// A stored object.
pub type Stored = Map<String, Json>;

/// Gives the value of `old` to `new`; what is not there stays away.
pub fn rename(stored: &mut Stored, old: &str, new: &str) {
    if let Some(value) = stored.remove(old) {
        stored.insert(new.to_owned(), value);
    }
}

/// Reads what Terraform stored. Nothing of it is repeated.
///
/// # Errors
/// A diagnostic where it is not a JSON object.
pub fn read(name: &str, json: &[u8]) -> Result<Stored, Diagnostic> {
    serde_json::from_slice(json).map_err(|error| {
        let detail = format!(
            "What is stored of {name} is not a JSON object: see line {}, column {}.",
            error.line(),
            error.column()
        );
        Diagnostic::error("Unreadable state", detail)
    })
}

/// A version that nobody knows how to read.
#[must_use]
pub fn unknown_version(what: &str, name: &str, version: i64) -> Diagnostic {
    let detail = format!(
        "The stored {what} of {name} has version {version}, which this provider cannot read. Use the version of the provider that wrote it, or a newer one."
    );
    let summary = if what == "identity" { "Identity from another version" } else { "State from another version" };
    Diagnostic::error(summary, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_changed_and_the_rest_stays() {
        let mut stored = read("a_b", br#"{"path": "jwt", "name": null}"#).unwrap();
        rename(&mut stored, "path", "mount");
        rename(&mut stored, "absent", "other");
        assert_eq!(Json::Object(stored), serde_json::json!({"mount": "jwt", "name": null}));
        let told = read("a_b", br#""canary""#).unwrap_err();
        assert!(told.detail.contains("a_b") && !told.detail.contains("canary"), "{told:?}");
    }
}
