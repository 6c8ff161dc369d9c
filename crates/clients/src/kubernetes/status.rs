//! What the API server's refusal means: from its `Status` to a [`Cause`]. What is not a `Status` is not the API server's word.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use super::admission::Admission;
use super::authentication::AuthenticationError;
use super::conversion::Conversion;
use super::error::{Cause, FieldConflict, InvalidField, Operation};
use super::invalid::without_long_value;
use super::kind::Target;
use super::send::Verb;
use crate::scrub::Scrubber;

/// How much of an answer that is not a `Status` is shown, in characters.
const QUOTED: usize = 300;

/// How much of the API server's own words.
const TOLD: usize = 4000;

/// What Go's HTTP server says of a path that nothing serves: the API server of a kind whose definition does not exist.
const NO_PATH: &[u8] = b"404 page not found";

/// An answer that is not a success.
pub(super) struct Refusal<'a> {
    pub(super) target: &'a Target,
    pub(super) verb: Verb,
    pub(super) code: u16,
    pub(super) body: &'a [u8],
    /// The header's.
    pub(super) retry_after: Option<Duration>,
    /// Removes what this call holds from the server's words.
    pub(super) scrubber: &'a Scrubber,
}

#[derive(Deserialize)]
struct Status {
    kind: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default)]
    causes: Option<Vec<StatusCause>>,
    #[serde(default)]
    retry_after_seconds: u64,
}

#[derive(Deserialize)]
struct StatusCause {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    field: String,
}

impl Refusal<'_> {
    /// Why the request failed.
    pub(super) fn cause(&self) -> Cause {
        let status = serde_json::from_slice::<Status>(self.body).ok().filter(|status| status.kind == "Status");
        match status {
            Some(status) => self.told(status),
            None => self.foreign(),
        }
    }

    fn clean(&self, text: &str, most: usize) -> String {
        self.scrubber.scrub(text).chars().take(most).collect::<String>().trim().to_owned()
    }

    /// Filters in front of the API answer in plain text (overload), and so do proxies, which may repeat what was sent.
    fn foreign(&self) -> Cause {
        let code = self.code;
        // What a read of a Secret gives back may be the Secret.
        let quotes = self.verb.reads() && self.target.kind.kind != "Secret";
        let message = if quotes { self.clean(&String::from_utf8_lossy(self.body), QUOTED) } else { String::new() };
        match code {
            401 => AuthenticationError::Refused.into(),
            404 if self.body.trim_ascii() == NO_PATH && may_be_missing(&self.target.kind.group) => Cause::NotFound,
            429 | 503 => Cause::Overloaded { code, message: said(code, message), retry_after: self.retry_after },
            500..=599 => Cause::Api { code, message: said(code, message) },
            _ => Cause::Foreign { code, message },
        }
    }

    fn told(&self, status: Status) -> Cause {
        let Details { causes, retry_after_seconds } = status.details.unwrap_or_default();
        let causes: Vec<StatusCause> = causes.unwrap_or_default();
        let operation = &self.target.operation;
        if causes.iter().any(|cause| cause.reason == "NamespaceTerminating") {
            return Cause::NamespaceTerminating { namespace: operation.namespace.clone().unwrap_or_default() };
        }
        let (code, admission) = (self.code, Admission::of(&status.message));
        let message = self.clean(&status.message, TOLD);
        match (code, admission) {
            (_, Some(Admission::WebhookDenied)) => return Cause::AdmissionDenied { message },
            (500, Some(Admission::WebhookNotReached)) | (403, Some(Admission::NotReady)) => {
                return Cause::AdmissionNotReady { message };
            }
            _ => {}
        }
        // A list says it of each object.
        let of_object = || causes.iter().find_map(|cause| Conversion::of(&cause.message));
        match Conversion::of(&status.message).or_else(of_object).filter(|_| code == 500) {
            Some(Conversion::NotReached) => return Cause::ConversionNotReady { message },
            Some(Conversion::Failed) => return Cause::ConversionFailed { message },
            None => {}
        }
        match code {
            401 => AuthenticationError::Refused.into(),
            403 => Cause::Forbidden { verb: rbac(operation), resource: operation.kind.clone(), message },
            404 => Cause::NotFound,
            409 => {
                let fields: Vec<_> = causes.iter().filter_map(|cause| self.conflict(cause)).collect();
                if fields.is_empty() { Cause::Changed { message } } else { Cause::FieldConflict { fields } }
            }
            422 => Cause::Invalid { fields: causes.iter().map(|cause| self.invalid(cause)).collect(), message },
            429 | 503 => {
                let asked = (retry_after_seconds > 0).then(|| Duration::from_secs(retry_after_seconds));
                Cause::Overloaded { code, message, retry_after: self.retry_after.or(asked) }
            }
            _ => Cause::Api { code, message },
        }
    }

    fn conflict(&self, cause: &StatusCause) -> Option<FieldConflict> {
        // The manager stands in quotes in the cause's message and nowhere else.
        let manager = cause.message.split('"').nth(1).unwrap_or("unknown");
        (cause.reason == "FieldManagerConflict")
            .then(|| FieldConflict { field: self.clean(&cause.field, QUOTED), manager: self.clean(manager, QUOTED) })
    }

    fn invalid(&self, cause: &StatusCause) -> InvalidField {
        let message = without_long_value(&self.clean(&cause.message, TOLD));
        InvalidField { field: self.clean(&cause.field, QUOTED), message }
    }
}

