//! Lists: of metadata, in pages, and of whole objects. Whether a namespace is empty is `holds`'.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ListMeta, ObjectMeta};
use serde::Deserialize;

use super::error::{Cause, Error};
use super::kind::{Kind, Target, escaped};
use super::live::Live;
use super::request::{ListSize, Verb, items};
use super::send::Connected;
use super::{Object, PAGE};
use crate::call::Call;

/// Which objects a list is about, and where it goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery<'a> {
    /// Their namespace; all of them without it.
    pub namespace: Option<&'a str>,
    /// A label selector, `app=web,tier!=test`.
    pub labels: Option<&'a str>,
    /// A field selector, `type=Opaque`.
    pub fields: Option<String>,
    /// Where the page before said that this one begins.
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    pub(super) metadata: ListMeta,
    /// An answer without this field is no list.
    #[serde(deserialize_with = "items")]
    pub(super) items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) metadata: ObjectMeta,
}

/// All objects' metadata, page by page. A list whose pages have expired (410) is begun again, once.
pub(super) async fn list(connected: &Connected, call: &Call, target: &Target) -> Result<Vec<ObjectMeta>, Error> {
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    let mut begun_again = false;
    let mut size = ListSize::default();
    loop {
        match page(connected, call, target, &mut size, PAGE, "", next.as_deref()).await {
            Ok(page) => {
                found.extend(metadata(page.items));
                next = page.metadata.continue_.filter(|token| !token.is_empty());
                if next.is_none() {
                    return Ok(found);
                }
            }
            Err(error) if !begun_again && next.is_some() && matches!(*error.cause, Cause::Api { code: 410, .. }) => {
                begun_again = true;
                found.clear();
                next = None;
            }
            Err(error) => return Err(error),
        }
    }
}

/// One page of metadata, and where the next one begins.
pub(super) async fn one_page(
    connected: &Connected,
    call: &Call,
    kind: &Kind,
    query: &ListQuery<'_>,
) -> Result<(Vec<ObjectMeta>, Option<String>), Error> {
    let target = Target::all(kind.clone(), query.namespace);
    let selector = |name: &str, selector: Option<&str>| {
        selector.map(|selector| format!("&{name}={}", escaped(selector))).unwrap_or_default()
    };
    let selectors = selector("labelSelector", query.labels) + &selector("fieldSelector", query.fields.as_deref());
    let page =
        page(connected, call, &target, &mut ListSize::default(), PAGE, &selectors, query.next.as_deref()).await?;
    let next = page.metadata.continue_.filter(|token| !token.is_empty());
    Ok((metadata(page.items).collect(), next))
}

fn metadata(items: Option<Vec<Item>>) -> impl Iterator<Item = ObjectMeta> {
    let items = items.unwrap_or_default().into_iter();
    items.map(|item| ObjectMeta { managed_fields: None, ..item.metadata })
}

#[derive(Deserialize)]
#[serde(bound = "K: Object")]
struct ObjectPage<K> {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(default, deserialize_with = "items")]
    items: Option<Vec<K>>,
}

/// Whole objects, page by page, until `enough`.
pub(super) async fn objects<K: Object>(
    connected: &Connected,
    call: &Call,
    target: &Target,
    fields: &str,
    mut enough: impl FnMut(&[Live<K>]) -> bool + Send,
) -> Result<Vec<Live<K>>, Error> {
    let mut found: Vec<Live<K>> = Vec::new();
    let mut next = String::new();
    let mut size = ListSize::default();
    loop {
        let path = format!("{}?limit={PAGE}&fieldSelector={}{next}", target.path(), escaped(fields));
        let answer = connected.send(call, target, Verb::Get, &path, None).await?;
        size.add(&answer, target)?;
        let page: ObjectPage<K> = answer.decode(target)?;
        found.extend(page.items.unwrap_or_default().into_iter().map(Live::of));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) if !enough(&found) => next = format!("&continue={}", escaped(&token)),
            _ => return Ok(found),
        }
    }
}

pub(super) async fn page(
    connected: &Connected,
    call: &Call,
    target: &Target,
    size: &mut ListSize,
    limit: usize,
    selectors: &str,
    next: Option<&str>,
) -> Result<Page, Error> {
    let from = next.map(|token| format!("&continue={}", escaped(token))).unwrap_or_default();
    let path = format!("{}?limit={limit}{selectors}{from}", target.path());
    let answer = connected.send(call, target, Verb::Metadata, &path, None).await?;
    size.add(&answer, target)?;
    answer.decode(target)
}
