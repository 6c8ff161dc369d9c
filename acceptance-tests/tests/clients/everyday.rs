//! What every client has that the provider can work with: resources, functions, write-only arguments, ephemeral resources.

use super::*;

const HCL: &str = r#"
ephemeral "tazlab_service_account_token" "default" {
  namespace = "NAMESPACE"
  name      = "default"
}

resource "tazlab_bootstrap_secret" "one" {
  namespace = "NAMESPACE"
  name      = provider::tazlab::tailnet_canonical_name("one-2.tail1234.ts.net")
  values    = { user = "somebody" }
  values_wo = {
    token = ephemeral.tazlab_service_account_token.default.token
    given = var.given
  }
  values_wo_version = 1
}

variable "given" {
  type      = string
  sensitive = true
  ephemeral = true
}
"#;

#[test]
fn one_apply_uses_all_of_it_and_the_object_is_imported_by_id() {
    let (namespace, workspace) = (Namespace::made("everyday"), Workspace::new());
    let given = workspace.secret();
    workspace.variable("given", &given);
    workspace.hcl(&HCL.replace("NAMESPACE", namespace.name()));
    let works = || {
        workspace.apply().succeeds();
        let contents = namespace.contents("one");
        workspace.plant(std::str::from_utf8(&contents["token"]).unwrap());
        assert_eq!(contents["given"], given.as_bytes());
        workspace.plan().succeeds().changes_nothing();
        let address = "tazlab_bootstrap_secret.one";
        workspace.terraform(&["state", "rm", address]).succeeds();
        workspace.terraform(&["import", address, &format!("{}/one", namespace.name())]).succeeds();
        assert_eq!(workspace.attributes(address)["type"], "Opaque");
    };
    let never = || panic!("{:?} is older than what the provider needs", Client::under_test());
    shows(Capability::Resources, works, never);
    // The same apply showed these; a client without one of them could not even read the configuration.
    for shown in [Capability::Functions, Capability::Ephemeral, Capability::WriteOnly] {
        shows(shown, || {}, never);
    }
}
