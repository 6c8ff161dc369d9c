//! A Vault of a test's own whose data outlives its process, with a certificate that can be renewed: to be killed, started again
//! and halted.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::json;

use super::{Own, Vault};
use crate::{Proxy, poll};

impl Vault {
    /// A Vault that keeps its data in a folder; initialized and unsealed. It ends with its value, and its data too.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn kept() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, place) = (Proxy::free_port(), folder.path());
        let key = KeyPair::generate().unwrap();
        fs::write(place.join("authority.pem"), authority().self_signed(&key).unwrap().pem()).unwrap();
        fs::write(place.join("authority.key"), key.serialize_pem()).unwrap();
        certify(place, &key);
        let listener = json!({"tcp": {
            "address": format!("127.0.0.1:{port}"),
            "tls_cert_file": place.join("server.pem"), "tls_key_file": place.join("server.key"),
        }});
        // Alone it is its own leader, at once.
        let storage = json!({"raft": {"path": place.join("data"), "node_id": "one", "performance_multiplier": 1}});
        let settings = json!({
            "storage": storage, "listener": listener, "disable_mlock": true,
            "api_addr": format!("https://127.0.0.1:{port}"), "cluster_addr": format!("https://127.0.0.1:{}", Proxy::free_port()),
        });
        fs::create_dir(place.join("data")).unwrap();
        fs::write(place.join("config.json"), settings.to_string()).unwrap();
        let mut vault = Self {
            address: format!("https://127.0.0.1:{port}"),
            authority: place.join("authority.pem"),
            token: String::new(),
            own: Some(Own { folder, port, process: None, environment: Vec::new(), key: None }),
        };
        vault.run_kept(501);
        let made = vault.write("sys/init", &json!({"secret_shares": 1, "secret_threshold": 1}));
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        vault.token = text(&made["root_token"]);
        vault.own_mut().key = Some(text(&made["keys"][0]));
        vault.unseal();
        vault
    }

    /// Kills its process at once, and starts it again with what it holds; then it answers as before.
    pub fn restart(&mut self) {
        self.stop();
        self.run_kept(503);
        self.unseal();
    }

    /// Gives it a new certificate of the same authority, while it runs; returns when that is what it shows.
    ///
    /// # Panics
    /// When it goes on with the old one.
    pub fn renew_certificate(&self) {
        let place = self.own_folder();
        let key = KeyPair::from_pem(&fs::read_to_string(place.join("authority.key")).unwrap()).unwrap();
        certify(place, &key);
        self.signal("HUP");
        let new = fs::read_to_string(place.join("server.pem")).unwrap();
        let new = new.lines().nth(1).expect("a certificate");
        let server = self.address.trim_start_matches("https://");
        poll::until(Duration::from_secs(10), "Vault with its new certificate", || {
            let shown = Command::new("openssl").args(["s_client", "-connect", server]).stdin(Stdio::null()).output();
            let shown = shown.expect("openssl must be in PATH: `make testbed-up` installs it").stdout;
            String::from_utf8_lossy(&shown).contains(new).then_some(())
        });
    }

    /// Sends its process a signal: `STOP` and `CONT`, or what it should do by itself.
    ///
    /// # Panics
    /// When it does not run, or is not the test's own.
    pub fn signal(&self, signal: &str) {
        let process = self.own().process.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &process]).status().unwrap().success(), "kill -s {signal}");
    }

    fn run_kept(&mut self, state: u16) {
        let config = format!("-config={}", self.own_folder().join("config.json").display());
        self.run(&[&config], state);
    }

    fn own_folder(&self) -> &Path {
        self.own().folder.path()
    }
}

/// Who signs its certificates.
fn authority() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, "authority of a test");
    parameters
}

/// Writes a new certificate and key for the server, signed by the authority's key.
fn certify(place: &Path, key: &KeyPair) {
    let (issuer, own) = (Issuer::new(authority(), key), KeyPair::generate().unwrap());
    let made = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    fs::write(place.join("server.pem"), made.pem()).unwrap();
    fs::write(place.join("server.key"), own.serialize_pem()).unwrap();
}
