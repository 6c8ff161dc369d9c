//! Single texts as the types that they stand for: truth values, numbers, durations, words.

use tazlab_go::time;
use tazlab_yaml::{Kind, Node, Scalar, resolve};

use super::super::own;
use super::super::schema::Type;
use super::super::value::Data;
use super::Decoder;

impl Decoder {
    pub(super) fn scalar(&mut self, node: &Node, kind: &Type, path: &str) -> Option<Data> {
        let Kind::Scalar(text, _) = &node.kind else {
            self.mismatch(node, path, expected(kind));
            return None;
        };
        let Some(meaning) = resolve(node) else {
            self.refuse(node, path, "the value is not what its tag says");
            return None;
        };
        let data = match (kind, &meaning) {
            (Type::Text, _) => Some(Data::Text(text.clone())),
            (Type::Bool, Scalar::Bool(value)) => Some(Data::Bool(*value)),
            (Type::Bool, Scalar::Text(text)) => match text.as_str() {
                "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(Data::Bool(true)),
                "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(Data::Bool(false)),
                _ => None,
            },
            (Type::Int(bits), Scalar::Int(value)) => fits(*value, *bits, true),
            (Type::Uint(bits), Scalar::Int(value)) => fits(*value, *bits, false),
            (Type::Int(bits), Scalar::Float(value)) => whole(*value).and_then(|value| fits(value, *bits, true)),
            (Type::Uint(bits), Scalar::Float(value)) => whole(*value).and_then(|value| fits(value, *bits, false)),
            #[allow(clippy::cast_precision_loss, reason = "as the library does")]
            (Type::Float, Scalar::Int(value)) => Some(Data::Float(*value as f64)),
            (Type::Float, Scalar::Float(value)) => Some(Data::Float(*value)),
            (Type::Duration, Scalar::Text(text)) => time::parse_duration(text).map(|time| Data::Int(time.into())),
            (Type::Duration, Scalar::Int(0)) => Some(Data::Int(0)),
            _ => None,
        };
        if data.is_none() {
            self.refuse(node, path, format!("{} is expected here", expected(kind)));
        }
        data
    }

    pub(super) fn word(&mut self, node: &Node, name: &str, path: &str) -> Option<Data> {
        let Kind::Scalar(text, _) = &node.kind else {
            self.mismatch(node, path, "a text");
            return None;
        };
        match own::word(name, text) {
            Ok(word) => Some(Data::Text(word)),
            Err(reason) => {
                self.refuse(node, path, reason);
                None
            }
        }
    }
}

pub(super) fn fits(value: i128, bits: u32, signed: bool) -> Option<Data> {
    let (least, most) =
        if signed { (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1) } else { (0, (1_i128 << bits) - 1) };
    (least..=most).contains(&value).then_some(Data::Int(value))
}

/// A number with a point that is whole after all, as in `1e3`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "as the library does"
)]
pub(super) fn whole(value: f64) -> Option<i128> {
    let number = value as i128;
    (value.is_finite() && number as f64 == value).then_some(number)
}

fn expected(kind: &Type) -> &'static str {
    match kind {
        Type::Bool => "true or false",
        Type::Int(_) => "a whole number",
        Type::Uint(_) => "a whole number that is not negative and fits",
        Type::Float => "a number",
        Type::Duration => "a duration as in 1m30s",
        _ => "a text",
    }
}
