//! The arguments and attributes of `tazlab_tailnet_cleanup` that the action does not have.

use std::collections::BTreeMap;

use tf_plugin::framework::model::{Joined, Set};
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{not_empty, one_of};
use tf_plugin::framework::value::{Datum, Value};

use crate::cluster::rebirth;
use crate::tailnet::arguments::Arguments;
use crate::tailnet::holders::Allowed;
use crate::tailnet::identity::{Meant, Record as TailnetRecord, is_suffix};
use crate::tailnet::record::Record;
use crate::tailnet::sweep::Occasion;

/// All attributes.
pub(super) type TailnetCleanup = Joined<Own, Arguments>;

const MOMENTS: &[&str] = &["create", "update", "destroy"];

fn every_moment() -> Datum {
    Datum::Set(MOMENTS.iter().map(|moment| Datum::from(*moment)).collect())
}

tf_plugin::model! {
    /// Deletes the devices that earlier clusters left on the tailnet, so that the next one gets its names without a
    /// number: on create before anything else, on destroy after everything else, and when `triggers` change.
    ///
    /// A device is deleted only when every selector matches and no rule keeps it. Devices are never deleted that are
    /// shared in, protected, connected (unless `connected = "delete"`), or were seen more recently than `offline_for`;
    /// and never more than `max_deletions`. A plan lists what would be deleted in a warning; apply reads the tailnet
    /// again and follows the same rules.
    pub struct Own {
        /// When devices are deleted: any of `"create"`, `"update"` (when `triggers` change) and `"destroy"`. Defaults
        /// to all of them.
        pub run_on: Value<Set<String>> => optional().default(every_moment()).check(not_empty())
            .check(one_of(MOMENTS).each()),
        /// Arbitrary values that, when changed, update the resource in place, which cleans up. Set something that
        /// changes whenever the cluster is recreated.
        pub triggers: Value<BTreeMap<String, String>> => optional(),
        /// Whether a cleanup that fails fails the destroy. Defaults to `false`: it is a warning, and everything else is
        /// destroyed.
        pub fail_on_destroy_error: Value<bool> => optional().default(false),
        /// The MagicDNS suffix of the tailnet, such as `tail1234.ts.net`. Recorded at create, together with the
        /// `base_url`, where it is not set. Nothing is deleted from any other tailnet: where the provider is configured
        /// for another one, a destroy ends with a warning that names both, and everything else is an error. Changing
        /// this forces replacement.
        pub tailnet: Value<String> => optional_computed().use_state_for_unknown().check(is_suffix()),
        /// How long operations may take. Each defaults to `wait_timeout` and 10 minutes more.
        pub timeouts: Value<Timeouts> => optional(),
        /// The devices that the rules allowed to delete when the last cleanup began; with `dry_run`, those that would
        /// have been deleted.
        pub stale_devices: Value<Vec<Record>> => computed(),
        /// The devices that the last cleanup deleted.
        pub removed_devices: Value<Vec<Record>> => computed(),
    }
}

impl Own {
    /// The tailnet that a create is for.
    pub(super) fn meant_at_create(&self) -> Meant {
        self.tailnet.as_deref_option().map_or(Meant::Credentials, |suffix| Meant::Named(suffix.to_owned()))
    }

    /// The tailnet that an update of this model is for: what is recorded, else what the configuration names.
    pub(super) fn meant_at_update(&self, private: &Private) -> Result<Meant, PrivateError> {
        let suffix = self.tailnet.as_deref_option().map(ToOwned::to_owned);
        Ok(match (TailnetRecord::read(private)?, suffix) {
            (Some(record), suffix) => Meant::Recorded(record, suffix),
            (None, Some(suffix)) => Meant::Named(suffix),
            (None, None) => Meant::Unrecorded,
        })
    }

    /// The tailnet that a destroy of this model is for: what is recorded.
    pub(super) fn meant_at_destroy(&self, private: &Private) -> Result<Meant, PrivateError> {
        let suffix = self.tailnet.as_deref_option().map(ToOwned::to_owned);
        Ok(TailnetRecord::read(private)?.map_or(Meant::Unrecorded, |record| Meant::Recorded(record, suffix)))
    }

    /// Are devices deleted at this moment? They may be while nobody knows yet.
    pub(super) fn runs_on(&self, moment: &str) -> bool {
        self.run_on.is_unknown() || self.run_on.as_ref_option().is_some_and(|set| set.0.iter().any(|one| one == moment))
    }

    /// What an apply is about: a birth needs its names free, whatever else changes finds them held by what was born.
    pub(super) fn occasion(&self, prior: Option<&Self>) -> Occasion {
        let strict = Some(Allowed::Nobody);
        match prior {
            None => Occasion { deletes: self.runs_on("create"), names: strict },
            Some(prior) if rebirth::is_announced(&prior.triggers, &self.triggers) => {
                Occasion { deletes: self.runs_on("update"), names: strict }
            }
            Some(_) => Occasion { deletes: false, names: Some(Allowed::OurConnected) },
        }
    }
}
