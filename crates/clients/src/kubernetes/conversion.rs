//! What the conversion webhook of a kind came to, told by the frames that the API server puts around its words: it has no types for
//! them. A frame is known by where it stands, as those of `admission` are.

/// What was heard of it (k8s.io/apiextensions-apiserver v0.37.2, `pkg/apiserver/conversion/webhook_converter.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// It could not be asked: no endpoints, no connection, no trust, no time, or a server before it that has nobody to ask (:281).
    NotReached,
    /// It was asked, and did not convert (:288 and below).
    Failed,
}

/// How `net/http` and `client-go` begin to say that there was no answer to read: the URL that was asked, or the HTTP status alone
/// (k8s.io/apimachinery v0.37.2, `pkg/api/errors/errors.go`, `NewGenericServerResponse`).
const NOT_ANSWERED: [&str; 6] = [
    "Post \"",
    "an error on the server (",
    "the server could not find the requested resource",
    "the server has received too many requests",
    "the server is currently unable to handle the request",
    "the server was unable to return a response in the time allotted",
];

/// What a server-side apply puts around it (k8s.io/apimachinery v0.37.2, `pkg/util/managedfields/internal/structuredmerge.go`).
const FRAMES: [&str; 4] = [
    "failed to convert new object (",
    "failed to convert live object (",
    "failed to convert to unversioned (",
    "failed to update ManagedFields (",
];

impl Conversion {
    /// What an answer of the API server with code 500 says.
    pub(super) fn of(message: &str) -> Option<Self> {
        let (_, rest) = unframed(message).strip_prefix("conversion webhook for ")?.split_once(", Kind=")?;
        let (_, what) = rest.split_once(' ')?;
        let why = what.strip_prefix("failed: ");
        let not_answered = why.is_some_and(|why| NOT_ANSWERED.iter().any(|words| why.starts_with(words)));
        Some(if not_answered { Self::NotReached } else { Self::Failed })
    }
}

/// Without one frame. What names an object and a version has no brackets, and a key in the storage no blanks.
fn unframed(message: &str) -> &str {
    stored(message).or_else(|| applied(message)).unwrap_or(message)
}

/// What a read puts around it, of what is stored at another version (k8s.io/apiserver v0.37.2, `pkg/storage/errors.go:124`,
/// `pkg/storage/etcd3/corrupt_obj_deleter.go`).
fn stored(message: &str) -> Option<&str> {
    let message = message.strip_prefix("Internal error occurred: ").unwrap_or(message);
    let rest = message.strip_prefix("StorageError: corrupt object, Code: ")?;
    let (_, rest) = rest.split_once(", AdditionalErrorMsg: object not decodable revision=")?;
    rest.split_once(": ").map(|(_, rest)| rest)
}

fn applied(message: &str) -> Option<&str> {
    let framed = FRAMES.iter().find_map(|frame| message.strip_prefix(frame))?;
    let (_, rest) = framed.split_once(')')?;
    let rest = rest.strip_prefix(" to proper version").unwrap_or(rest);
    let rest = rest.strip_prefix(" (").and_then(|version| version.split_once(')')).map_or(rest, |(_, rest)| rest);
    rest.strip_prefix(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: &str = "conversion webhook for example.com/v1, Kind=Thing";

    #[test]
    fn what_was_not_asked_is_told_from_what_was_not_converted() {
        let of = |what: &str| Conversion::of(&format!("{FRAME} {what}"));
        let silent =
            "failed: Post \"https://a.b.svc:443/convert?timeout=30s\": no endpoints available for service \"a\"";
        assert_eq!(of(silent), Some(Conversion::NotReached));
        assert_eq!(of("failed: the server is currently unable to handle the request"), Some(Conversion::NotReached));
        assert_eq!(of("failed: size is not a number"), Some(Conversion::Failed));
        assert_eq!(of(&format!("failed: it says: {silent}")), Some(Conversion::Failed), "who fails may quote");
        assert_eq!(of("returned 0 objects, expected 1"), Some(Conversion::Failed));
        for other in
            ["", "conversion webhook for x failed: y", "it said: conversion webhook for a/v1, Kind=B failed: c"]
        {
            assert_eq!(Conversion::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_read_frames_the_words_again() {
        let of = |beginning: &str, why: &str| {
            Conversion::of(&format!(
                "{beginning}StorageError: corrupt object, Code: 7, Key: /example.com/things/a/one, ResourceVersion: 0, AdditionalErrorMsg: object not decodable revision=30369: {FRAME} failed: {why}"
            ))
        };
        for beginning in ["Internal error occurred: ", ""] {
            assert_eq!(of(beginning, "Post \"https://a\": EOF"), Some(Conversion::NotReached));
            assert_eq!(of(beginning, "no"), Some(Conversion::Failed));
        }
        assert_eq!(of("it said: ", "no"), None);
    }

    #[test]
    fn a_server_side_apply_frames_the_words_again() {
        let object = "default/one; example.com/v2, Kind=Thing";
        for frame in [
            format!("failed to convert new object ({object}) to proper version (example.com/v2): "),
            format!("failed to convert live object ({object}) to proper version: "),
            format!("failed to convert to unversioned ({object}): "),
            format!("failed to update ManagedFields ({object}): "),
        ] {
            let of = |why: &str| Conversion::of(&format!("{frame}{FRAME} failed: {why}"));
            assert_eq!(of("Post \"https://a\": EOF"), Some(Conversion::NotReached), "{frame}");
            assert_eq!(of("no"), Some(Conversion::Failed), "{frame}");
        }
        assert_eq!(Conversion::of(&format!("failed to convert new object ({object}) to smd typed: x")), None);
    }
}
