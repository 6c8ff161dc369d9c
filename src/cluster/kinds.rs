//! Kinds by their names alone: at which plural and in which scope the server serves one, and waiting until it does. Kinds that are
//! known when this is written are `crd`'s.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{ApiResource, Call, Cause, Client, Error, Kind};
use tf_plugin::framework::context::Context;
use tokio::time::Instant;

use super::condition::Condition;
use super::{Cluster, Failure};

/// How often is looked whether the server serves a kind by now.
const LOOK: Duration = Duration::from_millis(500);

/// How often its definition is looked at, to say why it is not served.
const EXPLAIN: Duration = Duration::from_secs(10);

/// Group and version.
type Key = (String, String);

/// What the server has said of its groups.
#[derive(Debug, Default)]
pub(super) struct Kinds(Mutex<BTreeMap<Key, Arc<Vec<ApiResource>>>>);

/// A kind that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The kind.
    pub kind: Kind,
    /// Do its objects live in namespaces?
    pub namespaced: bool,
}

/// A kind that was not served in time.
#[derive(Debug)]
pub struct Missing {
    /// What there is instead.
    pub seen: String,
    /// Why the wait ended.
    pub failure: Failure,
}

impl Kinds {
    fn find(&self, group: &str, version: &str, kind: &str) -> Option<Served> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let resources = all.get(&(group.to_owned(), version.to_owned()))?;
        let found = resources.iter().find(|one| one.kind == kind)?;
        let kind = Kind {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: found.plural.clone(),
        };
        Some(Served { kind, namespaced: found.namespaced })
    }

    fn keep(&self, group: &str, version: &str, resources: Option<Vec<ApiResource>>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (group.to_owned(), version.to_owned());
        match resources {
            Some(resources) => all.insert(key, Arc::new(resources)),
            None => all.remove(&key),
        };
    }
}

impl Cluster {
    /// The kind as the server serves it, within `connect_timeout`; `None` where it does not. What is found is kept, what is not
    /// found is asked for each time.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn kind_named<D>(
        &self,
        context: &Context<D>,
        group: &str,
        version: &str,
        kind: &str,
    ) -> Result<Option<Served>, Failure> {
        if let Some(served) = self.kinds.find(group, version, kind) {
            return Ok(Some(served));
        }
        let found =
            self.look(context, |client, call| async move { client.resources(&call, group, version).await }).await?;
        self.kinds.keep(group, version, found);
        Ok(self.kinds.find(group, version, kind))
    }

    /// The kind at any version that the server serves, the preferred one first.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn kind_at_any_version<D>(
        &self,
        context: &Context<D>,
        group: &str,
        kind: &str,
    ) -> Result<Option<Served>, Failure> {
        for version in self.look(context, |client, call| async move { client.versions(&call, group).await }).await? {
            if let Some(served) = self.kind_named(context, group, &version, kind).await? {
                return Ok(Some(served));
            }
        }
        Ok(None)
    }

    /// Forgets what the server said of a group: what it said was not true any more.
    pub fn forget_kind(&self, kind: &Kind) {
        self.kinds.keep(&kind.group, &kind.version, None);
    }

    /// Waits until the server serves the kind.
    ///
    /// # Errors
    /// [`Missing`], with what the server has instead.
    pub async fn until_kind<D>(
        &self,
        context: &Context<D>,
        group: &str,
        version: &str,
        kind: &str,
    ) -> Result<Served, Missing> {
        let mut seen = format!("the API server does not serve {}", titled(group, version, kind));
        let mut explain_at = Instant::now();
        loop {
            if let Some(served) = self.kinds.find(group, version, kind) {
                return Ok(served);
            }
            let resources = |client: Client, call: Call| async move { client.resources(&call, group, version).await };
            match self.ask(context, resources).await {
                Ok(found) => self.kinds.keep(group, version, found),
                Err(failure) => return Err(Missing { seen, failure }),
            }
            if let Some(served) = self.kinds.find(group, version, kind) {
                return Ok(served);
            }
            if explain_at <= Instant::now() {
                explain_at = Instant::now() + EXPLAIN;
                let explain =
                    |client: Client, call: Call| async move { explained(&client, &call, group, version, kind).await };
                if let Ok(why) = self.look(context, explain).await {
                    seen = why;
                }
                context.progress(&format!("waiting: {seen}"));
            }
            if let Err(why) = context.pause(LOOK).await {
                let failure = Failure::Interrupted { what: seen.clone(), why };
                return Err(Missing { seen, failure });
            }
        }
    }
}

