//! Records of any type: their types' names, and their contents as zone files write them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{number, read_name};

/// A record type, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordType(u16);

/// Those that have names here (IANA, DNS Resource Record (RR) TYPEs).
const NAMES: [(&str, u16); 21] = [
    ("A", 1),
    ("NS", 2),
    ("CNAME", 5),
    ("SOA", 6),
    ("PTR", 12),
    ("HINFO", 13),
    ("MX", 15),
    ("TXT", 16),
    ("AAAA", 28),
    ("LOC", 29),
    ("SRV", 33),
    ("NAPTR", 35),
    ("DNAME", 39),
    ("DS", 43),
    ("SSHFP", 44),
    ("RRSIG", 46),
    ("DNSKEY", 48),
    ("TLSA", 52),
    ("SVCB", 64),
    ("HTTPS", 65),
    ("CAA", 257),
];

impl RecordType {
    /// IPv4 addresses.
    pub const A: Self = Self(1);
    /// IPv6 addresses.
    pub const AAAA: Self = Self(28);

    pub(super) fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => out.write_str(name),
            None => write!(out, "TYPE{}", self.0),
        }
    }
}

/// The text is no record type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a type of DNS records: a name such as \"AAAA\" or \"SRV\", or \"TYPE65\" by number")]
pub struct NoRecordType;

impl FromStr for RecordType {
    type Err = NoRecordType;

    /// By name, in capitals, or as `TYPE65` (RFC 3597).
    fn from_str(text: &str) -> Result<Self, NoRecordType> {
        if let Some((_, number)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(Self(*number));
        }
        let number = text.strip_prefix("TYPE").and_then(|number| number.parse().ok());
        // 128 to 255 are questions, not records.
        number.filter(|number| *number != 0 && !(128..=255).contains(number)).map(Self).ok_or(NoRecordType)
    }
}

/// A record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name that it carries, with the dot at its end.
    pub name: String,
    /// Its type.
    pub kind: RecordType,
    /// For how many seconds it may be kept.
    pub ttl: u32,
    /// Its content, as zone files write it (`10 mail.example.com.`); where a type's form is not known here, as RFC 3597
    /// writes it (`\# 4 0a000001`).
    pub data: String,
}

impl Record {
    /// Reads what stands behind the name; `None` when it is malformed.
    pub(super) fn read(message: &[u8], name: String, after: usize) -> Option<Self> {
        let kind = RecordType(number(message, after)?);
        let ttl = u32::from(number(message, after + 4)?) << 16 | u32::from(number(message, after + 6)?);
        let at = after + 10;
        let end = at + usize::from(number(message, after + 8)?);
        message.get(at..end)?;
        let data = content(message, kind.0, at, end)?;
        Some(Self { name, kind, ttl, data })
    }
}

/// The content between `at` and `end`. Names in it may point to anywhere before (RFC 1035, 4.1.4).
fn content(message: &[u8], kind: u16, at: usize, end: usize) -> Option<String> {
    let data = message.get(at..end)?;
    let name = |from: usize| {
        let (name, after) = read_name(message, from)?;
        (after <= end).then_some((if name.is_empty() { ".".to_owned() } else { name }, after))
    };
    Some(match kind {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(data).ok()?).to_string(),
        28 => Ipv6Addr::from(<[u8; 16]>::try_from(data).ok()?).to_string(),
        2 | 5 | 12 | 39 => name(at)?.0,
        15 => format!("{} {}", number(data, 0)?, name(at + 2)?.0),
        33 => format!("{} {} {} {}", number(data, 0)?, number(data, 2)?, number(data, 4)?, name(at + 6)?.0),
        16 => texts(data)?,
        6 => {
            let (server, after) = name(at)?;
            let (person, after) = name(after)?;
            let numbers = message.get(after..end)?;
            let long = |index: usize| {
                Some(u32::from_be_bytes(<[u8; 4]>::try_from(numbers.get(index * 4..index * 4 + 4)?).ok()?))
            };
            format!("{server} {person} {} {} {} {} {}", long(0)?, long(1)?, long(2)?, long(3)?, long(4)?)
        }
        257 => {
            let length = usize::from(*data.get(1)?);
            let (tag, value) = data.get(2..)?.split_at_checked(length)?;
            format!("{} {} {}", data.first()?, String::from_utf8_lossy(tag), quoted(value))
        }
        _ => {
            let bytes: Vec<String> = data.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("\\# {} {}", data.len(), bytes.concat()).trim_end().to_owned()
        }
    })
}

