//! `data.tazlab_tailnet_nameserver`: is the nameserver of Tailscale's operator in step with the operator?
//!
//! Facts from tailscale's `cmd/k8s-nameserver/main.go`, `cmd/k8s-operator/nameserver.go` and `k8s-operator/utils.go` (at
//! commit 03ddd1b07515).

mod answers;
mod judge;
mod look;
mod model;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::{DataSource, Findings};
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::value::Value;

use crate::configured::Configured;

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct TailnetNameserver;

#[async_trait]
impl DataSource for TailnetNameserver {
    type Data = Configured;
    type Model = model::TailnetNameserver;

    const NAME: &'static str = "tazlab_tailnet_nameserver";

    async fn read(&self, context: &Context<Configured>, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let cluster = &context.provider()?.cluster;
        let mut findings = Findings::default();
        let namespace = config.namespace.as_deref_option().unwrap_or_default();
        let operator = config.operator.as_deref_option().unwrap_or_default();
        let mut model = config.clone();
        match look::look(cluster, context, namespace, operator).await {
            Err(failure) => findings.problem(format!("Cannot read the cluster: {failure}")),
            Ok(seen) => {
                judge::judge(&seen, namespace, operator, &mut findings);
                if let Some(records) = &seen.records {
                    answers::compare(cluster, context, namespace, &seen, records, &mut findings).await;
                }
                seen.fill(&mut model);
            }
        }
        let known = model.records.as_ref_option().map_or(0, std::collections::BTreeMap::len);
        let summary = match findings.first() {
            Some(problem) => problem.to_owned(),
            None => format!("{known} names, answered by every pod of the nameserver"),
        };
        model.ready = findings.ready();
        model.problems = findings.problems();
        model.summary = Value::Value(summary);
        findings.tell(context, "The tailnet's nameserver is not in step");
        Ok(model)
    }
}
