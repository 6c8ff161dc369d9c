//! Asking every replica for names, by DNS over TCP through the API server.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use tazlab_clients::dns::{Answer, RecordType, ResponseCode, ask};
use tazlab_clients::kubernetes::{Call, Client};
use tf_plugin::framework::context::{Context, Interrupted};
use tokio::time::Instant;

use super::errors::{CorednsError, Unanswered};
use super::model::Coredns;
use super::rollout::{is_marked, is_ready};
use super::sight::pods;
use crate::cluster::{Cluster, Failure};

/// How long a replica may take to answer one question.
const ANSWER: Duration = Duration::from_secs(5);

/// How long a replica may say of a name that there is none: a Service that was made a moment ago is not known to every
/// replica yet. Silence and failures are waited through to the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long after a round the next one begins.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks every ready replica of the rollout with this mark for every name, round by round, until one round gets an address
/// for each.
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
    let of = &pods(model);
    let find = |client: Client, call: Call| async move {
        let pods = client.find::<Pod>(&call, Some(model.namespace_name()), of).await?;
        Ok((client, call, pods))
    };
    let mut rounds = Rounds::default();
    loop {
        let found = cluster.ask(context, find).await;
        let (client, call, pods) = found.map_err(|failure| CorednsError::Look { id: model.id(), failure })?;
        let ready = pods.into_iter().map(|live| live.object).filter(|pod| is_marked(pod, checksum) && is_ready(pod));
        let replicas: Vec<String> = ready.filter_map(|pod| pod.metadata.name).collect();
        // Replicas that are silent take their time; it is the context's that counts.
        let asked = context.run(round(&client, &call, model, &replicas)).await;
        let ended = asked.map(|unanswered| rounds.judge(&replicas, unanswered, Instant::now()));
        let why = match ended {
            Ok(Judged::Answered) => return Ok(()),
            Ok(Judged::Refused(unanswered)) => return Err(CorednsError::Verify(unanswered)),
            Ok(Judged::Waiting(what)) => {
                context.progress(&format!("waiting: {what}"));
                context.pause(PAUSE).await.err()
            }
            Err(why) => Some(why),
        };
        match why {
            None => {}
            Some(Interrupted::TimedOut) if !rounds.unanswered.is_empty() => {
                return Err(CorednsError::Verify(rounds.unanswered));
            }
            Some(why) => {
                let seen = rounds.told();
                return Err(CorednsError::Rollout { failure: Failure::Interrupted { what: seen.clone(), why }, seen });
            }
        }
    }
}

/// What the rounds so far have shown.
#[derive(Debug, Default)]
struct Rounds {
    /// What the last one did not get.
    unanswered: Vec<Unanswered>,
    /// Since when a replica has said of a name (by its place) that there is no address.
    refused: BTreeMap<(String, usize), Instant>,
}

#[derive(Debug, PartialEq, Eq)]
enum Judged {
    /// Every replica has answered for every name.
    Answered,
    /// It has been said for too long that these have no address.
    Refused(Vec<Unanswered>),
    /// Another round may show more.
    Waiting(String),
}

impl Rounds {
    fn judge(&mut self, replicas: &[String], unanswered: Vec<Unanswered>, now: Instant) -> Judged {
        self.unanswered = unanswered;
        if !replicas.is_empty() && self.unanswered.is_empty() {
            return Judged::Answered;
        }
        let before = std::mem::take(&mut self.refused);
        let refused = self.unanswered.iter().filter(|one| one.is_refusal).map(|one| (one.pod.clone(), one.index));
        self.refused = refused.map(|key| (key.clone(), before.get(&key).copied().unwrap_or(now))).collect();
        let lasted = |one: &&Unanswered| {
            let since = self.refused.get(&(one.pod.clone(), one.index));
            since.is_some_and(|since| now.duration_since(*since) >= PATIENCE)
        };
        let lasting: Vec<Unanswered> = self.unanswered.iter().filter(lasted).cloned().collect();
        if lasting.is_empty() { Judged::Waiting(self.told()) } else { Judged::Refused(lasting) }
    }

