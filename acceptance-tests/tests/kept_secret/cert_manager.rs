//! The real cert-manager and a real ACME server: a cluster's contents are recreated three times, and one certificate is
//! ordered. What cert-manager asks of a Secret to accept it is in `docs/design/kept-secret.md`.

use std::time::Duration;

use acceptance_tests::cert_manager::{certificate, cluster_issuer, condition, renew, until_ready};
use acceptance_tests::{Acme, CertManager, poll};

use super::*;

const HOST: &str = "blog.example";

/// One cluster after another, as far as this story needs them.
struct Cluster<'a> {
    acme: &'a Acme,
    manager: CertManager,
    /// Where the ACME account is.
    accounts: Namespace,
    blog: Namespace,
    issuer: String,
}

impl<'a> Cluster<'a> {
    fn new(acme: &'a Acme) -> Self {
        let accounts = Namespace::made("accounts");
        let manager = CertManager::start(accounts.name(), acme);
        Self { acme, manager, issuer: accounts.name().to_owned(), accounts, blog: Namespace::named("blog") }
    }

    /// All that was in it goes, and another one is there.
    fn recreate(&mut self) {
        self.manager.stop();
        let both = [self.accounts.name(), self.blog.name()];
        kubectl::succeeds(&["delete", "namespace", both[0], both[1], "--ignore-not-found"]);
        self.manager.start_again();
    }

    /// What Flux brings, most often.
    fn deploy(&self) {
        let issuer = cluster_issuer(&self.issuer, "account", self.acme);
        kubectl::apply_as("flux", &issuer);
        kubectl::apply_as("flux", &certificate(self.blog.name(), "blog-tls", &self.issuer, HOST));
    }

    fn certificate(&self) -> [&str; 4] {
        ["certificate", "blog-tls", "-n", self.blog.name()]
    }

    fn chain(&self) -> Vec<u8> {
        self.blog.contents("blog-tls")["tls.crt"].clone()
    }

    /// Has cert-manager ever begun to issue in this cluster?
    fn has_begun_to_issue(&self) -> bool {
        let all = |kind: &str| {
            let list = kubectl::object(&[kind, "-n", self.blog.name()]).unwrap_or_default();
            list["items"].as_array().cloned().unwrap_or_default()
        };
        let issuing = all("events").iter().any(|event| event["reason"] == "Issuing");
        let revision = kubectl::object(&self.certificate()).unwrap()["status"]["revision"].is_number();
        issuing || revision || !all("certificaterequests").is_empty()
    }
}

fn hcl(cluster: &Cluster<'_>, account: &Place<'_>, blog: &Place<'_>, generation: u32) -> String {
    let kept = |label: &str, namespace: &Namespace, name: &str, place: &Place<'_>| {
        format!(
            "resource \"tazlab_kept_secret\" \"{label}\" {{\n  triggers = {{ cluster = \"{generation}\" }}\n  namespace = \"{}\"\n  name = \"{name}\"\n  create_namespace = true\n  vault = {{ mount = \"secret\", path = \"{}\" }}\n}}\n",
            namespace.name(),
            place.path
        )
    };
    kept("account", &cluster.accounts, "account", account) + &kept("blog", &cluster.blog, "blog-tls", blog)
}

/// Nothing of a private key may leak.
fn plant_keys(workspace: &Workspace, cluster: &Cluster<'_>) {
    for key in [&cluster.accounts.contents("account")["tls.key"], &cluster.blog.contents("blog-tls")["tls.key"]] {
        let text = String::from_utf8(key.clone()).unwrap();
        text.lines().filter(|line| line.len() > 16 && !line.starts_with("---")).for_each(|line| workspace.plant(line));
    }
}

