//! Writing to the cluster: a Secret is made out of its copy, or the copy is written over the live one.

use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::{Client, Kind};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::content::Content;
use super::copy::Copy;
use super::decision::Live;
use super::errors::KeptSecretError;
use super::look;
use super::model::Target;
use super::review::Lives;
use crate::cluster::Failure;
use crate::cluster::condition::Condition;
use crate::cluster::crd::CustomKind;
use crate::cluster::object::{Place, put};
use crate::configured::Configured;

/// How often a Secret that is going away is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What issues a certificate into a Secret.
const CERTIFICATE: CustomKind =
    CustomKind { group: "cert-manager.io", kind: "Certificate", plural: "certificates", versions: &["v1"] };

/// The annotation by which cert-manager says for which Certificate it filled a Secret.
const OF_CERTIFICATE: &str = "cert-manager.io/certificate-name";

/// Writes to the Secrets of one target.
#[derive(Clone, Copy)]
pub(super) struct Restorer<'a> {
    pub(super) context: &'a Context<Configured>,
    pub(super) provider: &'a Configured,
    pub(super) target: &'a Target,
}

impl Restorer<'_> {
    /// The live Secrets, once none of them is going away any more.
    pub(super) async fn settled(&self, copy: &Copy) -> Result<Lives, KeptSecretError> {
        let failed = |failure| KeptSecretError::Look { title: self.target.title(), failure };
        loop {
            let ask = |client: Client, call| async move { look::lives(&client, &call, self.target, copy).await };
            let lives = self.provider.cluster.ask(self.context, ask).await.map_err(failed)?;
            let Some(name) = lives.iter().find_map(|(name, live)| live.is_leaving.then_some(name)) else {
                return Ok(lives);
            };
            let what = format!("Secret {}/{name} is being deleted and has a finalizer", self.target.namespace);
            self.context.progress(&format!("waiting: {what}"));
            self.context.pause(LOOK).await.map_err(|why| failed(Failure::Interrupted { what, why }))?;
        }
    }

    /// Makes a Secret that does not exist; gives its uid.
    pub(super) async fn make(&self, name: &str, content: &Content) -> Result<String, KeptSecretError> {
        let namespace = self.target.namespace.as_str();
        self.provider.cluster.note_secret_change(namespace, name);
        let secret = &content.secret(namespace, name);
        let create = |client: Client, call| async move { client.create(&call, secret).await };
        let made = self.provider.cluster.change(self.context, create).await;
        let made = made.map_err(|failure| KeptSecretError::Restore { id: format!("{namespace}/{name}"), failure })?;
        self.warn_if_issuing(name, content).await;
        Ok(made.object.metadata.uid.unwrap_or_default())
    }

    /// Writes the copy over exactly the Secret that was looked at; gives its uid.
    pub(super) async fn overwrite(
        &self,
        name: &str,
        content: &Content,
        live: &Live,
    ) -> Result<String, KeptSecretError> {
        let namespace = self.target.namespace.as_str();
        self.provider.cluster.note_secret_change(namespace, name);
        let changes = &patch(&content.secret(namespace, name), live);
        let kind = &Kind::of::<Secret>();
        let write = |client: Client, call| async move {
            client.merge_untyped(&call, kind, Some(namespace), name, changes).await
        };
        let written = self.provider.cluster.change(self.context, write).await;
        let failed = |failure| KeptSecretError::Restore { id: format!("{namespace}/{name}"), failure };
        written.map(|_| live.uid.clone()).map_err(failed)
    }

    /// A Certificate that is being issued already overwrites whatever stands in its Secret.
    async fn warn_if_issuing(&self, name: &str, content: &Content) {
        let Some(certificate) = content.annotation(OF_CERTIFICATE) else { return };
        let (cluster, namespace) = (&self.provider.cluster, self.target.namespace.clone());
        let Ok(Some(kind)) = cluster.served(self.context, &CERTIFICATE).await else { return };
        let place = Place { kind, namespace: Some(namespace.clone()), name: certificate.to_owned() };
        let Ok(Some(live)) = cluster.look_at(self.context, &place).await else { return };
        let is_issuing = Condition::of(&live.object.value, "Issuing").is_some_and(|issuing| issuing.holds());
        if is_issuing {
            let detail = format!(
                "Secret {namespace}/{name} was restored, and cert-manager is issuing a new certificate for Certificate {namespace}/{certificate} already: it replaces the restored one, and counts against the limits of its issuer. Make whatever creates the Certificate depend on this resource (depends_on)."
            );
            let at = AttributePath::new("name");
            self.context.warn(Diagnostic::warning("The restored Secret comes too late", detail).at(at));
        }
    }
}

/// The changes that make the live Secret what the copy is. Labels and annotations that only the live one has stay.
fn patch(wanted: &Secret, live: &Live) -> Json {
    // An object of the API has a JSON form.
    let wanted = serde_json::to_value(wanted).unwrap_or_default();
    let mut changes = json!({"data": wanted.get("data").cloned().unwrap_or_else(|| json!({}))});
    for field in ["labels", "annotations"] {
        if let Some(texts) = wanted.pointer(&format!("/metadata/{field}")) {
            put(&mut changes, &["metadata", field], texts.clone());
        }
    }
    if wanted.get("immutable").is_some() {
        put(&mut changes, &["immutable"], true);
    }
    put(&mut changes, &["metadata", "resourceVersion"], live.resource_version.clone());
    for key in live.content.keys() {
        if changes.pointer("/data").and_then(|data| data.get(key)).is_none() {
            put(&mut changes, &["data", key], Json::Null);
        }
    }
    changes
}
