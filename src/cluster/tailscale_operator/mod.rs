//! Services that we share with Tailscale's operator: what its annotations, its condition and its finalizer mean, and the
//! arguments that all such Services have. Which Service is wanted is its resource's.
//!
//! Facts from tailscale's `cmd/k8s-operator/svc.go` and `sts.go` (at commit 03ddd1b07515).

mod arguments;
pub mod life;
mod observe;

use k8s_openapi::api::core::v1::Service;
use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::Kind;
use tf_plugin::framework::AttributePath;

use super::condition::{Condition, Status};
use super::object::{Forced, Place, Standing};

pub use arguments::{Shared, is_host, is_proxy_class};
pub use observe::{annotation, names};

/// The annotation with the name that the proxy's device asks for.
pub const HOSTNAME: &str = "tailscale.com/hostname";

/// The annotation with the tags of the proxy's device, separated by commas.
pub const TAGS: &str = "tailscale.com/tags";

/// The annotation with the name on the tailnet that an egress proxy leads to.
pub const TAILNET_FQDN: &str = "tailscale.com/tailnet-fqdn";

/// The label with the `ProxyClass`.
pub const PROXY_CLASS: &str = "tailscale.com/proxy-class";

/// The labels by which the operator finds what it made for a Service.
pub const PARENT: &str = "tailscale.com/parent-resource";
/// See [`PARENT`].
pub const PARENT_NAMESPACE: &str = "tailscale.com/parent-resource-ns";

/// The condition that the operator keeps on a Service.
pub const PROXY_READY: &str = "TailscaleProxyReady";

/// Its reason where the Service itself is wrong.
const INVALID: &str = "ProxyInvalid";

/// What holds a deleted Service until the operator has taken its proxy and its device away.
pub const FINALIZER: Forced = Forced {
    finalizer: Some("tailscale.com/finalizer"),
    left: |service| {
        let namespace = service.namespace.as_deref().unwrap_or_default();
        format!(
            "The operator does not delete the proxy of a Service that no longer exists, and the proxy's device stays on the tailnet. \
             Delete the StatefulSet, the Service and the Secrets with the labels {PARENT}={},{PARENT_NAMESPACE}={namespace} in the \
             operator's namespace, if they still exist; then tazlab_tailnet_cleanup removes the device by its hostname.",
            service.name
        )
    },
};

/// A Service.
#[must_use]
pub fn service(namespace: &str, name: &str) -> Place {
    Place { kind: Kind::of::<Service>(), namespace: Some(namespace.to_owned()), name: name.to_owned() }
}

/// What the operator says of a Service: `Done` means that the proxy's `StatefulSet` exists, and no more than that.
#[must_use]
pub fn standing(title: &str, service: &Json) -> Standing {
    match Condition::of(service, PROXY_READY) {
        Some(ready) if ready.holds() => Standing::Done,
        Some(ready) if ready.status == Status::False && ready.reason == INVALID => {
            Standing::Hopeless(format!("{title}: {ready}"))
        }
        Some(ready) => Standing::Waiting(format!("{title}: {ready}")),
        None => Standing::Waiting(format!("{title}: Tailscale's operator has not processed it yet")),
    }
}

/// The labels and annotations that all such Services have.
#[must_use]
pub fn metadata(hostname: Option<&str>, shared: &Shared) -> Json {
    let mut annotations = serde_json::Map::new();
    if let Some(hostname) = hostname {
        annotations.insert(HOSTNAME.to_owned(), hostname.into());
    }
    if let Some(tags) = shared.tags.as_ref_option() {
        let mut tags = tags.0.clone();
        tags.sort();
        annotations.insert(TAGS.to_owned(), tags.join(",").into());
    }
    let mut labels = serde_json::Map::new();
    if let Some(class) = shared.proxy_class.as_deref_option() {
        labels.insert(PROXY_CLASS.to_owned(), class.into());
    }
    json!({"annotations": annotations, "labels": labels})
}

/// The argument that a field of such a Service comes from.
#[must_use]
pub fn argument(field: &str) -> AttributePath {
    let arguments = [
        (HOSTNAME, "hostname"),
        (TAGS, "tags"),
        (TAILNET_FQDN, "fqdn"),
        (PROXY_CLASS, "proxy_class"),
        ("spec.ports", "port"),
        ("spec.selector", "selector"),
    ];
    let found = arguments.iter().find(|(part, _)| field.contains(part)).map(|(_, argument)| *argument);
    AttributePath::new(found.unwrap_or("name"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_plugin::framework::model::Set;
    use tf_plugin::framework::value::Value;

    fn said(status: &str, reason: &str, message: &str) -> Json {
        json!({"status": {"conditions": [{"type": "TailscaleProxyReady", "status": status, "reason": reason,
            "message": message, "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})
    }

    #[test]
    fn the_operators_words_are_told_and_a_wrong_service_is_hopeless() {
        let pending = "no Tailscale hostname known yet, waiting for proxy pod to finish auth";
        let told = standing("Service a/b", &said("False", "ProxyPending", pending));
        let words = format!("Service a/b: TailscaleProxyReady is False (ProxyPending): {pending}");
        assert_eq!(told, Standing::Waiting(words));
        let invalid = "unable to provision proxy resources: invalid Service: headless Services are not supported.";
        assert!(
            matches!(standing("Service a/b", &said("False", "ProxyInvalid", invalid)), Standing::Hopeless(why) if why.ends_with(invalid))
        );
        assert_eq!(standing("Service a/b", &said("True", "ProxyCreated", "ProxyCreated")), Standing::Done);
        assert!(matches!(standing("Service a/b", &json!({})), Standing::Waiting(why) if why.contains("not processed")));
    }

    #[test]
    fn tags_and_classes_stand_where_the_operator_reads_them() {
        let shared = Shared {
            tags: Value::Value(Set(vec!["tag:b".into(), "tag:a".into()])),
            proxy_class: Value::Value("prod".into()),
            ..Shared::none()
        };
        let written = metadata(Some("k8s"), &shared);
        assert_eq!(
            written["annotations"],
            json!({"tailscale.com/hostname": "k8s", "tailscale.com/tags": "tag:a,tag:b"})
        );
        assert_eq!(written["labels"], json!({"tailscale.com/proxy-class": "prod"}));
        assert_eq!(argument("metadata.annotations.tailscale.com/tags").to_string(), "tags");
    }
}
