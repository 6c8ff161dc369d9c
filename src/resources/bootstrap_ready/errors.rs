//! The edge: what a wait ended with, as the user reads it.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::{Context, Interrupted};
use tf_plugin::framework::diagnostics::Diagnostic;

use crate::readiness::{Report, WaitError};

pub(super) fn told(error: &WaitError) -> Diagnostic {
    match error {
        WaitError::Interrupted { report, why } => {
            let (summary, ended) = match why {
                Interrupted::TimedOut => ("Not everything is ready", "At the timeout"),
                Interrupted::Stopped => ("Stopped before everything was ready", "When the wait was stopped"),
            };
            listed(summary, &format!("{ended}: {}. The wait {why}.", report.summary()), report)
        }
        WaitError::Hopeless { report } => {
            let ended =
                format!("The wait ended early: a controller has given up on an object. So far: {}.", report.summary());
            listed("Not everything can become ready", &ended, report)
        }
        WaitError::Cluster(failure) => {
            failure.diagnostic("Cannot read the readiness of the cluster", AttributePath::root())
        }
    }
}

fn listed(summary: &str, ended: &str, report: &Report) -> Diagnostic {
    let at = report.path();
    Diagnostic::error(summary, format!("{ended}\n\n{}", report.problems().join("\n"))).at(at)
}

/// What a refresh has found: nobody has to print an output to see it.
pub(super) fn warn<D>(context: &Context<D>, report: &Report) {
    if report.is_ready() {
        return;
    }
    let at = report.path();
    context.warn(Diagnostic::warning("Not everything is ready any more", report.excerpt()).at(at));
}
