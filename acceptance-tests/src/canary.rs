//! Secrets that must not be found: random values, and a search for them raw, encoded and hashed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use md5::Md5;
use rand::Rng;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// A random secret of 24 letters and digits.
#[must_use]
pub fn plant() -> String {
    rand::rng().sample_iter(rand::distr::Alphanumeric).take(24).map(char::from).collect()
}

/// A random secret with characters that every encoding writes in a way of its own: quotes, blanks, signs, a line break, a letter
/// beyond ASCII. Only a search in all forms finds it.
#[must_use]
pub fn plant_odd() -> String {
    let (one, other) = (plant(), plant());
    format!("{one} \"+/%&=<\\'é\n{other}")
}

/// Every form in which a secret could appear, with what the form is.
fn forms(secret: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let mut forms = vec![("raw".to_owned(), bytes.to_vec())];
    let escaped = serde_json::to_string(secret).unwrap();
    let json = escaped[1..escaped.len() - 1].to_owned();
    // Go's encoder writes these as escapes, and every letter may be one.
    let go = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let ascii: String = json.chars().map(|one| if one.is_ascii() { one.to_string() } else { escapes(one) }).collect();
    let html = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&#34;"), ('\'', "&#39;")];
    let html = html.iter().fold(secret.to_owned(), |text, (one, written)| text.replace(*one, written));
    forms.extend([
        // A log line holds what was encoded once more.
        ("twice escaped for JSON".to_owned(), json.replace('\\', "\\\\").replace('"', "\\\"").into_bytes()),
        ("escaped for JSON".to_owned(), json.into_bytes()),
        ("escaped for JSON by Go".to_owned(), go.into_bytes()),
        ("escaped for JSON in ASCII".to_owned(), ascii.into_bytes()),
        ("escaped for HTML".to_owned(), html.into_bytes()),
        ("in a URL".to_owned(), percent(secret, "%20", false).into_bytes()),
        ("in a URL in lower case".to_owned(), percent(secret, "%20", true).into_bytes()),
        ("in a form".to_owned(), percent(secret, "+", false).into_bytes()),
        ("in hex".to_owned(), hex(bytes).into_bytes()),
        ("in upper-case hex".to_owned(), hex(bytes).to_uppercase().into_bytes()),
    ]);
    // Inside a longer text base64 has three alignments; the characters that its neighbours decide are left out.
    for shift in 0..3 {
        for (name, engine) in [("base64", &STANDARD), ("base64url", &URL_SAFE)] {
            let inner = aligned(bytes, shift, engine);
            // A Secret's data in a body that is encoded as a whole.
            for outer in 0..3 {
                forms.push((format!("{name} at {shift} in base64 at {outer}"), aligned(&inner, outer, &STANDARD)));
            }
            forms.push((format!("{name} at {shift}"), inner));
        }
    }
    let hashes: [(&str, Vec<u8>); 4] = [
        ("md5", Md5::digest(secret).to_vec()),
        ("sha1", Sha1::digest(secret).to_vec()),
        ("sha256", Sha256::digest(secret).to_vec()),
        ("sha512", Sha512::digest(secret).to_vec()),
    ];
    for (name, hash) in hashes {
        let hex = hex(&hash);
        forms.push((format!("{name} in upper-case hex"), hex.to_uppercase().into_bytes()));
        forms.push((format!("{name} in hex"), hex.into_bytes()));
        for (encoding, engine) in [("base64", &STANDARD), ("base64url", &URL_SAFE)] {
            forms.push((
                format!("{name} in {encoding}"),
                engine.encode(&hash).trim_end_matches('=').as_bytes().to_vec(),
            ));
        }
    }
    forms
}

/// What base64 makes of `bytes` behind so many others, without the characters that depend on what is around them.
fn aligned(bytes: &[u8], shift: usize, engine: &impl Engine) -> Vec<u8> {
    let mut shifted = vec![0; shift];
    shifted.extend_from_slice(bytes);
    let encoded = engine.encode(&shifted);
    let inner = encoded.trim_end_matches('=');
    inner.as_bytes()[(shift * 8).div_ceil(6)..inner.len() - 1].to_vec()
}

fn escapes(one: char) -> String {
    let mut units = [0; 2];
    one.encode_utf16(&mut units).iter().fold(String::new(), |escaped, unit| escaped + &format!("\\u{unit:04x}"))
}

