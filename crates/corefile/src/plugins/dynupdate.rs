//! `dynupdate`: a zone that signed updates (RFC 2136) may change.

use super::grammar::{Block, Head, Occurs, PLUGIN, Plugin, at_least, between, custom, exactly, once};
use super::stanza::{Judged, Stanza, Stop, Written};
use super::value::Value;
use crate::diagnostic::{Kind, Severity};
use crate::domain;
use crate::lexer::Token;

const COUNT: Value = Value::Integer { least: 1, most: i64::MAX };

pub(super) const DYNUPDATE: Plugin = Plugin {
    name: "dynupdate",
    usage: "dynupdate [ZONE] { file DBFILE; allow KEY NAME TYPE… }",
    occurs: Occurs::Once,
    head: Head::Custom(|stanza| {
        stanza.arguments = stanza.take(stanza.name, between(0, 1, &[Value::Any]))?;
        origin(stanza).map(|_| ())
    }),
    block: Block::Options(&[
        once("file", exactly(1, &[Value::File])),
        once("database", exactly(1, &[Value::NamedFile])),
        once("max_records", exactly(1, &[COUNT])),
        once("max_bytes", exactly(1, &[COUNT])),
        once("max_update_records", exactly(1, &[COUNT])),
        custom("allow", allow),
    ]),
    finish: |stanza| {
        let bad = |found: &crate::diagnostic::Finding| {
            found.severity == Severity::Error && found.plugin.as_deref() == Some("dynupdate")
        };
        if stanza.context.findings.iter().any(bad) {
            return;
        }
        for (option, what, fix) in [
            ("file", "dynupdate does not specify the first records of its zone", "add `file DBFILE` in a block"),
            ("allow", "dynupdate allows no client to update its zone", "add `allow KEY NAME TYPE…` in a block"),
        ] {
            if stanza.option(option).is_none() {
                stanza.refuse(Kind::ArgumentCount, stanza.name, what, fix);
            }
        }
    },
    ..PLUGIN
};

/// The zone: the argument, or the only one of the server block; nothing where that is not known.
fn origin(stanza: &mut Stanza) -> Result<Option<String>, Stop> {
    let fix = "write one zone after `dynupdate`";
    let Some(token) = stanza.arguments.first().copied() else {
        if !stanza.context.block.knows_zones() {
            return Ok(None);
        }
        let mut zones: Vec<String> = stanza.context.zones.iter().map(|zone| zone.name.clone()).collect();
        zones.sort_unstable();
        zones.dedup();
        let count = zones.len();
        if let (Some(zone), 1) = (zones.pop(), count) {
            return Ok(Some(zone));
        }
        let message = "dynupdate serves one zone, and its server block does not define exactly one";
        return Err(stanza.refuse(Kind::Value, stanza.name, message, fix));
    };
    match domain::zones(&token.text).as_slice() {
        [zone] => Ok(Some(zone.clone())),
        _ => Err(stanza.refuse(Kind::Value, token, format!("`{}` is not one zone", token.text), fix)),
    }
}

/// `allow KEY NAME TYPE…`; `@` is the zone's own name, `*` any name or, alone, any type.
fn allow<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let arguments = stanza.take(name, at_least(3, &[Value::Any]))?;
    let [key, owner, types @ ..] = arguments.as_slice() else { return Ok(()) };
    if key.text.trim().is_empty() || key.is("*") || key.is("@") || !domain::is_name(&key.text) {
        let message = format!("`{}` is not the name of a TSIG key", key.text);
        return Err(stanza.refuse(Kind::Value, key, message, "write the name of a key that the plugin tsig has"));
    }
    if let Some(zone) = origin(stanza)?
        && !owner.is("*")
        && !owner.is("@")
        && !(domain::is_name(&owner.text) && domain::is_within(&domain::normalize(&owner.text), &zone))
    {
        let message = format!("`{}` is not a name in the zone {zone}", owner.text);
        return Err(stanza.refuse(Kind::Value, owner, message, "write a name of the zone, `@` for its own, or `*`"));
    }
    for kind in types {
        if kind.is("*") {
            if types.len() > 1 {
                let message = "`*` means every type, and other types are listed, too";
                return Err(stanza.refuse(Kind::Conflict, kind, message, "keep `*` alone, or remove it"));
            }
        } else if !may_be_updated(&kind.text) {
            let message = format!("`{}` is not a record type that updates may change", kind.text);
            return Err(stanza.refuse(Kind::Value, kind, message, "write a record type such as A or TXT, or `*`"));
        }
    }
    stanza.options.push(Written { name, arguments });
    Ok(())
}

/// Record types that the dns library can read, without those of zone integrity and of queries (`validPolicyType`).
const UPDATABLE: &[(u16, &str)] = &[
    (1, "A"),
    (2, "NS"),
    (3, "MD"),
    (4, "MF"),
    (5, "CNAME"),
    (6, "SOA"),
    (7, "MB"),
    (8, "MG"),
    (9, "MR"),
    (10, "NULL"),
    (12, "PTR"),
    (13, "HINFO"),
    (14, "MINFO"),
    (15, "MX"),
    (16, "TXT"),
    (17, "RP"),
    (18, "AFSDB"),
    (19, "X25"),
    (20, "ISDN"),
    (21, "RT"),
    (23, "NSAP-PTR"),
    (26, "PX"),
    (27, "GPOS"),
    (28, "AAAA"),
    (29, "LOC"),
    (31, "EID"),
    (32, "NIMLOC"),
    (33, "SRV"),
    (35, "NAPTR"),
    (36, "KX"),
    (37, "CERT"),
    (39, "DNAME"),
    (42, "APL"),
    (44, "SSHFP"),
    (45, "IPSECKEY"),
    (49, "DHCID"),
    (52, "TLSA"),
    (53, "SMIMEA"),
    (55, "HIP"),
    (56, "NINFO"),
    (57, "RKEY"),
    (61, "OPENPGPKEY"),
    (62, "CSYNC"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (100, "UINFO"),
    (101, "UID"),
    (102, "GID"),
    (104, "NID"),
    (105, "L32"),
    (106, "L64"),
    (107, "LP"),
    (108, "EUI48"),
    (109, "EUI64"),
    (128, "NXNAME"),
    (255, "ANY"),
    (256, "URI"),
    (257, "CAA"),
    (258, "AVC"),
    (260, "AMTRELAY"),
    (261, "RESINFO"),
];

fn may_be_updated(text: &str) -> bool {
    let upper = text.to_uppercase();
    let number = upper.strip_prefix("TYPE").and_then(|digits| tazlab_go::strconv::parse_uint(digits, 16));
    UPDATABLE.iter().any(|(code, name)| *name == upper || number == Some(u64::from(*code)))
}
