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
use sha2::{Digest, Sha256};

/// A random secret of 24 letters and digits.
#[must_use]
pub fn plant() -> String {
    rand::rng().sample_iter(rand::distr::Alphanumeric).take(24).map(char::from).collect()
}

/// Every form in which a secret could appear, with what the form is.
fn forms(secret: &str) -> Vec<(String, Vec<u8>)> {
    let mut forms = vec![("raw".to_owned(), secret.as_bytes().to_vec())];
    // Inside a longer text base64 has three alignments; the characters that its neighbours decide are left out.
    for shift in 0..3 {
        for (name, engine) in [("base64", &STANDARD), ("base64url", &URL_SAFE)] {
            let mut shifted = vec![0; shift];
            shifted.extend_from_slice(secret.as_bytes());
            let encoded = engine.encode(&shifted);
            let inner = encoded.trim_end_matches('=');
            let inner = &inner[(shift * 8).div_ceil(6)..inner.len() - 1];
            forms.push((format!("{name} at {shift}"), inner.as_bytes().to_vec()));
        }
    }
    let hashes: [(&str, Vec<u8>); 3] = [
        ("md5", Md5::digest(secret).to_vec()),
        ("sha1", Sha1::digest(secret).to_vec()),
        ("sha256", Sha256::digest(secret).to_vec()),
    ];
    for (name, hash) in hashes {
        let hex = hex(&hash);
        forms.push((format!("{name} in upper-case hex"), hex.to_uppercase().into_bytes()));
        forms.push((format!("{name} in hex"), hex.into_bytes()));
        forms.push((format!("{name} in base64"), STANDARD.encode(&hash).trim_end_matches('=').as_bytes().to_vec()));
    }
    forms
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
