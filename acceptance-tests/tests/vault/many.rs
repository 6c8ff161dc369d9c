//! Many roles: what Vault gives back is what was written, and a refresh takes one request a role on few connections.

use std::fmt::Write;
use std::time::Instant;

use super::*;

/// The value number `index` of a list, by another number: all combinations come up.
fn pick<'a>(values: &[&'a str], index: usize) -> &'a str {
    values[index % values.len()]
}

/// A role definition out of many.
fn definition(index: usize) -> Value {
    let spans = ["", "0", "1h", "3600", "90s", "1h30m", "24h", "86400", "45m"];
    let leeways = ["", "0s", "-1", "-1s", "30s", "2m", "120"];
    let mut role =
        json!({"name": format!("r-{index}"), "user_claim": pick(&["sub", "/kubernetes.io/serviceaccount/uid"], index)});
    let mut set = |name: &str, value: Value| {
        if value != json!("") {
            role[name] = value;
        }
    };
    let lists = [vec!["a"], vec!["b", "a"], vec!["https://v:8200", "Ärger", "x y", "A"], vec!["z", "y", "x", "w"]];
    set("bound_audiences", if index.is_multiple_of(5) { json!("") } else { json!(lists[index % 4]) });
    set("bound_subject", json!(pick(&["", "system:serviceaccount:ns:sa", "with \"quotes\" and \\"], index / 2)));
    if index.is_multiple_of(5) || index.is_multiple_of(3) {
        set("bound_claims", json!({"/kubernetes.io/namespace": lists[index / 3 % 4], "b": ["only"]}));
        set("bound_claims_type", json!(pick(&["", "string", "glob"], index)));
    }
    set(
        "claim_mappings",
        if index.is_multiple_of(7) { json!({"/kubernetes.io/namespace": "namespace"}) } else { json!("") },
    );
    set("user_claim_json_pointer", json!(index % 2 == 1));
    set("groups_claim", json!(pick(&["", "groups"], index / 5)));
    set("expiration_leeway", json!(pick(&leeways, index)));
    set("not_before_leeway", json!(pick(&leeways, index / 7)));
    set("clock_skew_leeway", json!(pick(&leeways, index / 49)));
    set("token_policies", if index.is_multiple_of(4) { json!("") } else { json!(lists[index / 4 % 4]) });
    // A token cannot live longer than its largest time.
    set("token_ttl", json!(pick(&["", "0", "1h", "3600", "90s"], index / 3)));
    set("token_max_ttl", json!(pick(&["", "24h", "86400", "0"], index / 9)));
    set("token_explicit_max_ttl", json!(pick(&["", "48h", "0s"], index / 27)));
    set("token_period", if index.is_multiple_of(11) { json!(pick(&spans, index / 11)) } else { json!("") });
    set("token_num_uses", if index.is_multiple_of(6) { json!(index % 3) } else { json!("") });
    set("token_no_default_policy", json!(index.is_multiple_of(8)));
    set("token_type", json!(pick(&["", "default", "service"], index)));
    let cidrs = ["10.0.0.0/8", "127.0.0.1", "127.0.0.1/32", "::1", "fd00::/8", "10.1.2.3/8"];
    set(
        "token_bound_cidrs",
        if index.is_multiple_of(9) { json!([pick(&cidrs, index / 9), "192.168.0.0/16"]) } else { json!("") },
    );
    role
}

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

#[test]
fn a_thousand_definitions_are_what_vault_gives_back() {
    let vault = Vault::shared();
    // In parts: Terraform writes its whole state after each object.
    for part in 0..8 {
        let (path, workspace) = (Path::free(&vault, "thousand"), Workspace::measuring());
        workspace.provider(&vault.block(&workspace));
        workspace.hcl(&(auth(path.name(), &pem()) + &roles(&workspace, part * 125..(part + 1) * 125)));
        workspace.apply().succeeds();
        // No role differs from what was written. The roles go with the mount, at the end of the test.
        workspace.plan().succeeds().changes_nothing();
    }
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
    let hcl = |count: usize| auth("jwt", &pem()) + &roles(&workspace, 0..count);
    let mut measured = Vec::new();
    for count in [100, 500] {
        workspace.hcl(&hcl(count));
        workspace.apply().succeeds();
        let before = proxy.connections();
        let started = workspace.start(&["plan", "-json", "-detailed-exitcode"]);
        let watched = started.watch_provider();
        let began = Instant::now();
        started.end().succeeds().changes_nothing();
        let (wall, usage, connections) = (began.elapsed(), watched.join().unwrap(), proxy.connections() - before);
        println!("{count} roles: refresh and plan {wall:?}, provider {usage:?}, {connections} connections");
        assert!(connections <= 2, "{connections} connections");
        measured.push(usage.cpu);
    }
    // Five times the requests. The wall time is Terraform's own, which grows faster.
    assert!(measured[1] < measured[0] * 10.0, "{measured:?}");
    workspace.destroy().succeeds();
}
