//! How to reach the Tailscale API, and the client that all calls share, made when it is first needed.

use std::path::PathBuf;

use tazlab_clients::address::Address;
use tazlab_clients::tailscale::{Client, Credential as Login, Settings};
use tazlab_redacted::SecretText;
use tokio::sync::OnceCell;

use crate::credential::{Credential, CredentialError};
use crate::tailnet::Failure;

/// Tailscale's settings; no credential where nothing configures it.
#[derive(Clone, Debug)]
pub struct Tailscale {
    /// The tailnet; `-` is the credential's own.
    pub tailnet: String,
    /// `https://api.tailscale.com`.
    pub base_url: Address,
    /// Would `TAILSCALE_BASE_URL` send a credential of the provider block to another server?
    pub diverted: bool,
    /// An API access token.
    pub api_key: Option<Credential>,
    /// The OAuth client's id.
    pub oauth_client_id: Option<Credential>,
    /// The OAuth client's secret.
    pub oauth_client_secret: Option<Credential>,
    /// What an OAuth token is asked for.
    pub scopes: Vec<String>,
    /// A token of another identity provider (workload identity federation).
    pub identity_token: Option<Credential>,
    /// Arguments whose value is not known yet, or empty.
    pub gaps: Vec<String>,
    /// Made with the first call that needs it.
    pub client: OnceCell<Client>,
}

impl Tailscale {
    /// The client of this tailnet.
    ///
    /// # Errors
    /// [`Failure`] when settings are missing, or a credential cannot be read.
    pub async fn client(&self) -> Result<&Client, Failure> {
        if !self.gaps.is_empty() {
            return Err(Failure::Gap(self.gaps.join(", ")));
        }
        if self.diverted {
            return Err(Failure::Diverted(self.base_url.origin()));
        }
        self.client
            .get_or_try_init(|| async {
                let own = self.clone();
                let login = tokio::task::spawn_blocking(move || own.login()).await.map_err(|_| Failure::Reading)??;
                let settings =
                    Settings { base_url: self.base_url.clone(), tailnet: self.tailnet.clone(), credential: login };
                Ok(Client::new(settings)?)
            })
            .await
    }

    fn login(&self) -> Result<Login, Failure> {
        // A block that names two was refused: these come from the environment.
        let all = [
            ("an API key (TAILSCALE_API_KEY)", &self.api_key),
            ("an OAuth client's secret (TAILSCALE_OAUTH_CLIENT_SECRET)", &self.oauth_client_secret),
            ("an identity token (TAILSCALE_IDENTITY_TOKEN)", &self.identity_token),
        ];
        let given: Vec<&str> =
            all.iter().filter(|(_, credential)| credential.is_some()).map(|(name, _)| *name).collect();
        if given.len() > 1 {
            return Err(Failure::SeveralCredentials(given));
        }
        if let Some(key) = &self.api_key {
            return Ok(Login::ApiKey(read(key)?));
        }
        let id = self.oauth_client_id.as_ref().ok_or(Failure::NoCredential)?;
        if let Some(secret) = &self.oauth_client_secret {
            return Ok(Login::OAuth { id: read(id)?, secret: read(secret)?, scopes: self.scopes.clone() });
        }
        let token = self.identity_token.as_ref().ok_or(Failure::NoCredential)?;
        Ok(Login::Identity { id: read(id)?, token: read(token)? })
    }
}

/// A credential. Tailscale's own tools take `file:/path` where they expect one: environments that are set up for them work
/// here too.
fn read(credential: &Credential) -> Result<SecretText, CredentialError> {
    let text = credential.read()?;
    match text.expose().strip_prefix("file:") {
        Some(path) if matches!(credential, Credential::Text(_)) => {
            Credential::File { setting: "a credential of tailscale".to_owned(), path: PathBuf::from(path) }.read()
        }
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(api_key: Option<Credential>) -> Tailscale {
        Tailscale {
            tailnet: "-".into(),
            base_url: "http://127.0.0.1:1".into(),
            diverted: false,
            api_key,
            oauth_client_id: None,
            oauth_client_secret: None,
            scopes: Vec::new(),
            identity_token: None,
            gaps: Vec::new(),
            client: OnceCell::new(),
        }
    }

    #[tokio::test]
    async fn what_is_missing_is_told_before_anything_is_dialled() {
        assert!(matches!(of(None).client().await, Err(Failure::NoCredential)));
        let diverted = Tailscale { diverted: true, ..of(Some(Credential::Text("key".into()))) };
        let told = diverted.client().await.unwrap_err().explained();
        assert!(told.contains("TAILSCALE_BASE_URL") && told.contains("http://127.0.0.1:1"), "{told}");
        let gap = Tailscale { gaps: vec!["tailscale.api_key".into()], ..of(None) };
        assert!(gap.client().await.unwrap_err().to_string().contains("tailscale.api_key"));
        let half = Tailscale { oauth_client_id: Some(Credential::Text("id".into())), ..of(None) };
        assert!(matches!(half.client().await, Err(Failure::NoCredential)));
        assert!(of(Some(Credential::Text("key".into()))).client().await.is_ok());
        let both = Tailscale {
            oauth_client_secret: Some(Credential::Text("secret".into())),
            ..of(Some(Credential::Text("key".into())))
        };
        let told = both.client().await.unwrap_err().explained();
        assert!(told.contains("TAILSCALE_API_KEY") && told.contains("TAILSCALE_OAUTH_CLIENT_SECRET"), "{told}");
        let clients = Tailscale { identity_token: Some(Credential::Text("jwt".into())), api_key: None, ..both };
        let told = clients.client().await.unwrap_err().explained();
        assert!(told.contains("TAILSCALE_OAUTH_CLIENT_SECRET") && told.contains("TAILSCALE_IDENTITY_TOKEN"), "{told}");
    }

    #[test]
    fn a_file_may_stand_behind_a_credential_as_the_vendors_tools_have_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "tskey-1\n").unwrap();
        let credential = Credential::Text(format!("file:{}", path.display()).into());
        assert!(read(&credential).unwrap().is(b"tskey-1"));
        std::fs::remove_file(path).unwrap();
        assert!(read(&credential).is_err());
    }
}
