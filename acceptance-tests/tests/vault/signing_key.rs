//! `keys = "signing_key"`: Vault trusts a cluster by the key that it will sign with, before there is one.

use std::path::Path as File;

use acceptance_tests::signer::openssl;
use acceptance_tests::{KubeApiserver, Signer};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

const ISSUER: &str = "https://not-there-yet.test";

/// A workspace that reaches this Vault, and no cluster at all.
fn alone(vault: &Vault) -> Workspace {
    let workspace = Workspace::without_cluster("");
    workspace.provider_block(&vault.block(&workspace));
    workspace
}

/// HCL that trusts the key in `file`, with a role for anybody's `app`.
fn trust(path: &str, file: &str, version: u32) -> String {
    let key = if file.is_empty() { "null".to_owned() } else { format!("file(\"{file}\")") };
    let arguments = format!(
        "  keys = \"signing_key\"\n  bound_issuer = \"{ISSUER}\"\n  signing_key_wo = {key}\n  signing_key_wo_version = {version}"
    );
    auth(path, &arguments) + &role("default", "  token_policies = [\"a\"]").replace("default:default", "default:app")
}

/// Nothing of a private key may be anywhere: each line of its PEM is a canary, and what is inside it.
fn plant(workspace: &Workspace, pem: &str) {
    let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with("---")).collect();
    let public = lines.len() > 1 && pem.contains("PUBLIC");
    for line in lines.iter().filter(|line| line.len() == 64 && !public) {
        workspace.plant(line);
    }
}

fn public_keys(workspace: &Workspace) -> Vec<String> {
    let keys = workspace.attributes(AUTH)["public_keys"].clone();
    keys.as_array().unwrap().iter().map(|pem| pem.as_str().unwrap().to_owned()).collect()
}

fn trusted(path: &Path<'_>) -> Vec<String> {
    let mut keys: Vec<String> = path.config().unwrap()["jwt_validation_pubkeys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pem| pem.as_str().unwrap().trim().to_owned())
        .collect();
    keys.sort();
    keys
}

fn sorted(signers: &[&Signer]) -> Vec<String> {
    let mut keys: Vec<String> = signers.iter().map(|signer| signer.public_key().trim().to_owned()).collect();
    keys.sort();
    keys
}

fn claims() -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({"iss": ISSUER, "sub": "system:serviceaccount:default:app", "aud": [AUDIENCE], "iat": now, "nbf": now,
        "exp": now + 600})
}

/// A real API server that is started with the key after Vault was told of it: its first token logs in.
fn first_token_of(kind: &'static str, form: &[&str], encoded: bool) {
    let vault = Vault::shared();
    let (path, workspace, signer) = (Path::free(&vault, "signing"), alone(&vault), Signer::new(kind));
    let pem = String::from_utf8(openssl(&[form, &["-in", &signer.private_key_file()]].concat(), b"")).unwrap();
    assert!(pem.contains("PRIVATE KEY"), "{form:?}");
    plant(&workspace, &pem);
    let text = if encoded { BASE64_STANDARD.encode(&pem) } else { pem.clone() };
    let file = workspace.source("sa.key", text);
    workspace.hcl(&trust(path.name(), &file, 1));
    let planned = workspace.plan().succeeds();
    assert_eq!(planned.warnings(), [""; 0]);
    workspace.apply().succeeds();
    assert_eq!(trusted(&path), sorted(&[&signer]));
    let id = tazlab_jwk::PublicKey::from_pem(&signer.public_key()).unwrap();
    assert_eq!(workspace.attributes(AUTH)["key_ids"], json!([id.kubernetes_id()]));
    assert_eq!(workspace.attributes(AUTH)["key_fingerprints"], json!([id.fingerprint()]));

    let own = workspace.source("sa.pem", &pem);
    let cluster = KubeApiserver::start(File::new(&own), ISSUER);
    let jwt = cluster.token_of("app", AUDIENCE);
    workspace.plant(&jwt);
    let token = tazlab_jwk::token::Token::read(&jwt).unwrap();
    assert_eq!(token.key_id, Some(id.kubernetes_id()), "known before the cluster was");
    let (code, answer) = login(&vault, path.name(), "one", &jwt);
    assert_eq!(code, 200, "{answer}");

    // The cluster answers by now, and its keys are compared: the same.
    workspace.provider_block(&format!("{}\n{}", vault.block(&workspace), cluster.block()));
    let planned = workspace.plan().succeeds().changes_nothing();
    assert_eq!(planned.warnings(), [""; 0]);
    // Vault is given another key than the cluster's.
    let other = Signer::new("RS256");
    std::fs::copy(other.private_key_file(), &file).unwrap();
    workspace.hcl(&trust(path.name(), &file, 2));
    let warned = |told: &acceptance_tests::Run| {
        let other = tazlab_jwk::PublicKey::from_pem(&other.public_key()).unwrap().fingerprint();
        told.warning(&["The cluster has other signing keys", &id.fingerprint(), &other, "refuses every token"]);
    };
    warned(&workspace.plan().succeeds().only("update", AUTH));
    warned(&workspace.apply().succeeds());
    warned(&workspace.plan().succeeds().changes_nothing());
    assert_eq!(login(&vault, path.name(), "one", &jwt).0, 400);
    workspace.destroy().succeeds();
}

#[test]
fn the_first_token_of_a_cluster_with_a_kubeadm_key_is_accepted() {
    first_token_of("RS256", &["rsa", "-traditional"], false);
}

/// Talos keeps its keys in base64.
#[test]
fn the_first_token_of_a_cluster_with_an_ec_key_in_base64_is_accepted() {
    first_token_of("ES256", &["ec"], true);
}