#[test]
fn a_cluster_is_recreated_three_times_and_one_certificate_is_ordered() {
    let (vault, acme) = (Vault::shared(), Acme::start("example"));
    let (account, blog) = (Place::free(&vault), Place::free(&vault));
    let mut cluster = Cluster::new(&acme);
    let mut workspace = workspace(&vault);

    // The first cluster: there is nothing to restore, and cert-manager orders.
    workspace.hcl(&hcl(&cluster, &account, &blog, 0));
    workspace.apply().succeeds().warning(&["There is no copy yet"]);
    cluster.deploy();
    until_ready(&cluster.certificate());
    assert_eq!((acme.orders(), acme.issued(), acme.accounts()), (1, 1, 1));
    plant_keys(&workspace, &cluster);
    workspace.plan().succeeds().warning(&["A newer copy will be kept", "blog-tls"]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    let chain = cluster.chain();
    assert!(cluster.has_begun_to_issue(), "the control: what is looked for below can be seen");

    for generation in 1..=3 {
        match generation {
            // Destroyed before its cluster is.
            2 => drop(workspace.destroy().succeeds()),
            // The state is lost with the cluster.
            3 => workspace = super::workspace(&vault),
            _ => {}
        }
        cluster.recreate();
        workspace.hcl(&hcl(&cluster, &account, &blog, generation));
        workspace.apply().succeeds();
        assert_eq!(workspace.attributes("tazlab_kept_secret.blog")["restored"], true, "{generation}");
        // The Secret is there before cert-manager sees the Certificate.
        cluster.deploy();
        until_ready(&cluster.certificate());
        plant_keys(&workspace, &cluster);
        assert_eq!(cluster.chain(), chain, "{generation}");
        assert!(!cluster.has_begun_to_issue(), "{generation}");
        assert_eq!((acme.orders(), acme.issued(), acme.accounts()), (1, 1, 1), "{generation}");
        // What cert-manager writes around an adopted certificate is what it had written before.
        workspace.plan().succeeds().changes_nothing();
    }

    // A renewal between two applies is copied by the next.
    let until = kubectl::object(&cluster.certificate()).unwrap()["status"]["notAfter"].clone();
    renew(cluster.blog.name(), "blog-tls");
    poll::until(Duration::from_mins(2), "renewed certificate", || (cluster.chain() != chain).then_some(()));
    until_ready(&cluster.certificate());
    plant_keys(&workspace, &cluster);
    assert_eq!(acme.orders(), 2);
    let planned = workspace.plan().succeeds().only("update", "tazlab_kept_secret.blog");
    planned.warning(&["A newer copy will be kept", "blog-tls"]);
    workspace.apply().succeeds();
    let renewed = cluster.chain();
    assert_eq!(blog.content("tls.crt"), renewed);
    assert_eq!(workspace.attributes("tazlab_kept_secret.blog")["kept_version"], 2);
    assert!(until.is_string());
    cluster.recreate();
    workspace.hcl(&hcl(&cluster, &account, &blog, 4));
    workspace.apply().succeeds();
    cluster.deploy();
    until_ready(&cluster.certificate());
    assert_eq!((cluster.chain(), acme.orders(), acme.accounts()), (renewed, 2, 1));
    workspace.destroy().succeeds();
}

#[test]
fn what_comes_too_late_or_without_its_annotations_is_ordered_anew() {
    let (vault, acme) = (Vault::shared(), Acme::start("example"));
    let (account, blog) = (Place::free(&vault), Place::free(&vault));
    let mut cluster = Cluster::new(&acme);
    let workspace = workspace(&vault);
    workspace.hcl(&hcl(&cluster, &account, &blog, 0));
    workspace.apply().succeeds();
    cluster.deploy();
    until_ready(&cluster.certificate());
    plant_keys(&workspace, &cluster);
    workspace.apply().succeeds();
    assert_eq!(acme.orders(), 1);
    let chain = cluster.chain();

    // The same Secret without the annotations, as a backup of contents alone would bring it: the issuer's kind is not "Issuer".
    let contents = cluster.blog.contents("blog-tls");
    cluster.recreate();
    workspace.hcl(&hcl(&cluster, &account, &blog, 1));
    workspace.terraform(&["apply", "-auto-approve", "-target", "tazlab_kept_secret.account"]).succeeds();
    kubectl::succeeds(&["create", "namespace", cluster.blog.name()]);
    let text = |key: &str| String::from_utf8(contents[key].clone()).unwrap();
    let mut bare = cluster.blog.manifest("blog-tls", &[("tls.crt", &text("tls.crt")), ("tls.key", &text("tls.key"))]);
    bare["type"] = json!("kubernetes.io/tls");
    kubectl::apply_as("backup", &bare);
    cluster.deploy();
    poll::until(Duration::from_mins(2), "second order", || (acme.orders() > 1).then_some(()));
    poll::until(Duration::from_mins(2), "new certificate", || (cluster.chain() != chain).then_some(()));
    plant_keys(&workspace, &cluster);

    // A Certificate that comes before its Secret: the restored one is overwritten, and the apply says so.
    cluster.recreate();
    workspace.hcl(&hcl(&cluster, &account, &blog, 2));
    workspace.terraform(&["apply", "-auto-approve", "-target", "tazlab_kept_secret.account"]).succeeds();
    kubectl::succeeds(&["create", "namespace", cluster.blog.name()]);
    // Nobody solves its challenge: it is issuing for as long as the test needs.
    let elsewhere = certificate(cluster.blog.name(), "blog-tls", "nobody", HOST);
    kubectl::apply_as("flux", &elsewhere);
    poll::until(Duration::from_secs(30), "Issuing", || {
        condition(&cluster.certificate(), "Issuing").filter(|issuing| issuing["status"] == "True")
    });
    let applied = workspace.apply().succeeds();
    applied.warning(&["The restored Secret comes too late", "depends_on"]);
    assert_eq!(workspace.attributes("tazlab_kept_secret.blog")["restored"], true);
}
