//! Documents of routing: routes that lead nowhere, and rules.

use tazlab_go::netip;

use super::Check;
use crate::value::Value;

/// Priorities that the kernel and `KubeSpan` have.
const RESERVED: &[u32] = &[0, 32500, 32766, 32767];

/// A route whose packets are dropped: its name is the subnet.
pub(super) fn blackhole(check: &mut Check, document: &Value) {
    let name = document.get("name");
    if netip::parse_prefix(name.text()).is_none() {
        let at = if name.is_nil() { document } else { name };
        check.refuse(at, "name", "the name is the subnet, as in 10.0.0.0/8");
    }
}

/// A rule of routing: its name is the priority.
pub(super) fn rule(check: &mut Check, document: &Value) {
    let name = document.get("name");
    let at = if name.is_nil() { document } else { name };
    let text = name.text();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u32>().ok().filter(|_| digits) {
        None => check.refuse(at, "name", "the name is the priority: a whole number"),
        Some(priority) if RESERVED.contains(&priority) => {
            check.refuse(at, "name", format!("the priority {priority} is not free"));
        }
        Some(_) => {}
    }
    let unicast = matches!(document.get("action").text(), "" | "unspec" | "unicast");
    if unicast && has_no_table(document) {
        check.refuse(document, "table", "table, or an action that is not unicast, must be set");
    }
    let mask = document.get("fwMask");
    if mask.number() != 0 && document.get("fwMark").number() == 0 {
        check.refuse(mask, "fwMask", "fwMask needs fwMark");
    }
}

fn has_no_table(document: &Value) -> bool {
    matches!(document.get("table").text(), "" | "0" | "unspec")
}

/// Whether the table is one that the kernel has.
pub(super) fn is_reserved_table(document: &Value) -> bool {
    has_no_table(document)
        || matches!(document.get("table").text(), "253" | "254" | "255" | "local" | "main" | "default")
}
