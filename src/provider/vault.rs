//! The `vault` block: checks, and what it becomes.

use tazlab_clients::vault::Address;
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use super::configuration::Vault as Block;
use super::given::{Given, as_secret};
use crate::credential::Credential;
use crate::environment::Environment;
use crate::vault::{Access, AppRole, Certificate, Jwt, Unverified};

/// Where a pod finds its own token.
pub(super) const POD_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

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
    let auth_kubernetes = given.known("auth_kubernetes", &block.auth_kubernetes).and_then(|login| {
        let jwt = given.credential("auth_kubernetes.jwt", &login.jwt, &login.jwt_file, None);
        let of_pod = login.jwt.is_null() && login.jwt_file.is_null();
        let pods = || Credential::File { setting: "vault.auth_kubernetes.jwt_file".to_owned(), path: POD_TOKEN.into() };
        Some(Jwt {
            mount: given.text("auth_kubernetes.mount", &login.mount)?,
            role: given.text("auth_kubernetes.role", &login.role)?,
            jwt: jwt.or_else(|| of_pod.then(pods))?,
        })
    });
    let auth_cert = given.known("auth_cert", &block.auth_cert).and_then(|login| {
        let (certificate, file) = (as_secret(&login.client_certificate), &login.client_certificate_file);
        Some(Certificate {
            mount: given.text("auth_cert.mount", &login.mount)?,
            role: given.text("auth_cert.role", &login.role),
            certificate: given.credential("auth_cert.client_certificate", &certificate, file, None)?,
            key: given.credential("auth_cert.client_key", &login.client_key, &login.client_key_file, None)?,
        })
    });
    let headers = given.known("headers", &block.headers).unwrap_or_default();
    let logins = [
        block.auth_jwt.is_null(),
        block.auth_kubernetes.is_null(),
        block.auth_cert.is_null(),
        block.auth_approle.is_null(),
    ];
    let logs_in = logins.contains(&false);
    let mut variables = Variables { environment, contradictions: Vec::new() };
    let own = block.token.is_null() && block.token_file.is_null() && !logs_in;
    let token = given.credential("token", &block.token, &block.token_file, None).or_else(|| {
        if !own {
            return None;
        }
        let named = variables.get("TOKEN").map(|token| Credential::Text(SecretText::new(token)));
        let path = environment.path("~/.vault-token");
        let in_file = || path.is_file().then(|| Credential::File { setting: "~/.vault-token".to_owned(), path });
        if named.is_none() && variables.contradictions.is_empty() { in_file() } else { named }
    });
    let own_authority = !block.ca_cert_file.is_null() || !block.ca_cert_dir.is_null() || !block.ca_cert_pem.is_null();
    let address = given.text("address", &block.address);
    let namespace = given.text("namespace", &block.namespace);
    let ca_cert_file = given
        .path("ca_cert_file", &block.ca_cert_file)
        .or_else(|| if own_authority { None } else { variables.get("CACERT").map(|path| environment.path(&path)) });
    let ca_cert_dir = given.path("ca_cert_dir", &block.ca_cert_dir).or_else(|| {
        let silent = own_authority || ca_cert_file.is_some();
        if silent { None } else { variables.get("CAPATH").map(|path| environment.path(&path)) }
    });
    let skip = given.known("skip_tls_verify", &block.skip_tls_verify);
    // The environment fills in what the block leaves out, and weakens nothing that it says: who writes down whom to trust is
    // not contradicted by a variable.
    let own_trust = own_authority || !block.tls_server_name.is_null() || !block.skip_tls_verify.is_null();
    let skipped_by = if own_trust { None } else { variables.skip_verify() };
    let address = address.or_else(|| if block.address.is_null() { variables.get("ADDR") } else { None });
    let namespace = namespace.or_else(|| if block.namespace.is_null() { variables.get("NAMESPACE") } else { None });
    Access {
        address: address.map(Address::from),
        token,
        namespace,
        ca_cert_file,
        ca_cert_dir,
        ca_cert_pem: given.text("ca_cert_pem", &block.ca_cert_pem),
        tls_server_name: given.text("tls_server_name", &block.tls_server_name),
        skip_tls_verify: match skip {
            Some(true) => Some(Unverified::Block),
            _ => skipped_by.map(Unverified::Environment),
        },
        auth_jwt,
        auth_kubernetes,
        auth_cert,
        auth_approle,
        headers: headers.into_iter().collect(),
        contradictions: variables.contradictions,
        gaps: given.gaps(),
    }
}

/// What is wrong with the variables that switch the check of certificates off, where there is a Vault and they are read.
pub(super) fn unreadable_switch(block: &Value<Block>, environment: &Environment) -> Option<Diagnostic> {
    let silent = block.as_ref_option().is_none_or(|block| {
        let files = [&block.ca_cert_file, &block.ca_cert_dir, &block.ca_cert_pem, &block.tls_server_name];
        files.into_iter().all(Value::is_null) && block.skip_tls_verify.is_null()
    });
    let named = block.as_ref_option().is_some_and(|block| !block.address.is_null())
        || ["VAULT_ADDR", "BAO_ADDR"].iter().any(|name| environment.get(name).is_some());
    let error = SKIP_VERIFY.into_iter().find_map(|name| environment.flag(name).err()).filter(|_| silent && named)?;
    let error = Diagnostic::error("An environment variable cannot be read", format!("{error}."));
    Some(error.at(AttributePath::new("vault").attribute("skip_tls_verify")))
}

/// The variables that switch the check of certificates off.
const SKIP_VERIFY: [&str; 2] = ["VAULT_SKIP_VERIFY", "BAO_SKIP_VERIFY"];

/// Vault's variables, which OpenBao's own tools read by a name of theirs, too. Those take their own name wherever it is set,
/// Vault's know nothing of it: two that differ would lead one command to two servers.
struct Variables<'a> {
    environment: &'a Environment,
    /// The names, without their beginning, of which both are set and differ.
    contradictions: Vec<&'static str>,
}

impl Variables<'_> {
    fn get(&mut self, name: &'static str) -> Option<String> {
        let raw = |tool: &str| self.environment.raw(&format!("{tool}_{name}"));
        let (vaults, baos) = (raw("VAULT"), raw("BAO"));
        if vaults.is_some() && baos.is_some() && vaults != baos {
            self.contradictions.push(name);
            return None;
        }
        self.environment.get(&format!("VAULT_{name}")).or_else(|| self.environment.get(&format!("BAO_{name}")))
    }

    /// The variable that switches the check of certificates off.
    fn skip_verify(&mut self) -> Option<&'static str> {
        let set = SKIP_VERIFY.map(|name| self.environment.raw(name).is_some());
        let yes = SKIP_VERIFY.map(|name| self.environment.is_true(name));
        if set == [true, true] && yes[0] != yes[1] {
            self.contradictions.push("SKIP_VERIFY");
            return None;
        }
        SKIP_VERIFY.into_iter().zip(yes).find_map(|(name, yes)| yes.then_some(name))
    }
}

fn absent() -> Block {
    Block {
        address: Value::Null,
        token: Value::Null,
        token_file: Value::Null,
        namespace: Value::Null,
        ca_cert_file: Value::Null,
        ca_cert_dir: Value::Null,
        ca_cert_pem: Value::Null,
        tls_server_name: Value::Null,
        skip_tls_verify: Value::Null,
        auth_jwt: Value::Null,
        auth_kubernetes: Value::Null,
        auth_cert: Value::Null,
        headers: Value::Null,
        auth_approle: Value::Null,
    }
}
