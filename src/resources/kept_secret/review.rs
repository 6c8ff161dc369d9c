//! Live Secrets and their copy side by side: a decision for each, and what all of them together come to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::copy::{Contents, Copy};
use super::decision::{Circumstances, Live, Prefer, Verdict, decide};
use super::model::KeptSecret;

/// The Secrets in the cluster, by name.
pub(super) type Lives = BTreeMap<String, Live>;

/// The uids of the Secrets that were the same as the copy when they were looked at last, by name.
pub(super) type Uids = BTreeMap<String, String>;

/// What is done with each Secret.
#[derive(Clone, Debug)]
pub(super) struct Review {
    pub(super) verdicts: BTreeMap<String, Verdict>,
    copy_exists: bool,
}

/// What decides beside the contents, for all Secrets.
#[derive(Clone, Debug)]
pub(super) struct Rules<'a> {
    pub(super) known: &'a Uids,
    prefer: Option<Prefer>,
    least_validity: SignedDuration,
    now: Timestamp,
}

impl<'a> Rules<'a> {
    pub(super) fn of(model: &KeptSecret, known: &'a Uids) -> Self {
        let (prefer, least_validity) = (model.preference(), model.least_validity());
        Self { known, prefer, least_validity, now: Timestamp::now() }
    }
}

impl Review {
    /// Decides about every Secret that is live or in the copy.
    pub(super) fn of(lives: &Lives, copy: &Copy, rules: &Rules<'_>) -> Self {
        let names: BTreeSet<&String> = lives.keys().chain(copy.secrets.keys()).collect();
        let decided = names.into_iter().map(|name| {
            let circumstances = Circumstances {
                known: rules.known.get(name).map(String::as_str),
                prefer: rules.prefer,
                now: rules.now,
                least_validity: rules.least_validity,
            };
            (name.clone(), decide(lives.get(name), copy.secrets.get(name), &circumstances))
        });
        Self { verdicts: decided.collect(), copy_exists: copy.exists }
    }

    /// The Secrets about which this was decided.
    pub(super) fn with(&self, verdict: Verdict) -> Vec<&str> {
        let same = self.verdicts.iter().filter(|(_, decided)| **decided == verdict);
        same.map(|(name, _)| name.as_str()).collect()
    }

    /// Is something written, to the cluster or to Vault?
    pub(super) fn acts(&self) -> bool {
        let acts = |verdict: &Verdict| matches!(verdict, Verdict::Restore | Verdict::Overwrite | Verdict::Keep);
        self.verdicts.values().any(acts)
    }

    /// Will there be no copy either when all of it is done?
    pub(super) fn leaves_no_copy(&self) -> bool {
        !self.copy_exists && self.with(Verdict::Keep).is_empty()
    }

    /// What the copy holds afterwards; `None` where it stays as it is.
    pub(super) fn kept(&self, lives: &Lives, copy: &Copy) -> Option<Contents> {
        let names = self.with(Verdict::Keep);
        if names.is_empty() {
            return None;
        }
        let mut contents = copy.secrets.clone();
        for name in names {
            if let Some(live) = lives.get(name) {
                contents.insert(name.to_owned(), live.content.clone());
            }
        }
        Some(contents)
    }

    /// The uids to remember: of every Secret that is the same as the copy afterwards.
    pub(super) fn same_afterwards(&self, lives: &Lives, restored: &Uids) -> Uids {
        let is_same = |name: &&String| {
            let verdict = self.verdicts.get(*name);
            matches!(verdict, Some(Verdict::Same | Verdict::Keep | Verdict::Overwrite))
        };
        let same = lives.iter().filter(|(name, _)| is_same(name));
        let mut uids: Uids = same.map(|(name, live)| (name.clone(), live.uid.clone())).collect();
        uids.extend(restored.clone());
        uids
    }
}
