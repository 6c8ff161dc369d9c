//! Does a text disclose what a Secret contains? Labels and annotations of live objects may: tools keep the whole manifest in
//! one of their own, as it is, in JSON within JSON, in base64 or compressed. Pure; contents are compared and never shown.
//!
//! A wrong "yes" costs an entry in the state that the next apply records anyway; a wrong "no" costs a secret. So whatever
//! cannot be looked through counts as a disclosure.

use std::collections::{BTreeMap, HashSet};

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use k8s_openapi::ByteString;
use tazlab_redacted::SecretBytes;

/// How often an encoding may stand within another.
const DEPTH: usize = 8;

/// How many bytes all forms of one text may have together.
const LARGEST: usize = 16 * 1024 * 1024;

/// A piece of so many bytes that a text shares with a content is a disclosure; a shorter content counts whole.
const PIECE: usize = 12;

/// A content of fewer bytes is not looked for in what was decoded, which may hold any byte by chance.
const SHORT: usize = 4;

/// The first bytes of what is compressed: gzip, zlib (three levels), zstd, xz, bzip2, lz4.
const COMPRESSED: &[&[u8]] = &[
    b"\x1f\x8b",
    b"\x78\x01",
    b"\x78\x9c",
    b"\x78\xda",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ\0",
    b"BZh",
    b"\x04\x22\x4d\x18",
];

/// Base64 as it may be cut out of something: without padding, and with bits left over.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a Secret contains, for comparison.
pub(super) struct Contents(Vec<SecretBytes>);

impl Contents {
    /// The contents of these keys, and each text in those that are JSON.
    pub(super) fn of(data: Option<&BTreeMap<String, ByteString>>) -> Self {
        Self::from(data.into_iter().flatten().map(|(_, content)| content.0.as_slice()))
    }

