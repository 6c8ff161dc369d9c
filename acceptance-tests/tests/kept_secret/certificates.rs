//! Certificates without cert-manager: which of them is copied, and which is restored.

use rcgen::{CertificateParams, DnType, Issuer, KeyPair, date_time_ymd};

use super::*;

/// A certificate of this authority and its key, valid between two years.
fn issued(authority: &str, from: i32, to: i32) -> (String, String) {
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name.push(DnType::OrganizationName, authority);
    let issuer = Issuer::new(issuer, KeyPair::generate().unwrap());
    let own = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["blog.example".to_owned()]).unwrap();
    (parameters.not_before, parameters.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    (parameters.signed_by(&own, &issuer).unwrap().pem(), own.serialize_pem())
}

fn tls(workspace: &Workspace, namespace: &Namespace, (chain, key): &(String, String)) {
    // Each line of it is one.
    key.lines().filter(|line| !line.starts_with("---")).for_each(|line| workspace.plant(line));
    let mut secret = namespace.manifest("one", &[("tls.crt", chain), ("tls.key", key)]);
    secret["type"] = json!("kubernetes.io/tls");
    kubectl::apply_as("somebody", &secret);
}

#[test]
fn a_certificate_is_followed_by_its_renewal_and_restored_while_it_is_valid() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("renewal"), Place::free(&vault), workspace(&vault));
    let (first, renewed) = (issued("Example", 2020, 2100), issued("Example", 2021, 2101));
    tls(&workspace, &namespace, &first);
    workspace.hcl(&one(&namespace, &place, ""));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(ONE)["expires_at"], "2100-01-01T00:00:00Z");
    tls(&workspace, &namespace, &renewed);
    workspace.apply().succeeds();
    assert_eq!(place.content("tls.crt"), renewed.0.as_bytes());
    assert_eq!(workspace.attributes(ONE)["expires_at"], "2101-01-01T00:00:00Z");

    // An older one, and one of another issuer, stay where they are, and the copy does too.
    let older = "was not issued later";
    for (other, why) in [(&first, older), (&issued("Staging", 2022, 2101), "another issuer")] {
        tls(&workspace, &namespace, other);
        let planned = workspace.plan().succeeds().changes_nothing();
        planned.warning(&["The live Secret is not copied", why, "prefer = \"live\""]);
        workspace.destroy().succeeds();
        assert_eq!((place.content("tls.crt"), place.version()), (renewed.0.as_bytes().to_vec(), Some(2)));
        workspace.apply().succeeds().warning(&["The live Secret is not copied", why]);
        assert_eq!(namespace.contents("one")["tls.crt"], other.0.as_bytes());
    }
    workspace.hcl(&one(&namespace, &place, "  prefer = \"live\""));
    workspace.apply().succeeds();
    assert_eq!(place.version(), Some(3));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn an_expired_copy_is_not_restored_and_its_successor_is_copied() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("expired"), Place::free(&vault), workspace(&vault));
    let expired = issued("Example", 2020, 2021);
    tls(&workspace, &namespace, &expired);
    workspace.hcl(&one(&namespace, &place, ""));
    workspace.apply().succeeds();
    delete(&namespace);
    let planned = workspace.plan().succeeds().changes_nothing();
    planned.warning(&["The copy is too old to be restored", "2021-01-01T00:00:00Z"]);
    workspace.destroy().succeeds();
    workspace.apply().succeeds().warning(&["The copy is too old to be restored"]);
    assert!(namespace.secret("one").is_none());
    assert_eq!(workspace.attributes(ONE)["restored"], false);
    let successor = issued("Example", 2022, 2100);
    tls(&workspace, &namespace, &successor);
    workspace.apply().succeeds();
    assert_eq!(place.content("tls.crt"), successor.0.as_bytes());

    // Valid, and not for long enough.
    delete(&namespace);
    workspace.hcl(&one(&namespace, &place, "  minimum_validity = \"8760000h\""));
    workspace.plan().succeeds().warning(&["The copy is too old to be restored", "2100-01-01T00:00:00Z"]);
    workspace.apply().succeeds();
    assert!(namespace.secret("one").is_none());
    workspace.hcl(&one(&namespace, &place, ""));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["tls.crt"], successor.0.as_bytes());
}
