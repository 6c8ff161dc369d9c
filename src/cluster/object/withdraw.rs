//! Leaving an object to others: our fields are taken off it, and nothing else.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::{Apply, Call, Cause, Client};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::super::{Cluster, Failure, instance, provenance};
use super::{Place, put};

/// What is left of our fields on an object that is left to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// All but the mark: the API server does not take the object without them.
    Fields,
}

/// Withdraws from exactly the object that was looked at: a server-side apply of the empty set removes the fields that nobody
/// else owns. Where the object is not valid without them, only the mark goes. `kept` is what must be repeated whatever
/// happens, such as a field that cannot change.
///
/// # Errors
/// [`Failure`]; [`Cause::Changed`] where somebody wrote meanwhile, or the object is gone.
pub async fn withdraw<D>(
    cluster: &Cluster,
    context: &Context<D>,
    place: &Place,
    live: &ObjectMeta,
    kept: &Json,
) -> Result<Left, Failure> {
    let mut nothing = kept.clone();
    for (path, text) in [
        (&["apiVersion"][..], Some(place.kind.api_version())),
        (&["kind"][..], Some(place.kind.kind.clone())),
        (&["metadata", "name"][..], Some(place.name.clone())),
        (&["metadata", "namespace"][..], place.namespace.clone()),
        // Both are preconditions: without the first, an object that has gone meanwhile would be made.
        (&["metadata", "uid"][..], live.uid.clone()),
        (&["metadata", "resourceVersion"][..], live.resource_version.clone()),
    ] {
        if let Some(text) = text {
            put(&mut nothing, path, text);
        }
    }
    let (kind, object) = (&place.kind, &nothing);
    let apply = |client: Client, call: Call| async move {
        client.apply_untyped(&call, kind, object, Apply::default()).await.map(drop)
    };
    match cluster.change(context, apply).await {
        Err(failure) if matches!(failure.cause(), Some(Cause::Invalid { .. })) => {
            let_go(cluster, context, place, live).await?;
            Ok(Left::Fields)
        }
        other => other.map(|()| Left::Nothing),
    }
}

/// Takes the mark off, and leaves the object as it is.
///
/// # Errors
/// As [`withdraw`].
pub async fn let_go<D>(
    cluster: &Cluster,
    context: &Context<D>,
    place: &Place,
    live: &ObjectMeta,
) -> Result<(), Failure> {
    let version = &live.resource_version;
    let marks = json!({instance::ANNOTATION: null, provenance::ADOPTED: null});
    let changes = &json!({"metadata": {"annotations": marks, "resourceVersion": version}});
    let patch = |client: Client, call: Call| async move {
        client.merge_untyped(&call, &place.kind, place.namespace.as_deref(), &place.name, changes).await.map(drop)
    };
    cluster.change(context, patch).await
}

/// The warning that an object stays: `others` are the managers that own parts of it.
#[must_use]
pub fn stays(title: &str, others: &[&str], left: Left) -> Diagnostic {
    let whose = match others {
        [] => "it existed before this resource managed it".to_owned(),
        others => format!("{} own fields of it", quoted(others)),
    };
    let rest = match left {
        Left::Nothing => "Only the fields that this resource set were removed",
        Left::Fields => {
            "The API server does not accept it without the fields that this resource set, so they were kept, too. Delete it by hand if it is not needed"
        }
    };
    let at = AttributePath::new("name");
    Diagnostic::warning("The object was not deleted", format!("{title} was not deleted: {whose}. {rest}.")).at(at)
}

/// The warning that an object that others made is managed from now on: `others` are the managers that own parts of it.
#[must_use]
pub fn adopted(title: &str, others: &[&str]) -> Diagnostic {
    let owners = match others {
        [] => String::new(),
        others => format!(" {} own fields of it.", quoted(others)),
    };
    let detail = format!(
        "{title} existed before.{owners} This resource manages it now; a destroy does not delete it, but removes the fields that this resource set."
    );
    Diagnostic::warning("An existing object is adopted", detail).at(AttributePath::new("name"))
}

/// The warning that nobody knows whether an object that existed was written: a failed create of one is not in the state.
#[must_use]
pub fn perhaps_changed(title: &str) -> Diagnostic {
    let detail = format!(
        "{title} existed before this create, which failed: it may have been changed completely or partly. It is not in the state. The next apply reads it and continues."
    );
    Diagnostic::warning("An object may have been changed", detail).at(AttributePath::new("name"))
}

fn quoted(names: &[&str]) -> String {
    let mut names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" and ")
}
