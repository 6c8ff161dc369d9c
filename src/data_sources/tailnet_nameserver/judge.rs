//! What of it is out of step. Pure.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PodSpec;
use tf_plugin::framework::data_source::Findings;

use super::look::{NAMESERVER, RECORDS, Seen, image};

/// Where the nameserver reads its records.
const FOLDER: &str = "/config";

/// Says what is out of step.
pub(super) fn judge(seen: &Seen, namespace: &str, operator: &str, findings: &mut Findings) {
    let (map, key) = RECORDS;
    match (&seen.content, &seen.records) {
        (None, _) => findings.problem(format!(
            "There are no records: ConfigMap {namespace}/{map} does not exist, or has no key {key}"
        )),
        (Some(_), None) => findings.problem(format!(
            "The records in ConfigMap {namespace}/{map} are not JSON in version v1alpha1: the nameserver exits when it reads them"
        )),
        (Some(_), Some(records)) => {
            for (name, service) in seen.expected.iter().filter(|(name, _)| !has(records, name)) {
                findings.problem(format!("{name} of Service {service} has no record"));
            }
        }
    }
    let Some(nameserver) = &seen.nameserver else {
        findings.problem(format!(
            "There is no nameserver: Deployment {namespace}/{NAMESERVER} does not exist. The operator creates it for a DNSConfig"
        ));
        return;
    };
    if let Some(problem) = mount(nameserver) {
        findings.problem(format!("Deployment {namespace}/{NAMESERVER}: {problem}"));
    }
    if seen.pods.is_empty() {
        findings.problem(format!("No pod of Deployment {namespace}/{NAMESERVER} is ready"));
    }
    let Some(other) = &seen.operator else {
        findings.problem(format!(
            "Deployment {namespace}/{operator} does not exist: the records are not updated (see operator)"
        ));
        return;
    };
    if let (Some(ours), Some(theirs)) = (image(nameserver), image(other))
        && tag(ours) != tag(theirs)
    {
        findings.problem(format!(
            "The nameserver's image is {ours} and the operator's is {theirs}: set spec.nameserver.image.tag of the DNSConfig to {}",
            tag(theirs)
        ));
    }
}

/// Is there a record for the name, with or without the dot at its end?
fn has(records: &super::look::Records, name: &str) -> bool {
    records.iter().any(|(record, addresses)| record.trim_end_matches('.') == name && !addresses.is_empty())
}

/// The tag of an image, or its digest.
fn tag(image: &str) -> &str {
    if let Some((_, digest)) = image.split_once('@') {
        return digest;
    }
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split_once(':').map_or("latest", |(_, tag)| tag)
}

/// What is wrong with where the records are mounted: the nameserver reads one file, and takes its absence for no records.
fn mount(nameserver: &Deployment) -> Option<String> {
    let (map, key) = RECORDS;
    let nothing = format!("nothing is mounted at {FOLDER}, where the nameserver reads {key}");
    let Some(pod) = nameserver.spec.as_ref().and_then(|spec| spec.template.spec.as_ref()) else { return Some(nothing) };
    let Some(source) = source(pod) else { return Some(nothing) };
    if source.name != map {
        return Some(format!("ConfigMap {:?} is mounted at {FOLDER}, and the operator writes {map:?}", source.name));
    }
    let items = source.items.as_deref().unwrap_or_default();
    if items.is_empty() {
        return None;
    }
    match items.iter().find(|item| item.key == key) {
        Some(item) if item.path == key => None,
        Some(item) => Some(format!("key {key} is mounted as {}, and the nameserver reads {key}", item.path)),
        None => {
            let keys: Vec<&str> = items.iter().map(|item| item.key.as_str()).collect();
            Some(format!("only the keys {} are mounted, and the operator writes {key}", keys.join(", ")))
        }
    }
}

fn source(pod: &PodSpec) -> Option<&k8s_openapi::api::core::v1::ConfigMapVolumeSource> {
    let mounts = pod.containers.first()?.volume_mounts.as_ref()?;
    let at = mounts.iter().find(|mount| mount.mount_path.trim_end_matches('/') == FOLDER)?;
    pod.volumes.as_ref()?.iter().find(|volume| volume.name == at.name)?.config_map.as_ref()
}
