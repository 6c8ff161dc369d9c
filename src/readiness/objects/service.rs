//! Addresses and kinds: Services, the EndpointSlices behind them, CRDs.

use serde::Deserialize;

use super::{Conditions, Object, Observed, condition, not_ready};
use crate::cluster::tailscale_operator::{PROXY_READY, TAILNET_FQDN};
use crate::readiness::kind::Id;
use crate::readiness::sighting::{Sighting, Standing};

/// The Services that lead to the tailnet, for which the Tailscale operator answers.
const EGRESS: [&str; 2] = [TAILNET_FQDN, "tailscale.com/tailnet-ip"];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::readiness) struct ServiceSpec {
    #[serde(rename = "type")]
    kind: String,
    external_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::readiness) struct ServiceStatus {
    load_balancer: LoadBalancer,
    conditions: Conditions,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct LoadBalancer {
    ingress: Option<Vec<Ingress>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Ingress {
    ip: Option<String>,
    hostname: Option<String>,
}

/// A Service.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct Service(Object<ServiceSpec, ServiceStatus>);

impl Observed for Service {
    fn sighting(self) -> Sighting {
        let Object { metadata, spec, status } = self.0;
        let standing = metadata.departure().unwrap_or_else(|| {
            let annotated = |name: &&str| metadata.annotations.as_ref().is_some_and(|all| all.contains_key(*name));
            if EGRESS.iter().any(annotated) {
                return match condition(&status.conditions, PROXY_READY) {
                    // That the proxy's StatefulSet exists, and no more than that.
                    Some(ready) if ready.is_true() => Standing::NeedsProxy,
                    Some(ready) => Standing::NotReady(ready.why()),
                    None => not_ready("the Tailscale operator has not reported a status yet"),
                };
            }
            addressed(&spec, &status)
        });
        Sighting::new(metadata.id(), standing)
    }
}

fn addressed(spec: &ServiceSpec, status: &ServiceStatus) -> Standing {
    match spec.kind.as_str() {
        "LoadBalancer" => {
            let mut all = status.load_balancer.ingress.iter().flatten();
            if all.any(|one| one.ip.is_some() || one.hostname.is_some()) {
                Standing::Ready
            } else {
                not_ready("it has no address of a load balancer yet")
            }
        }
        "ExternalName" if spec.external_name.as_deref().is_some_and(|name| !name.is_empty()) => Standing::Ready,
        "ExternalName" => not_ready("it has no external name"),
        _ => Standing::NeedsEndpoints,
    }
}

/// A slice of the pods behind a Service.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::readiness) struct EndpointSlice {
    metadata: super::Metadata,
    #[serde(default)]
    endpoints: Option<Vec<Endpoint>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Endpoint {
    addresses: Vec<String>,
    conditions: EndpointConditions,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct EndpointConditions {
    /// Nothing said means yes (discovery.k8s.io/v1).
    ready: Option<bool>,
}

impl Observed for EndpointSlice {
    fn sighting(self) -> Sighting {
        let mut all = self.endpoints.iter().flatten();
        let any = all.any(|one| !one.addresses.is_empty() && one.conditions.ready != Some(false));
        let standing = if any { Standing::Ready } else { not_ready("no pod behind it is ready") };
        let Id { namespace, .. } = self.metadata.id();
        let name = self.metadata.labels.as_ref().and_then(|labels| labels.get("kubernetes.io/service-name"));
        let service = name.map(|name| Id { namespace, name: name.clone() });
        Sighting { service, ..Sighting::new(self.metadata.id(), standing) }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::readiness) struct CrdSpec {
    group: String,
    names: Names,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Names {
    plural: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::readiness) struct CrdStatus {
    conditions: Conditions,
}

/// The definition of a kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct Crd(Object<CrdSpec, CrdStatus>);

impl Observed for Crd {
    fn sighting(self) -> Sighting {
        let Object { metadata, spec, status } = self.0;
        let refused = condition(&status.conditions, "NamesAccepted").filter(|names| names.status == "False");
        let established = condition(&status.conditions, "Established");
        let standing = metadata.departure().unwrap_or_else(|| match (established, refused) {
            (Some(ready), _) if ready.is_true() => {
                Standing::NeedsServing { group: spec.group.clone(), plural: spec.names.plural.clone() }
            }
            (_, Some(why)) | (Some(why), None) => Standing::NotReady(why.why()),
            (None, None) => not_ready("the API server has not established it yet"),
        });
        Sighting::new(metadata.id(), standing)
    }
}
