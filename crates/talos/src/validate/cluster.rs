//! `cluster`.

use std::sync::LazyLock;

use regex::Regex;
use tazlab_go::url;

use super::Check;
use super::subnets::subnet_fits;
use crate::go;
use crate::value::Value;

static DNS_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^([a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})(\.[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})*[._]?$").ok());

pub(super) fn cluster(check: &mut Check, cluster: &Value, control_plane: bool) {
    if cluster.is_nil() {
        check.refuse(cluster, "cluster", "a configuration needs cluster");
        return;
    }
    let endpoint = cluster.at_path("controlPlane.endpoint");
    if endpoint.is_nil() {
        check.refuse(endpoint, "cluster.controlPlane.endpoint", "the control plane's endpoint must be set");
        return;
    }
    if !go::is_endpoint(endpoint.text()) {
        check.refuse(endpoint, "cluster.controlPlane.endpoint", "a URL with a host is expected here");
    }
    let domain = cluster.at_path("network.dnsDomain");
    if !domain.text().is_empty() && !is_dns_name(domain.text()) {
        check.refuse(domain, "cluster.network.dnsDomain", format!("{:?} is not a DNS name", domain.text()));
    }
    cloud_provider(check, cluster.get("externalCloudProvider"));
    let etcd = cluster.get("etcd");
    if control_plane {
        self::etcd(check, etcd);
    } else if !etcd.is_nil() {
        check.refuse(etcd, "cluster.etcd", "only a control plane runs etcd");
    }
    let key = cluster.at_path("ca.key");
    if !control_plane && !key.text().is_empty() {
        check.refuse(key, "cluster.ca.key", "only a control plane has the key of Kubernetes' CA");
    }
    manifests(check, cluster.get("inlineManifests"));
    discovery(check, cluster);
    api_server(check, cluster.get("apiServer"));
    for name in ["apiServer", "controllerManager", "scheduler"] {
        let resources = cluster.get(name).get("resources");
        for part in ["requests", "limits"] {
            for (key, value) in resources.get(part).entries().filter(|(key, _)| !matches!(*key, "memory" | "cpu")) {
                check.refuse(
                    value,
                    &format!("cluster.{name}.resources.{part}.{key}"),
                    "only cpu and memory can be set",
                );
            }
        }
    }
}

fn is_dns_name(name: &str) -> bool {
    name.len() - name.matches('.').count() <= 255 && DNS_NAME.as_ref().is_some_and(|pattern| pattern.is_match(name))
}

/// The cluster's network plugin; flannel where nothing is said.
pub(super) fn cni(check: &mut Check, cni: &Value) {
    if cni.is_nil() {
        return;
    }
    let path = "cluster.network.cni";
    let name = cni.get("name");
    let urls = cni.get("urls");
    let arguments = cni.at_path("flannel.extraArgs");
    match name.text() {
        "flannel" | "none" if !urls.items().is_empty() => {
            check.refuse(urls, path, format!("urls must be empty with {}", name.text()));
        }
        "flannel" | "none" | "custom" => {}
        other => {
            let at = if name.is_nil() { cni } else { name };
            check.refuse(at, path, format!("name is flannel, custom or none, not {other:?}"));
            return;
        }
    }
    if name.text() != "flannel" && !arguments.items().is_empty() {
        check.refuse(arguments, path, format!("flannel.extraArgs must be empty with {}", name.text()));
    }
    let policies = cni.at_path("flannel.kubeNetworkPoliciesEnabled");
    if name.text() != "flannel" && policies.is_true() {
        check.refuse(policies, path, format!("flannel.kubeNetworkPoliciesEnabled needs flannel, not {}", name.text()));
    }
    if name.text() == "custom" {
        endpoints(check, urls, path);
    }
}

fn endpoints(check: &mut Check, urls: &Value, path: &str) {
    for url in urls.items() {
        if !go::is_endpoint(url.text()) {
            check.refuse(url, path, format!("{:?} is not a URL with a host", url.text()));
        }
    }
}

fn cloud_provider(check: &mut Check, provider: &Value) {
    let manifests = provider.get("manifests");
    let path = "cluster.externalCloudProvider.manifests";
    if !provider.get("enabled").is_true() {
        if !manifests.items().is_empty() {
            check.refuse(manifests, path, "manifests are given, but the cloud provider is not enabled");
        }
        return;
    }
    endpoints(check, manifests, path);
}

fn etcd(check: &mut Check, etcd: &Value) {
    if etcd.is_nil() {
        return;
    }
    if etcd.get("ca").is_nil() {
        check.refuse(etcd, "cluster.etcd.ca", "etcd needs its CA");
    }
    let (subnet, advertised) = (etcd.get("subnet"), etcd.get("advertisedSubnets"));
    if !subnet.text().is_empty() && !advertised.items().is_empty() {
        check.refuse(subnet, "cluster.etcd.subnet", "subnet conflicts with advertisedSubnets");
    }
    let effective = if advertised.items().is_empty() && !subnet.text().is_empty() {
        std::slice::from_ref(subnet)
    } else {
        advertised.items()
    };
    for value in effective {
        subnet_fits(check, value, "cluster.etcd.advertisedSubnets");
    }
    for value in etcd.get("listenSubnets").items() {
        subnet_fits(check, value, "cluster.etcd.listenSubnets");
    }
}

fn manifests(check: &mut Check, manifests: &Value) {
    let mut seen = Vec::new();
    for manifest in manifests.items() {
        let name = manifest.get("name").text();
        if name.trim().is_empty() {
            check.refuse(manifest, "cluster.inlineManifests", "a manifest needs a name");
        }
        if seen.contains(&name) {
            check.refuse(manifest, "cluster.inlineManifests", format!("two manifests are called {name:?}"));
        }
        seen.push(name);
    }
}

fn discovery(check: &mut Check, cluster: &Value) {
    let discovery = cluster.get("discovery");
    let service = discovery.at_path("registries.service");
    if !discovery.get("enabled").is_true() || service.get("disabled").is_true() {
        return;
    }
    let path = "cluster.discovery.registries.service.endpoint";
    let endpoint = service.get("endpoint");
    if !endpoint.text().is_empty() {
        match url::parse_request(endpoint.text()) {
            None => check.refuse(endpoint, path, "a URL is expected here"),
            Some(url) if !matches!(url.path.as_str(), "" | "/") => {
                check.refuse(endpoint, path, "the URL must have no path");
            }
            Some(_) => {}
        }
    }
    for key in ["id", "secret"] {
        if cluster.get(key).text().is_empty() {
            check.refuse(cluster.get(key), &format!("cluster.{key}"), "discovery by a service needs this");
        }
    }
}

fn api_server(check: &mut Check, server: &Value) {
    let authorizers = server.get("authorizationConfig");
    if !authorizers.is_nil() {
        let flag = server.get("extraArgs").entries();
        let mut flags =
            flag.filter(|(key, _)| *key == "authorization-mode" || key.starts_with("authorization-webhook-"));
        if let Some((key, value)) = flags.next() {
            let path = format!("cluster.apiServer.extraArgs.{key}");
            check.refuse(value, &path, "this conflicts with authorizationConfig");
        }
    }
    for authorizer in authorizers.items() {
        let path = "cluster.apiServer.authorizationConfig";
        if authorizer.get("name").text().is_empty() {
            check.refuse(authorizer, path, "an authorizer needs a name");
        }
        if !matches!(authorizer.get("type").text(), "Node" | "RBAC" | "Webhook") {
            check.refuse(authorizer, path, "an authorizer is of type Node, RBAC or Webhook");
        }
    }
}
