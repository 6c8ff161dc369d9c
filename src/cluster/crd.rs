//! Kinds that a `CustomResourceDefinition` brings: at which version the server serves one, and waiting until it does.
//!
//! A definition that is not there is nothing wrong while planning: what brings it may run in the same apply.

use std::time::Duration;

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Call, Cause, Client, Error, Kind, Seen};
use tf_plugin::framework::context::Context;

use super::condition::Condition;
use super::vigil::{Vigil, named};
use super::{Cluster, Failure};

/// How often is looked whether a definition that is established is served, too.
const LOOK: Duration = Duration::from_millis(250);

/// A custom kind, and the versions of it that we can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomKind {
    /// The API group, `external-secrets.io`.
    pub group: &'static str,
    /// The kind, `SecretStore`.
    pub kind: &'static str,
    /// Its name in URLs, `secretstores`.
    pub plural: &'static str,
    /// The versions that we can write, the one that is wanted most first.
    pub versions: &'static [&'static str],
}

impl CustomKind {
    /// The name of its definition, `secretstores.external-secrets.io`.
    #[must_use]
    pub fn definition(&self) -> String {
        format!("{}.{}", self.plural, self.group)
    }

    /// The kind at a version.
    #[must_use]
    pub fn at(&self, version: &str) -> Kind {
        Kind {
            group: self.group.to_owned(),
            version: version.to_owned(),
            kind: self.kind.to_owned(),
            plural: self.plural.to_owned(),
        }
    }
}

/// What a definition says of itself.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// Established, with this version of ours among those that it serves.
    Established(&'static str),
    /// Not yet.
    Waiting(String),
}

impl Cluster {
    /// The kind at the version that the server serves, within `connect_timeout`; `None` where it serves none of ours.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn served<D>(&self, context: &Context<D>, custom: &CustomKind) -> Result<Option<Kind>, Failure> {
        self.look(context, |client, call| async move { served(&client, &call, custom).await }).await
    }

    /// Waits until the kind's definition is established and the server serves it at a version of ours.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] with what was seen last, and what waiting cannot mend.
    pub async fn until_served<D>(&self, context: &Context<D>, custom: &CustomKind) -> Result<Kind, Failure> {
        let ask = |client: Client, call: Call| async move {
            let kind = match served(&client, &call, custom).await {
                // Who may not list the objects may still read the definition.
                Err(error) if matches!(*error.cause, Cause::Forbidden { .. }) => None,
                other => other?,
            };
            Ok((client, call, kind))
        };
        let (client, call, kind) = self.ask(context, ask).await?;
        match kind {
            Some(kind) => Ok(kind),
            None => wait(context, custom, &client, &call).await,
        }
    }
}

