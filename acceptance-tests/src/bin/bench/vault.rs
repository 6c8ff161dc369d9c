//! The refresh of many roles, through a proxy that counts connections.

use acceptance_tests::{Proxy, Vault, Workspace};
use serde_json::json;

use super::report::{Report, mebibytes};

/// A key that is nobody's, so that no cluster is asked.
fn key() -> String {
    let all = include_str!("../../../../crates/jwk/src/tests/keys.pem");
    let end = "-----END PUBLIC KEY-----\n";
    format!("{}{end}", all.split(end).next().unwrap())
}

/// The second plan of `count` roles.
pub(crate) fn refresh(report: &mut Report, count: usize) {
    let vault = Vault::start();
    let proxy = Proxy::before(vault.address().trim_start_matches("https://"));
    let workspace = Workspace::measuring();
    workspace.provider(&vault.block(&workspace).replace(vault.address(), &proxy.url()));
    let mount = json!({"mount": "jwt", "keys": "pem", "validation_pubkeys": [key()]});
    let mut resources = json!({"tazlab_vault_jwt_auth": {"cluster": mount}, "tazlab_vault_jwt_role": {}});
    for index in 0..count {
        resources["tazlab_vault_jwt_role"][format!("r-{index}")] = json!({
            "mount": "${tazlab_vault_jwt_auth.cluster.mount}", "name": format!("role-{index}"),
            "bound_audiences": ["vault"], "bound_subject": format!("system:serviceaccount:apps:app-{index}"),
            "user_claim": "sub", "token_policies": ["default"],
        });
    }
    let file = workspace.path().join("roles.tf.json");
    std::fs::write(file, json!({"resource": resources}).to_string()).unwrap();
    workspace.apply().succeeds();
    let before = proxy.connections();
    let started = workspace.start(&["plan", "-json", "-detailed-exitcode"]);
    let watched = started.watch_provider();
    let planned = started.end().succeeds().changes_nothing();
    let usage = watched.join().unwrap();
    let seen = format!(
        "{:.2} s, of it {:.2} s of CPU in the provider and {:.2} s in Terraform; {} connection, peak {}",
        planned.took.as_secs_f64(),
        usage.cpu,
        usage.terraform,
        proxy.connections() - before,
        mebibytes(usage.peak)
    );
    report.row(&format!("second plan of {count} Vault roles"), &seen, "1 connection");
}
