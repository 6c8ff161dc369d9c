//! Subnets and addresses, as several parts of a configuration name them.

use super::Check;
use crate::go;
use crate::value::Value;

/// A subnet or address, with or without `!` before it.
pub(super) fn subnet_fits(check: &mut Check, value: &Value, path: &str) {
    let text = value.text();
    if !go::subnet_or_address(text.strip_prefix('!').unwrap_or(text)) {
        check.refuse(value, path, format!("{text:?} is not a subnet such as 10.0.0.0/8"));
    }
}
