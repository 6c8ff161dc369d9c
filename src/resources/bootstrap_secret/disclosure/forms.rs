//! A text in every form that it can be read in: without quotes, folds and escapes, decoded, and both inside each other. What is
//! looked for in them is not known here.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use tazlab_redacted::SecretBytes;
use tazlab_yaml::{Kind, Node};

use super::{SHORT, holds, without_blanks};

/// How often an encoding may stand within another.
pub(super) const DEPTH: usize = 8;

/// How many bytes all forms of one text may have together.
const LARGEST: usize = 16 * 1024 * 1024;

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

/// A text as it is, or decoded.
pub(super) struct Form {
    pub(super) bytes: SecretBytes,
    /// Does it come out of an encoding that turns anything into bytes?
    pub(super) decoded: bool,
}

impl Form {
    pub(super) fn without_blanks(&self) -> Self {
        Self { bytes: without_blanks(self.bytes.expose()), decoded: self.decoded }
    }
}

/// The text in every form that it can be read in; `None` where that cannot be found out.
pub(super) fn forms(text: &[u8]) -> Option<Vec<Form>> {
    let mut all = vec![Form { bytes: SecretBytes::new(text.to_vec()), decoded: false }];
    let (mut begin, mut size) = (0, text.len());
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for form in all.get(begin..).unwrap_or_default() {
            let bytes = form.bytes.expose();
            if form.decoded && !is_text(bytes) {
                continue;
            }
            let plain = [unescaped(bytes), percent_decoded(bytes), unwrapped(bytes), undoubled(bytes)];
            next.extend(plain.into_iter().flatten().map(|bytes| Form { bytes, decoded: form.decoded }));
            let rewritten = scalars(bytes).into_iter().filter(|scalar| !holds(bytes, scalar.expose()));
            next.extend(rewritten.map(|bytes| Form { bytes, decoded: form.decoded }));
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
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let (before, escape) = rest.split_at(at);
        plain.extend_from_slice(before);
        rest = one_escape(escape.get(1..).unwrap_or_default(), &mut plain);
    }
    plain.extend_from_slice(rest);
    Some(SecretBytes::new(plain))
}

/// Undoes the escape that begins after a backslash; gives what comes after it.
fn one_escape<'a>(escape: &'a [u8], plain: &mut Vec<u8>) -> &'a [u8] {
    let [kind, after @ ..] = escape else { return escape };
    let digits = match kind {
        b'U' => 8,
        b'u' => 4,
        b'x' => 2,
        b'0'..=b'3' => 3,
        _ => 0,
    };
    let (from, radix) = if kind.is_ascii_digit() { (escape, 8) } else { (after, 16) };
    let code = from.get(..digits).filter(|_| digits > 0).and_then(|digits| number(digits, radix));
    if let Some(code) = code {
        let rest = from.get(digits..).unwrap_or_default();
        // JSON writes a character beyond the first plane as two halves.
        let low = rest.strip_prefix(b"\\u").and_then(|rest| number(rest.get(..4)?, 16));
        let pair = low.and_then(|low| Some([u16::try_from(code).ok()?, u16::try_from(low).ok()?]));
        let whole = pair.and_then(|pair| String::from_utf16(&pair).ok()).filter(|_| char::from_u32(code).is_none());
        if let Some(whole) = whole {
            plain.extend_from_slice(whole.as_bytes());
            return rest.get(6..).unwrap_or_default();
        }
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        return rest;
    }
    match kind {
        // YAML goes on at the first character of the next line.
        b'\n' | b'\r' => return after.trim_ascii_start(),
        b'n' => plain.push(b'\n'),
        b'r' => plain.push(b'\r'),
        b't' => plain.push(b'\t'),
        b'0' => plain.push(0),
        b'a' => plain.push(7),
        b'b' => plain.push(8),
        b'v' => plain.push(11),
        b'f' => plain.push(12),
        b'e' => plain.push(27),
        other => plain.push(*other),
    }
    after
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// A quote in a quoted text of YAML is written twice.
fn undoubled(text: &[u8]) -> Option<SecretBytes> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        plain.push(*first);
        rest = after.strip_prefix(b"'").filter(|_| *first == b'\'').unwrap_or(after);
    }
    (plain.len() < text.len()).then(|| SecretBytes::new(plain))
}

fn percent_decoded(text: &[u8]) -> Option<SecretBytes> {
    let mut plain = Vec::with_capacity(text.len());
    let (mut rest, mut any) = (text, false);
    while let [first, after @ ..] = rest {
        rest = after;
        match after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| number(digits, 16))
            .and_then(|code| u8::try_from(code).ok())
        {
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
            let bytes = run.chunks_exact(2).filter_map(|pair| u8::try_from(number(pair, 16)?).ok());
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

/// The scalars of a text that is a mapping or a sequence in YAML, as they read without quotes, folds and escapes.
pub(super) fn scalars(text: &[u8]) -> Vec<SecretBytes> {
    let mut found = Vec::new();
    let documents = std::str::from_utf8(text).ok().and_then(|text| tazlab_yaml::parse(text).ok()).unwrap_or_default();
    let mut left: Vec<&Node> = documents.iter().filter(|node| !matches!(node.kind, Kind::Scalar(..))).collect();
    while let Some(node) = left.pop() {
        match &node.kind {
            Kind::Scalar(text, _) => found.push(SecretBytes::new(text.as_bytes().to_vec())),
            Kind::Sequence(items) => left.extend(items.iter()),
            Kind::Mapping(entries) => left.extend(entries.iter().flat_map(|(key, value)| [key, value])),
            // It is read where the anchor stands.
            Kind::Alias(_) => {}
        }
    }
    found
}