async fn served(client: &Client, call: &Call, custom: &CustomKind) -> Result<Option<Kind>, Error> {
    for version in custom.versions {
        let kind = custom.at(version);
        if client.serves(call, &kind).await? {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}

async fn wait<D>(context: &Context<D>, custom: &CustomKind, client: &Client, call: &Call) -> Result<Kind, Failure> {
    let mut vigil = Vigil::new(
        context,
        client.watch_parts::<Json>(call, &definitions(), None, Some(&named(&custom.definition())), None),
    );
    loop {
        let standing = match vigil.next(None).await? {
            Some(Seen::All(all)) => standing(custom, all.first().map(|live| &live.object.0)),
            Some(Seen::Changed(live)) => standing(custom, Some(&live.object.0)),
            Some(Seen::Gone(_)) => standing(custom, None),
            Some(Seen::Lost(_)) | None => continue,
        };
        match standing {
            Standing::Waiting(what) => vigil.tell(what),
            Standing::Established(version) => {
                // Some moments lie between the condition and the first answer.
                let kind = custom.at(version);
                loop {
                    match client.serves(call, &kind).await {
                        Ok(true) => return Ok(kind),
                        // It answers, and knows the kind: whether we may list says nothing about that.
                        Err(error) if matches!(*error.cause, Cause::Forbidden { .. }) => return Ok(kind),
                        Ok(false) => vigil.tell(format!("{} is established and not served yet", title(custom))),
                        Err(error) => return Err(vigil.ended(error)),
                    }
                    context.pause(LOOK).await.map_err(|why| vigil.interrupted(why))?;
                }
            }
        }
    }
}

fn title(custom: &CustomKind) -> String {
    format!("CustomResourceDefinition {}", custom.definition())
}

/// The kind of the definitions themselves.
fn definitions() -> Kind {
    Kind {
        group: "apiextensions.k8s.io".to_owned(),
        version: "v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
        plural: "customresourcedefinitions".to_owned(),
    }
}

fn standing(custom: &CustomKind, live: Option<&Json>) -> Standing {
    let title = title(custom);
    let Some(live) = live else { return Standing::Waiting(format!("{title} does not exist")) };
    if live.pointer("/metadata/deletionTimestamp").is_some() {
        return Standing::Waiting(format!("{title} is being deleted"));
    }
    match Condition::of(live, "Established") {
        Some(established) if established.holds() => {}
        Some(other) => return Standing::Waiting(format!("{title}: {other}")),
        None => return Standing::Waiting(format!("{title} is not established yet")),
    }
    let versions = live.pointer("/spec/versions").and_then(Json::as_array);
    let is_served = |version: &&Json| version.get("served").and_then(Json::as_bool) == Some(true);
    let name = |version: &Json| version.get("name").and_then(Json::as_str).map(ToOwned::to_owned);
    let there: Vec<String> = versions.into_iter().flatten().filter(is_served).filter_map(name).collect();
    match custom.versions.iter().find(|version| there.iter().any(|name| name == *version)) {
        Some(version) => Standing::Established(version),
        None => Standing::Waiting(format!(
            "{title} serves {}, and this provider writes {}",
            if there.is_empty() { "no version".to_owned() } else { there.join(", ") },
            custom.versions.join(" or ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const STORE: CustomKind = CustomKind {
        group: "external-secrets.io",
        kind: "SecretStore",
        plural: "secretstores",
        versions: &["v1", "v1beta1"],
    };

    fn defined(established: &str, versions: &[(&str, bool)]) -> Json {
        let versions: Vec<Json> =
            versions.iter().map(|(name, served)| json!({"name": name, "served": served})).collect();
        json!({"spec": {"versions": versions},
            "status": {"conditions": [{"type": "Established", "status": established, "reason": "Installing"}]}})
    }

    fn waits_for(live: Option<&Json>) -> String {
        match standing(&STORE, live) {
            Standing::Waiting(what) => what,
            Standing::Established(version) => panic!("{version} is established"),
        }
    }

    #[test]
    fn the_best_version_that_is_served_is_taken() {
        let both = defined("True", &[("v1beta1", true), ("v1", true)]);
        assert_eq!(standing(&STORE, Some(&both)), Standing::Established("v1"));
        let old = defined("True", &[("v1alpha1", true), ("v1beta1", true), ("v1", false)]);
        assert_eq!(standing(&STORE, Some(&old)), Standing::Established("v1beta1"));
    }

    #[test]
    fn everything_else_is_waited_for_and_said() {
        assert!(waits_for(None).ends_with("secretstores.external-secrets.io does not exist"));
        let young = defined("False", &[("v1", true)]);
        assert!(waits_for(Some(&young)).ends_with("Established is False (Installing)"));
        let other = defined("True", &[("v2", true), ("v1", false)]);
        assert!(waits_for(Some(&other)).ends_with("serves v2, and this provider writes v1 or v1beta1"));
        let mut going = defined("True", &[("v1", true)]);
        going["metadata"] = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
        assert!(waits_for(Some(&going)).ends_with("is being deleted"));
    }
}
