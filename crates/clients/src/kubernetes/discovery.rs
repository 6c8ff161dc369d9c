//! Which kinds of objects a server has, by aggregated discovery: one request for each of its two roots.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::error::Error;
use super::kind::{Kind, Target};
use super::send::{Connected, Verb};
use super::{Call, Client};

#[derive(Deserialize)]
struct Discovery {
    #[serde(default)]
    items: Vec<Group>,
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
    version: String,
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
}

/// The kinds below `/api` or `/apis`, of each group the versions that it prefers first.
pub(super) async fn found(connected: &Connected, call: &Call, root: &str) -> Result<Vec<Found>, Error> {
    let target = Target::server("discover the kinds of objects");
    let all: Discovery = connected.send(call, &target, Verb::Discovery, root, None).await?.decode(&target)?;
    let mut kinds = Vec::new();
    for group in all.items {
        let name = group.metadata.name.unwrap_or_default();
        for Version { version, resources } in group.versions {
            kinds.extend(resources.into_iter().filter_map(|resource| {
                Some(Found {
                    namespaced: resource.scope == "Namespaced",
                    lists: resource.verbs.iter().any(|verb| verb == "list"),
                    kind: Kind {
                        group: name.clone(),
                        version: version.clone(),
                        kind: resource.response_kind?.kind,
                        plural: resource.plural,
                    },
                })
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
        let all = found(&self.0, call, "/apis").await?;
        Ok(all.into_iter().map(|Found { kind, namespaced, .. }| ServedKind { kind, namespaced }).collect())
    }
}
