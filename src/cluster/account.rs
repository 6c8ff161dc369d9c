//! A ServiceAccount as HCL names it, and a token of it.

use tazlab_clients::kubernetes::{Client, IssuedToken, TokenRequest};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::validation::not_empty;
use tf_plugin::framework::value::Value;

use super::{Cluster, Failure};

/// How long a token lasts that is used at once: the least that Kubernetes takes.
pub const AT_ONCE: i64 = 600;

tf_plugin::model! {
    /// A ServiceAccount.
    pub struct ServiceAccount {
        /// Its namespace.
        pub namespace: Value<String> => required().check(not_empty()),
        /// Its name.
        pub name: Value<String> => required().check(not_empty()),
    }
}

/// A ServiceAccount that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Account {
    /// The one that an argument names.
    #[must_use]
    pub fn of(argument: &Value<ServiceAccount>) -> Self {
        let text = |value: &Value<String>| value.as_deref_option().unwrap_or_default().to_owned();
        argument.as_ref_option().map_or_else(Self::default, |account| Self {
            namespace: text(&account.namespace),
            name: text(&account.name),
        })
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.namespace, self.name)
    }
}

impl Cluster {
    /// Asks for a new token, within `connect_timeout`.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn token_of<D>(
        &self,
        context: &Context<D>,
        account: &Account,
        audiences: Vec<String>,
        seconds: i64,
    ) -> Result<IssuedToken, Failure> {
        let request = &TokenRequest { audiences, seconds };
        let Account { namespace, name } = account;
        let ask =
            |client: Client, call| async move { client.service_account_token(&call, namespace, name, request).await };
        self.look(context, ask).await
    }
}
