//! Many roles by Terraform: nothing differs afterwards, and a refresh takes one request a role on one connection.

use std::fmt::Write;

use super::definitions::definition;
use super::*;

/// Roles by `for_each` over a file, with every argument that is not there null.
const ROLES: &str = r#"
locals {
  roles = jsondecode(file("roles.json"))
}

resource "tazlab_vault_jwt_role" "many" {
  for_each                = { for role in local.roles : role.name => role }
  path                    = tazlab_vault_jwt_auth.cluster.path
  name                    = each.key
  user_claim              = each.value.user_claim
ARGUMENTS}
"#;

fn roles(workspace: &Workspace, range: std::ops::Range<usize>) -> String {
    let all: Vec<Value> = range.map(definition).collect();
    std::fs::write(workspace.path().join("roles.json"), Value::from(all).to_string()).unwrap();
    let names = [
        "user_claim_json_pointer",
        "bound_audiences",
        "bound_subject",
        "bound_claims",
        "bound_claims_type",
        "claim_mappings",
        "groups_claim",
        "expiration_leeway",
        "not_before_leeway",
        "clock_skew_leeway",
        "token_policies",
        "token_ttl",
        "token_max_ttl",
        "token_explicit_max_ttl",
        "token_period",
        "token_num_uses",
        "token_no_default_policy",
        "token_type",
        "token_bound_cidrs",
    ];
    let mut arguments = String::new();
    for name in names {
        writeln!(arguments, "  {name} = try(each.value.{name}, null)").unwrap();
    }
    ROLES.replace("ARGUMENTS", &arguments)
}

/// A key that is nobody's, so that no cluster is asked.
fn pem() -> String {
    let all = include_str!("../../../src/jwk/tests/keys.pem");
    let end = "-----END PUBLIC KEY-----\n";
    let first = format!("{}{end}", all.split(end).next().unwrap());
    format!("  keys = \"pem\"\n  validation_pubkeys = [{}]", json!(first))
}

#[test]
fn a_refresh_of_many_roles_takes_one_connection() {
    let vault = Vault::start();
    let proxy = acceptance_tests::Proxy::before(vault.address().trim_start_matches("https://"));
    let workspace = Workspace::measuring();
    let block = vault.block(&workspace).replace(vault.address(), &proxy.url());
    workspace.provider(&block);
    let mut measured = Vec::new();
    for count in [100, 500] {
        workspace.hcl(&(auth("jwt", &pem()) + &roles(&workspace, 0..count)));
        workspace.apply().succeeds();
        let before = proxy.connections();
        let started = workspace.start(&["plan", "-json", "-detailed-exitcode"]);
        let watched = started.watch_provider();
        let planned = started.end().succeeds().changes_nothing();
        let (usage, connections) = (watched.join().unwrap(), proxy.connections() - before);
        println!(
            "{count} roles: refresh and plan {:?} wall; provider {:.2} s CPU, {} MiB; Terraform {:.2} s CPU; {connections} connections",
            planned.took,
            usage.cpu,
            usage.peak / 1024,
            usage.terraform
        );
        assert_eq!(connections, 1);
        measured.push(usage.cpu);
    }
    // Five times the requests. The wall time is Terraform's own, which grows faster.
    assert!(measured[1] < measured[0] * 10.0, "{measured:?}");
    // The roles go with their Vault.
}
