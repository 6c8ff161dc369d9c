//! Real Terraform installs the set: from a registry, from a mirror on the network, from one on the file system.

use std::fs;
use std::path::Path;

use acceptance_tests::{Client, Workspace};

use crate::registry::Registry;
use crate::set::{Set, sha256};

/// A configuration that takes the provider from `host`, and needs no cluster.
fn workspace(host: &str, authority: &Path, installation: &str) -> Workspace {
    let workspace = Workspace::without_cluster("");
    fs::remove_file(workspace.path().join("provider.tf")).unwrap();
    workspace.installs_from(installation);
    workspace.environment("SSL_CERT_FILE", authority.to_str().unwrap());
    workspace.hcl(&format!(
        r#"
terraform {{
  required_providers {{
    tazlab = {{ source = "{host}/tazlab/tazlab" }}
  }}
}}
output "name" {{
  value = provider::tazlab::tailnet_canonical_name("lushycorp-k8s-2")
}}
"#
    ));
    workspace
}

fn lock_file(workspace: &Workspace) -> String {
    fs::read_to_string(workspace.path().join(".terraform.lock.hcl")).unwrap()
}

fn applies(workspace: &Workspace) {
    workspace.apply().succeeds();
    assert_eq!(workspace.state()["values"]["outputs"]["name"]["value"], "lushycorp-k8s");
}

#[test]
fn from_a_registry_and_from_the_mirrors_that_are_made_of_it() {
    let set = Set::get();
    let registry = Registry::start(set);
    let (host, authority) = (registry.host(), registry.authority());

    // The registry: the client itself looks at manifest, sums and signature.
    let first = workspace(&host, &authority, "direct {}");
    let said = first.terraform(&["init", "-no-color"]).succeeds().stdout;
    assert!(said.contains("self-signed, key ID") || said.contains("signed, key ID"), "{said}");
    let lock = lock_file(&first);
    let zip = format!("\"zh:{}\"", sha256(&set.file("linux_amd64.zip")));
    assert!(lock.contains(&zip) && lock.contains("\"h1:"), "{zip}: {lock}");
    applies(&first);

    // Mirrors, made of it by the client.
    let mirror = registry.folder("mirror");
    fs::create_dir(&mirror).unwrap();
    first.terraform(&["providers", "mirror", mirror.to_str().unwrap()]).succeeds();
    registry.asked();
    // As they would be of the public registry: a port in a provider's address is more than Terraform's network mirrors take.
    let public = Client::under_test().registry();
    fs::rename(mirror.join(&host), mirror.join(public)).unwrap();
    let lock = lock.replace(&host, public);

    let on_the_file_system = format!("filesystem_mirror {{\n    path = \"{}\"\n  }}", mirror.display());
    let on_the_network = format!("network_mirror {{\n    url = \"{}\"\n  }}", registry.url("files/mirror/"));
    for (installation, network) in [(on_the_file_system, false), (on_the_network, true)] {
        // With nothing known: the lock file then tells what was seen.
        let own = workspace(public, &authority, &installation);
        own.terraform(&["init", "-no-color"]).succeeds();
        let seen = lock_file(&own);
        let hashes: Vec<&str> = seen.lines().filter(|line| line.contains("\"h1:")).collect();
        assert!(!hashes.is_empty() && hashes.iter().all(|hash| lock.contains(hash)), "{seen}: {lock}");

        // With what the registry signed: it must be the very same.
        let pinned = workspace(public, &authority, &installation);
        fs::write(pinned.path().join(".terraform.lock.hcl"), &lock).unwrap();
        pinned.terraform(&["init", "-no-color", "-lockfile=readonly"]).succeeds();
        applies(&pinned);

        let asked = registry.asked();
        assert_eq!(asked.iter().any(|path| path.starts_with("/files/mirror/")), network, "{asked:?}");
        assert!(!asked.iter().any(|path| path.starts_with("/v1/")), "the registry was asked: {asked:?}");
    }
}

#[test]
fn an_unknown_authority_is_refused() {
    let registry = Registry::start(Set::get());
    let other = Registry::start(Set::get());
    let workspace = workspace(&registry.host(), &other.authority(), "direct {}");
    let said = workspace.terraform(&["init", "-no-color"]).fails().stderr;
    assert!(said.contains("x509") || said.contains("certificate"), "{said}");
    assert_eq!(registry.asked(), Vec::<String>::new());
}
