//! The `timeouts` argument that every resource with remote calls has.

use std::time::Duration;

use super::duration;
use super::validation::is_duration;
use super::value::Value;

crate::model! {
    /// How long operations may take.
    pub struct Timeouts {
        /// How long a create may take, such as `"10m"`.
        pub create: Value<String> => optional().check(is_duration()),
        /// How long an update may take, such as `"10m"`.
        pub update: Value<String> => optional().check(is_duration()),
        /// How long a delete may take, such as `"2m"`.
        pub delete: Value<String> => optional().check(is_duration()),
    }
}

/// The limits of one resource type where the configuration says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// For creating.
    pub create: Duration,
    /// For updating.
    pub update: Duration,
    /// For deleting.
    pub delete: Duration,
}

impl Defaults {
    /// The limits with what the configuration says.
    #[must_use]
    pub fn overridden_by(self, configured: &Value<Timeouts>) -> Self {
        let Some(timeouts) = configured.as_ref_option() else { return self };
        // A duration that does not parse was refused at plan time.
        let or = |text: &Value<String>, default| {
            text.as_ref_option().and_then(|text| duration::parse(text).ok()).unwrap_or(default)
        };
        Self {
            create: or(&timeouts.create, self.create),
            update: or(&timeouts.update, self.update),
            delete: or(&timeouts.delete, self.delete),
        }
    }
}
