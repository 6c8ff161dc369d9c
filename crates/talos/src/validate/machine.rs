//! `machine`.

use tazlab_go::url;

use super::subnets::subnet_fits;
use super::{Check, cluster, devices, kubespan, labels};
use crate::value::{Data, Value};

/// Fields of the kubelet's configuration that Talos sets itself.
const PROTECTED: &[&str] = &[
    "apiVersion",
    "authentication",
    "authorization",
    "cgroupRoot",
    "kind",
    "kubeletCgroups",
    "port",
    "protectKernelDefaults",
    "resolvConf",
    "rotateCertificates",
    "systemCgroups",
    "staticPodPath",
    "seccompDefault",
];

const ROLES: &[&str] = &["os:admin", "os:operator", "os:reader", "os:etcd:backup", "os:impersonator"];

/// The document of `machine` and `cluster`.
pub(super) fn config(check: &mut Check, config: &Value) {
    let machine = config.get("machine");
    if machine.is_nil() {
        check.refuse(machine, "machine", "a configuration needs machine");
        return;
    }
    let kind = machine.get("type");
    let control_plane = matches!(kind.text(), "init" | "controlplane");
    cluster::cluster(check, config.get("cluster"), control_plane);
    install(check, machine.get("install"));
    authorities(check, config, control_plane);
    if control_plane {
        cluster::cni(check, config.at_path("cluster.network.cni"));
    } else if !matches!(kind.text(), "worker" | "join" | "") {
        check.refuse(kind, "machine.type", "a machine is of type controlplane or worker");
    } else {
        worker(check, config);
    }
    let network = machine.get("network");
    if !network.is_nil() {
        devices::interfaces(check, network.get("interfaces"));
    }
    disks(check, machine.get("disks"));
    kubelet(check, machine.get("kubelet"));
    encryption(check, machine.get("systemDiskEncryption"));
    kubespan::legacy(check, config);
    logging(check, machine.at_path("logging.destinations"));
    labels::labels(check, machine.get("nodeLabels"));
    labels::annotations(check, machine.get("nodeAnnotations"));
    labels::taints(check, machine.get("nodeTaints"));
    features(check, machine.get("features"), control_plane);
    let persist = config.get("persist");
    if persist.data == Data::Bool(false) {
        check.refuse(
            persist,
            "persist",
            "persist must be true: a configuration that is not kept is no longer supported",
        );
    }
    for part in ["config", "mirrors"] {
        for (name, value) in machine.get("registries").get(part).entries() {
            if value.is_nil() {
                check.refuse(value, &format!("machine.registries.{part}.{name}"), "this must not be null");
            }
        }
    }
}

fn install(check: &mut Check, install: &Value) {
    if install.is_nil() {
        check.refuse(install, "machine.install", "a machine needs to know how it is installed");
        return;
    }
    let selector = install.get("diskSelector");
    let name = selector.get("name");
    let kind = selector.get("type");
    if !name.text().is_empty() {
        check.refuse(name, "machine.install.diskSelector.name", "Talos no longer selects a disk by its name");
    } else if !matches!(kind.text(), "" | "nvme" | "sd" | "hdd" | "ssd") {
        check.refuse(kind, "machine.install.diskSelector.type", "one of nvme, sd, hdd, ssd is expected here");
    }
    if install.get("disk").text().is_empty() && selector.is_nil() {
        check.refuse(install, "machine.install", "disk or diskSelector must be set");
    }
    let arguments = install.get("extraKernelArgs");
    if !arguments.items().is_empty() && install.get("grubUseUKICmdline").is_true() {
        let text = "extraKernelArgs conflict with grubUseUKICmdline, which Talos sets: set it to false, or build the arguments into the image";
        check.refuse(arguments, "machine.install.extraKernelArgs", text);
    }
    let mut seen = Vec::new();
    for extension in install.get("extensions").items() {
        let image = extension.get("image").text();
        if seen.contains(&image) {
            check.refuse(extension, "machine.install.extensions", format!("{image} is set more than once"));
        }
        seen.push(image);
    }
}

fn authorities(check: &mut Check, config: &Value, control_plane: bool) {
    let machine = config.get("machine");
    let authority = machine.get("ca");
    if authority.is_nil() && machine.get("acceptedCAs").items().is_empty() {
        check.refuse(authority, "machine.ca", "ca or acceptedCAs must be set");
    }
    if control_plane && authority.is_nil() {
        check.refuse(authority, "machine.ca", "a control plane needs its CA");
    } else if control_plane && authority.get("key").text().is_empty() {
        check.refuse(authority, "machine.ca.key", "a control plane needs its CA's key");
    }
}

