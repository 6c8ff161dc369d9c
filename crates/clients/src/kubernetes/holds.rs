//! Whether anything is left in a namespace. What cannot be looked at counts as being there: with the namespace it would be
//! deleted.

use std::fmt;

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::discovery::{self, Found};
use super::error::Error;
use super::kind::{Kind, Target};
use super::namespace::page;
use super::request::ListSize;
use super::send::Connected;
use crate::call::Call;

/// How many objects are asked for at once: enough to find one that is not there by itself.
const FEW: usize = 3;

/// Something in a namespace that it was not born with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// An object.
    Object {
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
        /// It is being deleted.
        leaving: bool,
    },
    /// Perhaps an object: nobody could look.
    Unseen {
        /// What could not be looked at.
        what: String,
        /// Why.
        why: String,
    },
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object { kind, name, .. } => write!(f, "it still holds {kind} {name}"),
            Self::Unseen { what, why } => write!(
                f,
                "it may still hold something, since {what} cannot be listed ({why}); what cannot be listed counts as existing. If nothing is left in it, delete it by hand"
            ),
        }
    }
}

/// The kinds that live in namespaces, and what is not known of them.
#[derive(Default)]
struct Namespaced {
    kinds: Vec<Kind>,
    unseen: Vec<Held>,
}

/// See [`super::Client::namespace_holds`].
pub(super) async fn all(connected: &Connected, call: &Call, namespace: &str) -> Result<Vec<Held>, Error> {
    let Namespaced { kinds, unseen } = namespaced(connected, call).await?;
    let looks = futures::stream::iter(kinds).map(|kind| async move {
        let looked = first(connected, call, kind.clone(), namespace).await;
        Ok::<_, Error>(match looked {
            Ok(held) => Look::Done(held),
            Err(error) if error.is_not_found() => Look::NotServed(kind),
            Err(error) if error.is_answer() => Look::Done(Some(doubt(&kind, &error.cause.to_string()))),
            Err(error) => return Err(error),
        })
    });
    let looks: Vec<Look> = looks.buffered(8).try_collect().await?;
    let (mut seen, mut doubts, mut absent) = (Vec::new(), unseen, Vec::new());
    for look in looks {
        match look {
            Look::Done(Some(object @ Held::Object { .. })) => seen.push(object),
            Look::Done(Some(unseen)) => doubts.push(unseen),
            Look::Done(None) => {}
            Look::NotServed(kind) => absent.push(kind),
        }
    }
    if !absent.is_empty() {
        // A kind may have gone since discovery. One that is still there hides what it has.
        let now = namespaced(connected, call).await?.kinds;
        let hidden = absent.iter().filter(|kind| now.contains(kind));
        doubts.extend(hidden.map(|kind| doubt(kind, "the API server names it and does not find it")));
    }
    // What is surely there is the better reason.
    seen.append(&mut doubts);
    Ok(seen)
}

/// What came of a look for objects of a kind.
enum Look {
    Done(Option<Held>),
    NotServed(Kind),
}

fn doubt(kind: &Kind, why: &str) -> Held {
    let what = format!("{}.{}", kind.plural, kind.group);
    Held::Unseen { what: what.trim_end_matches('.').to_owned(), why: why.to_owned() }
}

/// Is there an object of this kind that no namespace is born with?
pub(super) async fn any(connected: &Connected, call: &Call, kind: &Kind, namespace: &str) -> Result<bool, Error> {
    Ok(first(connected, call, kind.clone(), namespace).await?.is_some())
}

/// An object of this kind that no namespace is born with.
async fn first(connected: &Connected, call: &Call, kind: Kind, namespace: &str) -> Result<Option<Held>, Error> {
    let target = Target::all(kind, Some(namespace));
    let mut size = ListSize::default();
    let mut next: Option<String> = None;
    loop {
        let page = page(connected, call, &target, &mut size, FEW, "", next.as_deref()).await?;
        let mut objects = page.items.into_iter().flatten();
        if let Some(object) = objects.find(|item| !born_with_it(&target.kind, &item.metadata)) {
            let leaving = object.metadata.deletion_timestamp.is_some();
            let name = object.metadata.name.unwrap_or_else(|| "without a name".to_owned());
            return Ok(Some(Held::Object { kind: target.kind.kind, name, leaving }));
        }
        next = page.metadata.continue_.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(None);
        }
    }
}

/// What the control plane puts into every namespace.
fn born_with_it(kind: &Kind, object: &ObjectMeta) -> bool {
    let name = object.name.as_deref().unwrap_or_default();
    kind.group.is_empty()
        && matches!((kind.plural.as_str(), name), ("configmaps", "kube-root-ca.crt") | ("serviceaccounts", "default"))
}

/// Metrics mirror what others keep, and events outlive what they tell of: neither keeps a namespace.
fn is_passing(group: &str, plural: &str) -> bool {
    let of_metrics = ["metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io"].contains(&group);
    of_metrics || group == "events.k8s.io" || (group.is_empty() && plural == "events")
}

/// Every kind that lives in namespaces, in its group's preferred version.
async fn namespaced(connected: &Connected, call: &Call) -> Result<Namespaced, Error> {
    let mut all = Namespaced::default();
    let mut dumb: Vec<Kind> = Vec::new();
    for path in ["/api", "/apis"] {
        let unseen = |what: &str, why: String| Held::Unseen { what: what.to_owned(), why };
        let kinds = match discovery::kinds(connected, call, path).await {
            Ok(kinds) => kinds,
            Err(error) if error.is_answer() => {
                all.unseen.push(unseen(&format!("the kinds below {path}"), error.cause.to_string()));
                continue;
            }
            Err(error) => return Err(error),
        };
        let stale = kinds.stale.iter().filter(|group| !is_passing(group.split('/').next().unwrap_or_default(), ""));
        let away = || "the API server does not know at present which kinds it has".to_owned();
        all.unseen.extend(stale.map(|group| unseen(&format!("the API group {group}"), away())));
        if path == "/api" && !kinds.found.iter().any(|found| found.namespaced && found.lists) {
            all.unseen.push(unseen("the kinds below /api", "the API server lists none".to_owned()));
        }
        for Found { kind, namespaced, lists, keeps_objects } in kinds.found {
            if !namespaced || is_passing(&kind.group, &kind.plural) {
                continue;
            }
            let is_same = |other: &Kind| other.group == kind.group && other.plural == kind.plural;
            match (lists, keeps_objects) {
                (true, _) if !all.kinds.iter().any(is_same) => all.kinds.push(kind),
                (false, true) if !dumb.iter().any(is_same) => dumb.push(kind),
                _ => {}
            }
        }
    }
    dumb.retain(|kind| !all.kinds.iter().any(|other| other.group == kind.group && other.plural == kind.plural));
    all.unseen.extend(dumb.iter().map(|kind| doubt(kind, "it cannot be listed")));
    Ok(all)
}
