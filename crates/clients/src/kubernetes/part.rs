//! Parts of objects: whoever looks at very many reads no more of each than is needed.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Cause, Error};
use super::kind::{Kind, Target, escaped};
use super::live::{Item, Live};
use super::request::{ListSize, Verb, items};
use super::{Call, Client, PAGE, Selector};

/// The part of an object that `T` names.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Part<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> Item for Part<T> {
    fn live(self) -> Live<Self> {
        Live { object: self, managers: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Page<T> {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(default, deserialize_with = "items")]
    items: Option<Vec<T>>,
}

impl Client {
    /// Reads parts of all objects of a kind, in one namespace or (`None`) everywhere, page by page. Beside them the
    /// version of the list, for [`Client::watch_parts`].
    ///
    /// # Errors
    /// [`Cause::NotFound`] when the server does not have the kind, and the rest.
    pub async fn list_parts<T: DeserializeOwned>(
        &self,
        call: &Call,
        kind: &Kind,
        namespace: Option<&str>,
        selector: Option<&Selector>,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let target = Target::all(kind.clone(), namespace);
        let meant = selector.map(|selector| format!("&{}", selector.query())).unwrap_or_default();
        let (mut found, mut next, mut begun_again) = (Vec::new(), String::new(), false);
        let mut size = ListSize::default();
        loop {
            let path = format!("{}?limit={PAGE}{meant}{next}", target.path());
            let page: Page<T> = match self.0.send(call, &target, Verb::Get, &path, None).await {
                Ok(answer) => {
                    size.add(&answer, &target)?;
                    answer.decode(&target)?
                }
                // Its pages have expired.
                Err(error)
                    if !begun_again && !next.is_empty() && matches!(*error.cause, Cause::Api { code: 410, .. }) =>
                {
                    (begun_again, next) = (true, String::new());
                    found.clear();
                    continue;
                }
                Err(error) => return Err(error),
            };
            found.extend(page.items.unwrap_or_default());
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => next = format!("&continue={}", escaped(&token)),
                None => return Ok((found, page.metadata.resource_version)),
            }
        }
    }
}
