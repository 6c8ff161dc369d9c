//! Entries of `protect`: devices that are never deleted, whatever the selectors say.

use std::net::IpAddr;

use tazlab_clients::tailscale::Device;
use tf_plugin::framework::validation::Check;

use super::name;
use super::selectors::is_tag_text;

/// The longest name of DNS.
const LONGEST: usize = 253;

/// What an entry must be; see [`Protect::parse`].
#[must_use]
pub fn is_protect() -> Check {
    Check::text(|text| Protect::parse(text).map(drop))
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protect {
    /// Every device that has this tag.
    Tag(String),
    /// The device of this name (label or whole, without case) or id (with case).
    Device {
        /// As a name.
        name: String,
        /// As an id.
        id: String,
    },
}

impl Protect {
    /// Reads an entry.
    ///
    /// # Errors
    /// Why no device could ever match it.
    pub fn parse(text: &str) -> Result<Self, String> {
        const MEANT: &str =
            "protect takes names (\"k8s\" or \"k8s.tail1234.ts.net\"), node ids and tags (\"tag:prod\")";
        if text.starts_with("tag:") {
            return if is_tag_text(text) {
                Ok(Self::Tag(text.to_owned()))
            } else {
                Err(format!(
                    "{text:?} is not a tag: \"tag:\" is followed by a letter and then letters, digits and '-'."
                ))
            };
        }
        if text.parse::<IpAddr>().is_ok() {
            return Err(format!("{text:?} is an IP address, and {MEANT}."));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let label = |label: &str| {
            let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            plain && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
        };
        if name.len() > LONGEST || !name.split('.').all(label) {
            return Err(format!("{text:?} is not the name or the id of a device: {MEANT}."));
        }
        Ok(Self::Device { name: name.to_ascii_lowercase(), id: text.to_owned() })
    }

    /// Whether it protects `device`.
    #[must_use]
    pub fn matches(&self, device: &Device) -> bool {
        match self {
            Self::Tag(tag) => device.tags.contains(tag),
            Self::Device { name, id } => {
                let whole = device.name.trim_end_matches('.').to_ascii_lowercase();
                let called = !device.name.is_empty() && (name::label(&device.name) == *name || whole == *name);
                called || device.node_id == *id || device.id == *id
            }
        }
    }

    /// The entry, as the configuration has it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Tag(tag) => tag,
            Self::Device { id, .. } => id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> Device {
        Device {
            name: "K8s-1.home.ts.net".into(),
            node_id: "n1CNTRL".into(),
            id: "10001".into(),
            tags: vec!["tag:prod".into()],
            ..Device::default()
        }
    }

    #[test]
    fn names_ids_and_tags_protect() {
        for text in ["k8s-1", "K8S-1", "k8s-1.home.ts.net", "k8s-1.Home.ts.net.", "n1CNTRL", "10001", "tag:prod"] {
            assert!(Protect::parse(text).unwrap().matches(&device()), "{text}");
        }
        for text in ["k8s", "k8s-1.home", "N1CNTRL", "1000", "tag:pro", "tag:Prod", "k8s-1.other.ts.net"] {
            assert!(!Protect::parse(text).unwrap().matches(&device()), "{text}");
        }
        let nothing = Device::default();
        assert!(!Protect::parse("k8s").unwrap().matches(&nothing));
    }

    #[test]
    fn what_can_never_match_is_refused() {
        for text in [
            "",
            " ",
            " k8s",
            "k8s ",
            "k8s, nas",
            "k8s*",
            "k8s_1",
            "-k8s",
            "k8s-",
            "k8s..ts.net",
            ".",
            "100.64.0.1",
            "fd7a:115c:a1e0::1",
            "100.64.0.0/10",
            "https://k8s.ts.net",
            "tag:",
            "tag:1",
            "tag:a b",
            "Tag:prod",
            "autogroup:member",
            "user@example.com",
            "k8s\u{e9}",
        ] {
            assert!(Protect::parse(text).is_err(), "{text:?}");
        }
        // A label has up to 63 characters, a name up to 253 without the dot at its end.
        assert!(Protect::parse(&"a".repeat(63)).is_ok() && Protect::parse(&"a".repeat(64)).is_err());
        assert!(Protect::parse(&"a.".repeat(127)).is_ok() && Protect::parse(&"a.".repeat(128)).is_err());
        assert!(Protect::parse("100.64.0.1").unwrap_err().contains("IP address"));
    }
}
