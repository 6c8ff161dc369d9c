//! What the nameserver's pods answer, against the records.

use std::net::IpAddr;

use futures::future::join_all;
use tazlab_clients::dns::{RecordType, ResponseCode, ask};
use tazlab_clients::kubernetes::{Call, Client};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::Findings;

use super::look::{Records, Seen};
use crate::cluster::Cluster;

/// The port on which the nameserver listens.
const PORT: u16 = 1053;

/// So many names are asked for. Where one is wrong, all are, as a rule.
const ASKED: usize = 10;

/// Asks every ready pod for the names, and says which answer is not the record.
pub(super) async fn compare<D>(
    cluster: &Cluster,
    context: &Context<D>,
    namespace: &str,
    seen: &Seen,
    records: &Records,
    findings: &mut Findings,
) {
    let names: Vec<(&String, &Vec<String>)> = records.iter().filter(|(_, all)| !all.is_empty()).take(ASKED).collect();
    let questions =
        seen.pods.iter().flat_map(|pod| names.iter().map(move |(name, addresses)| (pod, *name, *addresses)));
    let asked = questions.map(|(pod, name, addresses)| async move {
        let question = |client: Client, call: Call| async move { Ok(one(&client, &call, namespace, pod, name).await) };
        let answer = cluster.look(context, question).await.unwrap_or_else(|failure| Err(failure.to_string()));
        let problem = match answer {
            Ok(answer) => differs(&answer, addresses)?,
            Err(why) => why,
        };
        Some(format!("The query to pod {namespace}/{pod} for {name} failed: {problem}"))
    });
    for problem in join_all(asked).await.into_iter().flatten() {
        findings.problem(problem);
    }
}

/// Why the answer is not what the record says; the nameserver gives one address of a record.
pub(super) fn differs(answer: &(ResponseCode, Vec<IpAddr>), record: &[String]) -> Option<String> {
    match answer {
        (ResponseCode::NoSuchName, _) => Some(
            "the name does not exist (NXDOMAIN), although the record exists: the pod has not read the records"
                .to_owned(),
        ),
        (ResponseCode::NoError, addresses) => {
            let of_record = |address: &IpAddr| record.contains(&address.to_string());
            let told: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            (!addresses.iter().any(of_record))
                .then(|| format!("it answered {}, and the record is {}", listed(&told), listed(record)))
        }
        (code, _) => Some(format!("it answered {code}")),
    }
}

fn listed(all: &[String]) -> String {
    if all.is_empty() { "no address".to_owned() } else { all.join(", ") }
}

async fn one(
    client: &Client,
    call: &Call,
    namespace: &str,
    pod: &str,
    name: &str,
) -> Result<(ResponseCode, Vec<IpAddr>), String> {
    let asked = async {
        let stream = client.forward(call, namespace, pod, PORT).await.map_err(|error| error.to_string())?;
        ask(stream, name, RecordType::A).await.map_err(|error| error.to_string())
    };
    // The stream itself knows no deadline.
    let answer = match call.deadline {
        Some(deadline) => {
            tokio::time::timeout_at(deadline, asked).await.unwrap_or_else(|_| Err("no answer".to_owned()))?
        }
        None => asked.await?,
    };
    Ok((answer.code, answer.addresses.into_iter().map(|(_, address)| address).collect()))
}
