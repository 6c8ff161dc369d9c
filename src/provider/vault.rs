//! The `vault` block: checks, and what it becomes.

use tazlab_clients::vault::Address;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use super::configuration::Vault as Block;
use super::given::Given;
use crate::credential::Credential;
use crate::environment::Environment;
use crate::vault::{Access, AppRole, Jwt, Unverified};

pub(super) fn validate(block: &Value<Block>, found: &mut Diagnostics) {
    let Some(block) = block.as_ref_option() else { return };
    if let Some(address) = block.address.as_deref_option().filter(|address| !address.is_empty())
        && !(address.starts_with("https://") || address.starts_with("http://"))
    {
        // It may be a password in the wrong place: it is not repeated.
        let detail = "It must begin with https:// (or http://), such as \"https://vault.example.net:8200\".";
        found.push(
            Diagnostic::error("vault.address is not a URL", detail)
                .at(AttributePath::new("vault").attribute("address")),
        );
    }
}

/// What the block and the environment say about how to reach Vault.
pub(super) fn access(block: &Value<Block>, environment: &Environment) -> Access {
    let absent = absent();
    let unknown = block.is_unknown();
    let block = block.as_ref_option().unwrap_or(&absent);
    let mut given = Given::new("vault", environment);
    if unknown {
        given.unknown.push("vault".to_owned());
    }
    let auth_jwt = given.known("auth_jwt", &block.auth_jwt).and_then(|login| {
        Some(Jwt {
            mount: given.text("auth_jwt.mount", &login.mount)?,
            role: given.text("auth_jwt.role", &login.role)?,
            jwt: given.credential("auth_jwt.jwt", &login.jwt, &login.jwt_file, None)?,
        })
    });
    let auth_approle = given.known("auth_approle", &block.auth_approle).and_then(|login| {
        Some(AppRole {
            mount: given.text("auth_approle.mount", &login.mount)?,
            role_id: given.text("auth_approle.role_id", &login.role_id)?,
            secret_id: given.credential("auth_approle.secret_id", &login.secret_id, &login.secret_id_file, None),
        })
    });
    let logs_in = !block.auth_jwt.is_null() || !block.auth_approle.is_null();
    let token =
        given.credential("token", &block.token, &block.token_file, (!logs_in).then_some("VAULT_TOKEN")).or_else(|| {
            let own = block.token.is_null() && block.token_file.is_null() && !logs_in;
            let path = environment.path("~/.vault-token");
            (own && path.is_file()).then(|| Credential::File { setting: "~/.vault-token".to_owned(), path })
        });
    let own_authority = !block.ca_cert_file.is_null() || !block.ca_cert_pem.is_null();
    let address = given.text("address", &block.address);
    let namespace = given.text("namespace", &block.namespace);
    let ca_cert_file = given.path("ca_cert_file", &block.ca_cert_file);
    let skip = given.known("skip_tls_verify", &block.skip_tls_verify);
    // The environment fills in what the block leaves out, and weakens nothing that it says: who writes down whom to trust is
    // not contradicted by a variable.
    let own_trust = own_authority || !block.tls_server_name.is_null() || !block.skip_tls_verify.is_null();
    let skipped_by_environment = !own_trust && environment.is_true("VAULT_SKIP_VERIFY");
    Access {
        address: address
            .or_else(|| environment.get("VAULT_ADDR").filter(|_| block.address.is_null()))
            .map(Address::from),
        token,
        namespace: namespace.or_else(|| environment.get("VAULT_NAMESPACE").filter(|_| block.namespace.is_null())),
        ca_cert_file: ca_cert_file
            .or_else(|| environment.get("VAULT_CACERT").filter(|_| !own_authority).map(|path| environment.path(&path))),
        ca_cert_pem: given.text("ca_cert_pem", &block.ca_cert_pem),
        tls_server_name: given.text("tls_server_name", &block.tls_server_name),
        skip_tls_verify: match skip {
            Some(true) => Some(Unverified::Block),
            _ => skipped_by_environment.then_some(Unverified::Environment),
        },
        auth_jwt,
        auth_approle,
        gaps: given.gaps(),
    }
}

fn absent() -> Block {
    Block {
        address: Value::Null,
        token: Value::Null,
        token_file: Value::Null,
        namespace: Value::Null,
        ca_cert_file: Value::Null,
        ca_cert_pem: Value::Null,
        tls_server_name: Value::Null,
        skip_tls_verify: Value::Null,
        auth_jwt: Value::Null,
        auth_approle: Value::Null,
    }
}
