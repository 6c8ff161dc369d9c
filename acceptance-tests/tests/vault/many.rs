//! Many roles by Terraform: nothing differs afterwards, and a refresh takes one request a role on one connection.

use super::definitions::definition;
use super::*;

/// Writes a file for each role. (By `for_each` over a list Terraform converts the whole list for every role, and out of one file
/// it reads the whole file for every warning: 500 of them take it many times as long to plan.)
fn roles(workspace: &Workspace, range: std::ops::Range<usize>) {
    for index in range {
        let (name, mut role) = (format!("r-{index}"), definition(index));
        role["mount"] = json!("${tazlab_vault_jwt_auth.cluster.mount}");
        let file = json!({"resource": {"tazlab_vault_jwt_role": {&name: role}}});
        std::fs::write(workspace.path().join(format!("{name}.tf.json")), file.to_string()).unwrap();
    }
}

/// A key that is nobody's, so that no cluster is asked.
fn pem() -> String {
    let all = include_str!("../../../crates/jwk/src/tests/keys.pem");
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
    workspace.hcl(&auth("jwt", &pem()));
    let mut measured = Vec::new();
    for count in [100, 500] {
        roles(&workspace, 0..count);
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
    // Five times the requests.
    assert!(measured[1] < measured[0] * 10.0, "{measured:?}");
    // The roles go with their Vault.
}
