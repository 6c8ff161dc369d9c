//! Access policies, as far as they are looked at.

use rustify::Endpoint;
use vaultrs::api::sys::requests::ReadPolicyRequest;
use vaultrs::api::sys::responses::ReadPolicyResponse;

use super::Client;
use super::error::Error;
use crate::call::Call;

impl Client {
    /// The text of a policy; `None` when there is none of this name.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn policy(&self, call: &Call, name: &str) -> Result<Option<String>, Error> {
        let request = ReadPolicyRequest { name: name.to_owned() };
        let found: Option<ReadPolicyResponse> =
            self.read_optional(call, request.path().trim_start_matches('/')).await?;
        Ok(found.map(|policy| policy.rules))
    }
}