/// Percent-encoding of everything that is neither a letter nor a digit, nor one of `-_.~`.
fn percent(text: &str, blank: &str, lower: bool) -> String {
    let byte = |byte: &u8| match byte {
        b' ' => blank.to_owned(),
        b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
        _ if lower => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    text.as_bytes().iter().map(byte).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A search for all forms of several secrets in one pass: tests plant dozens of them, and traces are long.
struct Search {
    forms: AhoCorasick,
    /// Which form of which secret each pattern is.
    names: Vec<(usize, String)>,
}

impl Search {
    fn for_all(secrets: &[String]) -> Self {
        let all = secrets.iter().enumerate();
        let forms =
            all.flat_map(|(secret, text)| forms(text).into_iter().map(move |(name, form)| ((secret, name), form)));
        let (names, patterns): (Vec<_>, Vec<_>) = forms.unzip();
        Self { forms: AhoCorasick::new(patterns).expect("patterns of a few hundred bytes"), names }
    }

    /// The secrets that are in `content`, each with one of the forms in which it is there.
    fn find(&self, content: &[u8]) -> BTreeMap<usize, &str> {
        let found = self.forms.find_overlapping_iter(content).map(|hit| &self.names[hit.pattern().as_usize()]);
        found.map(|(secret, name)| (*secret, name.as_str())).collect()
    }
}

/// Where a secret is in `content`, if it is.
#[must_use]
pub fn find(secret: &str, content: &[u8]) -> Option<String> {
    let search = Search::for_all(&[secret.to_owned()]);
    search.find(content).pop_first().map(|(_, name)| name.to_owned())
}

/// Everything below `folder` that holds one of `secrets`: files as they are, and plan files unpacked.
/// Files in `sources` are where the secrets come from.
#[must_use]
pub fn search(folder: &Path, secrets: &[String], sources: &Path) -> Vec<String> {
    let search = Search::for_all(secrets);
    let mut found = Vec::new();
    for file in files(folder) {
        if file.starts_with(sources) {
            continue;
        }
        let content = std::fs::read(&file).unwrap_or_default();
        // A saved plan is a zip.
        let unpacked = if content.starts_with(b"PK\x03\x04") {
            Command::new("unzip")
                .arg("-p")
                .arg(&file)
                .output()
                .expect("unzip must be in PATH: `make testbed-up` installs it")
                .stdout
        } else {
            Vec::new()
        };
        let mut forms = search.find(&content);
        forms.extend(search.find(&unpacked));
        found.extend(forms.into_values().map(|form| format!("{} holds a secret ({form})", file.display())));
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path()),
            Ok(kind) if kind.is_file() => vec![entry.path()],
            _ => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found() {
        let secret = plant();
        for before in ["", "a", "ab", "abc"] {
            for engine in [&STANDARD, &URL_SAFE] {
                let hidden = engine.encode(format!("{before}{secret}after"));
                assert!(find(&secret, hidden.as_bytes()).is_some(), "{before:?}");
            }
        }
        let hex = hex(&Sha256::digest(&secret));
        for hidden in [format!("x{secret}y"), format!("\"{hex}\""), STANDARD.encode(Md5::digest(&secret))] {
            assert!(find(&secret, hidden.as_bytes()).is_some(), "{hidden}");
        }
        assert_eq!(find(&secret, plant().as_bytes()), None);
    }

    #[test]
    fn an_odd_secret_is_found_however_it_is_written() {
        let secret = plant_odd();
        let json = serde_json::to_string(&secret).unwrap();
        for hidden in [
            json.clone(),
            serde_json::to_string(&json).unwrap(),
            json.replace('&', "\\u0026").replace('<', "\\u003c"),
            json.replace('é', "\\u00e9"),
            percent(&secret, "%20", false),
            percent(&secret, "+", false),
            secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&#34;").replace('\'', "&#39;"),
            hex(secret.as_bytes()),
            STANDARD.encode(format!("{{\"data\":{{\"a\":\"{}\"}}}}", STANDARD.encode(&secret))),
            hex(&Sha512::digest(&secret)),
        ] {
            assert!(find(&secret, format!("a {hidden} b").as_bytes()).is_some(), "{hidden}");
        }
        assert_eq!(find(&secret, plant_odd().as_bytes()), None);
    }

    #[test]
    fn a_file_with_a_secret_is_named_and_its_source_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, sources) = (plant(), folder.path().join("sources"));
        std::fs::create_dir(&sources).unwrap();
        std::fs::write(sources.join("a"), &secret).unwrap();
        assert!(search(folder.path(), std::slice::from_ref(&secret), &sources).is_empty());
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        std::fs::write(folder.path().join("deep/state"), STANDARD.encode(&secret)).unwrap();
        let found = search(folder.path(), &[secret], &sources);
        assert!(found.len() == 1 && found[0].contains("deep/state"), "{found:?}");
    }
}
