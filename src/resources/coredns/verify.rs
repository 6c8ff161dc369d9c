//! Asking every replica for names, by DNS over TCP through the API server.

use std::time::Duration;

use futures::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use tokio::time::Instant;

use super::errors::{CorednsError, Unanswered};
use super::model::Coredns;
use super::objects::APP;
use super::rollout::{is_marked, is_ready};
use crate::clients::dns::{Answer, RecordType, ResponseCode, ask};
use crate::clients::kubernetes::{Call, Client, Selector};
use crate::cluster::{Cluster, Failure};
use crate::framework::context::Context;

/// How long a replica may take to answer one question.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a name may be missing: a Service that was made a moment ago is not known to every replica yet.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long after a round the next one begins.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks every ready replica of the rollout with this mark for every name.
pub(super) async fn verify<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    model: &Coredns,
    checksum: &str,
) -> Result<(), CorednsError> {
    let names = model.names_to_verify();
    if names.is_empty() {
        return Ok(());
    }
    let looked = |failure| CorednsError::Look { id: model.id(), failure };
    let namespace = model.namespace_name();
    let of = Selector::Labels(format!("{APP}={}", model.service()));
    let find = |client: Client, call: Call| async move {
        let pods = client.find::<Pod>(&call, Some(namespace), &of).await?;
        Ok((client, call, pods))
    };
    let (client, call, pods) = cluster.ask(context, find).await.map_err(looked)?;
    let ready = pods.into_iter().map(|live| live.object).filter(|pod| is_marked(pod, checksum) && is_ready(pod));
    let replicas: Vec<String> = ready.filter_map(|pod| pod.metadata.name).collect();
    let began = Instant::now();
    loop {
        let asked =
            replicas.iter().flat_map(|pod| names.iter().enumerate().map(move |(index, name)| (pod, index, name)));
        let answers = join_all(asked.map(|(pod, index, name)| {
            let (client, call) = (&client, &call);
            async move {
                let why = one(client, call, namespace, pod, name).await.err()?;
                Some(Unanswered { index, name: name.clone(), pod: pod.clone(), why })
            }
        }));
        let unanswered: Vec<Unanswered> = answers.await.into_iter().flatten().collect();
        let Some(first) = unanswered.first() else { return Ok(()) };
        if began.elapsed() >= PATIENCE {
            return Err(CorednsError::Verify(unanswered));
        }
        let what = format!("pod {} was asked for {}: {}", first.pod, first.name, first.why);
        context.progress(&format!("waiting: {what}"));
        context.pause(PAUSE).await.map_err(|why| looked(Failure::Interrupted { what, why }))?;
    }
}

async fn one(client: &Client, call: &Call, namespace: &str, pod: &str, name: &str) -> Result<(), String> {
    let mut seen = ResponseCode::NoError;
    for kind in [RecordType::A, RecordType::AAAA] {
        let Answer { code, addresses, .. } = answer(client, call, namespace, pod, name, kind).await?;
        if !addresses.is_empty() {
            return Ok(());
        }
        seen = code;
        if code != ResponseCode::NoError {
            break;
        }
    }
    Err(match seen {
        ResponseCode::NoError => "the name exists and has no address".to_owned(),
        ResponseCode::NoSuchName => "there is no such name (NXDOMAIN)".to_owned(),
        code => format!("it answered {code}"),
    })
}

async fn answer(
    client: &Client,
    call: &Call,
    namespace: &str,
    pod: &str,
    name: &str,
    kind: RecordType,
) -> Result<Answer, String> {
    let asked = async {
        let stream =
            client.forward(&call.within(ANSWER), namespace, pod, 53).await.map_err(|error| error.to_string())?;
        ask(stream, name, kind).await.map_err(|error| error.to_string())
    };
    tokio::time::timeout(ANSWER, asked).await.unwrap_or_else(|_| Err(format!("no answer within {ANSWER:?}")))
}
