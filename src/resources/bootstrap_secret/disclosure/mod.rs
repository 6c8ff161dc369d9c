//! Does a text disclose what a Secret contains? Labels and annotations of live objects may: tools keep the whole manifest in
//! one of their own, as it is, in JSON within JSON, in any style of YAML, in base64 or compressed. Pure; contents are compared
//! and never shown.
//!
//! A wrong "yes" costs an entry in the state that the next apply records anyway; a wrong "no" costs a secret. So whatever
//! cannot be looked through counts as a disclosure.

mod forms;

use std::collections::{BTreeMap, HashSet};

use k8s_openapi::ByteString;
use tazlab_redacted::SecretBytes;

use self::forms::{Form, forms, scalars};

/// A piece of so many bytes that a text shares with a content is a disclosure; a shorter content counts whole.
const PIECE: usize = 12;

/// A content of fewer bytes is not looked for in what was decoded, which may hold any byte by chance.
const SHORT: usize = 4;

/// What a Secret contains, for comparison.
pub(super) struct Contents(Vec<SecretBytes>);

impl Contents {
    /// The contents of these keys, and each text in those that are JSON or YAML.
    pub(super) fn of(data: Option<&BTreeMap<String, ByteString>>) -> Self {
        Self::from(data.into_iter().flatten().map(|(_, content)| content.0.as_slice()))
    }

    /// These contents, and each text in those that are JSON or YAML.
    pub(super) fn from<'a>(contents: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut all = Vec::new();
        for content in contents {
            all.push(SecretBytes::new(content.trim_ascii().to_vec()));
            match serde_json::from_slice(content) {
                Ok(json @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => texts(&json, &mut all),
                Ok(_) => {}
                Err(_) => all.extend(scalars(content).into_iter().filter(|text| text.expose().len() >= SHORT)),
            }
        }
        all.retain(|content| !content.is_empty());
        Self(all)
    }

    /// Does the text hold any of it, in whatever encoding?
    pub(super) fn are_disclosed_by(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let Some(forms) = forms(text.as_bytes()) else { return true };
        let counts = |content: &[u8], form: &Form| content.len() >= SHORT || !form.decoded;
        let whole = |form: &Form| {
            let contents = self.0.iter().map(|content| content.expose().as_slice());
            contents.filter(|content| counts(content, form)).any(|content| holds(form.bytes.expose(), content))
        };
        if forms.iter().any(whole) {
            return true;
        }
        // YAML breaks and indents the lines of a text as it likes.
        let bare: Vec<Form> = forms.iter().map(Form::without_blanks).collect();
        let pieces: HashSet<&[u8]> = bare.iter().flat_map(|form| form.bytes.expose().windows(PIECE)).collect();
        self.0.iter().any(|content| {
            let is_told = content.expose().len() >= SHORT || content.expose().iter().any(u8::is_ascii_whitespace);
            let content = without_blanks(content.expose());
            let content = content.expose();
            content.windows(PIECE).any(|piece| pieces.contains(piece))
                || is_told
                    && content.len() < PIECE
                    && bare.iter().any(|form| counts(content, form) && holds(form.bytes.expose(), content))
        })
    }
}

