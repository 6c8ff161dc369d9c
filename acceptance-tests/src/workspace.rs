//! A folder with a configuration and a Terraform of its own: nothing of the user's settings reaches it, everything that
//! it leaves behind is searched for the secrets that were planted.

use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::lock::Lock;
use crate::started::Started;
use crate::{Part, Run, Testbed, canary};

/// A folder with a configuration.
#[derive(Debug)]
pub struct Workspace {
    folder: tempfile::TempDir,
    secrets: RefCell<Vec<String>>,
    environment: RefCell<Vec<(String, String)>>,
    runs: Cell<usize>,
    traced: Cell<bool>,
    /// Nobody harms the cluster that it reaches but the test itself.
    cluster: RefCell<Option<Lock>>,
}

/// What a configuration says that looks at more of the cluster than a namespace.
const NEEDS: &[(&str, Part)] = &[
    ("resource \"tazlab_vault_secret_store\"", Part::Objects),
    ("kube-system/coredns", Part::Dns),
    ("data \"tazlab_dns_lookup\"", Part::Dns),
    (crate::dns::CLUSTER_IP, Part::Dns),
];

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

impl Workspace {
    /// An empty one.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let workspace = Self::bare();
        workspace.provider("");
        workspace
    }

    /// An empty one whose provider block has these arguments and no cluster.
    #[must_use]
    pub fn without_cluster(arguments: &str) -> Self {
        let workspace = Self::bare();
        workspace.provider_block(arguments);
        workspace
    }

    /// An example of the repository, all of its files.
    ///
    /// # Panics
    /// When it cannot be copied.
    #[must_use]
    pub fn of_example(name: &str) -> Self {
        let workspace = Self::bare();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name), &workspace.path());
        workspace
    }

    fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["configuration", "sources", "traces"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let workspace = Self {
            folder,
            secrets: RefCell::default(),
            environment: RefCell::default(),
            runs: Cell::new(0),
            traced: Cell::new(true),
            cluster: RefCell::default(),
        };
        workspace.overrides(&[]);
        workspace
    }

    /// Where Terraform finds providers: the built one, and others by their names.
    fn overrides(&self, others: &[(&str, PathBuf)]) {
        let built = ("tazlab/tazlab", Testbed::provider().parent().unwrap().to_owned());
        let all = std::iter::once(&built).chain(others);
        let lines = all.map(|(name, folder)| format!("    \"{name}\" = \"{}\"\n", folder.display()));
        let settings = format!(
            "disable_checkpoint = true\nprovider_installation {{\n  dev_overrides {{\n{}  }}\n}}\n",
            lines.collect::<String>()
        );
        fs::write(self.folder.path().join("terraform.tfrc"), settings).unwrap();
    }

    /// Puts programs where providers of these names (`hashicorp/vault`) would be: the client starts a provider for each that
    /// a state names.
    ///
    /// # Panics
    /// When they cannot be put there.
    pub fn stand_ins(&self, all: &[(&str, &str)]) {
        let place = |name: &str| self.sources().join(name);
        for (name, program) in all {
            fs::create_dir_all(place(name)).unwrap();
            let short = name.rsplit('/').next().unwrap();
            std::os::unix::fs::symlink(program, place(name).join(format!("terraform-provider-{short}"))).unwrap();
        }
        let folders: Vec<(&str, PathBuf)> = all.iter().map(|(name, _)| (*name, place(name))).collect();
        self.overrides(&folders);
    }

    /// Keeps no traces of the runs: for measurements, and where there would be too much of them.
    pub fn without_traces(&self) {
        self.traced.set(false);
    }

    /// An empty one whose runs keep no traces: for measurements.
    #[must_use]
    pub fn measuring() -> Self {
        let workspace = Self::new();
        workspace.traced.set(false);
        workspace
    }

    /// Where the configuration is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("configuration")
    }

    /// Writes the provider block: the test cluster, or what `arguments` say instead of `kubernetes`.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn provider(&self, arguments: &str) {
        self.cluster.borrow_mut().get_or_insert_with(|| Part::Cluster.shared());
        let cluster = format!("kubernetes = {{ config_path = \"{}\" }}", Testbed::get().kubeconfig().display());
        let arguments =
            if arguments.contains("kubernetes") { arguments.to_owned() } else { format!("{cluster}\n{arguments}") };
        self.provider_block(&arguments);
    }

    /// Writes the provider block with exactly these arguments.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn provider_block(&self, arguments: &str) {
        let block = format!(
            "terraform {{\n  required_providers {{\n    tazlab = {{ source = \"tazlab/tazlab\" }}\n  }}\n}}\n\nprovider \"tazlab\" {{\n{arguments}\n}}\n"
        );
        fs::write(self.path().join("provider.tf"), block).unwrap();
    }

    /// Writes the configuration.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn hcl(&self, text: &str) {
        fs::write(self.path().join("main.tf"), text).unwrap();
    }

    /// Leaves the built provider out: Terraform takes the one that runs already (`TF_REATTACH_PROVIDERS`).
    ///
    /// # Panics
    /// When the settings cannot be written.
    pub fn without_override(&self, reattach: &str) {
        self.installs_from("direct {}");
        self.environment("TF_REATTACH_PROVIDERS", reattach);
    }

    /// Leaves the built provider out: Terraform installs providers as this block of `provider_installation` says.
    ///
    /// # Panics
    /// When the settings cannot be written.
    pub fn installs_from(&self, block: &str) {
        let settings = format!("disable_checkpoint = true\nprovider_installation {{\n  {block}\n}}\n");
        fs::write(self.folder.path().join("terraform.tfrc"), settings).unwrap();
    }

    /// Gives a variable to every later run.
    pub fn variable(&self, name: &str, value: &str) {
        self.environment(&format!("TF_VAR_{name}"), value);
    }

    /// Gives an environment variable to every later run, and so to the providers.
    pub fn environment(&self, name: &str, value: &str) {
        let mut environment = self.environment.borrow_mut();
        environment.retain(|(other, _)| other != name);
        environment.push((name.to_owned(), value.to_owned()));
    }

    /// A new secret that nothing may leave behind.
    #[must_use]
    pub fn secret(&self) -> String {
        let secret = canary::plant();
        self.secrets.borrow_mut().push(secret.clone());
        secret
    }

    /// A new secret with characters that encodings write in ways of their own; see [`canary::plant_odd`].
    #[must_use]
    pub fn odd_secret(&self) -> String {
        let secret = canary::plant_odd();
        self.secrets.borrow_mut().push(secret.clone());
        secret
    }

    /// A secret that somebody else made (a token, a JWT), and that nothing may leave behind either.
    pub fn plant(&self, secret: &str) {
        self.secrets.borrow_mut().push(secret.to_owned());
    }

    /// Where the files are that [`Workspace::source`] writes.
    #[must_use]
    pub fn sources(&self) -> PathBuf {
        self.folder.path().join("sources")
    }

    /// Writes a file with `content` for its owner only; gives its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn source(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.sources().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Writes a file with a new secret; gives path and secret.
    #[must_use]
    pub fn secret_file(&self, name: &str) -> (String, String) {
        let secret = self.secret();
        (self.source(name, format!("{secret}\n")), secret)
    }

    /// Starts Terraform and does not wait for it. Its traces and output are kept for the search at the end.
    ///
    /// # Panics
    /// When it cannot be started, or when it would look at a part of the cluster that this test has not locked.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Started {
        use std::os::unix::process::CommandExt;
        if self.cluster.borrow().is_some() && arguments.first() != Some(&"validate") {
            let text = fs::read_to_string(self.path().join("main.tf")).unwrap_or_default();
            let needed = NEEDS.iter().filter(|(words, _)| text.contains(words));
            needed.for_each(|(_, part)| part.assert_shared());
        }
        let number = self.runs.get() + 1;
        self.runs.set(number);
        let traces = self.folder.path().join("traces");
        let (out, err) = (traces.join(format!("{number}.out")), traces.join(format!("{number}.err")));
        let mut command = Command::new(Testbed::terraform());
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("TF_CLI_CONFIG_FILE", self.folder.path().join("terraform.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            // A group of its own, so that a signal can be sent to Terraform and the provider as a terminal does.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&err).unwrap());
        if self.traced.get() {
            command.env("TF_LOG", "TRACE").env("TF_LOG_PATH", traces.join(format!("{number}.log")));
        }
        command.envs(self.environment.borrow().iter().cloned());
        let child = command.spawn().expect("Terraform starts");
        Started { child, out, err, command: format!("terraform {}", arguments.join(" ")), since: Instant::now() }
    }

    /// Runs Terraform.
    pub fn terraform(&self, arguments: &[&str]) -> Run {
        self.start(arguments).end()
    }

    /// `terraform validate`.
    pub fn validate(&self) -> Run {
        self.terraform(&["validate", "-no-color"])
    }

    /// `terraform plan`, with the changes as events. Its exit code is 2 when there are any.
    pub fn plan(&self) -> Run {
        self.terraform(&["plan", "-json", "-detailed-exitcode"])
    }

    /// `terraform apply` without a question.
    pub fn apply(&self) -> Run {
        self.terraform(&["apply", "-json", "-auto-approve"])
    }

    /// `terraform destroy` without a question.
    pub fn destroy(&self) -> Run {
        self.terraform(&["destroy", "-json", "-auto-approve"])
    }

    /// The state, as `terraform show -json` tells it.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn state(&self) -> Value {
        let shown = self.terraform(&["show", "-json"]).succeeds();
        serde_json::from_str(&shown.stdout).unwrap()
    }

    /// Where the state is kept.
    #[must_use]
    pub fn state_file(&self) -> PathBuf {
        self.path().join("terraform.tfstate")
    }

    /// The addresses in the state.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let resources = self.state().pointer("/values/root_module/resources").cloned().unwrap_or_default();
        let addresses = resources.as_array().cloned().unwrap_or_default();
        addresses.iter().filter_map(|resource| resource["address"].as_str().map(ToOwned::to_owned)).collect()
    }

    /// The attributes of one resource in the state.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn attributes(&self, address: &str) -> Value {
        let resources = self.state().pointer("/values/root_module/resources").cloned().unwrap_or_default();
        let found = resources.as_array().and_then(|all| all.iter().find(|one| one["address"] == address).cloned());
        found.unwrap_or_else(|| panic!("{address} is not in the state: {resources}"))["values"].clone()
    }

    /// What holds a planted secret and must not.
    #[must_use]
    pub fn leaks(&self) -> Vec<String> {
        canary::search(self.folder.path(), &self.secrets.borrow(), &self.sources())
    }

    /// The traces of every run so far, by Terraform and the provider.
    #[must_use]
    pub fn traces(&self) -> String {
        let mut all = String::new();
        for number in 1..=self.runs.get() {
            let path = self.folder.path().join(format!("traces/{number}.log"));
            all.push_str(&fs::read_to_string(path).unwrap_or_default());
        }
        all
    }
}

impl Drop for Workspace {
    /// Every test is a canary test.
    fn drop(&mut self) {
        if !std::thread::panicking() && self.traced.get() {
            let leaks = self.leaks();
            assert!(leaks.is_empty(), "secrets were left behind: {leaks:#?}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
