//! One Kubernetes API server: connection, reads, server-side apply, deletes, readiness, typed errors.
//!
//! [`Client::new`] costs nothing: files are read and the server is dialled with the first call, and all calls share
//! one connection where the server speaks HTTP/2. Every call takes a [`Call`], which bounds it, retries included.
//! Nothing here knows Terraform, and no type of the underlying library appears in a signature.

mod address;
mod admission;
mod apply;
mod authentication;
mod connection;
mod conversion;
mod discovery;
mod error;
mod exec;
mod forward;
mod holds;
mod invalid;
mod issuer;
mod kind;
mod kubeconfig;
mod lines;
mod live;
mod log;
mod namespace;
mod part;
mod ready;
mod request;
mod resources;
mod retry;
mod secrets;
mod send;
mod served;
mod settings;
mod status;
#[cfg(test)]
mod tests;
mod unanswered;
mod untyped;
mod watch;

use std::sync::Arc;

use k8s_openapi::Metadata;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

pub use super::call::Call;
pub use super::limit::TooLarge;
pub use super::reach::Unreachable;
pub use address::is_same_place;
pub use admission::Admission;
pub use apply::Apply;
pub use authentication::AuthenticationError;
pub use discovery::ServedKind;
pub use error::{Cause, Error, FieldConflict, InvalidField, Operation};
pub use forward::Forwarded;
pub use holds::Held;
pub use issuer::{Discovery, IssuedToken, TokenRequest};
pub use kind::Kind;
pub use kubeconfig::Endpoint;
pub use live::{Applied, Live, Manager};
pub use namespace::ListQuery;
pub use part::Part;
pub use resources::ApiResource;
pub use send::Way;
pub use settings::{Exec, Settings};
pub use untyped::Untyped;
pub use watch::{Seen, Selector};

use kind::Target;
use send::{Connected, Verb};

/// The field manager of all our writes.
pub const FIELD_MANAGER: &str = "terraform-provider-tazlab";

/// How many objects one page of a list holds.
const PAGE: usize = 500;

/// A typed object of the Kubernetes API: everything of k8s-openapi that has metadata.
pub trait Object: k8s_openapi::Resource + Metadata<Ty = ObjectMeta> + Serialize + DeserializeOwned {}
impl<K: k8s_openapi::Resource + Metadata<Ty = ObjectMeta> + Serialize + DeserializeOwned> Object for K {}

/// When the dependents of a deleted object are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// After it.
    Background,
    /// Before it: it stays until they are gone.
    Foreground,
}

impl Propagation {
    fn name(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Foreground => "Foreground",
        }
    }
}

/// What must still be true of the object for a delete to happen; else [`Cause::Changed`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preconditions {
    /// The object's uid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The object's resource version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
}

