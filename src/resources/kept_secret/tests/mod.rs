//! The decisions: which of live Secret and copy is kept, what is stored of it, and what is said.

mod certificates;
mod copies;
mod decisions;
mod reviews;
mod selectors;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::content::Content;
use super::decision::Live;

type Texts<'a> = &'a [(&'a str, &'a str)];

fn secret(kind: &str, data: Texts<'_>, annotations: Texts<'_>) -> Secret {
    let own = |texts: Texts<'_>| -> BTreeMap<String, String> {
        texts.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let data = own(data).into_iter().map(|(key, text)| (key, ByteString(text.into_bytes())));
    Secret {
        metadata: ObjectMeta {
            uid: Some("uid-1".to_owned()),
            annotations: Some(own(annotations)),
            ..ObjectMeta::default()
        },
        type_: Some(kind.to_owned()),
        data: Some(data.collect()),
        ..Secret::default()
    }
}

fn opaque(content: &str) -> Content {
    Content::of(&secret("Opaque", &[("key", content)], &[]))
}

fn tls(chain: &str) -> Content {
    annotated(chain, &[])
}

fn annotated(chain: &str, annotations: Texts<'_>) -> Content {
    Content::of(&secret("kubernetes.io/tls", &[("tls.crt", chain), ("tls.key", "canary")], annotations))
}

fn live(content: Content) -> Live {
    Live {
        content,
        uid: "uid-1".to_owned(),
        resource_version: Some("7".to_owned()),
        is_wanted: true,
        is_leaving: false,
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hours(count: u64) -> jiff::SignedDuration {
    Duration::from_secs(count * 3600).try_into().unwrap()
}
