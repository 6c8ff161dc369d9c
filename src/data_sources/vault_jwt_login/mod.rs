//! `tazlab_vault_jwt_login`: proves that a ServiceAccount can log in to Vault, and says why it cannot.
//!
//! This module wires; `prove` tries, `gather` looks around after a refusal, `explain` and what it uses are pure.

mod compare;
mod evidence;
mod explain;
mod gather;
mod hcl;
mod keys;
mod model;
mod mount;
mod prove;
mod role;
#[cfg(test)]
mod tests;

use std::fmt::Write;
use std::time::Duration;

use async_trait::async_trait;

use crate::configured::Configured;
use crate::framework::context::Context;
use crate::framework::data_source::{DataSource, Findings};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::value::Value;
use crate::vault::bare;

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct VaultJwtLogin;

/// Who logs in where.
#[derive(Clone, Debug)]
struct Login {
    mount: String,
    role: String,
    namespace: String,
    name: String,
    audiences: Vec<String>,
}

impl Login {
    fn of(config: &model::VaultJwtLogin) -> Self {
        let text = |value: &Value<String>| value.as_deref_option().unwrap_or_default().to_owned();
        let account = config.service_account.as_ref_option();
        let one = config.audience.as_ref_option().map(|one| vec![one.clone()]);
        Self {
            mount: bare(&text(&config.auth_path)),
            role: text(&config.role),
            namespace: account.map(|account| text(&account.namespace)).unwrap_or_default(),
            name: account.map(|account| text(&account.name)).unwrap_or_default(),
            audiences: one.or_else(|| config.audiences.as_ref_option().cloned()).unwrap_or_default(),
        }
    }
}

#[async_trait]
impl DataSource for VaultJwtLogin {
    type Data = Configured;
    type Model = model::VaultJwtLogin;

    const NAME: &'static str = "tazlab_vault_jwt_login";

    async fn read(&self, context: &Context<Configured>, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let login = Login::of(&config);
        let mut findings = Findings::default();
        let Login { mount, role, namespace, name, .. } = &login;
        let mut model =
            model::VaultJwtLogin { policies: Value::Null, token_ttl: Value::Null, claims: Value::Null, ..config };
        let mut summary = None;
        match prove::prove(context, context.provider()?, &login, &mut findings).await {
            prove::Outcome::In { policies, lease } => {
                summary = Some(format!(
                    "{namespace}/{name} logs in as {role} at auth/{mount}: policies {}; for {}",
                    policies.join(", "),
                    lasting(lease)
                ));
                model.policies = Value::Value(policies);
                model.token_ttl = Value::Value(i64::try_from(lease.as_secs()).unwrap_or(i64::MAX));
            }
            prove::Outcome::Refused { claims } => {
                model.claims = Value::Value(claims.into_iter().map(model::Claim::from).collect());
            }
            prove::Outcome::Untried => {}
        }
        let problem = findings.first().map(ToOwned::to_owned);
        model.summary = Value::Value(problem.or(summary).unwrap_or_default());
        model.ready = findings.ready();
        model.problems = findings.problems();
        findings.tell(context, format!("{namespace}/{name} does not get from Vault what it needs"));
        Ok(model)
    }
}

/// A duration as Vault and Terraform write it.
fn lasting(time: Duration) -> String {
    let seconds = time.as_secs();
    let parts = [(seconds / 3600, 'h'), (seconds % 3600 / 60, 'm'), (seconds % 60, 's')];
    let told = parts.into_iter().filter(|(count, _)| *count > 0).fold(String::new(), |mut told, (count, unit)| {
        // Writing to a text cannot fail.
        let _ = write!(told, "{count}{unit}");
        told
    });
    if told.is_empty() { "ever".to_owned() } else { told }
}
