//! The arguments and attributes of `tazlab_tailnet_egress` that other Services of the operator do not have.

use tf_plugin::framework::model::Joined;
use tf_plugin::framework::validation::matches;
use tf_plugin::framework::value::Value;

use crate::cluster::name::is_label;
use crate::cluster::tailscale_operator::{Shared, is_host};

/// All attributes.
pub(super) type Model = Joined<Own, Shared>;

tf_plugin::model! {
    /// A Service through which pods reach a machine on the tailnet: Tailscale's operator makes a proxy for it.
    ///
    /// Apply waits until the operator has taken the Service up and the proxy's pod is ready, since the operator's own
    /// condition holds as soon as the proxy is ordered. `tazlab_coredns` answers the machine's name with the address of
    /// this Service where its `tailnets` say so.
    pub struct Own {
        /// The namespace (default `tailscale`). A change makes the Service anew.
        pub namespace: Value<String> => optional().default("tailscale").requires_replace().check(is_label()),
        /// The name, which is also the first label of the machine's name where `tazlab_coredns` is to answer for it. A
        /// change makes the Service anew.
        pub name: Value<String> => required().requires_replace().check(is_label()),
        /// The machine's whole name on the tailnet, such as `vault.tail1234.ts.net`.
        pub fqdn: Value<String> => required().check(matches(
            r"^[A-Za-z0-9-]+\.[A-Za-z0-9-]+\.ts\.net\.?$",
            "a MagicDNS name, such as \"vault.tail1234.ts.net\"",
        )),
        /// The name that the proxy's own device asks for on the tailnet (default `<namespace>-<name>`): what
        /// `tazlab_tailnet_cleanup` finds it by.
        pub hostname: Value<String> => optional_computed().check(is_host()),
    }
}