fn worker(check: &mut Check, config: &Value) {
    let machine = config.get("machine");
    for device in machine.at_path("network.interfaces").items() {
        let vip = std::iter::once(device).chain(device.get("vlans").items()).find(|link| !link.get("vip").is_nil());
        if let Some(link) = vip {
            check.refuse(
                link.get("vip"),
                "machine.network.interfaces.vip",
                "only a control plane has a shared address",
            );
        }
    }
    let authority = machine.get("ca");
    if !authority.get("key").text().is_empty() {
        check.refuse(authority.get("key"), "machine.ca.key", "only a control plane has the key of Talos' CA");
    }
    let none_accepted = machine.get("acceptedCAs").items().is_empty();
    if !authority.is_nil() && authority.get("crt").text().is_empty() && none_accepted {
        check.refuse(authority, "machine.ca.crt", "a worker needs the certificate of Talos' CA");
    }
    let kubernetes = config.at_path("cluster.ca.key");
    if !kubernetes.text().is_empty() {
        check.refuse(kubernetes, "cluster.ca.key", "only a control plane has the key of Kubernetes' CA");
    }
}

fn disks(check: &mut Check, disks: &Value) {
    for (index, disk) in disks.items().iter().enumerate() {
        let path = format!("machine.disks[{index}]");
        if disk.is_nil() {
            check.refuse(disk, &path, "this must not be null");
            continue;
        }
        let partitions = disk.get("partitions").items();
        let last = partitions.len().saturating_sub(1);
        for (index, partition) in partitions.iter().enumerate() {
            if partition.get("size").number() == 0 && index != last {
                check.refuse(
                    partition,
                    &format!("{path}.partitions[{index}]"),
                    "only the last partition may fill the disk",
                );
            }
        }
    }
}

fn kubelet(check: &mut Check, kubelet: &Value) {
    for subnet in kubelet.at_path("nodeIP.validSubnets").items() {
        subnet_fits(check, subnet, "machine.kubelet.nodeIP.validSubnets");
    }
    let extra = kubelet.get("extraConfig");
    for field in PROTECTED {
        if extra.entries().any(|(key, _)| key == *field) {
            let text = format!("Talos sets {field} itself, it cannot be overridden");
            check.refuse(extra.get(field), "machine.kubelet.extraConfig", text);
        }
    }
}

fn encryption(check: &mut Check, encryption: &Value) {
    for label in ["state", "ephemeral"] {
        let partition = encryption.get(label);
        if partition.is_nil() {
            continue;
        }
        let path = format!("machine.systemDiskEncryption.{label}");
        if partition.get("keys").items().is_empty() {
            check.refuse(partition, &path, "an encrypted partition needs keys");
        }
        keys(check, partition.get("keys"), &path);
    }
}

fn keys(check: &mut Check, keys: &Value, path: &str) {
    let mut slots = Vec::new();
    for key in keys.items() {
        let slot = key.get("slot").number();
        if slots.contains(&slot) {
            check.refuse(key, path, format!("key slot {slot} is used twice"));
        }
        slots.push(slot);
        if ["nodeID", "static", "kms", "tpm"].iter().all(|kind| key.get(kind).is_nil()) {
            check.refuse(key, path, format!("the key of slot {slot} does not specify a source"));
        }
    }
}

fn logging(check: &mut Check, destinations: &Value) {
    let path = "machine.logging.destinations";
    for destination in destinations.items() {
        let endpoint = destination.get("endpoint");
        if endpoint.is_nil() {
            check.refuse(destination, path, "endpoint must be set");
        } else {
            let url = url::parse(endpoint.text()).unwrap_or_default();
            if url.host.is_empty() {
                check.refuse(endpoint, path, "the endpoint needs a host");
            }
            if !matches!(url.scheme.as_str(), "tcp" | "udp") {
                check.refuse(endpoint, path, "the endpoint's scheme must be tcp or udp");
            }
        }
        let format = destination.get("format");
        if format.text() != "json_lines" {
            let at = if format.is_nil() { destination } else { format };
            check.refuse(at, path, "format must be json_lines");
        }
    }
}

fn features(check: &mut Check, features: &Value, control_plane: bool) {
    let access = features.get("kubernetesTalosAPIAccess");
    if access.get("enabled").is_true() {
        let path = "machine.features.kubernetesTalosAPIAccess";
        if !control_plane {
            check.refuse(access, path, "only a control plane gives access to Talos' API from Kubernetes");
        }
        for role in access.get("allowedRoles").items() {
            if !ROLES.contains(&role.text()) {
                check.refuse(role, path, format!("one of {} is expected here", ROLES.join(", ")));
            }
        }
    }
    let dns = features.get("hostDNS");
    if dns.get("forwardKubeDNSToHost").is_true() && !dns.get("enabled").is_true() {
        let at = [dns.get("enabled"), dns].into_iter().find(|value| value.at.is_some()).unwrap_or(dns);
        check.refuse(at, "machine.features.hostDNS", "forwardKubeDNSToHost needs hostDNS.enabled");
    }
    let sorting = features.get("nodeAddressSortAlgorithm");
    if !sorting.text().is_empty() && !matches!(sorting.text().to_lowercase().as_str(), "v1" | "v2") {
        check.refuse(sorting, "machine.features.nodeAddressSortAlgorithm", "v1 or v2 is expected here");
    }
}
