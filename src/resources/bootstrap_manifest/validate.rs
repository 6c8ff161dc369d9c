//! Checks that need no cluster.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};

use super::model::BootstrapManifest;
use super::wait::parts;
use crate::manifest::merge::{paths, replaced};
use crate::manifest::value::partial;

pub(super) fn validate(config: &BootstrapManifest, found: &mut Diagnostics) {
    // Which of the two is missing or too many is said by their declaration.
    if config.manifest.is_null() == config.yaml.is_null() {
        return;
    }
    if let Err(problem) = config.wanted() {
        found.push(problem.diagnostic(config.argument()));
    }
    if let Some(datum) = config.manifest_wo.as_ref_option() {
        let secret = partial(datum);
        let at = AttributePath::new("manifest_wo");
        if secret.is_known() && !secret.json.is_object() {
            let detail = "It must be an object, such as { spec = { auth = { token = … } } }.";
            found.push(Diagnostic::error("manifest_wo is not an object", detail).at(at.clone()));
        }
        let fixed = ["apiVersion", "kind", "metadata", "status"];
        if let Some(field) = fixed.iter().find(|field| secret.json.get(*field).is_some()) {
            let detail = format!("{field} is not secret, or not for a manifest: remove it from manifest_wo.");
            found.push(Diagnostic::error("manifest_wo has a field that it cannot set", detail).at(at.clone()));
        }
        if let Ok(body) = config.body() {
            // What replaces another value has no path of its own that could be hidden, nor sent again.
            if let Some(path) = replaced(&body.json, &secret.json) {
                let detail = format!(
                    "manifest_wo has an object at {0}, and the manifest has another value there. Remove {0} from the manifest, or make it an object.",
                    path.join(".")
                );
                found.push(Diagnostic::error("manifest_wo replaces a value of the manifest", detail).at(at.clone()));
            }
            let is = |name: &str, value: &str| body.json.get(name).and_then(serde_json::Value::as_str) == Some(value);
            let data = ["data", "stringData"].iter().find(|field| secret.json.get(*field).is_some());
            if let Some(field) = data.filter(|_| is("apiVersion", "v1") && is("kind", "Secret")) {
                let detail = format!(
                    "{field} of a Secret belongs to tazlab_bootstrap_secret, which compares each key with the live Secret."
                );
                found.push(Diagnostic::error("The content of a Secret is not a manifest's", detail).at(at));
            }
        }
    }
    let secret = config.manifest_wo.as_ref_option().map(|datum| paths(&partial(datum).json)).unwrap_or_default();
    for (argument, expectation) in [("wait_for", &config.wait_for), ("failed_when", &config.failed_when)] {
        let fields = expectation.as_ref_option().and_then(|one| one.fields.as_ref_option());
        for field in fields.into_iter().flatten().map(|(path, _)| path) {
            let names = parts(field).unwrap_or_default();
            let touches = |path: &&Vec<String>| path.iter().zip(&names).all(|(one, other)| one == other);
            if secret.iter().any(|path| touches(&path)) && !names.is_empty() {
                let detail =
                    format!("manifest_wo sets {field}, and what it sets is compared with nothing that is stored.");
                let at = AttributePath::new(argument).attribute("fields").key(field.clone());
                found.push(Diagnostic::error("The field is write-only", detail).at(at));
            } else if parts(field).is_none() {
                let detail = format!("{field} has a bracket that is not closed.");
                let at = AttributePath::new(argument).attribute("fields").key(field.clone());
                found.push(Diagnostic::error("The path cannot be read", detail).at(at));
            }
        }
    }
    for (argument, expectation) in [("wait_for", &config.wait_for), ("failed_when", &config.failed_when)] {
        if let Some(one) = expectation.as_ref_option()
            && one.conditions.is_null()
            && one.fields.is_null()
        {
            let detail = "Set conditions, fields, or both, or remove the argument.";
            let summary = format!("{argument} expects nothing");
            found.push(Diagnostic::error(summary, detail).at(AttributePath::new(argument)));
        }
    }
}
