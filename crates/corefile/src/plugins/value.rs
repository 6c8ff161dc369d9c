//! Kinds of arguments: what each accepts, and how to say so.

use tazlab_go::{net, strconv, time};

use crate::{domain, network, pattern};

use super::records;

/// The longest pattern that CoreDNS compiles.
const LONGEST_PATTERN: usize = 10_000;

/// A kind of argument.
#[derive(Clone, Copy)]
pub(crate) enum Value {
    /// Anything.
    Any,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, in any case.
    WordAnyCase(&'static [&'static str]),
    /// A whole number in a range.
    Integer {
        least: i64,
        most: i64,
    },
    /// A whole number without a sign, of so many bits.
    Unsigned {
        bits: u32,
    },
    /// A duration in a range.
    Duration {
        least: time::Duration,
        most: time::Duration,
    },
    Truth,
    /// A number in a range.
    Float {
        least: f64,
        most: f64,
    },
    /// `host:port`, either may be empty.
    HostPort,
    /// An IP address with or without a port.
    IpMaybePort,
    Ip,
    Network,
    Pattern,
    /// A zone that CoreDNS passes over when it is none.
    Zone,
    /// A zone that it insists on.
    StrictZone,
    RecordType,
    RecordClass,
    ResponseCode,
    /// A file that is opened when the plugin is set up; no name may stand for a default, or for the folder.
    File,
    /// A file that is opened when the plugin is set up, and has a name.
    NamedFile,
}

impl Value {
    pub(crate) const ANY_INTEGER: Value = Value::Integer { least: i64::MIN, most: i64::MAX };
    pub(crate) const NOT_NEGATIVE: Value = Value::Integer { least: 0, most: i64::MAX };
    pub(crate) const POSITIVE: Value = Value::Integer { least: 1, most: i64::MAX };
    pub(crate) const ANY_DURATION: Value = Value::Duration { least: i64::MIN, most: i64::MAX };
    pub(crate) const DURATION: Value = Value::Duration { least: 0, most: i64::MAX };
    /// A TTL of the plugins that answer for Kubernetes and Nomad.
    pub(crate) const TTL: Value = Value::Integer { least: 0, most: 3600 };

    /// Judges an argument; the error says what is wrong with it.
    pub(crate) fn judge(&self, text: &str) -> Result<(), String> {
        let good = match *self {
            Value::Any | Value::File | Value::Zone => true,
            Value::NamedFile => !text.is_empty(),
            Value::Word(words) => words.contains(&text),
            Value::WordAnyCase(words) => words.contains(&text.to_lowercase().as_str()),
            Value::Integer { least, most } => {
                strconv::atoi(text).is_some_and(|number| (least..=most).contains(&number))
            }
            Value::Unsigned { bits } => strconv::parse_uint(text, bits).is_some(),
            Value::Duration { least, most } => {
                time::parse_duration(text).is_some_and(|time| (least..=most).contains(&time))
            }
            Value::Truth => strconv::parse_bool(text).is_some(),
            // Written as CoreDNS does, so that nan passes.
            Value::Float { least, most } => {
                strconv::parse_float(text).is_some_and(|number| !(number < least || number > most))
            }
            Value::HostPort => {
                return net::split_host_port(text)
                    .map(|_| ())
                    .map_err(|error| format!("`{text}` is not host:port: {error}"));
            }
            Value::IpMaybePort => ip_maybe_port(text),
            Value::Ip => net::parse_ip(text).is_some(),
            Value::Network => net::parse_cidr(text).is_some(),
            Value::Pattern => return judge_pattern(text).map(|_| ()),
            Value::StrictZone => !domain::zones(text).is_empty(),
            Value::RecordType => records::is_type(text),
            Value::RecordClass => records::is_class(text),
            Value::ResponseCode => records::is_response_code(text),
        };
        if good { Ok(()) } else { Err(format!("`{text}` is not {}", self.describe())) }
    }

    /// What is expected, after "is not" or "write".
    pub(crate) fn describe(&self) -> String {
        match *self {
            Value::Any => "a word".into(),
            Value::Word(words) | Value::WordAnyCase(words) => match words {
                [word] => format!("`{word}`"),
                _ => format!("one of {}", words.join(", ")),
            },
            Value::Integer { least, most } => match (least, most) {
                (i64::MIN, _) => "a whole number".into(),
                (_, i64::MAX) => format!("a whole number of at least {least}"),
                _ => format!("a whole number from {least} to {most}"),
            },
            Value::Unsigned { .. } => "a whole number without a sign".into(),
            Value::Duration { least, most } => {
                let range = match (least, most) {
                    (i64::MIN, _) => String::new(),
                    (0, i64::MAX) => " (not negative)".into(),
                    (_, i64::MAX) => format!(" of at least {}", show(least)),
                    _ => format!(" from {} to {}", show(least), show(most)),
                };
                format!("a duration such as 5s or 1m30s{range}")
            }
            Value::Truth => "true or false".into(),
            Value::Float { least, most } => format!("a number from {least} to {most}"),
            Value::HostPort => "host:port, such as :8080".into(),
            Value::IpMaybePort => "an IP address, with a port if needed".into(),
            Value::Ip => "an IP address".into(),
            Value::Network => "a network in CIDR notation, such as 10.0.0.0/8".into(),
            Value::Pattern => "a regular expression".into(),
            Value::Zone | Value::StrictZone => "a zone".into(),
            Value::RecordType => "a record type such as A or AAAA".into(),
            Value::RecordClass => "a class such as IN or ANY".into(),
            Value::ResponseCode => "a response code such as NXDOMAIN or NOERROR".into(),
            Value::File | Value::NamedFile => "the name of a file".into(),
        }
    }
}

/// Reads a regular expression; the error says what is wrong.
pub(crate) fn judge_pattern(text: &str) -> Result<pattern::Pattern, String> {
    if text.len() > LONGEST_PATTERN {
        return Err(format!("the regular expression is longer than {LONGEST_PATTERN} bytes"));
    }
    pattern::parse(text).map_err(|error| format!("`{text}` is not a regular expression of Go: {error}"))
}

/// `parse.HostPort`: an address, whose zone does not count, with or without port.
fn ip_maybe_port(text: &str) -> bool {
    match net::split_host_port(text) {
        Ok((host, _)) => network::ip_with_zone(host).is_some(),
        Err(_) => network::ip_with_zone(text).is_some(),
    }
}

fn show(time: time::Duration) -> String {
    match time {
        time if time % time::HOUR == 0 => format!("{}h", time / time::HOUR),
        time if time % time::MINUTE == 0 => format!("{}m", time / time::MINUTE),
        time if time % time::SECOND == 0 => format!("{}s", time / time::SECOND),
        time if time % time::MILLISECOND == 0 => format!("{}ms", time / time::MILLISECOND),
        time => format!("{time}ns"),
    }
}
