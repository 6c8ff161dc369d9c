//! A set as `release/` makes it, of the debug build linked as a release is, signed with a key that is thrown away.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use acceptance_tests::lock;

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

/// A folder of `GnuPG`'s, which is gone with its agent when it is dropped.
pub(crate) struct Keyring(tempfile::TempDir);

impl Keyring {
    /// An empty one.
    pub(crate) fn new() -> Self {
        // Its name is short, since that of a socket in it must be.
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Self(folder)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs gpg on it; gives what it printed.
    pub(crate) fn gpg(&self, arguments: &[&str]) -> String {
        let mut gpg = Command::new("gpg");
        succeeds(gpg.env("GNUPGHOME", self.path()).args(["--batch", "--quiet", "--passphrase", ""]).args(arguments))
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        drop(Command::new("gpgconf").env("GNUPGHOME", self.path()).args(["--kill", "all"]).status());
    }
}

/// A set, and the key that it is signed with.
pub(crate) struct Set {
    /// Where it is.
    pub(crate) folder: PathBuf,
    /// Of the provider.
    pub(crate) version: String,
    secret_key: String,
    /// Until this process ends, nobody takes its folder away.
    _in_use: fs::File,
}

impl Set {
    /// The one that all tests read, and none may change.
    pub(crate) fn get() -> &'static Self {
        static SET: OnceLock<Set> = OnceLock::new();
        SET.get_or_init(Self::make)
    }

    fn make() -> Self {
        // Nothing ends a static: the next run takes away what processes that have ended leave.
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release-sets");
        let maker = lock::maker_of(&place);
        fs::create_dir_all(&place).unwrap();
        for left in fs::read_dir(&place).unwrap().flatten().map(|entry| entry.path()) {
            if lock::in_use(&left.join("in-use")).is_some() {
                fs::remove_dir_all(&left).unwrap();
            }
        }
        let home = place.join(std::process::id().to_string());
        let in_use = lock::in_use(&home.join("in-use")).expect("a folder of this process alone");
        drop(maker);
        let version = succeeds(&mut Command::new(scripts().join("version")));
        let binaries = home.join("binaries");
        fs::create_dir_all(binaries.join("linux_amd64")).unwrap();
        // Without what only a debugger reads it is packed and unpacked in a tenth of the time.
        let binary = binaries.join(format!("linux_amd64/terraform-provider-tazlab_v{version}"));
        match std::env::var_os("TAZLAB_PROVIDER") {
            Some(given) => succeeds(Command::new("strip").arg("-o").arg(&binary).arg(given)),
            None => succeeds(Command::new(scripts().join("../acceptance-tests/static-provider")).arg(&binary)),
        };
        let keyring = Keyring::new();
        keyring.gpg(&["--quick-generate-key", KEY, "rsa2048", "sign", "1d"]);
        let secret_key = keyring.gpg(&["--armor", "--export-secret-keys", KEY]);
        let set = Self { folder: home.join("set"), version, secret_key, _in_use: in_use };
        succeeds(Command::new(scripts().join("package")).arg(&binaries).arg(&set.folder));
        set.sign(&set.folder);
        set
    }

    /// The binary in it, unpacked.
    pub(crate) fn program(&self) -> PathBuf {
        let name = format!("terraform-provider-tazlab_v{}", self.version);
        self.folder.with_file_name("binaries").join("linux_amd64").join(name)
    }

    /// The public key, as a file.
    pub(crate) fn key(&self) -> PathBuf {
        self.folder.with_extension("signing-key.asc")
    }

    /// Signs the sums in a folder.
    pub(crate) fn sign(&self, folder: &Path) {
        succeeds(Command::new(scripts().join("sign")).arg(folder).env("GPG_PRIVATE_KEY", &self.secret_key));
    }

    /// The secret key, in letters.
    pub(crate) fn secret_key(&self) -> &str {
        &self.secret_key
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

/// What `sha256sum` says of a file.
pub(crate) fn sha256(path: &Path) -> String {
    let said = succeeds(Command::new("sha256sum").arg("--").arg(path));
    said.split_whitespace().next().unwrap().to_owned()
}
