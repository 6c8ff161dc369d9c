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
    /// Queries each replica of the cluster's DNS for a name, over TCP and through the API server: no network path to
    /// the pods is needed.
    ///
    /// What it finds is never an error: add a `postcondition` or a `check` on `ready`. While settings of the provider
    /// are not known yet, or the cluster cannot be reached, `ready` is `false` and `problems` has the reason.
    pub struct DnsLookup {
        /// The full name, such as `kubernetes.default.svc.cluster.local`. No search domain is tried.
        pub name: Value<String> => required().check(is_name()),
        /// The type of the records: a name such as `AAAA`, `SRV` or `TXT`, or `TYPE65` by number. Defaults to `A`.
        pub r#type: Value<String> => optional().default("A").check(is_type()),
        /// The namespace of the replicas. Defaults to `kube-system`.
        pub namespace: Value<String> => optional().default("kube-system").check(not_empty()),
        /// The labels of the replicas. Defaults to `k8s-app = "kube-dns"`, the label of kubeadm, Talos and
        /// `tazlab_coredns`.
        pub labels: Value<BTreeMap<String, String>> => optional().default(cluster_dns()).check(not_empty()),
        /// The TCP port of the DNS server. Defaults to `53`.
        pub port: Value<i64> => optional().default(53).check(integer_between(1, 65_535)),
        /// Whether every ready replica answers with at least one record of the type.
        pub ready: Value<bool> => computed(),
        /// The problems, one line for each replica. Empty if there are none.
        pub problems: Value<Vec<String>> => computed(),
        /// A summary in one line.
        pub summary: Value<String> => computed(),
        /// The data of the records of the type, of all replicas together, sorted.
        pub records: Value<Vec<String>> => computed(),
        /// Whether all replicas give the same answer. A name whose servers answer with changing addresses may differ
        /// for a while.
        pub consistent: Value<bool> => computed(),
        /// The replicas, each with its answer.
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
        /// The name of the record, with a dot at its end.
        pub name: Value<String> => computed(),
        /// Its type.
        pub r#type: Value<String> => computed(),
        /// Its TTL in seconds.
        pub ttl: Value<i64> => computed(),
        /// Its data, in the notation of zone files.
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
                (Value::Null, Vec::new(), Value::Value("the pod is not ready, so it was not queried".to_owned()))
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
