//! Talos' machine configuration, as far as patches of it are judged. Pure.
//!
//! A patch is judged as Talos judges it: it is loaded, applied to a control plane's configuration, and the whole is
//! validated; then by rules of our own, for what Talos takes and a cluster does not survive. Whether Talos agrees is
//! measured by `acceptance-tests/tests/talos_oracle`.

mod apiserver_patch;
mod apply;
mod decode;
mod deletes;
#[cfg(test)]
mod differences;
mod go;
mod json_patch;
mod load;
mod merge;
mod own;
mod problem;
mod rules;
mod schema;
mod secrets;
#[cfg(test)]
mod tests;
mod validate;
mod value;

pub use apiserver_patch::{ApiServer, SettingError, apiserver_patch};
pub use problem::{Objection, Problem};
pub use rules::ALLOWABLE;
pub use schema::TALOS_VERSION;
pub use secrets::{is_credential, secrets};

use tazlab_yaml as yaml;

/// Everything that is wrong with a patch. `allow` names rules of ours that shall not object; see [`ALLOWABLE`].
#[must_use]
pub fn check(patch: &str, allow: &[&str]) -> Vec<Problem> {
    let documents = match yaml::parse(patch) {
        Ok(documents) => documents,
        Err(error) => {
            let problem = Problem::talos(Some(error.at), "", format!("this is not YAML: {}", error.text));
            // Of a JSON patch Talos reads no more than the first document.
            let objection =
                if begins_with_json_patch(patch, error.at) { rules::DROPPED_DOCUMENTS } else { problem.objection };
            return vec![Problem { objection, ..problem }];
        }
    };
    let is_json = serde_json::from_str::<Vec<serde_json::Value>>(patch).is_ok();
    let (mut problems, patched) = apply::judged(&documents, is_json);
    problems.extend(rules::object(&patched, patch, allow));
    problems.extend(rules::dropped_documents(&documents));
    // One place is told once for one reason.
    let mut seen = Vec::new();
    problems.retain(|problem| {
        let new = !seen.contains(problem);
        seen.push(problem.clone());
        new
    });
    problems.sort_by_key(|problem| problem.at.unwrap_or_default());
    problems
}

fn begins_with_json_patch(patch: &str, wrong: yaml::Mark) -> bool {
    let next_document = patch.match_indices("\n---").map(|(at, _)| at + 1).next();
    let next_line = patch.match_indices('\n').map(|(at, _)| at + 1).nth(wrong.line.saturating_sub(2));
    [next_document, next_line].into_iter().flatten().any(|end| {
        let first = patch.get(..end).and_then(|text| yaml::parse(text).ok());
        first.is_some_and(|documents| documents.first().is_some_and(json_patch::is_patch))
    })
}
