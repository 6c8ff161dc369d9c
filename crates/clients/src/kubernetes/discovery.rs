//! Which kinds of objects a server has, by aggregated discovery: one request for each of its two roots.
//!
//! What a server says may be less than what it has: a group whose own server is away is listed as stale, a server without
//! aggregated discovery answers in another form. So it is told, too, what could not be seen.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::error::{Cause, Error};
use super::kind::{Kind, Target};
use super::send::{Connected, Verb};
use super::{Call, Client};

/// What an answer in this form calls itself.
const FORM: &str = "APIGroupDiscoveryList";

#[derive(Deserialize)]
struct Discovery {
    kind: Option<String>,
    /// The forms that are not aggregated have none.
    items: Option<Vec<Group>>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: ObjectMeta,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "version")]
    name: String,
    freshness: Option<String>,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(rename = "resource")]
    plural: String,
    response_kind: Option<ResponseKind>,
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Deserialize)]
struct ResponseKind {
    kind: String,
}

/// A kind that the server has.
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) namespaced: bool,
    pub(super) lists: bool,
    /// It may have objects that are deleted: it can be deleted, or does not say what can be done with it.
    pub(super) keeps_objects: bool,
}

/// What a server says about its kinds.
#[derive(Default)]
pub(super) struct Kinds {
    pub(super) found: Vec<Found>,
    /// Groups and versions of which it does not say all, `example.com/v1`.
    pub(super) stale: Vec<String>,
}

/// The kinds below `/api` or `/apis`, of each group the versions that it prefers first.
///
/// # Errors
/// [`Cause::NoDiscovery`] when the answer has another form, and the rest.
pub(super) async fn kinds(connected: &Connected, call: &Call, root: &str) -> Result<Kinds, Error> {
    let target = Target::server("discover the kinds of objects");
    let all: Discovery = connected.send(call, &target, Verb::Discovery, root, None).await?.decode(&target)?;
    let items = all.items.filter(|_| all.kind.is_none_or(|kind| kind == FORM));
    let Some(items) = items else { return Err(target.fail(Cause::NoDiscovery)) };
    let mut kinds = Kinds::default();
    for group in items {
        let name = group.metadata.name.unwrap_or_default();
        if group.versions.is_empty() {
            kinds.stale.push(name.clone());
        }
        for Version { name: version, freshness, resources } in group.versions {
            if resources.is_empty() || freshness.is_some_and(|freshness| freshness != "Current") {
                kinds.stale.push(if name.is_empty() { version.clone() } else { format!("{name}/{version}") });
            }
            kinds.found.extend(resources.into_iter().map(|resource| {
                let can = |verb: &str| resource.verbs.iter().any(|one| one == verb);
                Found {
                    namespaced: resource.scope != "Cluster",
                    lists: can("list"),
                    keeps_objects: resource.verbs.is_empty() || can("delete") || can("deletecollection"),
                    kind: Kind {
                        group: name.clone(),
                        version: version.clone(),
                        kind: resource.response_kind.map_or_else(|| resource.plural.clone(), |of| of.kind),
                        plural: resource.plural,
                    },
                }
            }));
        }
    }
    Ok(kinds)
}

/// A kind that a server serves, and where its objects live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedKind {
    /// The kind.
    pub kind: Kind,
    /// Does each object live in a namespace?
    pub namespaced: bool,
}

impl Client {
    /// Every kind of the API groups (all but the core) in every version that is served, preferred versions first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn served_kinds(&self, call: &Call) -> Result<Vec<ServedKind>, Error> {
        let all = kinds(&self.0, call, "/apis").await?;
        Ok(all.found.into_iter().map(|Found { kind, namespaced, .. }| ServedKind { kind, namespaced }).collect())
    }
}
