//! What the settings expose, told once in each run, when Vault is first asked for something: an environment that is set up for
//! other tools is nobody's mistake while nothing uses it.

use std::sync::atomic::Ordering;

use tazlab_clients::vault::{Client, Exposure};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::{Unverified, Vault};

impl Vault {
    /// Warns of what the settings of `client` expose, the first time.
    pub(super) fn warn_once<D>(&self, context: &Context<D>, client: &Client) {
        if self.warned.swap(true, Ordering::Relaxed) {
            return;
        }
        for exposure in client.exposures() {
            context.warn(told(exposure, &client.address(), self.access.skip_tls_verify));
        }
    }
}

fn told(exposure: Exposure, address: &str, by: Option<Unverified>) -> Diagnostic {
    match exposure {
        Exposure::NotVerified => {
            let setting = match by {
                Some(Unverified::Environment(name)) => format!("The environment variable {name}"),
                _ => "vault.skip_tls_verify".to_owned(),
            };
            let detail = format!(
                "{setting} disables the verification: any server between this machine and {address} can read the token and answer in Vault's place. Set vault.ca_cert_file to the certificate of the authority that signed Vault's certificate, and remove this setting."
            );
            Diagnostic::warning("Vault's certificate is not verified", detail)
        }
        Exposure::InClear => {
            let detail = format!(
                "Vault's address is {address}, which is not on this machine: tokens and the credentials of logins are sent in clear text. Set vault.address (or VAULT_ADDR) to an https:// address of Vault."
            );
            Diagnostic::warning("The connection to Vault is not encrypted", detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::credential::Credential;
    use crate::vault::Access;
    use tazlab_clients::vault::Call;
    use tf_plugin::framework::context::ClientCapabilities;

    /// The warnings of two questions to the Vault of this access.
    async fn warnings(access: Access) -> Vec<String> {
        let vault = Vault::new(access, Duration::from_millis(1));
        let context: Context<()> = Context::new(None, CancellationToken::new(), ClientCapabilities::default());
        for _ in 0..2 {
            let ask = |_: Client, _: Call| async { Ok(()) };
            vault.look(&context, ask).await.unwrap();
        }
        context.take_warnings().into_iter().map(|warning| format!("{}: {}", warning.summary, warning.detail)).collect()
    }

    fn access(address: &str) -> Access {
        Access { address: Some(address.into()), token: Some(Credential::Text("t".into())), ..Access::default() }
    }

    #[tokio::test]
    async fn a_verification_that_is_off_is_told_once_with_who_turned_it_off() {
        for (by, name) in [
            (Unverified::Block, "vault.skip_tls_verify"),
            (Unverified::Environment("BAO_SKIP_VERIFY"), "BAO_SKIP_VERIFY"),
        ] {
            let told = warnings(Access { skip_tls_verify: Some(by), ..access("https://u:hunter2@v.test:8200") }).await;
            assert!(told.len() == 1 && told[0].contains(name) && told[0].contains("https://v.test:8200"), "{told:?}");
            assert!(!told[0].contains("hunter2"), "{told:?}");
        }
        assert!(warnings(access("https://v.test:8200")).await.is_empty());
    }

    #[tokio::test]
    async fn a_token_in_clear_is_told_unless_it_stays_on_this_machine() {
        let told = warnings(access("http://v.test:8200")).await;
        assert!(told.len() == 1 && told[0].contains("in clear") && told[0].contains("http://v.test:8200"), "{told:?}");
        for harmless in [access("http://127.0.0.1:8200"), access("http://localhost:8200"), access("https://v.test")] {
            assert!(warnings(harmless).await.is_empty());
        }
        // The logins of data sources and ephemeral resources need no token of the provider.
        let logins = Access { token: None, ..access("http://v.test:8200") };
        assert_eq!(warnings(logins).await.len(), 1);
    }
}
