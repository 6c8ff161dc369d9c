//! The attributes.

use std::collections::BTreeMap;

use tf_plugin::framework::value::Value;

use crate::cluster::name::{is_label, is_subdomain};

tf_plugin::model! {
    /// Is the nameserver of Tailscale's operator in step with the operator? It answers pods for names of the tailnet, from
    /// records that the operator writes into a `ConfigMap`. Where it is out of step it does not fail: it says of every
    /// name that there is none.
    ///
    /// Looked at are the records (each egress Service that is ready needs one), where the nameserver mounts them, its
    /// image against the operator's, and what each of its pods answers, asked through the API server.
    pub struct TailnetNameserver {
        /// The operator's namespace (default `tailscale`).
        pub namespace: Value<String> => optional().default("tailscale").check(is_label()),
        /// The name of the operator's Deployment (default `operator`, as its Helm chart has it).
        pub operator: Value<String> => optional().default("operator").check(is_subdomain()),
        /// The address of the nameserver's Service, for `stub_zones` of `tazlab_coredns`. Null where there is none.
        pub address: Value<String> => computed(),
        /// The nameserver's image. Null where there is no nameserver.
        pub image: Value<String> => computed(),
        /// The operator's image. Null where there is no operator.
        pub operator_image: Value<String> => computed(),
        /// The operator's records: names and their addresses. Null where there are none to be read.
        pub records: Value<BTreeMap<String, Vec<String>>> => computed(),
        /// Is everything in step?
        pub ready: Value<bool> => computed(),
        /// What is not, if anything is.
        pub problems: Value<Vec<String>> => computed(),
        /// One line.
        pub summary: Value<String> => computed(),
    }
}
