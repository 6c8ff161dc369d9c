//! What a cluster says of the tokens that it issues, and a token of a ServiceAccount.

use k8s_openapi::api::core::v1::ServiceAccount;
use serde::Deserialize;
use serde_json::json;
use tazlab_redacted::SecretText;

use super::Client;
use super::error::{Cause, Error};
use super::kind::{Kind, Target};
use super::send::Verb;
use crate::call::Call;

/// What the cluster's discovery document says.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Discovery {
    /// Who issues the tokens: their `iss`, letter by letter.
    pub issuer: String,
    /// Where the cluster says that its keys are.
    pub jwks_uri: String,
}

/// What a token is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// Whom it is for; none means the API server itself.
    pub audiences: Vec<String>,
    /// How long it is asked to last; the server may give less, or more. At least 600.
    pub seconds: i64,
}

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: SecretText,
    /// When it ends, as the server wrote it (RFC 3339).
    pub expires: String,
}

#[derive(Deserialize)]
struct Answered {
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: String,
    expiration_timestamp: String,
}

impl Client {
    /// The keys that the cluster signs its tokens with: a JWKS document, as it is.
    ///
    /// # Errors
    /// [`Error`]; [`Cause::Forbidden`] names the path, which the cluster role `system:service-account-issuer-discovery` opens.
    pub async fn jwks(&self, call: &Call) -> Result<String, Error> {
        let target = document("/openid/v1/jwks");
        let answer = self.0.send(call, &target, Verb::Keys, "/openid/v1/jwks", None).await?;
        answer.document(&target)
    }

    /// The cluster's discovery document, which names the issuer of its tokens.
    ///
    /// # Errors
    /// [`Error`], as [`Client::jwks`].
    pub async fn discovery(&self, call: &Call) -> Result<Discovery, Error> {
        let target = document("/.well-known/openid-configuration");
        self.0.send(call, &target, Verb::Get, "/.well-known/openid-configuration", None).await?.decode(&target)
    }

    /// A new token of a ServiceAccount.
    ///
    /// # Errors
    /// [`Error`]; [`Cause::NotFound`] means that there is no such ServiceAccount.
    pub async fn service_account_token(
        &self,
        call: &Call,
        namespace: &str,
        name: &str,
        request: &TokenRequest,
    ) -> Result<IssuedToken, Error> {
        let accounts = Target::named("create", Kind::of::<ServiceAccount>(), Some(namespace), name);
        // RBAC knows it by this name.
        let kind = Kind { kind: "serviceaccounts/token".to_owned(), ..Kind::of::<ServiceAccount>() };
        let target = Target::named("create", kind, Some(namespace), name);
        if name.is_empty() {
            return Err(target.fail(Cause::Request { problem: "the ServiceAccount has no name".to_owned() }));
        }
        let body = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"audiences": request.audiences, "expirationSeconds": request.seconds},
        });
        let path = format!("{}/token", accounts.path());
        let answer = self.0.send(call, &target, Verb::Create, &path, Some(body.to_string().into_bytes())).await?;
        let status = answer.decode::<Answered>(&target)?.status;
        Ok(IssuedToken { token: SecretText::new(status.token), expires: status.expiration_timestamp })
    }
}

/// A document of the server's own, named by its path, as RBAC names it.
fn document(path: &'static str) -> Target {
    let kind = Kind { kind: path.to_owned(), group: String::new(), version: String::new(), plural: String::new() };
    Target::named("get", kind, None, "")
}
