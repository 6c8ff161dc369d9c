//! Objects as JSON: for whoever handles several kinds alike. Typed objects are [`Client`]'s own methods'.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta};
use serde::Deserialize;
use serde_json::{Value, json};
use tazlab_redacted::SecretText;

use super::error::{Cause, Error};
use super::kind::{Kind, Target};
use super::live::{Live, managers};
use super::send::Verb;
use super::{Applied, Apply, Call, Client, FIELD_MANAGER, Preconditions, Propagation};

/// An object of any kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Untyped {
    /// Its metadata, without `managedFields`.
    pub metadata: ObjectMeta,
    /// All of it, without `managedFields`.
    pub value: Value,
}

#[derive(Deserialize)]
struct OnlyMetadata {
    metadata: ObjectMeta,
}

fn live(target: &Target, mut value: Value) -> Result<Live<Untyped>, Error> {
    let fields = value.pointer_mut("/metadata/managedFields").map(Value::take);
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    let unreadable = |_| target.fail(Cause::Answer { line: 0, column: 0 });
    let OnlyMetadata { metadata } = OnlyMetadata::deserialize(&value).map_err(unreadable)?;
    let entries: Vec<ManagedFieldsEntry> =
        fields.map(serde_json::from_value).transpose().map_err(unreadable)?.unwrap_or_default();
    Ok(Live { object: Untyped { metadata, value }, managers: managers(entries) })
}

impl Client {
    /// Reads an object as JSON; `None` when it does not exist.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_untyped(
        &self,
        call: &Call,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Live<Untyped>>, Error> {
        let target = Target::named("get", kind.clone(), namespace, name);
        match self.0.send(call, &target, Verb::Get, &target.path(), None).await {
            Ok(answer) => live(&target, answer.decode(&target)?).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Server-side apply of JSON, as [`Client::apply`].
    ///
    /// # Errors
    /// As [`Client::apply`].
    pub async fn apply_untyped(
        &self,
        call: &Call,
        kind: &Kind,
        object: &Value,
        how: Apply,
    ) -> Result<Applied<Untyped>, Error> {
        self.apply_hiding(call, kind, object, how, &[]).await
    }

    /// The same of an object that holds these secrets: what the server says of it is told without them.
    ///
    /// # Errors
    /// As [`Client::apply`].
    pub async fn apply_hiding(
        &self,
        call: &Call,
        kind: &Kind,
        object: &Value,
        how: Apply,
        hidden: &[SecretText],
    ) -> Result<Applied<Untyped>, Error> {
        self.send_apply(call, kind, object, (FIELD_MANAGER, how), hidden).await
    }

    /// The same as another field manager of ours: for fields that are to stay when [`FIELD_MANAGER`] leaves them out.
    ///
    /// # Errors
    /// As [`Client::apply`].
    pub async fn apply_untyped_as(
        &self,
        call: &Call,
        kind: &Kind,
        object: &Value,
        manager: &'static str,
        how: Apply,
    ) -> Result<Applied<Untyped>, Error> {
        self.send_apply(call, kind, object, (manager, how), &[]).await
    }

    async fn send_apply(
        &self,
        call: &Call,
        kind: &Kind,
        object: &Value,
        (manager, how): (&str, Apply),
        hidden: &[SecretText],
    ) -> Result<Applied<Untyped>, Error> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let name = text("/metadata/name").unwrap_or_default();
        let target = Target::named("apply", kind.clone(), text("/metadata/namespace"), name).hiding(hidden);
        let path = format!("{}?{}", target.path(), how.query(manager));
        let body = how
            .body(object)
            .map_err(|_| target.fail(Cause::Request { problem: "the object is not JSON".to_owned() }))?;
        let answer = self.0.send(call, &target, Verb::Apply, &path, Some(body)).await?;
        Ok(Applied { created: answer.code == http::StatusCode::CREATED, live: live(&target, answer.decode(&target)?)? })
    }

    /// Deletes an object of any kind, as [`Client::delete`], its dependents as `propagation` says.
    ///
    /// # Errors
    /// As [`Client::delete`].
    pub async fn delete_untyped(
        &self,
        call: &Call,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        preconditions: &Preconditions,
        propagation: Propagation,
    ) -> Result<bool, Error> {
        let target = Target::named("delete", kind.clone(), namespace, name);
        self.delete_target(call, &target, preconditions, propagation).await
    }

    /// JSON merge patch. A `resourceVersion` in the patch's metadata is a precondition.
    ///
    /// # Errors
    /// [`Cause::Changed`] when the precondition does not hold, [`Cause::NotFound`], and the rest.
    pub async fn merge_untyped(
        &self,
        call: &Call,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        changes: &Value,
    ) -> Result<Live<Untyped>, Error> {
        let target = Target::named("patch", kind.clone(), namespace, name);
        let path = format!("{}?fieldManager={FIELD_MANAGER}", target.path());
        let answer = self.0.send(call, &target, Verb::Merge, &path, Some(changes.to_string().into_bytes())).await?;
        live(&target, answer.decode(&target)?)
    }

    /// Takes another field manager's name off an object. What it applied counts as applied by [`FIELD_MANAGER`], if that
    /// has applied nothing yet: the next apply then removes what it does not want. `false` when there is no such name.
    ///
    /// # Errors
    /// [`Cause::Changed`] when somebody wrote at the same time, and the rest.
    pub async fn succeed_manager(
        &self,
        call: &Call,
        kind: &Kind,
        namespace: Option<&str>,
        name: &str,
        manager: &str,
    ) -> Result<bool, Error> {
        let target = Target::named("get", kind.clone(), namespace, name);
        let object: Value = self.0.send(call, &target, Verb::Get, &target.path(), None).await?.decode(&target)?;
        let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_of = |entry: &Value, name: &str| entry.get("manager").and_then(Value::as_str) == Some(name);
        let applied = |entry: &&Value| entry.get("operation").and_then(Value::as_str) == Some("Apply");
        let (theirs, mut left): (Vec<Value>, Vec<Value>) = entries.into_iter().partition(|entry| is_of(entry, manager));
        if theirs.is_empty() {
            return Ok(false);
        }
        if !left.iter().any(|entry| is_of(entry, FIELD_MANAGER) && applied(&entry)) {
            // An object without any entry would come to belong to "before-first-apply".
            let inherited = theirs.iter().find(applied).or(theirs.first()).cloned();
            left.extend(inherited.map(|mut entry| {
                if let Some(fields) = entry.as_object_mut() {
                    fields.insert("manager".to_owned(), FIELD_MANAGER.into());
                    fields.insert("operation".to_owned(), "Apply".into());
                    fields.remove("subresource");
                }
                entry
            }));
        }
        let version = object.pointer("/metadata/resourceVersion").cloned();
        let changes = json!({"metadata": {"resourceVersion": version, "managedFields": left}});
        self.merge_untyped(call, kind, namespace, name, &changes).await.map(|_| true)
    }
}