/// The texts in a JSON value that are long enough to be told apart from chance.
fn texts(json: &serde_json::Value, found: &mut Vec<SecretBytes>) {
    match json {
        serde_json::Value::String(text) if text.len() >= SHORT => {
            found.push(SecretBytes::new(text.as_bytes().to_vec()));
        }
        serde_json::Value::Array(members) => members.iter().for_each(|member| texts(member, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

fn holds(text: &[u8], content: &[u8]) -> bool {
    !content.is_empty() && text.windows(content.len()).any(|part| part == content)
}

fn without_blanks(text: &[u8]) -> SecretBytes {
    SecretBytes::new(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::forms::DEPTH;
    use super::*;

    const SECRET: &str = "hunter2-\"quoted\" <&> pass";

    fn of(contents: &[&str]) -> Contents {
        Contents::from(contents.iter().map(|content| content.as_bytes()))
    }

    fn manifest() -> String {
        let data = BASE64_STANDARD.encode(SECRET);
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"key": data}}).to_string()
    }

    #[test]
    fn whatever_the_encoding_a_content_is_found() {
        let contents = of(&[SECRET]);
        let escaped = json!(SECRET).to_string();
        let html = escaped.replace('<', "\\u003c").replace('&', "\\u0026");
        let each_byte = |form: fn(u8) -> String| SECRET.bytes().map(form).collect::<String>();
        let hex = each_byte(|byte| format!("{byte:02x}"));
        let percent = each_byte(|byte| format!("%{byte:02X}"));
        let wrapped: String = BASE64_STANDARD
            .encode(manifest())
            .as_bytes()
            .chunks(20)
            .fold(String::new(), |all, line| all + std::str::from_utf8(line).unwrap() + "\n  ");
        for text in [
            SECRET.to_owned(),
            format!("before {SECRET} after"),
            json!({"stringData": {"key": SECRET}}).to_string(),
            json!(json!({"stringData": {"key": SECRET}}).to_string()).to_string(),
            html,
            BASE64_STANDARD.encode(SECRET),
            BASE64_URL_SAFE_NO_PAD.encode(SECRET),
            format!("x{}", BASE64_STANDARD.encode(SECRET)),
            manifest(),
            json!(manifest()).to_string(),
            BASE64_STANDARD.encode(manifest()),
            BASE64_STANDARD.encode(json!(BASE64_STANDARD.encode(manifest())).to_string()),
            wrapped,
            hex,
            percent,
            // Compressed manifests cannot be looked through.
            "H4sIAAAAAAAA/4xRTW/bMAz9Kw".to_owned(),
        ] {
            assert!(contents.are_disclosed_by(&text), "{text}");
        }
    }

    #[test]
    fn parts_of_contents_are_found_also_where_they_were_laid_out_anew() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\nVpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
        assert!(of(&[pem]).are_disclosed_by("key: |\n    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n    VpguoRK9JLsLMREScVpezJpG"));
        let login = r#"{"auths":{"ghcr.io":{"username":"me","password":"open-sesame"}}}"#;
        assert!(of(&[login]).are_disclosed_by("open-sesame"));
        assert!(of(&["s3c"]).are_disclosed_by("my-s3c-label"), "a short one counts, too");
        assert!(of(&["token\n"]).are_disclosed_by("token"));
    }

    #[test]
    fn whatever_the_style_of_yaml_a_content_is_found() {
        let secret = "it's \"quoted\" \\ and\tlong: open sesame";
        let short = "o'k #1";
        for text in [
            "data:\n  key: 'it''s \"quoted\" \\ and\tlong: open sesame'\n",
            "data: {key: \"it's \\\"quoted\\\" \\\\ and\\tlong: open sesame\"}\n",
            "key: \"it's \\\"quo\\\n      ted\\\" \\\\ and\\tlong: open\\\n      \\ sesame\"\n",
            "key: >-\n    it's \"quoted\"\n    \\ and\tlong: open\n    sesame\n",
            "key: |-\n    it's \"quoted\" \\ and\tlong: open sesame\n",
            "key: \"\\x69t\\u0027s \\U00000022quoted\\x22 \\\\ and\\tlong: open sesame\"\n",
            "- 'it''s\n    \"quoted\" \\\n    and\tlong:\n    open\n    sesame'\n",
            "? \"it's \\\"quoted\\\" \\\\ and\\tlong: open sesame\"\n: x\n",
        ] {
            assert!(of(&[secret]).are_disclosed_by(text), "{text}");
            // As a tool keeps it that writes JSON, and one that encodes.
            assert!(of(&[secret]).are_disclosed_by(&json!({"kept": text}).to_string()), "{text}");
            assert!(of(&[secret]).are_disclosed_by(&BASE64_STANDARD.encode(text)), "{text}");
        }
        for text in ["k: 'o''k #1'", "k: >\n  o'k\n  #1\n", "k: \"o'\\\n  k\\x20#1\"", "k: \"o\\x27k \\#1\", {"] {
            assert!(of(&[short]).are_disclosed_by(text), "{text}");
        }
        assert!(of(&["p\u{1f511}ss"]).are_disclosed_by(r#"{"a": "p\ud83d\udd11ss"}"#));
        let document = "user: me\npassword: \"open\\x2dsesame\"\n";
        assert!(of(&[document]).are_disclosed_by("open-sesame"), "a content that is YAML is secret in its parts");
        for text in ["k: 'o''k'", "k: >\n  it is\n  quoted\n", "key: \"\\x69t\""] {
            assert!(!of(&[secret, short]).are_disclosed_by(text), "{text}");
        }
    }

    #[test]
    fn everyday_metadata_discloses_nothing() {
        let contents = of(&[SECRET, "5d41402abc4b2a76b9719d911017c592", "x"]);
        for text in [
            "",
            "web",
            "app.kubernetes.io/managed-by",
            "kustomize-controller",
            "v1.34.0",
            "2026-11-29T22:24:23Z",
            r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}"#,
        ] {
            assert!(!contents.are_disclosed_by(text), "{text}");
        }
        assert!(!of(&[]).are_disclosed_by(&"QUJD".repeat(1000)), "there is nothing to disclose");
    }

    #[test]
    fn what_cannot_be_looked_through_counts_as_a_disclosure() {
        let mut text = "deep enough to be no accident".to_owned();
        for _ in 0..=DEPTH {
            text = BASE64_STANDARD.encode(text);
        }
        assert!(of(&[SECRET]).are_disclosed_by(&text));
    }
}
