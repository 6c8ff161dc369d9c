//! Which devices are meant: tags, canonical names, a pattern. All that are given must match.

use std::collections::BTreeSet;

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};
use tazlab_clients::tailscale::Device;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::validation::{Check, matches};
use tf_plugin::framework::value::Value;

use super::name;

/// A tag as policies write it.
#[must_use]
pub fn is_tag() -> Check {
    Check::text(
        |text| {
            if is_tag_text(text) { Ok(()) } else { Err(format!("{text:?} is not a tag, such as \"tag:k8s\".")) }
        },
    )
}

/// Whether this is a tag as policies write it.
pub(super) fn is_tag_text(text: &str) -> bool {
    text.strip_prefix("tag:").is_some_and(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// A canonical name: one label, without a domain.
#[must_use]
pub fn is_label() -> Check {
    matches(
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "a name as devices have it: lower-case letters, digits and '-', without the tailnet's domain",
    )
}

/// A regular expression that some canonical name can match.
#[must_use]
pub fn is_regex() -> Check {
    Check::text(|text| {
        whole(text).map_err(|error| format!("It is not a regular expression: {error}."))?;
        match regex_syntax::parse(text) {
            Ok(pattern) if !can_match(&pattern) => Err(format!(
                "{text:?} can match no canonical name: these consist of lower-case letters, digits and '-', without the tailnet's domain."
            )),
            _ => Ok(()),
        }
    })
}

/// Whether some text of the characters of canonical names can match; where this is not certain, it can.
fn can_match(pattern: &Hir) -> bool {
    const RANGES: [(char, char); 3] = [('a', 'z'), ('0', '9'), ('-', '-')];
    let within = |one: char| RANGES.iter().any(|(first, last)| (*first..=*last).contains(&one));
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.iter().all(|byte| within(char::from(*byte))),
        HirKind::Class(Class::Unicode(class)) => class
            .ranges()
            .iter()
            .any(|range| RANGES.iter().any(|(first, last)| range.start() <= *last && *first <= range.end())),
        HirKind::Class(Class::Bytes(class)) => class.ranges().iter().any(|range| {
            let (start, end) = (char::from(range.start()), char::from(range.end()));
            RANGES.iter().any(|(first, last)| start <= *last && *first <= end)
        }),
        HirKind::Repetition(repeated) => repeated.min == 0 || can_match(&repeated.sub),
        HirKind::Capture(capture) => can_match(&capture.sub),
        HirKind::Concat(parts) => parts.iter().all(can_match),
        HirKind::Alternation(parts) => parts.iter().any(can_match),
    }
}

/// A pattern for the whole of a canonical name.
///
/// # Errors
/// When it is no regular expression.
fn whole(text: &str) -> Result<Regex, regex::Error> {
    // What is no expression by itself must not become one between the parentheses, as `a)|(b` would.
    Regex::new(text)?;
    Regex::new(&format!("^(?:{text})$"))
}

/// Which devices are meant.
#[derive(Clone, Debug, Default)]
pub struct Selectors {
    /// All of these tags, compared exactly; none asks for none.
    pub tags: BTreeSet<String>,
    /// One of these canonical names; none asks for none.
    pub hostnames: BTreeSet<String>,
    /// The whole canonical name matches this.
    pub pattern: Option<Regex>,
}

impl Selectors {
    /// Those of a configuration whose `tags`, `hostnames` and `hostname_regex` were checked.
    #[must_use]
    pub fn of(tags: &Value<Set<String>>, hostnames: &Value<Set<String>>, pattern: &Value<String>) -> Self {
        let all = |set: &Value<Set<String>>| set.as_ref_option().map(|set| set.0.iter().cloned().collect());
        Self {
            tags: all(tags).unwrap_or_default(),
            hostnames: all(hostnames).unwrap_or_default(),
            // A pattern that is none was refused; should one get here, it selects nothing.
            pattern: pattern.as_deref_option().and_then(|text| whole(text).or_else(|_| whole("[^\\s\\S]")).ok()),
        }
    }

    /// Is nothing asked for?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.hostnames.is_empty() && self.pattern.is_none()
    }

    /// Do all of them match? None of them matches every device.
    #[must_use]
    pub fn match_all(&self, device: &Device) -> bool {
        let canonical = name::of(device);
        self.tags.iter().all(|tag| device.tags.contains(tag))
            && (self.hostnames.is_empty() || self.hostnames.contains(&canonical))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&canonical))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &[&str], hostnames: &[&str], pattern: Option<&str>) -> Selectors {
        let set = |values: &[&str]| Value::Value(Set(values.iter().map(|value| (*value).to_owned()).collect()));
        Selectors::of(&set(tags), &set(hostnames), &pattern.map(ToOwned::to_owned).into())
    }

    #[test]
    fn all_that_are_given_must_match() {
        let device = Device {
            name: "k8s-1.x.ts.net".into(),
            hostname: "k8s".into(),
            tags: vec!["tag:k8s".into(), "tag:b".into()],
            ..Device::default()
        };
        for (selectors, matches) in [
            (of(&[], &[], None), true),
            (of(&["tag:k8s", "tag:b"], &["a", "k8s"], Some("k.s")), true),
            (of(&["tag:k8s", "tag:c"], &[], None), false),
            (of(&["tag:k8"], &[], None), false),
            (of(&[], &["k8s-1"], None), false),
            (of(&["tag:k8s"], &["k8s"], Some("k")), false),
            (of(&[], &[], Some("k8s)|(vault")), false),
        ] {
            assert_eq!(selectors.match_all(&device), matches, "{selectors:?}");
        }
        assert!(of(&[], &[], None).is_empty() && !of(&[], &[], Some("(")).is_empty());
    }

    #[test]
    fn a_pattern_that_no_canonical_name_can_match_is_found() {
        let can = |text: &str| can_match(&regex_syntax::parse(text).unwrap());
        for text in ["k8s", "k8s-.*", "(K8S|k8s)", "K*8s", "^k8s$", r"\w+", "[A-Za-z]+", "[^x]", "(k8s)(X?)", ""] {
            assert!(can(text), "{text}");
        }
        for text in ["K8S", r"k8s\.home\.ts\.net", "tag:k8s", "k8s ", "(K8S|NAS)", "[A-Z]+x", r"k8s\s+1", "k_8"] {
            assert!(!can(text), "{text}");
        }
    }
}
