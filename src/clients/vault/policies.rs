//! Access policies, as far as they are looked at.

use vaultrs::sys::policy;

use super::Client;
use super::error::Error;
use super::request::{Verb, encoded};
use crate::clients::call::Call;
use crate::redacted::SecretText;

impl Client {
    /// The text of a policy; `None` when there is none of this name.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn policy(&self, call: &Call, name: &str) -> Result<Option<String>, Error> {
        let operation = Verb::Read.at(&format!("sys/policy/{name}"));
        let (connection, operation, name) = (self.connection(), &operation, &encoded(name));
        let ask = |token: Option<SecretText>| async move {
            let vault = connection.vaultrs(self.namespace(), token.as_ref()).await?;
            let read = connection.exchange(policy::read(&vault, name)).await;
            Ok(read.map_err(|error| self.of_vaultrs(operation, &error))?.rules)
        };
        match self.repeated(call, operation, Verb::Read, ask).await {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
