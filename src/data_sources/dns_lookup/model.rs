//! The attributes.

use std::collections::BTreeMap;

use tazlab_clients::dns::{Record as Answered, RecordType};
use tf_plugin::framework::validation::{Check, integer_between, matches, not_empty};
use tf_plugin::framework::value::{Datum, Value};

use super::Said;

/// A name as it goes into a question: labels of at most 63 characters.
fn is_name() -> Check {
    matches(
        r"^([A-Za-z0-9_*-]{1,63}\.)*[A-Za-z0-9_*-]{1,63}\.?$",
        "a DNS name, whole, such as \"kubernetes.default.svc.cluster.local\"",
    )
}

fn is_type() -> Check {
    Check::text(|text| text.parse::<RecordType>().map(drop).map_err(|error| format!("{text:?} is {error}.")))
}

/// The pods that kubeadm, Talos and `tazlab_coredns` run the cluster's DNS in.
fn cluster_dns() -> Datum {
    Datum::Map([("k8s-app".to_owned(), Datum::from("kube-dns"))].into())
}

tf_plugin::model! {
    /// Asks each replica of the cluster's DNS for a name, over TCP and through the API server: no network path to the pods is
    /// needed.
    ///
    /// It never fails because of what it finds: let a `postcondition` on `ready` do that. While settings of the provider are not
    /// known yet, or the cluster cannot be reached, it is not ready and says so.
    pub struct DnsLookup {
        /// The whole name, such as `kubernetes.default.svc.cluster.local`. No search domain is tried.
        pub name: Value<String> => required().check(is_name()),
        /// The type of the records (default `A`): a name such as `AAAA`, `SRV` or `TXT`, or `TYPE65` by number.
        pub r#type: Value<String> => optional().default("A").check(is_type()),
        /// The namespace of the replicas (default `kube-system`).
        pub namespace: Value<String> => optional().default("kube-system").check(not_empty()),
        /// The labels of the replicas (default `k8s-app = "kube-dns"`, as kubeadm, Talos and `tazlab_coredns` have it).
        pub labels: Value<BTreeMap<String, String>> => optional().default(cluster_dns()).check(not_empty()),
        /// The port that answers by TCP (default `53`).
        pub port: Value<i64> => optional().default(53).check(integer_between(1, 65_535)),
        /// Does every ready replica answer, with at least one record of the type?
        pub ready: Value<bool> => computed(),
        /// What is wrong, if anything is, one line a replica.
        pub problems: Value<Vec<String>> => computed(),
        /// One line.
        pub summary: Value<String> => computed(),
        /// What the records of the type say, in order, of all replicas together.
        pub records: Value<Vec<String>> => computed(),
        /// Do all replicas say the same? A name that its servers answer with changing addresses may differ for a while.
        pub consistent: Value<bool> => computed(),
        /// Each replica.
        pub replicas: Value<Vec<Replica>> => computed(),
    }
}

tf_plugin::model! {
    /// A replica and its answer.
    pub struct Replica {
        /// The pod.
        pub pod: Value<String> => computed(),
        /// The response code, such as `NOERROR` or `NXDOMAIN`. Null when there is no answer.
        pub code: Value<String> => computed(),
        /// All records of the answer, aliases (`CNAME`) too.
        pub records: Value<Vec<Record>> => computed(),
        /// Why there is no answer. Null when there is one.
        pub error: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// A record.
    pub struct Record {
        /// The name that it carries, with the dot at its end.
        pub name: Value<String> => computed(),
        /// Its type.
        pub r#type: Value<String> => computed(),
        /// For how many seconds it may be kept.
        pub ttl: Value<i64> => computed(),
        /// What it says, as zone files write it.
        pub data: Value<String> => computed(),
    }
}

impl From<&super::Replica> for Replica {
    fn from(replica: &super::Replica) -> Self {
        let (code, records, error) = match &replica.said {
            Said::Answer(answer) => {
                (Value::Value(answer.code.to_string()), answer.records.iter().map(Record::from).collect(), Value::Null)
            }
            Said::Nothing(why) => (Value::Null, Vec::new(), Value::Value(why.clone())),
            Said::NotAsked => {
                (Value::Null, Vec::new(), Value::Value("the pod is not ready: it was not asked".to_owned()))
            }
        };
        Self { pod: Value::Value(replica.pod.clone()), code, records: Value::Value(records), error }
    }
}

impl From<&Answered> for Record {
    fn from(record: &Answered) -> Self {
        Self {
            name: Value::Value(record.name.clone()),
            r#type: Value::Value(record.kind.to_string()),
            ttl: Value::Value(record.ttl.into()),
            data: Value::Value(record.data.clone()),
        }
    }
}
