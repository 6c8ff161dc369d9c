//! Documents with a kind of their own: which check each has, and which settings must not stand in two places.

use tazlab_go::{net, netip, url};

use super::{Check, images, kubespan, links, routes, volumes};
use crate::value::{Data, Value};

pub(super) fn document(check: &mut Check, kind: &str, document: &Value) {
    match kind {
        "BondConfig" => links::bond(check, document),
        "VRFConfig" => links::vrf(check, document),
        "BridgeConfig" | "DummyLinkConfig" | "LinkConfig" => links::common(check, document),
        "VLANConfig" => links::vlan(check, document),
        "WireguardConfig" => links::wireguard(check, document),
        "DHCPv4Config" | "DHCPv6Config" => links::dhcp(check, document),
        "EthernetConfig" => check.required(document, "name"),
        "HCloudVIPConfig" => {
            links::shared_address(check, document);
            check.required(document, "apiToken");
        }
        "Layer2VIPConfig" => links::shared_address(check, document),
        "NetworkRuleConfig" => links::rule(check, document),
        "LinkAliasConfig" => {
            check.required(document, "name");
            let name = document.get("name");
            // `net%d` numbers the links that match.
            if let Some((before, verb)) = name.text().split_once('%')
                && (before.is_empty() || verb != "d")
            {
                check.refuse(name, "name", "a name with % ends with %d, as in net%d");
            }
            check.required(document.get("selector"), "match");
        }
        "StaticHostConfig" => {
            check.required(document, "name");
            links::name_is_address(check, document);
            if document.get("hostnames").items().is_empty() {
                check.refuse(document, "hostnames", "at least one host name must be set");
            }
        }
        "HostnameConfig" => hostname(check, document),
        "TimeSyncConfig" => {
            let limit = document.get("bootTimeout");
            if limit.number() < 0 {
                check.refuse(limit, "bootTimeout", "bootTimeout cannot be negative");
            }
            if !document.get("ntp").is_nil() && !document.get("ptp").is_nil() {
                check.refuse(document, "ntp", "ntp and ptp cannot both be set");
            }
        }
        "BlackholeRouteConfig" => routes::blackhole(check, document),
        "RoutingRuleConfig" => routes::rule(check, document),
        "KubeSpanConfig" => kubespan::document(check, document),
        "TCPProbeConfig" => probe(check, document),
        "EnvironmentConfig" => environment(check, document),
        "ImageVerificationConfig" => images::rules(check, document),
        "ExternalVolumeConfig" => volumes::external(check, document),
        "ExistingVolumeConfig" => volumes::existing(check, document),
        "RawVolumeConfig" | "SwapVolumeConfig" => volumes::plain(check, document),
        "UserVolumeConfig" => volumes::user(check, document),
        "VolumeConfig" => volumes::system(check, document),
        "ZswapConfig" => {
            let share = document.get("maxPoolPercent");
            if !(0..=100).contains(&share.number()) {
                check.refuse(share, "maxPoolPercent", "a percentage is between 0 and 100");
            }
        }
        "ExtensionServiceConfig" => extension(check, document),
        "WatchdogTimerConfig" => watchdog(check, document),
        "OOMConfig" => {
            let interval = document.get("sampleInterval");
            if interval.number() < 0 {
                check.refuse(interval, "sampleInterval", "sampleInterval cannot be negative");
            }
        }
        "EventSinkConfig" if net::split_host_port(document.get("endpoint").text()).is_err() => {
            check.refuse(document, "endpoint", "endpoint is a host with a port");
        }
        "KmsgLogConfig" => kernel_log(check, document),
        "SideroLinkConfig" => endpoint(check, document.get("apiUrl"), document, "apiUrl", &["https", "grpc"]),
        "RegistryAuthConfig" => registry_auth(check, document),
        "RegistryMirrorConfig" => registry_mirror(check, document),
        "RegistryTLSConfig" => registry_tls(check, document),
        _ => {}
    }
}

/// What must not be set both in the document and in `machine`.
pub(super) fn conflicts(check: &mut Check, kind: &str, document: &Value, config: &Value) {
    let machine = config.get("machine");
    let network = machine.get("network");
    match kind {
        "HostnameConfig" => {
            for value in [network.get("hostname"), machine.at_path("features.stableHostname")] {
                if !value.text().is_empty() || value.is_true() {
                    let text = "the host name is set by HostnameConfig already: set it there, and not in machine";
                    check.refuse(value, "machine", text);
                }
            }
        }
        "ResolverConfig" => {
            let searches = network.get("searchDomains");
            let servers = network.get("nameservers");
            let any_server = servers.items().iter().any(|server| netip::parse_addr(server.text()).is_some());
            if !searches.is_nil() || any_server || network.get("disableSearchDomain").is_true() {
                check.refuse(document, "ResolverConfig", "machine.network sets the resolvers already");
            }
        }
        "KubeSpanConfig" => {
            let legacy = network.get("kubespan");
            if !legacy.is_nil() {
                check.refuse(document, "KubeSpanConfig", "machine.network.kubespan sets this already");
            }
        }
        "TimeSyncConfig" => {
            let time = machine.get("time");
            let set = time.get("disabled").is_true()
                || !time.get("servers").items().is_empty()
                || time.get("bootTimeout").number() != 0;
            if set {
                check.refuse(document, "TimeSyncConfig", "machine.time sets this already");
            }
        }
        "VolumeConfig" if volumes::has_provider(document.get("encryption")) => {
            let legacy = match document.get("name").text() {
                "STATE" => machine.at_path("systemDiskEncryption.state"),
                "EPHEMERAL" => machine.at_path("systemDiskEncryption.ephemeral"),
                _ => return,
            };
            if !legacy.is_nil() {
                check.refuse(document, "VolumeConfig", "machine.systemDiskEncryption sets this already");
            }
        }
        _ => {}
    }
}

