//! Conditions: what a controller says of an object, in the form that `metav1.Condition` and its older kin share.

use std::fmt;

use serde_json::Value as Json;

/// Does the condition hold?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    True,
    /// It does not.
    False,
    /// The controller does not know (yet).
    Unknown,
}

/// One condition of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its type, `Ready`.
    pub kind: String,
    /// Does it hold?
    pub status: Status,
    /// Why, in one word; empty where the controller gives none.
    pub reason: String,
    /// Why, in the controller's own words; may be empty.
    pub message: String,
}

impl Condition {
    /// The condition of this type in an object's `status.conditions`.
    #[must_use]
    pub fn of(object: &Json, kind: &str) -> Option<Self> {
        let all = object.pointer("/status/conditions")?.as_array()?;
        let found = all.iter().find(|condition| condition.get("type").and_then(Json::as_str) == Some(kind))?;
        let text = |name: &str| found.get(name).and_then(Json::as_str).unwrap_or_default();
        let status = match text("status") {
            "True" => Status::True,
            "False" => Status::False,
            _ => Status::Unknown,
        };
        let (reason, message) = (text("reason").to_owned(), text("message").trim().to_owned());
        Some(Self { kind: kind.to_owned(), status, reason, message })
    }

    /// Does it hold?
    #[must_use]
    pub fn holds(&self) -> bool {
        self.status == Status::True
    }
}

impl fmt::Display for Condition {
    /// `Ready is False (ValidationFailed): unable to validate store: …`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} is {:?}", self.kind, self.status)?;
        if !self.reason.is_empty() && self.reason != self.message {
            write!(out, " ({})", self.reason)?;
        }
        if !self.message.is_empty() {
            write!(out, ": {}", self.message)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_is_found_and_told() {
        let object = json!({"status": {"conditions": [
            {"type": "Other", "status": "True"},
            {"type": "Ready", "status": "False", "reason": "ValidationFailed", "message": "no such secret\n"},
        ]}});
        let ready = Condition::of(&object, "Ready").unwrap();
        assert!(!ready.holds());
        assert_eq!(ready.to_string(), "Ready is False (ValidationFailed): no such secret");
        assert_eq!(Condition::of(&object, "Other").unwrap().to_string(), "Other is True");
        assert!(Condition::of(&object, "Synced").is_none());
        assert!(Condition::of(&json!({}), "Ready").is_none());
    }

    #[test]
    fn what_is_neither_true_nor_false_is_unknown() {
        let object = json!({"status": {"conditions": [{"type": "Ready"}]}});
        assert_eq!(Condition::of(&object, "Ready").unwrap().status, Status::Unknown);
    }
}
