//! Finds a credential in what a server answers, where the answer is not repeated in words but stored: a state and a plan are read
//! by more people than the credential is for. Only whole credentials count, and long ones: a short one is a word like others.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde_json::Value;
use tazlab_redacted::{SecretBytes, SecretText};

/// A shorter credential is not looked for: `root`, which development servers have, is in every other answer.
const SHORTEST: usize = 16;

/// Credentials in every form in which servers repeat one.
#[derive(Clone, Default)]
pub(super) struct Needles(Vec<SecretText>);

impl Needles {
    /// Of these credentials.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let long = secrets.into_iter().map(<[u8]>::trim_ascii).filter(|secret| secret.len() >= SHORTEST);
        Self(long.flat_map(forms).collect())
    }

    /// Does one of the texts of this answer hold one?
    pub(super) fn are_in(&self, answer: &Value) -> bool {
        match answer {
            Value::String(text) => self.are_in_text(text),
            Value::Array(all) => all.iter().any(|one| self.are_in(one)),
            Value::Object(all) => all.iter().any(|(name, one)| self.are_in_text(name) || self.are_in(one)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Does this text hold one?
    pub(super) fn are_in_text(&self, text: &str) -> bool {
        if self.0.is_empty() || text.len() < SHORTEST {
            return false;
        }
        // Both alphabets of base64 are one here, and so are both cases: names of hosts and hexadecimal have one.
        let folded = SecretText::new(folded(text));
        self.0.iter().any(|needle| folded.expose().contains(needle.expose().as_str()))
    }
}

impl std::fmt::Debug for Needles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Needles").finish_non_exhaustive()
    }
}

fn folded(text: &str) -> String {
    let fold = |one: char| match one.to_ascii_lowercase() {
        '-' => '+',
        '_' => '/',
        other => other,
    };
    text.chars().map(fold).collect()
}

/// The credential as it is, in base64 at each alignment, and in hexadecimal.
fn forms(secret: &[u8]) -> Vec<SecretText> {
    let mut forms = vec![SecretText::new(String::from_utf8_lossy(secret).into_owned())];
    for offset in 0..3_usize {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(secret);
        let shifted = SecretBytes::new(shifted);
        let coded = SecretText::new(BASE64_STANDARD_NO_PAD.encode(shifted.expose()));
        // What is coded together with the bytes before and after it differs.
        let begin = (offset * 8).div_ceil(6);
        let end = (shifted.expose().len() * 8) / 6;
        forms.push(SecretText::from(coded.expose().get(begin..end).unwrap_or_default()));
    }
    forms.push(hexadecimal(secret));
    forms.iter().map(|form| SecretText::new(folded(form.expose()))).collect()
}

fn hexadecimal(secret: &[u8]) -> SecretText {
    use std::fmt::Write;
    let digits = String::with_capacity(2 * secret.len());
    SecretText::new(secret.iter().fold(digits, |mut digits, byte| {
        // Writing to a text cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    }))
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
    use serde_json::json;

    use super::*;

    const SECRET: &str = "hvs.CAESI-canary_0123>?~";

    #[test]
    fn a_credential_is_found_in_every_form() {
        let needles = Needles::of([SECRET.as_bytes()]);
        let hex = hexadecimal(SECRET.as_bytes()).expose().to_uppercase();
        let mut forms = vec![SECRET.to_owned(), SECRET.to_lowercase(), format!("a {SECRET}."), hex];
        for before in ["", "x", "xy", "user:"] {
            forms.push(BASE64_STANDARD.encode(format!("{before}{SECRET}")));
            forms.push(BASE64_URL_SAFE.encode(format!("{before}{SECRET} and more")));
        }
        for form in forms {
            assert!(needles.are_in(&json!({"a": [{"b": form}]})), "{form}");
            assert!(needles.are_in(&json!({ form.clone(): 1 })), "{form}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_not() {
        let needles = Needles::of([SECRET.as_bytes(), b"root", b""]);
        for text in ["root", "hvs.CAESI-canary", "", "the root of it all, and a text of some length"] {
            assert!(!needles.are_in(&json!({"a": text, "b": [1, null, true]})), "{text}");
        }
        assert!(!Needles::default().are_in_text(SECRET) && !format!("{needles:?}").contains("canary"));
    }
}