fn hostname(check: &mut Check, document: &Value) {
    let (auto, name) = (document.get("auto"), document.get("hostname"));
    let off = matches!(auto.text(), "" | "off");
    if auto.is_nil() && name.text().is_empty() {
        check.refuse(document, "auto", "auto or hostname must be set");
    }
    if !off && !name.text().is_empty() {
        let text = "hostname conflicts with auto, which Talos sets to stable: set auto to off";
        check.refuse(name, "hostname", text);
    }
    if auto.text() == "talos-addr" {
        check.refuse(auto, "auto", "auto is stable or off");
    }
    let first = name.text().split('.').next().unwrap_or_default();
    if !name.text().is_empty() && (name.text().len() > 253 || first.is_empty() || first.len() > 63) {
        check.refuse(name, "hostname", "this is not a host name: a label has 1 to 63 characters, a name up to 253");
    }
}

fn probe(check: &mut Check, document: &Value) {
    check.required(document, "name");
    check.required(document, "endpoint");
    for key in ["timeout", "interval", "failureThreshold"] {
        let value = document.get(key);
        if value.number() < 0 {
            check.refuse(value, key, format!("{key} cannot be negative"));
        }
    }
}

fn environment(check: &mut Check, document: &Value) {
    for (name, value) in document.get("variables").entries() {
        let good = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !good {
            let at = if value.at.is_some() { value } else { document };
            check.refuse(at, &format!("variables.{name}"), "a variable's name has letters, digits and underscores");
        }
    }
}

fn extension(check: &mut Check, document: &Value) {
    check.required(document, "name");
    let files = document.get("configFiles").items();
    if files.is_empty() && document.get("environment").items().is_empty() {
        check.refuse(document, "configFiles", "configFiles or environment must be set");
    }
    for file in files {
        check.required(file, "content");
        check.required(file, "mountPath");
    }
}

/// The shortest time that a watchdog waits.
const SHORTEST_WATCHDOG: i128 = 10_000_000_000;

fn watchdog(check: &mut Check, document: &Value) {
    check.required(document, "device");
    let limit = document.get("timeout");
    if limit.number() != 0 && limit.number() < SHORTEST_WATCHDOG {
        check.refuse(limit, "timeout", "the shortest time is 10s");
    }
}

/// A URL of one of some schemes, without a path.
fn endpoint(check: &mut Check, value: &Value, document: &Value, path: &str, schemes: &[&str]) {
    if value.is_nil() {
        check.refuse(document, path, format!("{path} must be set"));
        return;
    }
    let url = url::parse(value.text()).unwrap_or_default();
    if !schemes.contains(&url.scheme.as_str()) {
        check.refuse(value, path, format!("the scheme must be {}", schemes.join(" or ")));
    } else if !matches!(url.path.as_str(), "" | "/") {
        check.refuse(value, path, "the URL must have no path");
    }
}

fn kernel_log(check: &mut Check, document: &Value) {
    check.required(document, "name");
    let value = document.get("url");
    endpoint(check, value, document, "url", &["tcp", "udp"]);
    if !value.is_nil() && url::parse(value.text()).is_some_and(|url| url.port().is_empty()) {
        check.refuse(value, "url", "the URL must name a port");
    }
}

fn registry_auth(check: &mut Check, document: &Value) {
    check.required(document, "name");
    let set = |key: &str| !document.get(key).text().is_empty();
    let ways = usize::from(set("username")) + usize::from(set("identityToken")) + usize::from(set("auth"));
    if ways > 1 {
        check.refuse(document, "auth", "one of username, identityToken and auth can be set");
    }
}

fn registry_mirror(check: &mut Check, document: &Value) {
    check.required(document, "name");
    for (index, entry) in document.get("endpoints").items().iter().enumerate() {
        let value = entry.get("url");
        let path = format!("endpoints[{index}].url");
        if value.is_nil() {
            check.refuse(entry, &path, "url must be set");
        } else if url::parse(value.text()).is_none_or(|url| !matches!(url.scheme.as_str(), "http" | "https")) {
            check.refuse(value, &path, "the scheme must be http or https");
        }
    }
}

fn registry_tls(check: &mut Check, document: &Value) {
    check.required(document, "name");
    let authority = document.get("ca");
    if !authority.text().is_empty() && !has_certificate(authority.text()) {
        check.refuse(authority, "ca", "a PEM certificate is expected here");
    }
    let identity = document.get("clientIdentity");
    if let Data::Struct(_) = identity.data {
        if !has_certificate(identity.get("cert").text()) {
            check.refuse(identity, "clientIdentity.cert", "a PEM certificate is expected here");
        }
        if !identity.get("key").text().contains("PRIVATE KEY-----") {
            check.refuse(identity, "clientIdentity.key", "a PEM private key is expected here");
        }
    }
}

fn has_certificate(text: &str) -> bool {
    let blocks = x509_parser::pem::Pem::iter_from_buffer(text.as_bytes());
    blocks.flatten().any(|block| block.label == "CERTIFICATE" && block.parse_x509().is_ok())
}