#[test]
fn every_form_of_a_key_is_read_once_and_rotation_takes_two() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "forms"), alone(&vault));
    let (old, new) = (Signer::new("RS256"), Signer::new("ES512"));
    let of = |signer: &Signer, form: &[&str]| {
        String::from_utf8(openssl(&[form, &["-in", &signer.private_key_file()]].concat(), b"")).unwrap()
    };
    let (pkcs8, sec1) = (of(&old, &["pkey"]), of(&new, &["ec"]));
    let forms = [
        (pkcs8.clone(), vec![&old]),
        (old.public_key(), vec![&old]),
        // A rotation: the new key signs, the old one's tokens are still accepted.
        (format!("{sec1}{pkcs8}"), vec![&new, &old]),
        (BASE64_STANDARD.encode(of(&new, &["pkey"]) + &old.public_key()), vec![&new, &old]),
        (sec1.clone(), vec![&new]),
    ];
    for pem in [&pkcs8, &sec1] {
        plant(&workspace, pem);
    }
    let tokens = [&old, &new].map(|signer| signer.token(&claims()));
    for (index, (text, signers)) in forms.iter().enumerate() {
        let file = workspace.source("sa.key", text);
        workspace.hcl(&trust(path.name(), &file, u32::try_from(index).unwrap()));
        workspace.apply().succeeds();
        assert_eq!(trusted(&path), sorted(signers), "{index}");
        let expected: Vec<String> = signers.iter().map(|signer| signer.public_key()).collect();
        assert_eq!(public_keys(&workspace), expected, "{index}: in the order of the text");
        let codes =
            [&old, &new].map(|one| if signers.iter().any(|signer| std::ptr::eq(*signer, one)) { 200 } else { 400 });
        assert_eq!(tokens.each_ref().map(|jwt| login(&vault, path.name(), "one", jwt).0), codes, "{index}");
        workspace.plan().succeeds().changes_nothing();
    }
    for jwt in &tokens {
        workspace.plant(jwt);
    }

    // What is not read changes nothing: another key under the same version, or none.
    workspace.source("sa.key", "no key");
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&trust(path.name(), "", 4));
    workspace.plan().succeeds().changes_nothing();
    // Somebody writes over it: repaired without the key.
    let theirs = json!({"bound_issuer": ISSUER, "jwt_validation_pubkeys": [Signer::new("RS256").public_key()]});
    vault.write(&format!("auth/{}/config", path.name()), &theirs);
    workspace.plan().succeeds().only("update", AUTH).warning(&["keys to be added", "keys to be removed"]);
    workspace.apply().succeeds();
    assert_eq!(trusted(&path), sorted(&[&new]));
    vault.write(
        &format!("auth/{}/config", path.name()),
        &json!({"jwt_validation_pubkeys": theirs["jwt_validation_pubkeys"]}),
    );
    workspace.apply().succeeds();
    assert_eq!((trusted(&path), &path.config().unwrap()["bound_issuer"]), (sorted(&[&new]), &json!(ISSUER)));
    workspace.plan().succeeds().changes_nothing();
    // A new version without the key is an error, and so is one with none in it.
    workspace.hcl(&trust(path.name(), "", 5));
    workspace.plan().fails().error(&["The signing key is missing", "signing_key_wo_version"]);
    let file = workspace.source("sa.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    workspace.hcl(&trust(path.name(), &file, 5));
    workspace.plan().fails().error(&["The signing key cannot be used", "PEM block 1", "DER"]);
    assert_eq!(trusted(&path), sorted(&[&new]));
    workspace.hcl(&trust(path.name(), "", 4));
    workspace.destroy().succeeds();
    assert_eq!(path.mount(), None);
}

/// What is ephemeral is another key at apply than at plan (Talos' secrets are a new bundle each time).
#[test]
fn a_saved_plan_reads_the_key_that_is_there_when_it_is_applied() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "saved"), alone(&vault));
    let (one, two, three) = (Signer::new("ES256"), Signer::new("ES384"), Signer::new("ES256"));
    let give = |signer: &Signer| {
        let pem = std::fs::read_to_string(signer.private_key_file()).unwrap();
        plant(&workspace, &pem);
        workspace.source("sa.key", pem)
    };
    workspace.hcl(&trust(path.name(), &give(&one), 1));
    let save = || workspace.terraform(&["plan", "-out=saved", "-no-color"]).succeeds();
    let apply = || workspace.terraform(&["apply", "-json", "saved"]).succeeds();
    save();
    give(&two);
    apply();
    assert_eq!(trusted(&path), sorted(&[&two]));
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&trust(path.name(), &give(&one), 2));
    save();
    give(&three);
    apply();
    assert_eq!((trusted(&path), public_keys(&workspace)), (sorted(&[&three]), vec![three.public_key()]));

    // From another source of keys and back.
    let arguments = format!(
        "  keys = \"pem\"\n  bound_issuer = \"{ISSUER}\"\n  validation_pubkeys = {}",
        json!([three.public_key()])
    );
    let role = role("default", "  token_policies = [\"a\"]").replace("default:default", "default:app");
    workspace.hcl(&(auth(path.name(), &arguments) + &role));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(AUTH)["public_keys"], Value::Null);
    workspace.hcl(&trust(path.name(), &give(&three), 2));
    workspace.apply().succeeds();
    assert_eq!(public_keys(&workspace), [three.public_key()]);
    workspace.plan().succeeds().changes_nothing();
    // Imported, its keys are somebody's; the first apply says whose.
    workspace.terraform(&["state", "rm", AUTH]).succeeds();
    workspace.terraform(&["import", AUTH, path.name()]).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    assert_eq!((trusted(&path), public_keys(&workspace)), (sorted(&[&three]), vec![three.public_key()]));
    workspace.destroy().succeeds();
}