pub(super) fn titled(group: &str, version: &str, kind: &str) -> String {
    if group.is_empty() { format!("{kind} ({version})") } else { format!("{kind} ({group}/{version})") }
}

/// Why the kind is not served, by its definition.
async fn explained(client: &Client, call: &Call, group: &str, version: &str, kind: &str) -> Result<String, Error> {
    let definitions = Kind {
        group: "apiextensions.k8s.io".to_owned(),
        version: "v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
        plural: "customresourcedefinitions".to_owned(),
    };
    let wanted = titled(group, version, kind);
    let names = match client.list_metadata(call, &definitions, None).await {
        Ok(all) => all.into_iter().filter_map(|one| one.name),
        // Who may write the object need not be allowed to read definitions.
        Err(error) if matches!(*error.cause, Cause::Forbidden { .. }) => {
            return Ok(format!("the API server does not serve {wanted}"));
        }
        Err(error) => return Err(error),
    };
    let of_group: Vec<String> = names.filter(|name| name.split_once('.').is_some_and(|(_, of)| of == group)).collect();
    for name in &of_group {
        let Some(live) = client.get_untyped(call, &definitions, None, name).await? else { continue };
        let definition = live.object.value;
        if definition.pointer("/spec/names/kind").and_then(Json::as_str) == Some(kind) {
            return Ok(described(name, version, &definition));
        }
    }
    Ok(match of_group.as_slice() {
        [] => {
            format!("the API server does not serve {wanted}: no CustomResourceDefinition of the group {group} exists")
        }
        others => format!("the API server does not serve {wanted}: the group {group} has {}", others.join(", ")),
    })
}

fn described(name: &str, version: &str, definition: &Json) -> String {
    let title = format!("CustomResourceDefinition {name}");
    if definition.pointer("/metadata/deletionTimestamp").is_some() {
        return format!("{title} is being deleted");
    }
    let accepted = Condition::of(definition, "NamesAccepted").filter(|condition| !condition.holds());
    match accepted.or_else(|| Condition::of(definition, "Established").filter(|condition| !condition.holds())) {
        Some(condition) => return format!("{title}: {condition}"),
        None if Condition::of(definition, "Established").is_none() => return format!("{title} is not established yet"),
        None => {}
    }
    let versions = definition.pointer("/spec/versions").and_then(Json::as_array);
    let is_served = |version: &&Json| version.get("served").and_then(Json::as_bool) == Some(true);
    let served = versions.into_iter().flatten().filter(is_served).filter_map(|one| one.get("name")?.as_str());
    let served: Vec<&str> = served.collect();
    if served.contains(&version) {
        format!("{title} is established, and {version} is not served yet")
    } else {
        format!("{title} serves {}, and not {version}", served.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_definition_says_why_its_kind_is_not_served() {
        let definition = |established: &str, accepted: &str, served: bool| {
            json!({"spec": {"versions": [{"name": "v1", "served": served}, {"name": "v2", "served": true}]},
                "status": {"conditions": [
                    {"type": "NamesAccepted", "status": accepted, "reason": "ListKindConflict", "message": "ThingList is taken"},
                    {"type": "Established", "status": established, "reason": "Installing"}]}})
        };
        let told = |definition: &Json| described("things.example.com", "v1", definition);
        assert!(told(&definition("True", "True", false)).ends_with("serves v2, and not v1"));
        assert!(told(&definition("True", "True", true)).ends_with("v1 is not served yet"));
        assert!(told(&definition("False", "False", true)).contains("ThingList is taken"));
        assert!(told(&definition("False", "True", true)).contains("Established is False"));
        assert!(told(&json!({})).ends_with("is not established yet"));
        assert!(told(&json!({"metadata": {"deletionTimestamp": "t"}})).ends_with("is being deleted"));
    }

    #[test]
    fn what_was_found_is_kept_until_it_is_forgotten() {
        let kinds = Kinds::default();
        assert_eq!(kinds.find("example.com", "v1", "Thing"), None);
        let thing = ApiResource { kind: "Thing".to_owned(), plural: "things".to_owned(), namespaced: true };
        kinds.keep("example.com", "v1", Some(vec![thing]));
        let found = kinds.find("example.com", "v1", "Thing").unwrap();
        assert_eq!((found.kind.plural.as_str(), found.namespaced), ("things", true));
        assert_eq!(kinds.find("example.com", "v1", "Other"), None);
        kinds.keep("example.com", "v1", None);
        assert_eq!(kinds.find("example.com", "v1", "Thing"), None);
    }
}
