//! The arguments that the resource and the action share, and what they become: [`Orders`].

use std::time::Duration;

use jiff::SignedDuration;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::duration;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::validation::{integer_between, is_duration, not_empty, one_of};
use tf_plugin::framework::value::Value;

use super::identity::Meant;
use super::protect::{Protect, is_protect};
use super::rules::{Connected, Rules};
use super::selectors::{Selectors, is_label, is_regex, is_tag};
use super::sweep::Orders;

tf_plugin::model! {
    /// Who may be deleted.
    pub struct Arguments {
        /// A device must have all of these tags, compared exactly. At least one of `tags`, `hostnames` and
        /// `hostname_regex` is needed, and all that are set must match.
        pub tags: Value<Set<String>> => optional().at_least_one_with(&["hostnames", "hostname_regex"])
            .check(not_empty()).check(is_tag().each()),
        /// Canonical names, of which a device must have one. `k8s` also selects the devices `k8s-1`, `k8s-2`, … that
        /// got their number because the name was held; not `k8s-vault`, and not a device that requested the name
        /// `k8s-1` itself.
        pub hostnames: Value<Set<String>> => optional().check(not_empty()).check(is_label().each()),
        /// A regular expression that the whole canonical name of a device must match.
        pub hostname_regex: Value<String> => optional().check(not_empty()).check(is_regex()),
        /// A device that was seen more recently is kept, by the server's clock. Defaults to `"2m"`.
        pub offline_for: Value<String> => optional().default("2m").check(is_duration()),
        /// What happens to selected devices that are connected: `"keep"`; `"wait"` waits until they have been
        /// disconnected for `offline_for`, at most `wait_timeout`; `"delete"` deletes them too, which breaks what runs
        /// them. Defaults to `"keep"`.
        pub connected: Value<String> => optional().default("keep").check(one_of(&["keep", "wait", "delete"])),
        /// Devices that are never deleted: names (`k8s` or the whole MagicDNS name), node ids, and tags (`tag:prod`), whose
        /// devices are all protected. An entry that no device matches is a warning.
        pub protect: Value<Set<String>> => optional().check(is_protect().each()),
        /// The maximum number of deletions. If more devices match, none is deleted and it is an error. Defaults to
        /// `25`.
        pub max_deletions: Value<i64> => optional().default(25_i64).check(integer_between(0, 1_000_000)),
        /// How long `connected = "wait"` waits. Defaults to `"5m"`.
        pub wait_timeout: Value<String> => optional().default("5m").check(is_duration()),
        /// Whether to report only, and delete nothing. Defaults to `false`.
        pub dry_run: Value<bool> => optional().default(false),
        /// Canonical names that must be free after the deletions. A name that is held is an error, which reports by
        /// which device.
        pub required_free: Value<Set<String>> => optional().check(is_label().each()),
    }
}

fn all(set: &Value<Set<String>>) -> Vec<String> {
    set.as_ref_option().map(|set| set.0.clone()).unwrap_or_default()
}

fn time(text: &Value<String>, default: Duration) -> Duration {
    text.as_deref_option().and_then(|text| duration::parse(text).ok()).unwrap_or(default)
}

impl Arguments {
    /// Checks that need several arguments.
    pub fn validate(&self, found: &mut Diagnostics) {
        let waits = self.connected.as_deref_option() == Some("wait");
        let known = !self.offline_for.is_unknown() && !self.wait_timeout.is_unknown();
        if waits && known && self.offline_for() > self.waits() {
            let detail = format!(
                "offline_for ({:?}) is longer than wait_timeout ({:?}): a device that disconnects while it is waited for is not deleted by the same run.",
                self.offline_for(),
                self.waits()
            );
            found.push(
                Diagnostic::warning("The wait is shorter than offline_for", detail)
                    .at(AttributePath::new("wait_timeout")),
            );
        }
    }

    /// What they ask for in the tailnet that is `meant`; the names of arguments that are not known yet, where there are such.
    ///
    /// # Errors
    /// The unknown arguments.
    pub fn orders(&self, meant: Meant) -> Result<Orders, Vec<&'static str>> {
        let unknown: Vec<&'static str> = [
            ("tags", self.tags.is_unknown()),
            ("hostnames", self.hostnames.is_unknown()),
            ("hostname_regex", self.hostname_regex.is_unknown()),
            ("offline_for", self.offline_for.is_unknown()),
            ("connected", self.connected.is_unknown()),
            ("protect", self.protect.is_unknown()),
            ("max_deletions", self.max_deletions.is_unknown()),
            ("wait_timeout", self.wait_timeout.is_unknown()),
            ("dry_run", self.dry_run.is_unknown()),
            ("required_free", self.required_free.is_unknown()),
        ]
        .into_iter()
        .filter_map(|(name, unknown)| unknown.then_some(name))
        .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        Ok(Orders {
            rules: self.rules(),
            // What does not fit was refused; what is missing has its default.
            max_deletions: self.max_deletions.as_ref_option().and_then(|most| (*most).try_into().ok()).unwrap_or(25),
            wait_timeout: self.waits(),
            dry_run: self.dry_run.as_ref_option().copied().unwrap_or_default(),
            required_free: all(&self.required_free),
            meant,
            promised: None,
        })
    }

    fn rules(&self) -> Rules {
        Rules {
            selectors: Selectors::of(&self.tags, &self.hostnames, &self.hostname_regex),
            offline_for: SignedDuration::try_from(self.offline_for()).unwrap_or(SignedDuration::MAX),
            connected: match self.connected.as_deref_option() {
                Some("delete") => Connected::Delete,
                Some("wait") => Connected::Wait,
                _ => Connected::Keep,
            },
            // What is none was refused.
            protect: all(&self.protect).iter().filter_map(|text| Protect::parse(text).ok()).collect(),
            suffix: None,
        }
    }

    fn offline_for(&self) -> Duration {
        time(&self.offline_for, Duration::from_mins(2))
    }

    /// How long connected devices are waited for.
    #[must_use]
    pub fn waits(&self) -> Duration {
        time(&self.wait_timeout, Duration::from_mins(5))
    }

    /// The selectors in words.
    #[must_use]
    pub fn selectors(&self) -> String {
        let mut parts = Vec::new();
        for (name, set) in [("tags", &self.tags), ("hostnames", &self.hostnames)] {
            let values = all(set);
            if !values.is_empty() {
                parts.push(format!("{name} = {values:?}"));
            }
        }
        if let Some(pattern) = self.hostname_regex.as_deref_option() {
            parts.push(format!("hostname_regex = {pattern:?}"));
        }
        parts.join(", ")
    }
}
