//! The little DER that a public key is written in.

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const NULL: &[u8] = &[0x05, 0x00];

/// One value with its tag and length.
pub(super) fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut written = vec![tag];
    if length < 0x80 {
        written.push(u8::try_from(length).unwrap_or_default());
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        written.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
        written.extend(bytes);
    }
    written.extend(parts.iter().copied().flatten());
    written
}

/// A positive whole number, given without leading zeros.
pub(super) fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if magnitude.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    value(INTEGER, &[sign, magnitude])
}

/// A `SubjectPublicKeyInfo`: the algorithm, its parameters, and the key's own bytes.
pub(super) fn public_key(algorithm: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = value(SEQUENCE, &[algorithm, parameters]);
    let key = value(BIT_STRING, &[&[0], key]);
    value(SEQUENCE, &[&algorithm, &key])
}
