//! `tazlab_bootstrap_status`: what is ready and what is not, at once. What is looked at and what it means is `readiness`'.

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::{DataSource, Findings};
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::model::Joined;
use tf_plugin::framework::value::Value;

use crate::configured::Configured;
use crate::readiness::arguments::Arguments;
use crate::readiness::{Report, look_once};

tf_plugin::model! {
    /// Reports what of a bootstrap is ready and what is not, without waiting. `tazlab_bootstrap_ready` waits for the
    /// same.
    ///
    /// It never waits, and what it finds is never an error: add a `postcondition` or a `check` on `ready`. While
    /// settings of the provider are not known yet, or the cluster cannot be reached, `ready` is `false` and `problems`
    /// has the reason.
    pub struct Own {
        /// Whether everything is ready.
        pub ready: Value<bool> => computed(),
        /// One line for each object that is not ready, with its reason; root causes first.
        pub problems: Value<Vec<String>> => computed(),
        /// One line, such as `16/16 Kustomizations Ready, 17/17 ExternalSecrets Synced`.
        pub summary: Value<String> => computed(),
        /// The suspended objects, such as `Kustomization flux-system/apps`. They are not counted, unless they are named
        /// individually.
        pub suspended: Value<Vec<String>> => computed(),
    }
}

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapStatus;

#[async_trait]
impl DataSource for BootstrapStatus {
    type Data = Configured;
    type Model = Joined<Own, Arguments>;

    const NAME: &'static str = "tazlab_bootstrap_status";

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        config.shared.validate(found);
    }

    async fn read(&self, context: &Context<Configured>, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let wanted = config.shared.wanted();
        let picture = look_once(&context.provider()?.cluster, context, &wanted).await;
        let own = match picture.map(|picture| Report::of(&picture, &wanted)) {
            Ok(report) => {
                if !report.is_ready() {
                    let at = report.path();
                    context.warn(Diagnostic::warning("Not everything is ready", report.excerpt()).at(at));
                }
                Own::from(&report)
            }
            Err(failure) => {
                let mut findings = Findings::default();
                findings.problem(format!("Cannot read the cluster: {failure}"));
                findings.tell(context, "Not everything is ready");
                Own::unseen(&findings)
            }
        };
        Ok(Joined { own, shared: config.shared })
    }
}

impl From<&Report> for Own {
    fn from(report: &Report) -> Self {
        Self {
            ready: Value::Value(report.is_ready()),
            problems: Value::Value(report.problems().to_vec()),
            summary: Value::Value(report.summary()),
            suspended: Value::Value(report.suspended().to_vec()),
        }
    }
}

impl Own {
    fn unseen(findings: &Findings) -> Self {
        Self {
            ready: findings.ready(),
            problems: findings.problems(),
            summary: Value::Value(findings.first().unwrap_or_default().to_owned()),
            suspended: Value::Value(Vec::new()),
        }
    }
}
