//! The check sees what a registry would refuse.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::set::{Set, named, run, scripts, succeeds};

/// What the check says of a folder.
fn check(arguments: &[&str], folder: &Path) -> (bool, String) {
    let output = run(Command::new(scripts().join("check")).args(arguments).arg(folder).arg(Set::get().key()));
    let said = [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned());
    (output.status.success(), said.concat())
}

/// Writes the sums anew and signs them: what is wrong then is not that.
fn seal(folder: &Path) {
    let set = Set::get();
    let sums = named(folder, &set.version, "SHA256SUMS");
    fs::remove_file(&sums).unwrap();
    fs::remove_file(named(folder, &set.version, "SHA256SUMS.sig")).unwrap();
    let made = succeeds(Command::new("sh").args(["-c", "sha256sum -- *"]).current_dir(folder));
    fs::write(sums, made + "\n").unwrap();
    set.sign(folder);
}

/// Runs a program in a folder.
fn at(folder: &Path, program: &str, arguments: &[&str]) {
    succeeds(Command::new(program).args(arguments).current_dir(folder));
}

#[test]
fn a_set_passes_and_each_fault_is_named() {
    let set = Set::get();
    let (passed, said) = check(&[], &set.folder);
    assert!(passed && said.contains("1 zips (run here: linux_amd64), manifest, SBOM, sums, signed by"), "{said}");
    let (passed, said) = check(&["--complete"], &set.folder);
    assert!(!passed && said.contains("no zip for windows_arm64") && !said.contains("for linux_amd64"), "{said}");

    let work = tempfile::tempdir().unwrap();
    let (zip, binary) = (format!("terraform-provider-tazlab_{}_linux_amd64.zip", set.version), format!("terraform-provider-tazlab_v{}", set.version));
    let mut number = 0;
    // What is done to a copy, whether it is sealed again, and what the check then says.
    let mut refuses = |change: &dyn Fn(&Path), sealed: bool, words: &[&str]| {
        number += 1;
        let folder = work.path().join(number.to_string());
        set.copy(&folder);
        change(&folder);
        if sealed {
            seal(&folder);
        }
        let (passed, said) = check(&[], &folder);
        assert!(!passed && words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
        fs::remove_dir_all(folder).unwrap();
    };
    let manifest = |folder: &Path| named(folder, &set.version, "manifest.json");
    let old = r#"{"version": 1, "metadata": {"protocol_versions": ["5.0"]}}"#;
    refuses(&|folder| fs::write(manifest(folder), old).unwrap(), false, &["manifest.json: FAILED", "does not say protocol 6.0"]);
    refuses(&|folder| fs::write(manifest(folder), old).unwrap(), true, &["1 wrong", "does not say protocol 6.0"]);
    refuses(&|folder| fs::write(folder.join("notes.txt"), "").unwrap(), true, &["notes.txt has a name that nobody expects"]);
    refuses(&|folder| fs::remove_file(named(folder, &set.version, "sbom.cdx.json")).unwrap(), false, &["not over exactly", "sbom.cdx.json is no CycloneDX"]);
    refuses(&|folder| fs::remove_file(named(folder, &set.version, "SHA256SUMS.sig")).unwrap(), false, &["1 wrong", "there is no"]);
    // Somebody else changes the sums.
    let sums = |folder: &Path| {
        let sums = named(folder, &set.version, "SHA256SUMS");
        fs::write(&sums, fs::read_to_string(&sums).unwrap() + "\n").unwrap();
    };
    refuses(&sums, false, &["is not the signature of"]);
    let letters = |folder: &Path| {
        let signature = named(folder, &set.version, "SHA256SUMS.sig");
        at(folder, "gpg", &["--batch", "--yes", "--quiet", "-o", "letters", "--enarmor", signature.to_str().unwrap()]);
        fs::rename(folder.join("letters"), signature).unwrap();
    };
    refuses(&letters, false, &["it must be binary"]);
    // The zip: not executable, another name, another system, another version, no program.
    let unpack = |folder: &Path| at(folder, "unzip", &["-q", &zip, "-d", "unpacked"]);
    let pack = |folder: &Path, names: &[&str]| {
        fs::remove_file(folder.join(&zip)).unwrap();
        let all = [&["-q", "-1", "-X", &format!("../{zip}")], names].concat();
        at(&folder.join("unpacked"), "zip", &all);
        fs::remove_dir_all(folder.join("unpacked")).unwrap();
    };
    let changed = |change: &dyn Fn(&Path), names: &[&str], folder: &Path| {
        unpack(folder);
        change(&folder.join("unpacked"));
        pack(folder, names);
    };
    let both = [binary.as_str(), "LICENSE"];
    refuses(&|folder| changed(&|at_| at(at_, "chmod", &["644", &binary]), &both, folder), true, &["1 wrong", "the mode of", "-rw-r--r--"]);
    refuses(&|folder| changed(&|_| (), &["LICENSE"], folder), true, &["1 wrong", "has LICENSE instead of"]);
    let header = |place: usize, byte: u8| {
        let binary = binary.clone();
        move |folder: &Path| {
            let mut bytes = fs::read(folder.join(&binary)).unwrap();
            bytes[place] = byte;
            fs::write(folder.join(&binary), bytes).unwrap();
        }
    };
    refuses(&|folder| changed(&header(18, 0xb7), &both, folder), true, &["1 wrong", "is for linux_arm64"]);
    refuses(&|folder| changed(&header(7, 9), &both, folder), true, &["1 wrong", "is for freebsd_amd64"]);
    let other = |folder: &Path| fs::copy("/bin/true", folder.join(&binary)).map(drop).unwrap();
    refuses(&|folder| changed(&other, &both, folder), true, &["1 wrong", "--version says"]);
    refuses(&|folder| fs::write(folder.join(&zip), "PK").unwrap(), true, &["1 wrong", "is no zip"]);
}
