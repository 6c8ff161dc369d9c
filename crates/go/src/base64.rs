//! `encoding/base64`.

use ::base64::Engine;
use ::base64::alphabet::STANDARD;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// `base64.StdEncoding.DecodeString`: with padding, also where the last character carries bits that mean nothing; line ends are read over.
/// `None` for what is no base64.
#[must_use]
pub fn decode_string(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
    let bare: String = text.chars().filter(|character| !matches!(character, '\r' | '\n')).collect();
    GeneralPurpose::new(&STANDARD, config).decode(bare).ok()
}
