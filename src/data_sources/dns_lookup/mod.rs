//! `tazlab_dns_lookup`: what each replica of a cluster's DNS says of a name. It is asked through the API server, so that no
//! network path to the pods is needed.

mod model;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use tazlab_clients::dns::{Answer, RecordType, ResponseCode, ask};
use tazlab_clients::kubernetes::{Call, Client, Selector};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::{DataSource, Findings};
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::value::Value;

use crate::cluster::Failure;
use crate::configured::Configured;

/// How long a replica may take to answer. A resolver gives up as soon (resolv.conf(5), `timeout`).
const ANSWER: Duration = Duration::from_secs(5);

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct DnsLookup;

/// What is asked of whom.
#[derive(Clone, Debug)]
struct Question {
    name: String,
    kind: RecordType,
    namespace: String,
    labels: String,
    port: u16,
}

impl Question {
    fn of(config: &model::DnsLookup) -> Self {
        let text = |value: &Value<String>| value.as_deref_option().unwrap_or_default().to_owned();
        let labels = config.labels.as_ref_option().into_iter().flatten();
        Self {
            name: text(&config.name),
            // What is no type was refused by its check.
            kind: text(&config.r#type).parse().unwrap_or(RecordType::A),
            namespace: text(&config.namespace),
            labels: labels.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(","),
            port: config.port.as_ref_option().and_then(|port| u16::try_from(*port).ok()).unwrap_or(53),
        }
    }
}

/// A pod, and what it said.
#[derive(Debug)]
struct Replica {
    pod: String,
    said: Said,
}

#[derive(Debug)]
enum Said {
    Answer(Answer),
    /// It was asked, and there is no answer.
    Nothing(String),
    /// It is not ready: nobody is sent to it.
    NotAsked,
}

#[async_trait]
impl DataSource for DnsLookup {
    type Data = Configured;
    type Model = model::DnsLookup;

    const NAME: &'static str = "tazlab_dns_lookup";

    async fn read(&self, context: &Context<Configured>, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let question = Question::of(&config);
        let replicas = asked(context, &question).await?;
        let (model, findings) = seen(config, &question, replicas);
        findings.tell_of(context, "The cluster's DNS does not answer as it should", &question.name);
        Ok(model)
    }
}

/// Asks every ready replica at once.
async fn asked(
    context: &Context<Configured>,
    question: &Question,
) -> Result<Result<Vec<Replica>, Failure>, Diagnostics> {
    let of = Selector::Labels(question.labels.clone());
    let find = |client: Client, call: Call| async move {
        let pods = client.find::<Pod>(&call, Some(&question.namespace), &of).await?;
        Ok((client, pods))
    };
    let (client, pods) = match context.provider()?.cluster.look(context, find).await {
        Ok(found) => found,
        Err(failure) => return Ok(Err(failure)),
    };
    let call = Call::new(context.stop().clone(), context.deadline()).within(ANSWER);
    let replicas = join_all(pods.into_iter().map(|live| {
        let (client, call) = (&client, &call);
        async move {
            let ready = is_ready(&live.object);
            let pod = live.object.metadata.name.unwrap_or_default();
            let said = if ready { one(client, call, question, &pod).await } else { Said::NotAsked };
            Replica { pod, said }
        }
    }));
    Ok(Ok(replicas.await))
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    pod.metadata.deletion_timestamp.is_none()
        && conditions.into_iter().flatten().any(|one| one.type_ == "Ready" && one.status == "True")
}

async fn one(client: &Client, call: &Call, question: &Question, pod: &str) -> Said {
    let exchange = async {
        let stream = client.forward(call, &question.namespace, pod, question.port).await;
        let stream = stream.map_err(|error| error.to_string())?;
        ask(stream, &question.name, question.kind).await.map_err(|error| error.to_string())
    };
    match tokio::time::timeout(ANSWER, exchange).await {
        Ok(Ok(answer)) => Said::Answer(answer),
        Ok(Err(why)) => Said::Nothing(why),
        Err(_) => Said::Nothing(format!("no answer within {ANSWER:?}")),
    }
}

/// What the answers mean.
fn seen(
    config: model::DnsLookup,
    question: &Question,
    replicas: Result<Vec<Replica>, Failure>,
) -> (model::DnsLookup, Findings) {
    let mut findings = Findings::default();
    let replicas = replicas.unwrap_or_else(|failure| {
        findings.problem(format!("Cannot query the cluster's DNS: {failure}"));
        Vec::new()
    });
    let Question { name, kind, namespace, labels, .. } = question;
    let asked: Vec<&Replica> = replicas.iter().filter(|replica| !matches!(replica.said, Said::NotAsked)).collect();
    if asked.is_empty() && findings.are_none() {
        findings.problem(match replicas.len() {
            0 => format!("Namespace {namespace} has no pod with the labels {labels}"),
            count => format!("None of the {count} pods with the labels {labels} in namespace {namespace} is ready"),
        });
    }
    for replica in &asked {
        if let Some(problem) = problem(replica, question) {
            findings.problem(format!("Pod {}: {problem}", replica.pod));
        }
    }
    let contents: BTreeSet<Vec<String>> = asked.iter().map(|replica| contents(replica, *kind)).collect();
    let all: BTreeSet<String> = contents.iter().flatten().cloned().collect();
    let all: Vec<String> = all.into_iter().collect();
    let consistent = contents.len() <= 1;
    let differ = if consistent { "" } else { " (replicas differ)" };
    let summary = match findings.first() {
        Some(problem) => problem.to_owned(),
        None => {
            format!("{name} {kind}: {} from {} of {} replicas{differ}", all.join(", "), asked.len(), replicas.len())
        }
    };
    let model = model::DnsLookup {
        replicas: Value::Value(replicas.iter().map(model::Replica::from).collect()),
        records: Value::Value(all),
        consistent: Value::Value(consistent),
        ready: findings.ready(),
        problems: findings.problems(),
        summary: Value::Value(summary),
        ..config
    };
    (model, findings)
}

/// The contents of the records that were asked for, in order.
fn contents(replica: &Replica, kind: RecordType) -> Vec<String> {
    let Said::Answer(answer) = &replica.said else { return Vec::new() };
    let mut all: Vec<String> =
        answer.records.iter().filter(|record| record.kind == kind).map(|record| record.data.clone()).collect();
    all.sort_unstable();
    all
}

/// Why this is no good answer, if it is none.
fn problem(replica: &Replica, question: &Question) -> Option<String> {
    let Question { name, kind, .. } = question;
    match &replica.said {
        Said::Nothing(why) => Some(format!("it does not answer for {name}: {why}")),
        Said::Answer(answer) => match answer.code {
            ResponseCode::NoError if contents(replica, *kind).is_empty() => {
                Some(format!("{name} exists and has no {kind} record"))
            }
            ResponseCode::NoError => None,
            ResponseCode::NoSuchName => Some(format!("{name} does not exist (NXDOMAIN)")),
            code => Some(format!("it answers {code} for {name}")),
        },
        Said::NotAsked => None,
    }
}
