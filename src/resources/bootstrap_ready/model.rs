//! The attributes.

use tf_plugin::framework::model::Joined;
use tf_plugin::framework::timeouts::Timeouts;
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
    /// When the time is over, the error has one line for each object that is not ready, with its controller's own message,
    /// root causes first: an object that waits for another comes after the one that it waits for. Nothing in the cluster
    /// is its own: a refresh only reports, and a destroy does nothing.
    pub struct Own {
        /// Any values. A change is an update that waits anew: name here what changes when the cluster is born anew.
        pub triggers: Triggers => optional(),
        /// How long create and update may wait (both default to `"15m"`).
        pub timeouts: Value<Timeouts> => optional(),
        /// One line, such as `16/16 Kustomizations Ready, 17/17 ExternalSecrets Synced`, of the last look.
        pub summary: Value<String> => computed(),
        /// The objects that are suspended, `Kustomization flux-system/apps`. They are neither waited for nor counted, unless
        /// they are named one by one.
        pub suspended: Value<Vec<String>> => computed(),
    }
}