/// The status' own name where there are no words.
fn said(code: u16, message: String) -> String {
    let name = || StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason()).unwrap_or("no reason");
    if message.is_empty() { name().to_owned() } else { message }
}

/// May the server have no such group? The groups that are not Kubernetes' own come with definitions, and go with them.
fn may_be_missing(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

fn rbac(operation: &Operation) -> &'static str {
    if operation.verb == "apply" { "patch" } else { operation.verb }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::Kind;

    fn refused(verb: Verb, kind: (&str, &str), code: u16, body: &str) -> Cause {
        let (group, name) = kind;
        let kind = Kind { group: group.into(), version: "v1".into(), kind: name.into(), plural: "x".into() };
        let target = Target::named("apply", kind, Some("ns"), "x");
        let scrubber = Scrubber::new(["hunter2-value"]);
        Refusal { target: &target, verb, code, body: body.as_bytes(), retry_after: None, scrubber: &scrubber }.cause()
    }

    fn of(code: u16, body: &str) -> Cause {
        refused(Verb::Apply, ("", "Secret"), code, body)
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
        let body = r#"{"kind":"Status","message":"Precondition failed: UID"}"#;
        assert!(matches!(of(409, body), Cause::Changed { .. }));
    }

    #[test]
    fn a_namespace_that_goes_is_told_apart_from_a_missing_right() {
        let body = r#"{"kind":"Status","message":"m","details":{"causes":[{"reason":"NamespaceTerminating"}]}}"#;
        assert!(matches!(of(403, body), Cause::NamespaceTerminating { namespace } if namespace == "ns"));
        let plain = of(403, r#"{"kind":"Status","reason":"Forbidden","message":"m"}"#);
        assert!(matches!(plain, Cause::Forbidden { verb: "patch", .. }));
    }

    #[test]
    fn invalid_fields_are_named() {
        let body = r#"{"kind":"Status","message":"m","details":{"causes":[{"reason":"FieldValueInvalid","message":"bad","field":"data[x]"}]}}"#;
        assert_eq!(of(422, body).to_string(), "invalid: data[x]: bad");
    }

    #[test]
    fn overload_in_plain_text_is_understood_and_quoted_for_reads_only() {
        let body = "Too many requests, please try again later.";
        let read = refused(Verb::Get, ("", "Pod"), 429, body);
        assert!(matches!(read, Cause::Overloaded { code: 429, message, .. } if message == body));
        assert!(matches!(of(503, "hunter2"), Cause::Overloaded { message, .. } if message == "Service Unavailable"));
    }

    #[test]
    fn a_webhook_speaks_for_itself_and_repeats_no_value() {
        let body =
            r#"{"kind":"Status","message":"admission webhook \"a.b\" denied the request: hunter2-value is weak"}"#;
        let Cause::AdmissionDenied { message } = of(400, body) else { panic!() };
        assert_eq!(message, "admission webhook \"a.b\" denied the request: (redacted) is weak");
        let body = r#"{"kind":"Status","message":"m","details":{"causes":[
            {"reason":"FieldValueInvalid","message":"\"hunter2-value\" is weak","field":"data[hunter2-value]"}]}}"#;
        assert_eq!(of(422, body).to_string(), "invalid: data[(redacted)]: \"(redacted)\" is weak");
        let body = r#"{"kind":"Status","message":"m","details":{"causes":[
            {"reason":"FieldManagerConflict","message":"conflict with \"hunter2-value\"","field":".hunter2-value"}]}}"#;
        assert!(!of(409, body).to_string().contains("hunter2"));
        assert!(!of(403, r#"{"kind":"Status","message":"hunter2-value"}"#).to_string().contains("hunter2"));
    }

    #[test]
    fn a_webhook_that_is_not_reached_is_no_refusal() {
        let of = |code, message: &str| of(code, &serde_json::json!({"kind": "Status", "message": message}).to_string());
        let silent = "Internal error occurred: failed calling webhook \"a.b\": failed to call webhook: no endpoints";
        assert!(matches!(of(500, silent), Cause::AdmissionNotReady { .. }));
        assert!(!of(500, silent).may_have_happened());
        // Code and beginning: a refusal may have the one, and quote the other.
        let quoting = format!("admission webhook \"c.d\" denied the request: {silent}");
        assert!(matches!(of(500, &quoting), Cause::AdmissionDenied { .. }));
        assert!(matches!(of(500, &format!("it said: {silent}")), Cause::Api { code: 500, .. }));
        assert!(matches!(of(403, silent), Cause::Forbidden { .. }));
        let young = "secrets \"x\" is forbidden: not yet ready to handle request";
        assert!(matches!(of(403, young), Cause::AdmissionNotReady { .. }));
    }

    #[test]
    fn a_conversion_webhook_that_is_not_reached_is_no_failure() {
        let of = |code, message: &str| of(code, &serde_json::json!({"kind": "Status", "message": message}).to_string());
        let frame = "conversion webhook for example.com/v1, Kind=Thing failed: ";
        let silent = of(500, &format!("{frame}Post \"https://a.b.svc:443/c\": no endpoints"));
        assert!(matches!(&silent, Cause::ConversionNotReady { .. }) && silent.is_webhook_not_ready());
        let failed = of(500, &format!("{frame}size hunter2-value is not a number"));
        assert!(matches!(&failed, Cause::ConversionFailed { message } if message.contains("(redacted) is not")));
        assert!(!failed.is_webhook_not_ready());
        // It may convert what was stored already, for the answer.
        assert!(silent.may_have_happened() && failed.may_have_happened());
        assert!(matches!(of(400, &format!("{frame}Post \"https://a\": EOF")), Cause::Api { code: 400, .. }));
    }

    #[test]
    fn what_is_not_a_status_is_not_the_api_servers_word() {
        let echoes =
            ["<p>hunter2-value unknown-secret</p>", r#"{"kind":"Secret","message":"unknown-secret"}"#, "[]", ""];
        for body in echoes {
            for code in [301, 400, 403, 404, 409, 413, 422, 500, 502, 504] {
                let cause = of(code, body);
                assert!(matches!(cause, Cause::Foreign { .. } | Cause::Api { .. }), "{code}: {cause:?}");
                assert!(!format!("{cause} {cause:?}").contains("secret"), "{code}: {cause:?}");
            }
            assert!(matches!(of(401, body), Cause::Authentication(AuthenticationError::Refused)));
        }
        let quoted = refused(Verb::Get, ("", "Pod"), 403, "blocked by a filter: hunter2-value").to_string();
        assert!(quoted.contains("blocked by a filter: (redacted)"), "{quoted}");
        let secret = refused(Verb::Get, ("", "Secret"), 502, "unknown-secret").to_string();
        assert!(!secret.contains("unknown"), "{secret}");
    }

    #[test]
    fn the_404_of_a_proxy_is_not_an_absence() {
        let custom = ("external-secrets.io", "SecretStore");
        assert!(matches!(refused(Verb::Get, custom, 404, "404 page not found\n"), Cause::NotFound));
        assert!(matches!(refused(Verb::Get, custom, 404, "<h1>Not Found</h1>"), Cause::Foreign { code: 404, .. }));
        assert!(matches!(of(404, "404 page not found\n"), Cause::Foreign { code: 404, .. }));
        assert!(matches!(of(404, r#"{"kind":"Status","message":"m"}"#), Cause::NotFound));
        assert!(matches!(refused(Verb::Get, ("apps", "Deployment"), 404, ""), Cause::Foreign { .. }));
    }
}
