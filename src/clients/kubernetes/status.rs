//! What the API server's refusal means: from its `Status` to a [`Cause`].

use std::time::Duration;

use kube::core::Status;

use super::error::{Cause, FieldConflict, InvalidField, Operation};

/// The cause of an answer that is no success. `retry_after` is the header's.
pub(super) fn cause(operation: &Operation, code: u16, body: &[u8], retry_after: Option<Duration>) -> Cause {
    let status = serde_json::from_slice::<Status>(body).unwrap_or_else(|_| Status {
        // Filters in front of the API (overload, a proxy) answer in plain text.
        message: String::from_utf8_lossy(body.get(..body.len().min(300)).unwrap_or_default()).trim().to_owned(),
        ..Status::default()
    });
    let (causes, asked) =
        status.details.map_or((Vec::new(), 0), |details| (details.causes, details.retry_after_seconds));
    if causes.iter().any(|cause| cause.reason == "NamespaceTerminating") {
        return Cause::NamespaceTerminating { namespace: operation.namespace.clone().unwrap_or_default() };
    }
    // The server has no type for a webhook's refusal: its text is the webhook's, in a fixed frame
    // (k8s.io/apiserver pkg/admission/plugin/webhook/errors/statuserror.go, v1.34).
    if status.message.starts_with("admission webhook ") || status.message.contains("failed calling webhook ") {
        return Cause::AdmissionDenied { message: status.message };
    }
    let message = status.message;
    match code {
        401 => Cause::Unauthorized,
        403 => Cause::Forbidden { verb: rbac(operation.verb), resource: operation.kind.clone(), message },
        404 => Cause::NotFound,
        409 => {
            let fields: Vec<_> = causes
                .into_iter()
                .filter(|cause| cause.reason == "FieldManagerConflict")
                .map(|cause| FieldConflict {
                    // The manager stands in quotes in the cause's message and nowhere else.
                    manager: cause.message.split('"').nth(1).unwrap_or("unknown").to_owned(),
                    field: cause.field,
                })
                .collect();
            if fields.is_empty() { Cause::Changed { message } } else { Cause::FieldConflict { fields } }
        }
        422 => Cause::Invalid {
            fields: causes
                .into_iter()
                .map(|cause| InvalidField { field: cause.field, message: cause.message })
                .collect(),
            message,
        },
        429 | 503 => Cause::Overloaded {
            code,
            message,
            retry_after: retry_after.or((asked > 0).then(|| Duration::from_secs(asked.into()))),
        },
        _ => Cause::Api { code, message },
    }
}

fn rbac(verb: &'static str) -> &'static str {
    if verb == "apply" { "patch" } else { verb }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: u16, body: &str) -> Cause {
        let operation =
            Operation { verb: "apply", kind: "Secret".into(), namespace: Some("ns".into()), name: "x".into() };
        cause(&operation, code, body.as_bytes(), None)
    }

    #[test]
    fn a_conflict_names_fields_and_managers() {
        let body = r#"{"kind":"Status","reason":"Conflict","message":"Apply failed with 1 conflict","details":{"causes":[
            {"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using v1","field":".data.token"}]}}"#;
        let Cause::FieldConflict { fields } = of(409, body) else { panic!() };
        assert_eq!(fields, [FieldConflict { field: ".data.token".into(), manager: "kubectl".into() }]);
    }

    #[test]
    fn a_conflict_without_managers_is_a_changed_object() {
        assert!(matches!(of(409, r#"{"message":"Precondition failed: UID"}"#), Cause::Changed { .. }));
    }

    #[test]
    fn a_namespace_that_goes_is_told_apart_from_a_missing_right() {
        let body = r#"{"reason":"Forbidden","message":"m","details":{"causes":[{"reason":"NamespaceTerminating"}]}}"#;
        assert!(matches!(of(403, body), Cause::NamespaceTerminating { namespace } if namespace == "ns"));
        let plain = of(403, r#"{"reason":"Forbidden","message":"m"}"#);
        assert!(matches!(plain, Cause::Forbidden { verb: "patch", .. }));
    }

    #[test]
    fn invalid_fields_are_named() {
        let body = r#"{"message":"m","details":{"causes":[{"reason":"FieldValueInvalid","message":"bad","field":"data[x]"}]}}"#;
        assert_eq!(of(422, body).to_string(), "invalid: data[x]: bad");
    }

    #[test]
    fn overload_in_plain_text_is_understood() {
        let body = "Too many requests, please try again later.";
        assert!(matches!(of(429, body), Cause::Overloaded { code: 429, message, .. } if message == body));
    }

    #[test]
    fn a_webhook_speaks_for_itself() {
        let body = r#"{"message":"admission webhook \"a.b\" denied the request: no"}"#;
        assert!(matches!(of(400, body), Cause::AdmissionDenied { .. }));
    }
}