    /// These contents, and each text in those that are JSON.
    pub(super) fn from<'a>(contents: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut all = Vec::new();
        for content in contents {
            all.push(SecretBytes::new(content.trim_ascii().to_vec()));
            if let Ok(json @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) =
                serde_json::from_slice(content)
            {
                texts(&json, &mut all);
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
        let whole = |form: &Form| {
            self.0.iter().any(|content| {
                let content = content.expose();
                (content.len() >= SHORT || !form.decoded) && holds(form.bytes.expose(), content)
            })
        };
        if forms.iter().any(whole) {
            return true;
        }
        let bare: Vec<SecretBytes> = forms.iter().map(|form| without_blanks(form.bytes.expose())).collect();
        let pieces: HashSet<&[u8]> = bare.iter().flat_map(|form| form.expose().windows(PIECE)).collect();
        self.0.iter().any(|content| {
            let content = without_blanks(content.expose());
            content.expose().windows(PIECE).any(|piece| pieces.contains(piece))
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
    text.windows(content.len()).any(|part| part == content)
}

fn without_blanks(text: &[u8]) -> SecretBytes {
    SecretBytes::new(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect())
}

/// A text as it is, or decoded.
struct Form {
    bytes: SecretBytes,
    /// Does it come out of an encoding that turns anything into bytes?
    decoded: bool,
}

/// The text in every form that it can be read in; `None` where that cannot be found out.
fn forms(text: &[u8]) -> Option<Vec<Form>> {
    let mut all = vec![Form { bytes: SecretBytes::new(text.to_vec()), decoded: false }];
    let (mut begin, mut size) = (0, text.len());
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for form in all.get(begin..).unwrap_or_default() {
            let bytes = form.bytes.expose();
            if form.decoded && !is_text(bytes) {
                continue;
            }
            let plain = [unescaped(bytes), percent_decoded(bytes), unwrapped(bytes)];
            next.extend(plain.into_iter().flatten().map(|bytes| Form { bytes, decoded: form.decoded }));
            next.extend(from_hex(bytes).into_iter().map(|bytes| Form { bytes, decoded: true }));
            next.extend(from_base64(bytes).into_iter().map(|bytes| Form { bytes, decoded: true }));
        }
        if next.is_empty() {
            return Some(all);
        }
        begin = all.len();
        size += next.iter().map(|form| form.bytes.expose().len()).sum::<usize>();
        all.extend(next);
        let opaque =
            |form: &Form| form.decoded && COMPRESSED.iter().any(|magic| form.bytes.expose().starts_with(magic));
        if size > LARGEST || all.iter().any(opaque) {
            return None;
        }
    }
    None
}

/// Is it text, where base64 of something else would be noise?
fn is_text(bytes: &[u8]) -> bool {
    let printable = bytes.iter().filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()).count();
    printable * 10 >= bytes.len() * 9
}

/// Escapes of JSON, YAML and shells undone, wherever they stand.
fn unescaped(text: &[u8]) -> Option<SecretBytes> {
    if !text.contains(&b'\\') {
        return None;
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            plain.push(*first);
            continue;
        }
        let [kind, after @ ..] = rest else { break };
        rest = after;
        let digits = match kind {
            b'u' => 4,
            b'x' => 2,
            _ => 0,
        };
        let code = rest.get(..digits).filter(|_| digits > 0).and_then(hexadecimal);
        match (kind, code) {
            (_, Some(code)) => {
                // Half of a surrogate pair is no character: whatever it stands for is beyond what a content is compared by.
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(digits..).unwrap_or_default();
            }
            (b'n', _) => plain.push(b'\n'),
            (b'r', _) => plain.push(b'\r'),
            (b't', _) => plain.push(b'\t'),
            (other, _) => plain.push(*other),
        }
    }
    Some(SecretBytes::new(plain))
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn percent_decoded(text: &[u8]) -> Option<SecretBytes> {
    let mut plain = Vec::with_capacity(text.len());
    let (mut rest, mut any) = (text, false);
    while let [first, after @ ..] = rest {
        rest = after;
        match after.get(..2).filter(|_| *first == b'%').and_then(hexadecimal).and_then(|code| u8::try_from(code).ok()) {
            Some(byte) => {
                any = true;
                plain.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => plain.push(*first),
        }
    }
    any.then(|| SecretBytes::new(plain))
}

/// Lines that were broken, put together.
fn unwrapped(text: &[u8]) -> Option<SecretBytes> {
    text.iter().any(u8::is_ascii_whitespace).then(|| without_blanks(text))
}

/// Each run of at least so many bytes for which `fits` holds.
fn runs(text: &[u8], fits: fn(&u8) -> bool, least: usize) -> impl Iterator<Item = &[u8]> {
    text.split(move |byte| !fits(byte)).filter(move |run| run.len() >= least)
}

fn from_hex(text: &[u8]) -> Vec<SecretBytes> {
    let decoded = runs(text, u8::is_ascii_hexdigit, 2 * SHORT).flat_map(|run| {
        // Whatever stands before it may be a digit, too.
        [0, 1].into_iter().filter_map(|begin| run.get(begin..)).map(|run| {
            let bytes = run.chunks_exact(2).filter_map(|pair| u8::try_from(hexadecimal(pair)?).ok());
            SecretBytes::new(bytes.collect())
        })
    });
    decoded.collect()
}

fn from_base64(text: &[u8]) -> Vec<SecretBytes> {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let decoded = runs(text, is_digit, SHORT + 1).flat_map(|run| {
        let run: Vec<u8> = run
            .iter()
            .map(|byte| match byte {
                b'+' => b'-',
                b'/' => b'_',
                other => *other,
            })
            .collect();
        // Whatever stands before it may be a digit, too.
        let begins = (0..4).filter_map(|begin| {
            let run = run.get(begin..)?;
            // One digit alone at the end says nothing.
            let whole = if run.len() % 4 == 1 { run.len() - 1 } else { run.len() };
            BASE64.decode(run.get(..whole)?).ok()
        });
        begins.map(SecretBytes::new).collect::<Vec<_>>()
    });
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use serde_json::json;

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
