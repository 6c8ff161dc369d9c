//! The chain that a cluster's trust hangs by: its API server's name on the tailnet, its certificate, its keys, and a Vault outside of
//! it that fetches them there. Then the cluster is lost and recreated, and its old device holds the name.

use std::process::Command;

use acceptance_tests::kubectl::OpenKeys;
use acceptance_tests::{Part, TailnetNode, Vault, kubeconfig};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::*;

const APISERVER: &str = "tazlab_tailnet_apiserver.this";
const AUDIENCE: &str = "https://lushycorp-vault.tail1234.ts.net:8200";
const LABEL: &str = "lushycorp-k8s";

/// The API server's Service; Vault's trust by the keys at that name; a role for who logs in.
fn chain(namespace: &Namespace, generation: &str, depends_on: &str) -> String {
    format!(
        r#"
resource "tazlab_tailnet_apiserver" "this" {{
  hostname   = "{LABEL}"
  tags       = ["tag:k8s"]
  triggers   = {{ cluster = "{generation}" }}
  depends_on = [{depends_on}]
}}

resource "tazlab_vault_jwt_auth" "cluster" {{
  mount        = "jwt"
  keys         = "url"
  jwks_url     = "https://${{tazlab_tailnet_apiserver.this.fqdn}}:6443/openid/v1/jwks"
  jwks_ca_pem  = base64decode("{}")
  bound_issuer = "{}"
}}

resource "tazlab_vault_jwt_role" "one" {{
  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "one"
  user_claim      = "sub"
  bound_audiences = ["{AUDIENCE}"]
  bound_subject   = "system:serviceaccount:{}:default"
  token_policies  = ["reader"]
}}
"#,
        kubeconfig::authority(),
        issuer(),
        namespace.name()
    )
}

/// Vault's trust by the keys at the name that the cluster is known by, whatever its device is called.
fn at_the_fixed_name() -> String {
    format!(
        "resource \"tazlab_vault_jwt_auth\" \"fixed\" {{\n  mount = \"fixed\"\n  keys = \"url\"\n  jwks_url = \"https://{}:6443/openid/v1/jwks\"\n  jwks_ca_pem = base64decode(\"{}\")\n}}\n",
        ControlServer::name(LABEL),
        kubeconfig::authority()
    )
}

/// What frees the names of the cluster that was.
fn cleanup(generation: &str) -> String {
    format!(
        "resource \"tazlab_tailnet_cleanup\" \"k8s\" {{\n  tags = [\"tag:k8s\"]\n  hostnames = [\"{LABEL}\"]\n  required_free = [\"{LABEL}\"]\n  offline_for = \"1s\"\n  triggers = {{ cluster = \"{generation}\" }}\n}}\n"
    )
}

fn issuer() -> String {
    let document = kubectl::succeeds(&["get", "--raw", "/.well-known/openid-configuration"]);
    serde_json::from_str::<Value>(&document).unwrap()["issuer"].as_str().unwrap().to_owned()
}

/// The cluster's keys as a machine of the tailnet gets them: by name, over the tailnet, with the certificate checked, as nobody.
fn keys_over_the_tailnet(machine: &TailnetNode) -> Value {
    let authority = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(authority.path(), BASE64_STANDARD.decode(kubeconfig::authority()).unwrap()).unwrap();
    // kubectl would ask a person for a name where it has no credential.
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--max-time", "30", "--proxy", machine.proxy(), "--cacert"])
        .arg(authority.path())
        .arg(format!("https://{}:6443/openid/v1/jwks", ControlServer::name(LABEL)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn vault_trusts_the_cluster_by_its_name_on_the_tailnet_also_after_it_was_lost() {
    // For both operators, and before what is locked later.
    let _alone = Part::Tailscale.exclusive();
    let control = ControlServer::for_the_cluster();
    let first = TailscaleOperator::start(&control);
    let _discovery = Part::Discovery.exclusive();
    let (namespace, workspace) = (Namespace::made("chain"), Workspace::new());
    tailscale::certify(&ControlServer::name(LABEL));
    // The machine of this Vault is on the tailnet, and it on that machine: it reaches the tailnet by its proxy.
    let machine = TailnetNode::join(&control, "lushycorp-vault", &["tag:server"], "");
    let vault = Vault::start_with(&[("HTTPS_PROXY", machine.proxy())]);
    workspace.provider(&format!("{}\n{}", control.block(&workspace), vault.block(&workspace)));
    let jwt = kubectl::token(&namespace, Some(AUDIENCE));
    workspace.plant(&jwt);
    let logs_in = || {
        let body = json!({"role": "one", "jwt": jwt});
        vault.ask_as("", "POST", "auth/jwt/login", Some(&body))
    };

    let _open = OpenKeys::to_everybody(namespace.name());
    workspace.hcl(&chain(&namespace, "one", ""));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(APISERVER)["fqdn"], ControlServer::name(LABEL));
    let keys: Value = serde_json::from_str(&kubectl::succeeds(&["get", "--raw", "/openid/v1/jwks"])).unwrap();
    assert_eq!(keys_over_the_tailnet(&machine), keys);
    let (code, entered) = logs_in();
    assert_eq!(code, 200, "{entered}");
    workspace.plan().succeeds().changes_nothing();
    plant(&workspace, &control, &first);

    // The cluster is lost: its devices stay, and nobody of the next one knows them.
    let stale = control.until_connected(LABEL, true);
    first.lose();
    drop(control.until_connected(LABEL, false));
    let second = TailscaleOperator::start(&control);

    // Without a cleanup the new device gets another name, and Vault looks for the keys at a machine that is gone.
    workspace.hcl(&format!("{}{}", chain(&namespace, "two", ""), at_the_fixed_name()));
    let failed = workspace.apply().fails();
    let node_id = stale["nodeId"].as_str().unwrap();
    let number = ControlServer::name("lushycorp-k8s-1");
    failed.error(&[APISERVER, &number, "instead of lushycorp-k8s", "is held by", node_id]);
    let holds = format!("a stale device holds {}", ControlServer::name(LABEL));
    failed.error(&["Vault cannot use jwks_url", &holds, node_id]);

    // With it all is well.
    workspace.hcl(&format!("{}{}", cleanup("two"), chain(&namespace, "two", "tazlab_tailnet_cleanup.k8s")));
    // The device that has the number keeps it, so its Service is replaced.
    workspace.terraform(&["apply", "-json", "-auto-approve", &format!("-replace={APISERVER}")]).succeeds();
    assert_eq!(workspace.attributes(APISERVER)["fqdn"], ControlServer::name(LABEL));
    assert_ne!(control.until_connected(LABEL, true)["nodeId"], stale["nodeId"]);
    assert_eq!(keys_over_the_tailnet(&machine), keys);
    assert_eq!(logs_in().0, 200);
    workspace.plan().succeeds().changes_nothing();
    plant(&workspace, &control, &second);
    workspace.destroy().succeeds();
    assert_eq!(control.device(LABEL), None);
}
