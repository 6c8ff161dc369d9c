//! The arguments and attributes of `tazlab_tailnet_egress` that other Services of the operator do not have.

use tf_plugin::framework::model::Joined;
use tf_plugin::framework::validation::matches;
use tf_plugin::framework::value::Value;

use crate::cluster::name::is_label;
use crate::cluster::tailscale_operator::{Shared, is_host};

/// All attributes.
pub(super) type Model = Joined<Own, Shared>;

/// Where the operator's Services are, unless the configuration says otherwise.
pub(super) const NAMESPACE: &str = "tailscale";

tf_plugin::model! {
    /// A Service through which pods reach a machine on the tailnet: Tailscale's operator creates a proxy for it.
    ///
    /// Apply waits until the operator has accepted the Service and the proxy's pod is ready, since the operator's own
    /// condition is true as soon as the proxy is requested. `tazlab_coredns` answers the machine's name with the
    /// address of this Service where its `tailnets` are set.
    pub struct Own {
        /// The namespace. Defaults to `tailscale`. Changing this forces replacement.
        pub namespace: Value<String> => optional().default(NAMESPACE).requires_replace().check(is_label()),
        /// The name, which is also the first label of the machine's name where `tazlab_coredns` answers for it.
        /// Changing this forces replacement.
        pub name: Value<String> => required().requires_replace().check(is_label()),
        /// The machine's full name on the tailnet, such as `vault.tail1234.ts.net`.
        pub fqdn: Value<String> => required().check(matches(
            r"^[A-Za-z0-9-]+\.[A-Za-z0-9-]+\.ts\.net\.?$",
            "a MagicDNS name, such as \"vault.tail1234.ts.net\"",
        )),
        /// The name that the proxy's own device requests on the tailnet. Defaults to `<namespace>-<name>`.
        /// `tazlab_tailnet_cleanup` selects it by this name.
        pub hostname: Value<String> => optional_computed().check(is_host()),
    }
}
