//! Any bytes, as each answer of Vault that is read here: no panic; an error names a place in the answer; what is read is
//! no larger than the answer, prints no secret, and survives being written back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tazlab_clients::vault::{
    Answer, Auth, Cause, Health, JwtConfig, JwtRole, KvField, KvSecret, Mount, Tune, refusal,
};

/// What was read; an error tells a line and a column of the answer.
fn read<T>(bytes: &[u8], found: Result<T, Cause>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(Cause::Answer { line, column }) => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert!(line <= lines && column <= bytes.len() + 1, "line {line}, column {column}");
            None
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// What Vault would answer that holds this.
fn again<T: DeserializeOwned>(data: &Value) -> T {
    let answer = Answer::new(json!({"data": data}).to_string().into());
    answer.data().expect("what was written can be read").expect("data")
}

/// Fractions are not read to their last bit, and no claim of ours is one.
fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        _ => false,
    }
}

fuzz_target!(|bytes: &[u8]| {
    let told = Answer::new(bytes.to_vec().into());
    let size = bytes.len();

    let said = refusal(bytes).into_iter().chain(told.warnings()).map(|text| text.len()).sum::<usize>();
    // The same bytes may be read as both.
    assert!(said <= 2 * size);
    let _ = Health::read(bytes);
    for (path, mount) in read(bytes, Mount::all(&told)).unwrap_or_default() {
        assert!(!path.ends_with('/'));
        assert_eq!(again::<Tune>(&json!(mount.config)), mount.config);
    }

    assert!(read(bytes, JwtRole::names(&told)).unwrap_or_default().len() <= size);
    if let Some(role) = read(bytes, told.data::<JwtRole>()).flatten() {
        if !role.bound_claims.values().any(has_fraction) {
            assert_eq!(again::<JwtRole>(&json!(role)), role);
        }
    }
    if let Some(config) = read(bytes, told.data::<JwtConfig>()).flatten() {
        // Vault keeps these to itself, so that they are not written.
        let ours = JwtConfig { jwks_pairs: Vec::new(), oidc_client_id: String::new(), ..config.clone() };
        assert_eq!(again::<JwtConfig>(&config.body()), ours);
    }

    if let Some(auth) = read(bytes, Auth::read(&told)) {
        let silent = Auth { policies: Vec::new(), warnings: Vec::new(), renewable: false, ..auth };
        let shown = format!("Auth {{ token: (redacted), accessor: (redacted), policies: [], lease: {:?}, ", silent.lease);
        assert_eq!(format!("{silent:?}"), shown + "renewable: false, warnings: [] }");
    }
    for field in read(bytes, KvSecret::read(&told)).flatten().into_iter().flat_map(|secret| secret.fields.into_values()) {
        let shown = format!("{field:?}");
        match field {
            KvField::Text(text) => {
                assert!(shown == "Text((redacted))" && text.expose().len() <= size);
            }
            KvField::Json(text) => {
                assert!(shown == "Json((redacted))" && text.expose().len() <= size);
                assert!(serde_json::from_str::<String>(text.expose()).is_err(), "a text is unquoted");
            }
        }
    }
});