    fn told(&self) -> String {
        match self.unanswered.first() {
            Some(first) => format!("the query to pod {} for {} failed: {}", first.pod, first.name, first.why),
            None => "no replica is ready to be queried".to_owned(),
        }
    }
}

/// What the replicas do not answer.
async fn round(client: &Client, call: &Call, model: &Coredns, replicas: &[String]) -> Vec<Unanswered> {
    let names = || model.names_to_verify().iter().enumerate();
    let asked = replicas.iter().flat_map(|pod| names().map(move |(index, name)| (pod, index, name)));
    let answers = join_all(asked.map(|(pod, index, name)| async move {
        let Missing { why, is_refusal } = one(client, call, model.namespace_name(), pod, name).await.err()?;
        Some(Unanswered { index, name: name.clone(), pod: pod.clone(), why, is_refusal })
    }));
    answers.await.into_iter().flatten().collect()
}

/// Why there is no address.
struct Missing {
    why: String,
    /// The replica said so, and was not just unable to.
    is_refusal: bool,
}

async fn one(client: &Client, call: &Call, namespace: &str, pod: &str, name: &str) -> Result<(), Missing> {
    let mut seen = ResponseCode::NoError;
    for kind in [RecordType::A, RecordType::AAAA] {
        let answer = answer(client, call, namespace, pod, name, kind).await;
        let Answer { code, addresses, .. } = answer.map_err(|why| Missing { why, is_refusal: false })?;
        if !addresses.is_empty() {
            return Ok(());
        }
        seen = code;
        if code != ResponseCode::NoError {
            break;
        }
    }
    let (why, is_refusal) = match seen {
        ResponseCode::NoError => ("the name exists and has no address".to_owned(), true),
        ResponseCode::NoSuchName => ("the name does not exist (NXDOMAIN)".to_owned(), true),
        code => (format!("it answered {code}"), code == ResponseCode::Refused),
    };
    Err(Missing { why, is_refusal })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn unanswered(is_refusal: bool) -> Vec<Unanswered> {
        vec![Unanswered { index: 0, name: "a.b".into(), pod: "coredns-1".into(), why: "so".into(), is_refusal }]
    }

    #[test]
    fn nobody_who_could_be_asked_is_no_answer() {
        let (mut rounds, now) = (Rounds::default(), Instant::now());
        assert!(matches!(rounds.judge(&[], Vec::new(), now), Judged::Waiting(what) if what.contains("no replica")));
        assert!(matches!(rounds.judge(&[], Vec::new(), now + PATIENCE * 9), Judged::Waiting(_)));
        assert_eq!(rounds.judge(&["coredns-1".to_owned()], Vec::new(), now), Judged::Answered);
    }

    #[test]
    fn only_what_a_replica_keeps_saying_ends_the_wait() {
        let (mut rounds, now) = (Rounds::default(), Instant::now());
        let replicas = ["coredns-1".to_owned()];
        assert!(matches!(rounds.judge(&replicas, unanswered(false), now), Judged::Waiting(_)));
        assert!(matches!(rounds.judge(&replicas, unanswered(false), now + PATIENCE * 9), Judged::Waiting(_)));
        let said = now + PATIENCE * 9;
        assert!(matches!(rounds.judge(&replicas, unanswered(true), said), Judged::Waiting(_)));
        let mut broken = Rounds { unanswered: Vec::new(), refused: rounds.refused.clone() };
        assert_eq!(rounds.judge(&replicas, unanswered(true), said + PATIENCE), Judged::Refused(unanswered(true)));
        assert!(matches!(broken.judge(&replicas, unanswered(false), said), Judged::Waiting(_)));
        assert!(
            matches!(broken.judge(&replicas, unanswered(true), said + PATIENCE), Judged::Waiting(_)),
            "it said something else between"
        );
    }
}
