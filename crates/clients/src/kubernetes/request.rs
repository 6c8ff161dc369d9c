//! What is sent in a request, and what an answer holds. Sending is not done here.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, StatusCode};
use kube::client::Body;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, SeqAccess, Visitor};

use super::Object;
use super::error::{Cause, Error};
use super::kind::Target;
use super::live::Live;
use crate::limit::{LARGEST_LIST, TooLarge};

/// The most objects that one answer may hold: each takes more memory than it has bytes.
const MOST_OBJECTS: usize = 50_000;

/// What a request does, as far as sending it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    /// A list without the objects' contents.
    Metadata,
    /// Aggregated discovery.
    Discovery,
    /// A JWKS document, which is served as nothing else.
    Keys,
    Create,
    /// Something that is no JSON, such as a log.
    Text,
    Apply,
    /// A JSON merge patch.
    Merge,
    Delete,
}

impl Verb {
    pub(super) fn reads(self) -> bool {
        matches!(self, Self::Get | Self::Metadata | Self::Discovery | Self::Keys | Self::Text)
    }

    pub(super) fn request(self, path: &str, body: Option<Vec<u8>>) -> Result<Request<Body>, http::Error> {
        let (method, accept, content) = match self {
            Self::Get => ("GET", "application/json", None),
            Self::Metadata => ("GET", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", None),
            Self::Discovery => ("GET", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", None),
            Self::Keys => ("GET", "application/jwk-set+json", None),
            Self::Create => ("POST", "application/json", Some("application/json")),
            Self::Text => ("GET", "*/*", None),
            Self::Apply => ("PATCH", "application/json", Some("application/apply-patch+yaml")),
            Self::Merge => ("PATCH", "application/json", Some("application/merge-patch+json")),
            Self::Delete => ("DELETE", "application/json", Some("application/json")),
        };
        let mut request = Request::builder().method(method).uri(path).header(ACCEPT, accept);
        if let Some(content) = content {
            request = request.header(CONTENT_TYPE, content);
        }
        request.body(Body::from(body.unwrap_or_default()))
    }
}

/// An answer that is a success.
pub(super) struct Answer {
    pub(super) code: StatusCode,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Decodes the body. A parser's message may quote what it read, so only the place is kept.
    pub(super) fn decode<T: DeserializeOwned>(&self, target: &Target) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| target.fail(Cause::Answer { line: error.line(), column: error.column() }))
    }

    /// The body of a document that must be UTF-8.
    pub(super) fn document(self, target: &Target) -> Result<String, Error> {
        String::from_utf8(self.body).map_err(|_| target.fail(Cause::Answer { line: 1, column: 1 }))
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Decodes an object.
    pub(super) fn live<K: Object>(&self, target: &Target) -> Result<Live<K>, Error> {
        self.decode(target).map(Live::of)
    }
}

/// How much of a list that comes in pages was read, in bytes.
#[derive(Debug, Default)]
pub(super) struct ListSize(usize);

impl ListSize {
    /// Adds a page.
    pub(super) fn add(&mut self, page: &Answer, target: &Target) -> Result<(), Error> {
        self.0 += page.body.len();
        let too_large = || target.fail(Cause::TooLarge(TooLarge { limit: LARGEST_LIST }));
        if self.0 > LARGEST_LIST { Err(too_large()) } else { Ok(()) }
    }
}

/// The objects of a list. The API server writes null for none, for some kinds.
pub(super) fn items<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Vec<T>>, D::Error> {
    struct Items<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
        type Value = Option<Vec<T>>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(one) = list.next_element()? {
                if all.len() == MOST_OBJECTS {
                    return Err(A::Error::custom("too many objects"));
                }
                all.push(one);
            }
            Ok(Some(all))
        }
    }
    from.deserialize_any(Items(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_bounded_in_objects_and_in_bytes() {
        #[derive(Deserialize)]
        struct Page {
            #[serde(default, deserialize_with = "items")]
            items: Option<Vec<serde::de::IgnoredAny>>,
        }
        let of = |count: usize| format!("{{\"items\": [{}]}}", vec!["{}"; count].join(","));
        let count = |text: &str| serde_json::from_str::<Page>(text).map(|page| page.items.map(|items| items.len()));
        assert_eq!(count(&of(MOST_OBJECTS)).unwrap(), Some(MOST_OBJECTS));
        assert!(count(&of(MOST_OBJECTS + 1)).is_err());
        assert_eq!((count("{}").unwrap(), count("{\"items\": null}").unwrap()), (None, None));

        let (target, mut size) = (Target::server("list"), ListSize::default());
        let page = Answer { code: StatusCode::OK, body: vec![0; LARGEST_LIST / 4] };
        (0..4).for_each(|_| size.add(&page, &target).unwrap());
        assert!(matches!(*size.add(&page, &target).unwrap_err().cause, Cause::TooLarge(_)));
    }
}
