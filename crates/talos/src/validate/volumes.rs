//! Documents of volumes.

use super::Check;
use crate::go;
use crate::own::magnitude;
use crate::value::Value;

/// A partition's label has 36 characters, and Talos puts two before the name.
const LONGEST_NAME: usize = 34;

fn name(check: &mut Check, document: &Value, longest: Option<usize>) {
    let name = document.get("name");
    let text = name.text();
    let at = if name.is_nil() { document } else { name };
    if text.is_empty() || longest.is_some_and(|longest| text.len() > longest) {
        check.refuse(at, "name", format!("a name of 1 to {LONGEST_NAME} characters is expected here"));
    }
    if !text.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
        check.refuse(at, "name", "a name has ASCII letters, digits and hyphens");
    }
}

/// A partition that Talos makes: its disk and its size.
fn provisioning(check: &mut Check, document: &Value, required: bool, sized: bool) {
    let spec = document.get("provisioning");
    if required && spec.at_path("diskSelector.match").text().is_empty() {
        check.refuse(document, "provisioning.diskSelector", "diskSelector.match must be set");
    }
    let (least, most) = (spec.get("minSize"), spec.get("maxSize"));
    let (no_least, no_most) = (least.text().is_empty(), most.text().is_empty());
    if !sized {
        if !no_least || !no_most || !spec.get("grow").is_nil() {
            check.refuse(spec, "provisioning", "a volume that fills its disk has no minSize, maxSize and grow");
        }
        return;
    }
    let bytes = |size: &Value| go::bytes(magnitude(size.text()));
    if !no_least && !no_most && !most.text().ends_with('%') && !most.text().starts_with('-') {
        if bytes(least) > bytes(most) {
            check.refuse(least, "provisioning.minSize", "minSize is larger than maxSize");
        }
    } else if required && no_least && no_most {
        check.refuse(document, "provisioning", "minSize or maxSize must be set");
    }
    if least.text().starts_with('-') {
        check.refuse(least, "provisioning.minSize", "minSize cannot be negative");
    }
}

fn provisions(document: &Value) -> bool {
    let spec = document.get("provisioning");
    let texts = ["minSize", "maxSize", "diskSelector.match"];
    !spec.get("grow").is_nil() || texts.iter().any(|path| !spec.at_path(path).text().is_empty())
}

/// Is there encryption in the document?
pub(super) fn encrypts(document: &Value) -> bool {
    let spec = document.get("encryption");
    has_provider(spec) || !spec.get("keys").items().is_empty()
}

pub(super) fn has_provider(spec: &Value) -> bool {
    !matches!(spec.get("provider").text(), "" | "none")
}

fn encryption(check: &mut Check, document: &Value) {
    if !encrypts(document) {
        return;
    }
    let spec = document.get("encryption");
    if !has_provider(spec) {
        check.refuse(spec, "encryption.provider", "the provider of encryption is luks2");
    }
    let keys = spec.get("keys").items();
    if keys.is_empty() {
        check.refuse(spec, "encryption.keys", "encryption needs keys");
    }
    let mut slots = Vec::new();
    for key in keys {
        let slot = key.get("slot").number();
        if slots.contains(&slot) {
            check.refuse(key, "encryption.keys", format!("key slot {slot} is used twice"));
        }
        slots.push(slot);
        if ["static", "nodeID", "kms", "tpm"].iter().all(|kind| key.get(kind).is_nil()) {
            check.refuse(key, "encryption.keys", format!("the key of slot {slot} does not specify a source"));
        }
        for register in key.at_path("tpm.options.pcrs").items() {
            if !(0..=23).contains(&register.number()) {
                check.refuse(register, "encryption.keys", "a TPM's register is between 0 and 23");
            }
        }
    }
}

/// Raw and swap volumes.
pub(super) fn plain(check: &mut Check, document: &Value) {
    name(check, document, Some(LONGEST_NAME));
    provisioning(check, document, true, true);
    encryption(check, document);
}

pub(super) fn existing(check: &mut Check, document: &Value) {
    name(check, document, None);
    if document.at_path("discovery.volumeSelector.match").text().is_empty() {
        check.refuse(document, "discovery.volumeSelector", "volumeSelector.match must be set");
    }
}

/// One of Talos' own volumes.
pub(super) fn system(check: &mut Check, document: &Value) {
    let name = document.get("name");
    if !matches!(name.text(), "STATE" | "EPHEMERAL" | "IMAGECACHE") {
        let at = if name.is_nil() { document } else { name };
        check.refuse(at, "name", "the volume is STATE, EPHEMERAL or IMAGECACHE");
        return;
    }
    if name.text() == "STATE" {
        if provisions(document) {
            check.refuse(document.get("provisioning"), "provisioning", "STATE cannot be provisioned");
        }
        for key in document.at_path("encryption.keys").items().iter().filter(|key| key.get("lockToState").is_true()) {
            check.refuse(key, "encryption.keys", "a key of STATE cannot be locked to STATE");
        }
    }
    provisioning(check, document, false, true);
    encryption(check, document);
}

pub(super) fn user(check: &mut Check, document: &Value) {
    name(check, document, Some(LONGEST_NAME));
    let kind = document.get("volumeType");
    let filesystem = document.get("filesystem");
    match if kind.is_nil() { "partition" } else { kind.text() } {
        "directory" => {
            let filesystem_set = filesystem.get("type").text() != "none" && !filesystem.get("type").is_nil()
                || !filesystem.get("projectQuotaSupport").is_nil();
            for (part, set) in [
                ("provisioning", provisions(document)),
                ("encryption", encrypts(document)),
                ("filesystem", filesystem_set),
                ("mount", ["disableAccessTime", "secure"].iter().any(|key| !document.get("mount").get(key).is_nil())),
            ] {
                if set {
                    check.refuse(document.get(part), part, "a directory has no such settings");
                }
            }
        }
        shape @ ("disk" | "partition") => {
            provisioning(check, document, true, shape == "partition");
            self::filesystem(check, filesystem);
            encryption(check, document);
        }
        other => check.refuse(kind, "volumeType", format!("a user's volume cannot be of type {other}")),
    }
}

fn filesystem(check: &mut Check, filesystem: &Value) {
    let kind = filesystem.get("type");
    if !matches!(kind.text(), "" | "none" | "xfs" | "ext4") {
        check.refuse(kind, "filesystem.type", "a user's volume is formatted with xfs or ext4");
    } else if kind.text() == "ext4" && filesystem.get("projectQuotaSupport").is_true() {
        check.refuse(filesystem.get("projectQuotaSupport"), "filesystem", "only xfs has project quotas");
    }
}

/// A volume that the machine's host gives.
pub(super) fn external(check: &mut Check, document: &Value) {
    name(check, document, Some(LONGEST_NAME));
    let kind = document.get("filesystemType");
    if kind.text() != "virtiofs" {
        let at = if kind.is_nil() { document } else { kind };
        check.refuse(at, "filesystemType", "the filesystem of an external volume is virtiofs");
        return;
    }
    if document.at_path("mount.virtiofs.tag").text().is_empty() {
        check.refuse(document, "mount.virtiofs.tag", "mount.virtiofs.tag must be set");
    }
}
