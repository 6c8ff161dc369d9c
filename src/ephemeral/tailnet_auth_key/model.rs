//! Arguments and attributes of `tazlab_tailnet_auth_key`.

use std::time::Duration;

use tazlab_clients::tailscale::{Capabilities, KeyRequest};
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::duration;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::validation::{is_duration, matches};
use tf_plugin::framework::value::Value;

use crate::tailnet::selectors::is_tag;

/// The longest life that the API gives a key.
const LONGEST: Duration = Duration::from_hours(90 * 24);

tf_plugin::model! {
    /// A key with which machines join the tailnet, in memory only: neither in the state nor in a plan.
    ///
    /// It is created at each plan and at each apply, and revoked as soon as the last thing that refers to it is done:
    /// machines must join before that. Use it where ephemeral values are accepted (provisioners, provider blocks,
    /// write-only arguments). Terraform does not close what it opened when an apply fails or is stopped: the key is
    /// then valid for `expiry`, which is best kept short. Where the provider's settings come from something that is
    /// created in the same apply, OpenTofu needs `depends_on` on it.
    pub struct TailnetAuthKey {
        /// Tags of the devices that join with it. Keys of OAuth clients need at least one.
        pub tags: Value<Set<String>> => optional().check(is_tag().each()),
        /// Whether several devices may join with it. Defaults to `false`.
        pub reusable: Value<bool> => optional().default(false),
        /// Whether its devices are removed some time after they were last seen. Defaults to `false`.
        pub ephemeral: Value<bool> => optional().default(false),
        /// Whether its devices need no approval. Defaults to `false`.
        pub preauthorized: Value<bool> => optional().default(false),
        /// The lifetime of the key, unless it is revoked before. Defaults to `"1h"`, at most 90 days.
        pub expiry: Value<String> => optional().default("1h").check(is_duration()),
        /// The description in the admin console. Defaults to `"terraform-provider-tazlab"`.
        pub description: Value<String> => optional().default("terraform-provider-tazlab")
            .check(matches("^[A-Za-z0-9 -]{0,50}$", "at most 50 letters, digits, blanks and hyphens")),
        /// Whether to revoke it when nothing refers to it any more. Defaults to `true`.
        pub revoke_on_close: Value<bool> => optional().default(true),
        /// The id of the key, by which it is revoked.
        pub id: Value<String> => computed(),
        /// The key.
        pub key: Value<SecretText> => computed().sensitive(),
        /// When it was created (RFC 3339).
        pub created: Value<String> => computed(),
        /// When it expires (RFC 3339).
        pub expires: Value<String> => computed(),
    }
}

pub(super) fn validate(config: &TailnetAuthKey, found: &mut Diagnostics) {
    let Some(expiry) = config.expiry.as_deref_option().and_then(|text| duration::parse(text).ok()) else { return };
    if expiry < Duration::from_secs(1) || expiry > LONGEST {
        let detail = "A key lasts at least one second and at most 90 days (2160h).";
        found.push(Diagnostic::error("expiry is out of range", detail).at(AttributePath::new("expiry")));
    }
}

impl TailnetAuthKey {
    pub(super) fn revokes(&self) -> bool {
        self.revoke_on_close.as_ref_option() != Some(&false)
    }

    pub(super) fn request(&self) -> KeyRequest {
        let yes = |value: &Value<bool>| value.as_ref_option() == Some(&true);
        let expiry = self.expiry.as_deref_option().and_then(|text| duration::parse(text).ok());
        KeyRequest {
            capabilities: Capabilities {
                reusable: yes(&self.reusable),
                ephemeral: yes(&self.ephemeral),
                preauthorized: yes(&self.preauthorized),
                tags: self.tags.as_ref_option().map(|set| set.0.clone()).unwrap_or_default(),
            },
            expiry: expiry.unwrap_or(Duration::from_hours(1)),
            description: self.description.as_deref_option().unwrap_or_default().to_owned(),
        }
    }
}