/// The strings of a TXT record, each in quotes.
fn texts(mut data: &[u8]) -> Option<String> {
    let mut all = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let (text, after) = rest.split_at_checked(usize::from(*length))?;
        all.push(quoted(text));
        data = after;
    }
    Some(all.join(" "))
}

/// A string in quotes, with what does not print as a number (RFC 1035, 5.1).
fn quoted(text: &[u8]) -> String {
    let inner: String = text
        .iter()
        .map(|byte| match byte {
            b'"' | b'\\' => format!("\\{}", char::from(*byte)),
            b' '..=b'~' => char::from(*byte).to_string(),
            other => format!("\\{other:03}"),
        })
        .collect();
    format!("\"{inner}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of this type and content, whose name is the root's, as it is read.
    fn read(kind: u16, data: &[u8]) -> Option<String> {
        let mut message = vec![3, b'o', b'n', b'e', 0];
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 1, 0, 0]);
        message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        message.extend(data);
        let record = Record::read(&message, ".".to_owned(), 5)?;
        assert_eq!((record.ttl, record.kind.number()), (65_536, kind));
        Some(record.data)
    }

    #[test]
    fn contents_are_written_as_zone_files_do() {
        let srv = [0, 10, 0, 5, 0x19, 0x2b, 0xc0, 0];
        let mut soa = vec![0xc0, 0, 1, b'h', 0xc0, 0];
        soa.extend((1_u32..=5).flat_map(u32::to_be_bytes));
        for (kind, data, expected) in [
            (1, [10, 0, 0, 1].as_slice(), "10.0.0.1"),
            (28, &[0; 16], "::"),
            (5, &[0xc0, 0], "one."),
            (2, &[0], "."),
            (15, &[0, 10, 0xc0, 0], "10 one."),
            (33, &srv, "10 5 6443 one."),
            (16, &[2, b'a', b'"', 1, 7], r#""a\"" "\007""#),
            (16, &[], ""),
            (6, &soa, "one. h.one. 1 2 3 4 5"),
            (257, &[0, 5, b'i', b's', b's', b'u', b'e', b'x'], "0 issue \"x\""),
            (65, &[1, 0xff], "\\# 2 01ff"),
        ] {
            assert_eq!(read(kind, data).as_deref(), Some(expected), "type {kind}");
        }
    }

    #[test]
    fn malformed_contents_are_refused() {
        for (kind, data) in [
            (1, [10].as_slice()),
            (28, &[0; 4]),
            (16, &[9, 1]),
            (15, &[0]),
            (33, &[0, 1]),
            (6, &[0]),
            (5, &[4, b'a']),
            (257, &[0, 9]),
        ] {
            assert_eq!(read(kind, data), None, "type {kind}");
        }
    }

    #[test]
    fn types_have_names_and_numbers() {
        for (text, number) in [("A", 1), ("SRV", 33), ("TYPE33", 33), ("TYPE65280", 65280), ("CAA", 257)] {
            assert_eq!(text.parse(), Ok(RecordType(number)));
        }
        assert_eq!(RecordType(33).to_string(), "SRV");
        assert_eq!(RecordType(65280).to_string(), "TYPE65280");
        for text in ["", "a", "ANY", "TYPE255", "TYPE0", "TYPE70000", "X"] {
            assert_eq!(text.parse::<RecordType>(), Err(NoRecordType), "{text}");
        }
    }
}
