//! The kinds of one version of one API group: one small request. All kinds at once are `discovery`'s.

use serde::Deserialize;

use super::error::{Cause, Error};
use super::kind::Target;
use super::request::Verb;
use super::{Call, Client};

/// A kind as its group lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiResource {
    /// The kind, `IPAddressPool`.
    pub kind: String,
    /// Its name in URLs, `ipaddresspools`.
    pub plural: String,
    /// Do its objects live in namespaces?
    pub namespaced: bool,
}

#[derive(Deserialize)]
struct Resources {
    kind: Option<String>,
    #[serde(default)]
    resources: Option<Vec<Resource>>,
}

#[derive(Deserialize)]
struct Resource {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
}

#[derive(Deserialize)]
struct Group {
    kind: Option<String>,
    #[serde(default)]
    versions: Option<Vec<Version>>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

impl Client {
    /// The kinds of a group (empty for the core) at a version; `None` where the server has no such group or version.
    ///
    /// # Errors
    /// [`Cause::Overloaded`] where the server of an aggregated group is away, and the rest.
    pub async fn resources(&self, call: &Call, group: &str, version: &str) -> Result<Option<Vec<ApiResource>>, Error> {
        let target = Target::server("discover the kinds of objects").of_group(group);
        let path = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        let answer = match self.0.send(call, &target, Verb::Get, &path, None).await {
            Ok(answer) => answer,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let list: Resources = answer.decode(&target)?;
        if list.kind.is_some_and(|kind| kind != "APIResourceList") {
            return Err(target.fail(Cause::Answer { line: 1, column: 1 }));
        }
        // A name with a slash is a subresource.
        let all = list.resources.unwrap_or_default().into_iter().filter(|one| !one.name.contains('/'));
        let of = |one: Resource| ApiResource { kind: one.kind, plural: one.name, namespaced: one.namespaced };
        Ok(Some(all.map(of).collect()))
    }

    /// The versions of a group that are served, the preferred one first; none where the server does not have it.
    ///
    /// # Errors
    /// As [`Client::resources`].
    pub async fn versions(&self, call: &Call, group: &str) -> Result<Vec<String>, Error> {
        if group.is_empty() {
            return Ok(vec!["v1".to_owned()]);
        }
        let target = Target::server("discover the versions of a group").of_group(group);
        let answer = match self.0.send(call, &target, Verb::Get, &format!("/apis/{group}"), None).await {
            Ok(answer) => answer,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let found: Group = answer.decode(&target)?;
        if found.kind.is_some_and(|kind| kind != "APIGroup") {
            return Err(target.fail(Cause::Answer { line: 1, column: 1 }));
        }
        Ok(found.versions.unwrap_or_default().into_iter().map(|version| version.version).collect())
    }
}

/// A group that does not exist is answered in plain text, which is believed of every group here: what is asked for is the group
/// itself, and not an object.
fn is_absent(error: &Error) -> bool {
    match &*error.cause {
        Cause::NotFound => true,
        Cause::Foreign { code: 404, message } => message == "404 page not found",
        _ => false,
    }
}
