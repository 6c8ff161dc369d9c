//! The attributes.

use tf_plugin::framework::model::Joined;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::is_duration;
use tf_plugin::framework::value::Value;

use crate::cluster::rebirth::Triggers;
use crate::readiness::arguments::Arguments;

/// All attributes.
pub(super) type BootstrapReady = Joined<Own, Arguments>;

tf_plugin::model! {
    /// Waits, when it is created and when it is updated, until everything that it names is ready: the API server, nodes, CRDs,
    /// Deployments, StatefulSets, DaemonSets, Flux Kustomizations and HelmReleases, ExternalSecrets, SecretStores, Services, and
    /// objects of any other kind.
    ///
    /// At the timeout, the error has one line for each object that is not ready, with its controller's message, root
    /// causes first: an object that waits for another comes after the one that it waits for. It owns nothing in the
    /// cluster: a refresh only reports, and a destroy does nothing.
    pub struct Own {
        /// Arbitrary values that, when changed, update the resource in place, which waits again. Set something that
        /// changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long create and update may wait. Both default to `"15m"`.
        pub timeouts: Value<Waits> => optional(),
        /// One line, such as `16/16 Kustomizations Ready, 17/17 ExternalSecrets Synced`, as of the last read.
        pub summary: Value<String> => computed(),
        /// The suspended objects, such as `Kustomization flux-system/apps`. They are neither waited for nor counted,
        /// unless they are named individually.
        pub suspended: Value<Vec<String>> => computed(),
    }
}

tf_plugin::model! {
    /// How long create and update may wait. A destroy does nothing.
    pub struct Waits {
        /// How long a create may wait, such as `"15m"`.
        pub create: Value<String> => optional().check(is_duration()),
        /// How long an update may wait, such as `"15m"`.
        pub update: Value<String> => optional().check(is_duration()),
    }
}

impl Own {
    /// The limits, as every other type has them.
    pub(super) fn limits(&self) -> Value<Timeouts> {
        let Some(Waits { create, update }) = self.timeouts.as_ref_option() else { return Value::Null };
        Value::Value(Timeouts { create: create.clone(), update: update.clone(), delete: Value::Null })
    }
}
