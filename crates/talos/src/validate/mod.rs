//! What Talos checks of a whole configuration once a patch has been applied (`Validate` of its machinery): that a machine
//! which is installed to its disk could run with it.

mod cluster;
mod devices;
mod documents;
mod images;
mod kubespan;
mod labels;
mod links;
mod machine;
mod routes;
mod subnets;
mod volumes;

use super::problem::Problem;
use super::schema::LEGACY;
use super::value::Value;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn refuse(&mut self, value: &Value, path: &str, text: impl Into<String>) {
        self.problems.push(Problem::talos(value.at, path, text));
    }

    /// The text must be set.
    fn required(&mut self, document: &Value, key: &str) {
        if document.get(key).text().is_empty() {
            self.refuse(document, key, format!("{key} must be set"));
        }
    }
}

/// A document of the configuration: its kind and its value.
pub(super) type Document = (String, Value);

/// Checks every document, and then those that share a subject with the document without a kind.
pub(super) fn validate(documents: &[Document]) -> Vec<Problem> {
    let mut check = Check::default();
    let legacy = documents.iter().find(|(kind, _)| kind == LEGACY).map(|(_, value)| value);
    if let Some(config) = legacy {
        machine::config(&mut check, config);
    }
    for (kind, document) in documents.iter().filter(|(kind, _)| kind != LEGACY) {
        let before = check.problems.len();
        documents::document(&mut check, kind, document);
        for problem in check.problems.iter_mut().skip(before) {
            let path = format!("{kind} {}", problem.path);
            path.trim_end().clone_into(&mut problem.path);
        }
    }
    if let Some(config) = legacy {
        for (kind, document) in documents {
            documents::conflicts(&mut check, kind, document, config);
        }
    }
    check.problems
}
