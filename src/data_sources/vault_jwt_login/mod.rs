//! `tazlab_vault_jwt_login`: proves that a ServiceAccount can log in to Vault, and says why it cannot.
//!
//! This module wires; `prove` tries, `gather` looks around after a refusal, `explain` and what it uses are pure.

mod bound;
mod evidence;
mod explain;
mod gather;
mod keys;
mod model;
mod mount;
mod prove;
mod role;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use tazlab_clients::vault::Client;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::{DataSource, Findings};
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::value::Value;

use crate::cluster::account::Account;
use crate::configured::Configured;
use crate::vault::{bare, duration};

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct VaultJwtLogin;

/// Who logs in where.
#[derive(Clone, Debug)]
struct Login {
    vault_namespace: Option<String>,
    mount: String,
    role: String,
    account: Account,
    audiences: Vec<String>,
}

impl Login {
    fn of(config: &model::VaultJwtLogin) -> Self {
        Self {
            vault_namespace: config.namespace.as_ref_option().cloned(),
            mount: bare(config.mount.as_deref_option().unwrap_or_default()),
            role: config.role.as_deref_option().unwrap_or_default().to_owned(),
            account: Account::of(&config.service_account),
            audiences: config.audiences.as_ref_option().cloned().unwrap_or_default(),
        }
    }

    /// The client where the auth method is.
    fn at(&self, client: &Client) -> Client {
        client.within(self.vault_namespace.as_deref())
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
        let Login { mount, role, account, .. } = &login;
        let mut model =
            model::VaultJwtLogin { policies: Value::Null, token_ttl: Value::Null, claims: Value::Null, ..config };
        let mut summary = None;
        match prove::prove(context, context.provider()?, &login, &mut findings).await {
            prove::Outcome::In { policies, lease } => {
                summary = Some(format!(
                    "{account} logs in as {role} at auth/{mount}: policies {}; for {}",
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
        findings.tell_of(context, "The test login to Vault has problems", &account.to_string());
        Ok(model)
    }
}

/// How long a token lasts; Vault gives none that never ends as zero.
fn lasting(time: Duration) -> String {
    match i64::try_from(time.as_secs()).unwrap_or(i64::MAX) {
        0 => "ever".to_owned(),
        seconds => duration::text(seconds),
    }
}
