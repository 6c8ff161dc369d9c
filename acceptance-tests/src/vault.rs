//! Real Vaults: the testbed's, which tests share and must not harm, and Vaults of a test's own, to be sealed, stopped and
//! started again. All speak TLS with an authority that the system does not know.

mod kept;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::{Proxy, Testbed, Workspace, canary, poll, programs};

const EVERYBODYS: &str = "the testbed's Vault is everybody's";

/// The folder with the plugins of a Vault of a test's own, in its folder.
const PLUGINS: &str = "plugins";

/// A Vault that runs.
#[derive(Debug)]
pub struct Vault {
    address: String,
    authority: PathBuf,
    token: String,
    own: Option<Own>,
}

/// What a Vault of a test's own is.
#[derive(Debug)]
struct Own {
    folder: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
    environment: Vec<(String, String)>,
    /// What unseals it, where it does not print that itself.
    key: Option<String>,
}

impl Vault {
    /// The testbed's Vault.
    ///
    /// # Panics
    /// When the testbed has none.
    #[must_use]
    pub fn shared() -> Self {
        let testbed = Testbed::get();
        let token = fs::read_to_string(testbed.vault_token_file()).expect("the testbed's Vault has a token");
        Self {
            address: testbed.vault_address().to_owned(),
            authority: testbed.vault_authority().to_owned(),
            token: token.trim().to_owned(),
            own: None,
        }
    }

