//! The attributes.

use std::collections::BTreeMap;

use tf_plugin::framework::value::Value;

use crate::cluster::name::{is_label, is_subdomain};

tf_plugin::model! {
    /// Reports whether the nameserver of Tailscale's operator has the operator's records. It answers pods for names of
    /// the tailnet, from records that the operator writes to a `ConfigMap`. When it does not have them it does not
    /// fail: it answers that no name exists.
    ///
    /// Checked are the records (each egress Service that is ready needs one), where the nameserver mounts them, its
    /// image against the operator's, and what each of its pods answers, queried through the API server.
    pub struct TailnetNameserver {
        /// The operator's namespace. Defaults to `tailscale`.
        pub namespace: Value<String> => optional().default("tailscale").check(is_label()),
        /// The name of the operator's Deployment. Defaults to `operator`, as in its Helm chart.
        pub operator: Value<String> => optional().default("operator").check(is_subdomain()),
        /// The address of the nameserver's Service, for `stub_zones` of `tazlab_coredns`. Null if it does not exist.
        pub address: Value<String> => computed(),
        /// The nameserver's image. Null if there is no nameserver.
        pub image: Value<String> => computed(),
        /// The operator's image. Null if there is no operator.
        pub operator_image: Value<String> => computed(),
        /// The operator's records: names and their addresses. Null if they could not be read.
        pub records: Value<BTreeMap<String, Vec<String>>> => computed(),
        /// Whether nameserver and records match the operator.
        pub ready: Value<bool> => computed(),
        /// The problems, one line each. Empty if there are none.
        pub problems: Value<Vec<String>> => computed(),
        /// A summary in one line.
        pub summary: Value<String> => computed(),
    }
}
