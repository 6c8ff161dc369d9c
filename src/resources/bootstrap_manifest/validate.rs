//! Checks that need no cluster.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};

use super::model::BootstrapManifest;
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
            found.push(Diagnostic::error("manifest_wo has a field that it cannot set", detail).at(at));
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