    /// A Vault in dev mode of the test's own; it ends with its value.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::in_dev_mode(tempfile::tempdir().unwrap(), Vec::new())
    }

    /// The same with these variables in its environment.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_with(environment: &[(&str, &str)]) -> Self {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::in_dev_mode(tempfile::tempdir().unwrap(), environment)
    }

    /// The same with Vault's auth method for ServiceAccounts, `kubernetes`, which the testbed's minimal Vault has not built in.
    ///
    /// # Panics
    /// When it does not start, or does not take the plugin.
    #[must_use]
    pub fn with_auth_kubernetes() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (plugins, name) = (folder.path().join(PLUGINS), "kubernetes");
        fs::create_dir(&plugins).unwrap();
        fs::copy(programs::program("vault-auth-kubernetes"), plugins.join(name)).unwrap();
        Self::in_dev_mode(folder, Vec::new())
    }

    fn in_dev_mode(folder: tempfile::TempDir, environment: Vec<(String, String)>) -> Self {
        let port = Proxy::free_port();
        let mut vault = Self {
            address: format!("https://127.0.0.1:{port}"),
            authority: folder.path().join("vault-ca.pem"),
            token: canary::plant(),
            own: Some(Own { folder, port, process: None, environment, key: None }),
        };
        vault.start_again();
        vault
    }

    /// Starts it again where it was, with nothing in it and a new authority.
    ///
    /// # Panics
    /// When it does not start, or is not the test's own.
    pub fn start_again(&mut self) {
        self.stop();
        let own = self.own();
        let certificates = format!("-dev-tls-cert-dir={}", own.folder.path().display());
        let listener = format!("-dev-listen-address=127.0.0.1:{}", own.port);
        let mut arguments = vec!["-dev", "-dev-tls", "-dev-no-store-token", &certificates, &listener];
        // What lies there, Vault in dev mode enters into its catalogue itself.
        let plugins = own.folder.path().join(PLUGINS);
        let plugins = plugins.is_dir().then(|| format!("-dev-plugin-dir={}", plugins.display()));
        arguments.extend(plugins.as_deref());
        self.run(&arguments, 200);
    }

    /// A Vault of the test's own that nobody has initialized, without TLS; it ends with its value.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn not_initialized() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, config) = (Proxy::free_port(), folder.path().join("config.json"));
        let listener = serde_json::json!({"tcp": {"address": format!("127.0.0.1:{port}"), "tls_disable": true}});
        let settings = serde_json::json!({"storage": {"inmem": {}}, "listener": listener, "disable_mlock": true});
        fs::write(&config, settings.to_string()).unwrap();
        let mut vault = Self {
            address: format!("http://127.0.0.1:{port}"),
            authority: Testbed::get().vault_authority().to_owned(),
            token: canary::plant(),
            own: Some(Own { folder, port, process: None, environment: Vec::new(), key: None }),
        };
        vault.run(&[&format!("-config={}", config.display())], 501);
        vault
    }

    /// Runs its process until it says of itself what it should.
    fn run(&mut self, arguments: &[&str], state: u16) {
        let (token, health) = (self.token.clone(), format!("{}/v1/sys/health", self.address));
        let own = self.own_mut();
        let log = fs::File::create(own.folder.path().join("log")).unwrap();
        let process = Command::new(program())
            .arg("server")
            .args(arguments)
            .env_clear()
            .env("HOME", own.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(own.environment.iter().cloned())
            // The token goes by the environment: arguments are for everybody to read.
            .env("VAULT_DEV_ROOT_TOKEN_ID", token)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("Vault starts");
        own.process = Some(process);
        poll::until(Duration::from_secs(30), "answer of Vault", || {
            let (code, _) = self.curl("GET", &health, None);
            (code == state).then_some(())
        });
    }

    /// Ends its process, and with it everything that it holds.
    ///
    /// # Panics
    /// When it is not the test's own.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.own_mut().process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }

    /// Seals it.
    pub fn seal(&self) {
        assert!(self.own.is_some(), "{EVERYBODYS}");
        self.write("sys/seal", &Value::Null);
    }

    /// Unseals it, with its key, which one in dev mode printed when it started.
    pub fn unseal(&self) {
        let own = self.own();
        let printed = || {
            let log = fs::read_to_string(own.folder.path().join("log")).unwrap();
            log.lines().find_map(|line| line.strip_prefix("Unseal Key: ")).expect("a key in the log").trim().to_owned()
        };
        let key = own.key.clone().unwrap_or_else(printed);
        self.write("sys/unseal", &serde_json::json!({"key": key}));
        let health = format!("{}/v1/sys/health", self.address);
        poll::until(Duration::from_secs(10), "unsealed Vault", || {
            (self.curl("GET", &health, None).0 == 200).then_some(())
        });
    }

    /// What only a Vault of the test's own has: the testbed's may not be harmed.
    fn own(&self) -> &Own {
        self.own.as_ref().expect(EVERYBODYS)
    }

    fn own_mut(&mut self) -> &mut Own {
        self.own.as_mut().expect(EVERYBODYS)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The file with the authority that signed its certificate.
    #[must_use]
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// Its root token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The provider's `vault` block for it, with the root token in a file; the token is among what may not leak.
    #[must_use]
    pub fn block(&self, workspace: &Workspace) -> String {
        self.block_with(workspace, &self.token)
    }

    /// The same with another token.
    #[must_use]
    pub fn block_with(&self, workspace: &Workspace, token: &str) -> String {
        workspace.plant(token);
        let file = workspace.source("vault-token", format!("{token}\n"));
        self.block_of(&format!("token_file = \"{file}\""))
    }

    /// The same with other arguments in place of a token.
    #[must_use]
    pub fn block_of(&self, arguments: &str) -> String {
        format!(
            "vault = {{\n  address = \"{}\"\n  ca_cert_file = \"{}\"\n  {arguments}\n}}",
            self.address,
            self.authority.display()
        )
    }

    /// Asks as root; gives the status and the answer's JSON, null where there is none.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.ask_as(&self.token, method, path, body)
    }

    /// Asks with another token.
    #[must_use]
    pub fn ask_as(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}/v1/{path}", self.address);
        let text = body.map(Value::to_string);
        let (code, answer) = self.curl(method, &url, Some((token, text.as_deref())));
        (code, serde_json::from_str(&answer).unwrap_or_default())
    }

    /// The answer's `data` at a path; `None` when there is nothing.
    ///
    /// # Panics
    /// When Vault refuses.
    #[must_use]
    pub fn read(&self, path: &str) -> Option<Value> {
        let (code, answer) = self.ask("GET", path, None);
        assert!(matches!(code, 200 | 400 | 404), "read {path}: {code} {answer}");
        (code == 200).then(|| answer["data"].clone())
    }

    /// Writes.
    ///
    /// # Panics
    /// When Vault refuses.
    pub fn write(&self, path: &str, body: &Value) -> Value {
        let (code, answer) = self.ask("POST", path, Some(body));
        assert!(matches!(code, 200 | 204), "write {path}: {code} {answer}");
        answer
    }

    /// Deletes.
    ///
    /// # Panics
    /// When Vault refuses.
    pub fn delete(&self, path: &str) {
        let (code, answer) = self.ask("DELETE", path, None);
        assert!(matches!(code, 200 | 204 | 404), "delete {path}: {code} {answer}");
    }

    /// A token with one policy, whose text this is: not even `default`, by which a token may look at itself.
    #[must_use]
    pub fn token_with(&self, policy: &str) -> String {
        let name = format!("test-{}", canary::plant().to_lowercase());
        self.write(&format!("sys/policies/acl/{name}"), &serde_json::json!({"policy": policy}));
        let made = self.write("auth/token/create", &serde_json::json!({"policies": [name], "no_default_policy": true}));
        made["auth"]["client_token"].as_str().expect("a token").to_owned()
    }

    fn curl(&self, method: &str, url: &str, with: Option<(&str, Option<&str>)>) -> (u16, String) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut settings = vec![
            "silent".to_owned(),
            "max-time = 20".to_owned(),
            format!("request = {method}"),
            format!("url = {}", quoted(url)),
            format!("cacert = {}", quoted(&self.authority.display().to_string())),
            "write-out = \"\\n%{http_code}\"".to_owned(),
        ];
        if let Some((token, body)) = with {
            settings.push(format!("header = {}", quoted(&format!("X-Vault-Token: {token}"))));
            settings.extend(body.map(|body| format!("data = {}", quoted(body))));
        }
        // Neither token nor body among the arguments.
        let mut curl = Command::new("curl")
            .args(["--config", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("curl must be in PATH: `make testbed-up` installs it");
        curl.stdin.take().expect("an input").write_all(settings.join("\n").as_bytes()).unwrap();
        let output = curl.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, code) = text.rsplit_once('\n').unwrap_or_default();
        (code.parse().unwrap_or_default(), body.to_owned())
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        if self.own.is_some() {
            self.stop();
        }
    }
}

/// The testbed's Vault program.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| programs::program("vault"))
}
