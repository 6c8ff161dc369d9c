//! A set as `release/` makes it, of the debug build, signed with a key that is thrown away.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use acceptance_tests::Testbed;

/// Who signs.
const KEY: &str = "release@example.invalid";

/// The scripts.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../release").canonicalize().unwrap()
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs one that must succeed; gives what it printed.
pub(crate) fn succeeds(command: &mut Command) -> String {
    let output = run(command);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}\n{err}", output.status);
    out.trim().to_owned()
}

/// A set, and the key that it is signed with.
pub(crate) struct Set {
    home: tempfile::TempDir,
    /// Where it is.
    pub(crate) folder: PathBuf,
    /// Of the provider.
    pub(crate) version: String,
}

impl Set {
    /// The one that all tests read, and none may change.
    pub(crate) fn get() -> &'static Self {
        static SET: OnceLock<Set> = OnceLock::new();
        SET.get_or_init(Self::make)
    }

    fn make() -> Self {
        let home = tempfile::tempdir().unwrap();
        let version = succeeds(&mut Command::new(scripts().join("version")));
        let binaries = home.path().join("binaries/linux_amd64");
        fs::create_dir_all(&binaries).unwrap();
        // Without what only a debugger reads it is packed and unpacked in a tenth of the time.
        let binary = binaries.join(format!("terraform-provider-tazlab_v{version}"));
        succeeds(Command::new("strip").arg("-o").arg(&binary).arg(Testbed::provider()));
        let set = Self { folder: home.path().join("set"), home, version };
        let keyring = set.keyring();
        fs::create_dir(&keyring).unwrap();
        fs::set_permissions(&keyring, fs::Permissions::from_mode(0o700)).unwrap();
        let mut gpg = Command::new("gpg");
        gpg.env("GNUPGHOME", &keyring).args(["--batch", "--quiet", "--passphrase", ""]);
        succeeds(gpg.args(["--quick-generate-key", KEY, "rsa2048", "sign", "1d"]));
        succeeds(Command::new(scripts().join("package")).arg(home_of(&binaries)).arg(&set.folder));
        set.sign(&set.folder);
        set
    }

    fn keyring(&self) -> PathBuf {
        self.home.path().join("keyring")
    }

    /// The public key, as a file.
    pub(crate) fn key(&self) -> PathBuf {
        self.home.path().join("set.signing-key.asc")
    }

    /// Signs the sums in a folder.
    pub(crate) fn sign(&self, folder: &Path) {
        let mut sign = Command::new(scripts().join("sign"));
        succeeds(
            sign.arg(folder).env("GNUPGHOME", self.keyring()).env("GPG_FINGERPRINT", KEY).env_remove("GPG_PRIVATE_KEY"),
        );
    }

    /// The secret key, in letters.
    pub(crate) fn secret_key(&self) -> String {
        let mut gpg = Command::new("gpg");
        succeeds(gpg.env("GNUPGHOME", self.keyring()).args(["--batch", "--armor", "--export-secret-keys", KEY]))
    }

    /// A file of the set, by the end of its name.
    pub(crate) fn file(&self, end: &str) -> PathBuf {
        named(&self.folder, &self.version, end)
    }

    /// A copy that a test may change.
    pub(crate) fn copy(&self, to: &Path) {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(&self.folder).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A file of a set, by the end of its name.
pub(crate) fn named(folder: &Path, version: &str, end: &str) -> PathBuf {
    folder.join(format!("terraform-provider-tazlab_{version}_{end}"))
}

fn home_of(path: &Path) -> &Path {
    path.parent().unwrap()
}

/// What `sha256sum` says of a file.
pub(crate) fn sha256(path: &Path) -> String {
    let said = succeeds(Command::new("sha256sum").arg("--").arg(path));
    said.split_whitespace().next().unwrap().to_owned()
}
