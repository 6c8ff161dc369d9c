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
    let (zip, binary) = (
        format!("terraform-provider-tazlab_{}_linux_amd64.zip", set.version),
        format!("terraform-provider-tazlab_v{}", set.version),
    );
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
    refuses(
        &|folder| fs::write(manifest(folder), old).unwrap(),
        false,
        &["manifest.json: FAILED", "does not say protocol 6.0"],
    );
    refuses(&|folder| fs::write(manifest(folder), old).unwrap(), true, &["1 wrong", "does not say protocol 6.0"]);
    refuses(
        &|folder| fs::write(folder.join("notes.txt"), "").unwrap(),
        true,
        &["notes.txt has a name that nobody expects"],
    );
    refuses(
        &|folder| fs::remove_file(named(folder, &set.version, "sbom.cdx.json")).unwrap(),
        false,
        &["not over exactly", "sbom.cdx.json is no CycloneDX"],
    );
    refuses(
        &|folder| fs::remove_file(named(folder, &set.version, "SHA256SUMS.sig")).unwrap(),
        false,
        &["1 wrong", "there is no"],
    );
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
    // The zip: not executable, no program, for another system, of another version, no zip.
    let program = first_bytes(&set.folder.join(&zip), &binary);
    let pack = |folder: &Path, program: &[u8], mode: &str, names: &[&str]| {
        fs::remove_file(folder.join(&zip)).unwrap();
        let inside = work.path().join("inside");
        fs::create_dir(&inside).unwrap();
        fs::write(inside.join(&binary), program).unwrap();
        fs::write(inside.join("LICENSE"), "").unwrap();
        at(&inside, "chmod", &[mode, &binary]);
        let packed = folder.join(&zip);
        at(&inside, "zip", &[&["-q", "-X", packed.to_str().unwrap()], names].concat());
        fs::remove_dir_all(inside).unwrap();
    };
    let both = [binary.as_str(), "LICENSE"];
    let header = |place: usize, byte: u8| {
        let mut program = program.clone();
        program[place] = byte;
        program
    };
    let needy = fs::read("/bin/true").unwrap();
    let (source, other) = (work.path().join("other.rs"), work.path().join("other"));
    fs::write(&source, "fn main() {}").unwrap();
    succeeds(Command::new("rustc").args(["-C", "target-feature=+crt-static", "-o"]).args([&other, &source]));
    let other = fs::read(other).unwrap();
    refuses(&|folder| pack(folder, &program, "644", &both), true, &["1 wrong", "the mode of", "-rw-r--r--"]);
    refuses(&|folder| pack(folder, &program, "755", &["LICENSE"]), true, &["1 wrong", "has LICENSE instead of"]);
    refuses(&|folder| pack(folder, &header(18, 0xb7), "755", &both), true, &["1 wrong", "is for linux_arm64"]);
    refuses(&|folder| pack(folder, &header(7, 9), "755", &both), true, &["1 wrong", "is for freebsd_amd64"]);
    refuses(&|folder| pack(folder, &needy, "755", &both), true, &["1 wrong", "asks for the interpreter /lib"]);
    refuses(&|folder| pack(folder, &other, "755", &both), true, &["1 wrong", "--version says"]);
    refuses(&|folder| fs::write(folder.join(&zip), "PK").unwrap(), true, &["1 wrong", "is no zip"]);
}

/// The first bytes of a file in a zip: its header is among them.
fn first_bytes(zip: &Path, name: &str) -> Vec<u8> {
    let unpacked = run(Command::new("sh").args(["-c", "unzip -p \"$0\" \"$1\" | head -c 4096"]).arg(zip).arg(name));
    assert_eq!(unpacked.stdout.len(), 4096);
    unpacked.stdout
}
