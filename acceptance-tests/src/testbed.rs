//! Where the parts of the testbed are, as `acceptance-tests/testbed/up` wrote it down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The testbed's settings.
#[derive(Debug)]
pub struct Testbed(BTreeMap<String, String>);

impl Testbed {
    /// The testbed that is up.
    ///
    /// # Panics
    /// When there is none, with how to get it.
    pub fn get() -> &'static Self {
        static TESTBED: OnceLock<Testbed> = OnceLock::new();
        TESTBED.get_or_init(|| {
            let file = Self::settings_file();
            let text = std::fs::read_to_string(&file).unwrap_or_else(|error| {
                panic!("no testbed is up ({}: {error}): run `make testbed-up` first", file.display())
            });
            // Parts that can be started by themselves write settings of their own.
            let parts = file.parent().and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
            let more = parts.filter_map(|part| std::fs::read_to_string(part.path().join("settings.env")).ok());
            let text = more.fold(text, |text, more| text + "\n" + &more);
            let settings = text.lines().filter_map(|line| line.split_once('='));
            Self(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
        })
    }

    fn setting(&self, name: &str) -> &str {
        let name = format!("TAZLAB_TEST_{name}");
        self.0.get(&name).unwrap_or_else(|| panic!("the testbed says nothing of {name}: run `make testbed-up` again"))
    }

    /// The kubeconfig of the test cluster.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        Path::new(self.setting("KUBECONFIG"))
    }

    /// kubectl.
    #[must_use]
    pub fn kubectl(&self) -> &Path {
        Path::new(self.setting("KUBECTL"))
    }

    /// The command line under test: `TAZLAB_TERRAFORM`, else the testbed's Terraform, else (for tests that need nothing
    /// else of a testbed) the one in PATH.
    #[must_use]
    pub fn terraform() -> PathBuf {
        let up = || Self::settings_file().is_file().then(|| PathBuf::from(Self::get().setting("TERRAFORM")));
        let named = std::env::var_os("TAZLAB_TERRAFORM").map(PathBuf::from);
        named.or_else(up).unwrap_or_else(|| PathBuf::from("terraform"))
    }

    /// What belongs to the testbed that runs, and to nobody else.
    pub(crate) fn run_folder() -> PathBuf {
        let home = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let user =
            || home("XDG_CACHE_HOME").or_else(|| home("HOME").map(|home| home.join(".cache"))).unwrap_or_default();
        let cache = home("TAZLAB_TESTBED_CACHE").unwrap_or_else(|| user().join("terraform-provider-tazlab/testbed"));
        cache.join("run")
    }

    fn settings_file() -> PathBuf {
        Self::run_folder().join("testbed.env")
    }

    /// The name of the node's container, and the engine that runs it.
    ///
    /// # Panics
    /// Where the cluster is one that exists already, whose node tests must not touch.
    #[must_use]
    pub fn node(&self) -> (&str, &str) {
        let node = self.setting("NODE");
        assert!(
            !node.is_empty(),
            "this test harms the cluster's node: it needs the testbed's own cluster, not an existing one"
        );
        (node, self.setting("DOCKER_HOST"))
    }

    /// The address of the testbed's Vault.
    #[must_use]
    pub fn vault_address(&self) -> &str {
        self.setting("VAULT_ADDR")
    }

    /// The authority that signed its certificate.
    #[must_use]
    pub fn vault_authority(&self) -> &Path {
        Path::new(self.setting("VAULT_CACERT"))
    }

    /// The file with its root token.
    #[must_use]
    pub fn vault_token_file(&self) -> &Path {
        Path::new(self.setting("VAULT_TOKEN_FILE"))
    }

    /// What the controller of External Secrets says: the testbed runs one.
    #[must_use]
    pub fn external_secrets_log(&self) -> &Path {
        Path::new(self.setting("EXTERNAL_SECRETS_LOG"))
    }

    /// What the testbed's kustomize-controller logs.
    #[must_use]
    pub fn kustomize_controller_log(&self) -> &Path {
        Path::new(self.setting("KUSTOMIZE_CONTROLLER_LOG"))
    }

    /// The built provider: `TAZLAB_PROVIDER`, else the debug build of this workspace.
    ///
    /// # Panics
    /// When it is not built, with how to build it.
    #[must_use]
    pub fn provider() -> PathBuf {
        Self::built_provider().unwrap_or_else(|problem| panic!("{problem}: run `cargo build` first"))
    }

    /// The same where it may not be built yet.
    pub(crate) fn built_provider() -> Result<PathBuf, String> {
        let built = std::env::var_os("TAZLAB_PROVIDER").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/terraform-provider-tazlab"),
            PathBuf::from,
        );
        built.canonicalize().map_err(|error| format!("{}: {error}", built.display()))
    }
}
