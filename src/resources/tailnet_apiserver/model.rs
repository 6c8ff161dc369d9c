//! The arguments and attributes of `tazlab_tailnet_apiserver` that other Services of the operator do not have.

use std::collections::BTreeMap;

use tf_plugin::framework::model::Joined;
use tf_plugin::framework::validation::{integer_between, not_empty};
use tf_plugin::framework::value::{Datum, Value};

use crate::cluster::name::is_label;
use crate::cluster::tailscale_operator::{Shared, is_host};

/// All attributes.
pub(super) type Model = Joined<Own, Shared>;

/// The label of the API server's pods, with kubeadm and with Talos.
fn apiserver_pods() -> Datum {
    Datum::Map([("component".to_owned(), Datum::from("kube-apiserver"))].into())
}

tf_plugin::model! {
    /// A Service that exposes the cluster's API server on the tailnet: Tailscale's operator creates a device for it.
    ///
    /// Apply waits until the device has its name and address. Where another device holds the name, the tailnet gives
    /// the new device the name with a number at its end; certificates and kubeconfigs would then name another machine.
    /// That is an error, which reports which device holds the name. `tazlab_tailnet_cleanup` frees the name beforehand.
    pub struct Own {
        /// The namespace, which must be that of the API server's pods. Defaults to `kube-system`. Changing this forces
        /// replacement.
        pub namespace: Value<String> => optional().default("kube-system").requires_replace().check(is_label()),
        /// The name. Defaults to `tailscale-apiserver`. Changing this forces replacement.
        pub name: Value<String> => optional().default("tailscale-apiserver").requires_replace().check(is_label()),
        /// The name that the device requests on the tailnet. It must get exactly this name.
        pub hostname: Value<String> => required().check(is_host()),
        /// The port on which the device listens, which is also the API server's port. Defaults to `6443`.
        pub port: Value<i64> => optional().default(6443).check(integer_between(1, 65_535)),
        /// The labels of the API server's pods. Defaults to `component = kube-apiserver`.
        pub selector: Value<BTreeMap<String, String>> => optional().default(apiserver_pods()).check(not_empty()),
        /// The device's full name on the tailnet.
        pub fqdn: Value<String> => computed(),
        /// The device's addresses on the tailnet.
        pub addresses: Value<Vec<String>> => computed(),
    }
}

impl Own {
    pub(super) fn wanted(&self) -> &str {
        self.hostname.as_deref_option().unwrap_or_default()
    }
}
