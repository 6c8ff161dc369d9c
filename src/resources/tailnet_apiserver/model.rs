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
    /// A Service that puts the cluster's API server on the tailnet: Tailscale's operator makes a device for it.
    ///
    /// Apply waits until the device has its name and address. Where another device holds the name, the tailnet hands out
    /// the name with a number at its end; certificates and kubeconfigs then name a machine that is another one, so that is
    /// an error, which says who holds the name. `tazlab_tailnet_cleanup` frees it beforehand.
    pub struct Own {
        /// The namespace, which is that of the API server's pods (default `kube-system`). A change makes the Service anew.
        pub namespace: Value<String> => optional().default("kube-system").requires_replace().check(is_label()),
        /// The name (default `tailscale-apiserver`). A change makes the Service anew.
        pub name: Value<String> => optional().default("tailscale-apiserver").requires_replace().check(is_label()),
        /// The name that the device asks for on the tailnet: it must get exactly this one.
        pub hostname: Value<String> => required().check(is_host()),
        /// The port on which the device listens, which is also the API server's own (default `6443`).
        pub port: Value<i64> => optional().default(6443).check(integer_between(1, 65_535)),
        /// The labels of the API server's pods (default `component = kube-apiserver`).
        pub selector: Value<BTreeMap<String, String>> => optional().default(apiserver_pods()).check(not_empty()),
        /// The device's whole name on the tailnet.
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
