//! The configuration of Pod Security admission. Talos merges it as a tree without types, appends its lists, and writes it
//! to a file; kube-apiserver reads that strictly and ends when it is wrong.
//!
//! Talos 1.13.9, `internal/app/machined/pkg/controllers/k8s/render_config_static_pods.go` (`admissionControlConfig`);
//! k8s.io/pod-security-admission 0.36, `admission/api/scheme`, `admission/api/validation/validation.go`; k8s.io/apiserver
//! 0.36, `pkg/admission/config.go` (the first configuration of a name counts).

use super::shape::{Shape, TEXTS, misfits};
use super::{Rules, flags, names};
use crate::value::{Data, Value};

/// The rule's name.
pub(super) const ADMISSION: &str = "cluster.apiServer.admissionControl";

const PLUGIN: &str = "PodSecurity";

const CONFIGURATION: Shape = Shape::Fields(&[
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    (
        "defaults",
        Shape::Fields(&[
            ("enforce", Shape::Text),
            ("enforce-version", Shape::Text),
            ("audit", Shape::Text),
            ("audit-version", Shape::Text),
            ("warn", Shape::Text),
            ("warn-version", Shape::Text),
        ]),
    ),
    ("exemptions", Shape::Fields(&[("usernames", TEXTS), ("namespaces", TEXTS), ("runtimeClasses", TEXTS)])),
]);

const VERSIONS: &[&str] = &[
    "pod-security.admission.config.k8s.io/v1",
    "pod-security.admission.config.k8s.io/v1beta1",
    "pod-security.admission.config.k8s.io/v1alpha1",
];

pub(super) fn pod_security(rules: &mut Rules<'_>, server: &Value) {
    let is_off = flags::words(server.get("extraArgs").get("disable-admission-plugins")).any(|name| name == PLUGIN);
    let mut plugins = server.get("admissionControl").items().iter();
    let Some(plugin) = plugins.find(|plugin| plugin.get("name").text() == PLUGIN).filter(|_| !is_off) else { return };
    let configuration = plugin.get("configuration");
    if configuration.is_nil() {
        return;
    }
    let path = format!("{ADMISSION}.{PLUGIN}.configuration");
    let mut refuse = |value: &Value, below: &str, why: &str| {
        let value = if value.at.is_some() { value } else { configuration };
        rules.refuse(
            ADMISSION,
            value,
            &format!("{path}{below}"),
            format!("{why}: kube-apiserver does not start with this"),
        );
    };
    let found = misfits(configuration, &CONFIGURATION, "");
    for (value, below, why) in &found {
        refuse(value, below, why);
    }
    if !found.is_empty() {
        return;
    }
    if !VERSIONS.contains(&configuration.get("apiVersion").text()) {
        refuse(
            configuration.get("apiVersion"),
            ".apiVersion",
            &format!("one of {} is expected here", VERSIONS.join(", ")),
        );
    }
    if configuration.get("kind").text() != "PodSecurityConfiguration" {
        refuse(configuration.get("kind"), ".kind", "PodSecurityConfiguration is expected here");
    }
    for mode in ["enforce", "audit", "warn"] {
        let level = configuration.get("defaults").get(mode);
        if !matches!(level.text(), "" | "privileged" | "baseline" | "restricted") {
            refuse(level, &format!(".defaults.{mode}"), "one of privileged, baseline, restricted is expected here");
        }
        let field = format!("{mode}-version");
        let version = configuration.get("defaults").get(&field);
        if !matches!(version.text(), "" | "latest") && !is_minor(version.text()) {
            refuse(version, &format!(".defaults.{field}"), "latest, or a minor version as in v1.36, is expected here");
        }
    }
    let exemptions = configuration.get("exemptions");
    for (field, fits) in [
        ("usernames", (|name| !name.is_empty()) as fn(&str) -> bool),
        ("namespaces", names::is_label),
        ("runtimeClasses", names::is_subdomain),
    ] {
        exempt(rules, exemptions.get(field), &format!("{path}.exemptions.{field}"), fits);
    }
}

fn exempt(rules: &mut Rules<'_>, list: &Value, path: &str, fits: fn(&str) -> bool) {
    let Data::List(items) = &list.data else { return };
    for (index, item) in items.iter().enumerate() {
        let name = item.text();
        let path = format!("{path}[{index}]");
        if !fits(name) {
            let text = format!("{name:?} cannot be a name here: kube-apiserver does not start with this");
            rules.refuse(ADMISSION, item, &path, text);
        }
        let Some(first) = items.iter().take(index).find(|first| first.text() == name) else { continue };
        let from = if first.at.is_none() || item.at.is_none() {
            "Talos appends this list to its own, which has it already"
        } else {
            "it is set twice in this patch"
        };
        let text = format!(
            "{name} is exempt twice: {from}, and kube-apiserver does not start with a duplicate value. Remove it here"
        );
        rules.refuse(ADMISSION, if item.at.is_some() { item } else { first }, &path, text);
    }
}

/// `v1.36`: no patch release, no leading zero.
fn is_minor(version: &str) -> bool {
    version.strip_prefix("v1.").is_some_and(|minor| {
        (minor == "0" || !minor.starts_with('0'))
            && !minor.is_empty()
            && minor.bytes().all(|byte| byte.is_ascii_digit())
    })
}