/// A cluster. Clones share the connection.
#[derive(Clone)]
pub struct Client(Arc<Connected>);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client for these settings. Reads nothing and dials nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Connected::new(settings)))
    }

    /// The way to the server. Reads the kubeconfig; runs no credential plugin and dials nobody.
    ///
    /// # Errors
    /// [`Cause`]: what is missing or wrong of the settings.
    pub async fn way(&self) -> Result<Way, Cause> {
        self.0.way().await
    }

    /// Reads an object; `None` when it does not exist. `namespace` is `None` for kinds that have none.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_unreachable`].
    pub async fn get<K: Object>(
        &self,
        call: &Call,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Live<K>>, Error> {
        let target = Target::named("get", Kind::of::<K>(), namespace, name);
        match self.0.send(call, &target, Verb::Get, &target.path(), None).await {
            Ok(answer) => answer.live(&target).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a Secret; `None` when it does not exist.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_secret(&self, call: &Call, namespace: &str, name: &str) -> Result<Option<Live<Secret>>, Error> {
        self.get(call, Some(namespace), name).await
    }

    /// Server-side apply, as field manager [`FIELD_MANAGER`]: makes the object or adopts the one that is there.
    ///
    /// The object carries its name (and namespace) in its metadata; it must not carry `managedFields`. A `uid` in its
    /// metadata is a precondition, and so is [`Apply::create_only`].
    ///
    /// # Errors
    /// [`Cause::FieldConflict`] without `force`, [`Cause::Invalid`], [`Cause::NamespaceTerminating`], and the rest.
    /// [`Cause::NotFound`] means that the namespace does not exist.
    pub async fn apply<K: Object>(&self, call: &Call, object: &K, how: Apply) -> Result<Applied<K>, Error> {
        let metadata = object.metadata();
        let name = metadata.name.as_deref().unwrap_or_default();
        let target = Target::named("apply", Kind::of::<K>(), metadata.namespace.as_deref(), name);
        if name.is_empty() {
            return Err(target.fail(Cause::Request { problem: "the object has no name".to_owned() }));
        }
        let body = how
            .body(object)
            .map_err(|_| target.fail(Cause::Request { problem: "the object is not JSON".to_owned() }))?;
        let path = format!("{}?{}", target.path(), how.query(FIELD_MANAGER));
        let answer = self.0.send(call, &target, Verb::Apply, &path, Some(body)).await?;
        Ok(Applied { created: answer.code == http::StatusCode::CREATED, live: answer.live(&target)? })
    }

    /// Creates an object that does not exist yet, as field manager [`FIELD_MANAGER`].
    ///
    /// # Errors
    /// [`Cause::Changed`] when it exists by now, [`Cause::NotFound`] when its namespace does not, and the rest.
    pub async fn create<K: Object>(&self, call: &Call, object: &K) -> Result<Live<K>, Error> {
        let metadata = object.metadata();
        let name = metadata.name.as_deref().unwrap_or_default();
        let target = Target::named("create", Kind::of::<K>(), metadata.namespace.as_deref(), name);
        let body = serde_json::to_vec(object)
            .map_err(|_| target.fail(Cause::Request { problem: "the object is not JSON".to_owned() }))?;
        // The name is in the body: the request goes to the collection.
        let all = Target::all(Kind::of::<K>(), metadata.namespace.as_deref());
        let path = format!("{}?fieldManager={FIELD_MANAGER}", all.path());
        self.0.send(call, &target, Verb::Create, &path, Some(body)).await?.live(&target)
    }

    /// Deletes an object, its dependents in the background. `false` when it was gone already.
    ///
    /// # Errors
    /// [`Cause::Changed`] when a precondition does not hold, and the rest.
    pub async fn delete<K: Object>(
        &self,
        call: &Call,
        namespace: Option<&str>,
        name: &str,
        preconditions: &Preconditions,
    ) -> Result<bool, Error> {
        let target = Target::named("delete", Kind::of::<K>(), namespace, name);
        self.delete_target(call, &target, preconditions, Propagation::Background).await
    }

    async fn delete_target(
        &self,
        call: &Call,
        target: &Target,
        preconditions: &Preconditions,
        propagation: Propagation,
    ) -> Result<bool, Error> {
        let options = json!({
            "apiVersion": "v1", "kind": "DeleteOptions",
            "propagationPolicy": propagation.name(), "preconditions": preconditions,
        });
        match self.0.send(call, target, Verb::Delete, &target.path(), Some(options.to_string().into_bytes())).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lists the metadata of all objects of a kind, in one namespace or (`None`) everywhere, page by page.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_unreachable`].
    pub async fn list_metadata(
        &self,
        call: &Call,
        kind: &Kind,
        namespace: Option<&str>,
    ) -> Result<Vec<ObjectMeta>, Error> {
        namespace::list(&self.0, call, &Target::all(kind.clone(), namespace)).await
    }

    /// One page of the metadata of the objects that `query` asks for, and where the next page begins, if there is one.
    ///
    /// # Errors
    /// [`Error`]; [`Cause::Api`] with code 400 when a selector is none, with 410 when the page has expired.
    pub async fn list_metadata_page(
        &self,
        call: &Call,
        kind: &Kind,
        query: &ListQuery<'_>,
    ) -> Result<(Vec<ObjectMeta>, Option<String>), Error> {
        namespace::one_page(&self.0, call, kind, query).await
    }

    /// Reads all objects of a kind in a namespace that match `fields` (a field selector), page by page. `enough` is asked
    /// after each page and ends the list early, whose remainder is then unknown.
    ///
    /// # Errors
    /// [`Error`]; see [`Error::is_unreachable`].
    pub async fn list<K: Object>(
        &self,
        call: &Call,
        namespace: &str,
        fields: &str,
        enough: impl FnMut(&[Live<K>]) -> bool + Send,
    ) -> Result<Vec<Live<K>>, Error> {
        namespace::objects(&self.0, call, &Target::all(Kind::of::<K>(), Some(namespace)), fields, enough).await
    }

    /// What a namespace holds beside what every namespace has by itself: empty means that it may go.
    ///
    /// Reads metadata only. At most one object of each kind is named. What cannot be looked at is told as [`Held::Unseen`].
    ///
    /// # Errors
    /// [`Error`] when the server, the user or the time is what is wrong.
    pub async fn namespace_holds(&self, call: &Call, namespace: &str) -> Result<Vec<Held>, Error> {
        holds::all(&self.0, call, namespace).await
    }

    /// Does a namespace hold an object of this kind, beside what every namespace has by itself? One small request.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn namespace_holds_any(&self, call: &Call, kind: &Kind, namespace: &str) -> Result<bool, Error> {
        holds::any(&self.0, call, kind, namespace).await
    }

    /// Waits until the API server says that it is ready. `progress` is told, in words, what is being waited for.
    ///
    /// Ends early when waiting cannot help: settings that are missing or wrong, and credentials or certificates that
    /// stay wrong for 15 s.
    ///
    /// # Errors
    /// [`Cause::TimedOut`] with what was seen last, [`Cause::Stopped`], or what cannot be mended by waiting.
    pub async fn wait_ready(&self, call: &Call, progress: impl FnMut(&str) + Send) -> Result<(), Error> {
        ready::wait(&self.0, call, progress).await
    }

    /// Asks once whether the API server is ready: why it is not, or `None` when it is.
    ///
    /// # Errors
    /// [`Error`], where it does not answer.
    pub async fn probe_ready(&self, call: &Call) -> Result<Option<String>, Error> {
        ready::probe(&self.0, call).await
    }
}
