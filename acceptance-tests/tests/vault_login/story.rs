//! Mount, role and proof in one apply, as users write them; and what an explanation proposes, done.

use std::time::Duration;

use acceptance_tests::Run;

use super::*;

const PROOF: &str = "data.tazlab_vault_jwt_login.proof";

/// How much longer than some logins it may take to explain a refused one.
const EXPLAINED: Duration = Duration::from_secs(1);

/// How long Terraform waited for a data source, by its own events.
fn between(run: &Run, address: &str) -> Duration {
    let at = |kind: &str| {
        let events = run.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ours = |event: &Value| event["type"] == kind && event["hook"]["resource"]["addr"] == address;
        let found = events.into_iter().find(ours).unwrap_or_else(|| panic!("{kind} of {address}: {run}"));
        found["@timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
    };
    (at("apply_complete") - at("apply_start")).try_into().unwrap()
}

/// A mount and a role by resources, and the proof that the ServiceAccount logs in.
fn story(site: &Site<'_>, path: &str, issuer: &str, audience: &str) -> String {
    let proof = Login::new("proof", path, "grafana");
    let (trust, role) = ("tazlab_vault_jwt_auth.cluster.mount", "tazlab_vault_jwt_role.grafana.name");
    let proof = proofs(site.namespace.name(), &[proof])
        .replace(&format!("mount = \"{path}\""), &format!("mount = {trust}"))
        .replace("role = \"grafana\"", &format!("role = {role}"));
    format!(
        r#"resource "tazlab_vault_jwt_auth" "cluster" {{
  mount        = "{path}"
  keys         = "cluster"
  bound_issuer = "{issuer}"
}}

resource "tazlab_vault_jwt_role" "grafana" {{
  mount           = {trust}
  name            = "grafana"
  bound_audiences = ["{audience}"]
  bound_subject   = "{}"
  user_claim      = "sub"
  token_policies  = ["{}"]
}}

{proof}"#,
        site.subject(),
        site.policy("reader", "path \"secret/*\" { capabilities = [\"read\"] }")
    )
}

#[test]
fn trust_role_and_proof_in_one_apply_and_a_slip_mended_as_proposed() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let site = Site::new(&vault);
    workspace.provider(&vault.block(&workspace));
    let path = format!("{}-story", site.mount);
    let ours = issuer();
    workspace.hcl(&story(&site, &path, &format!("{ours}/"), AUDIENCE));
    // The data source waits for what it refers to: the plan has nothing to say of the login yet.
    let planned = workspace.plan().succeeds();
    assert!(planned.warnings().iter().all(|warning| !warning.contains("refuses the login")), "{planned}");
    let applied = workspace.apply().succeeds();
    let told = problems(&outputs(&workspace)["proof"]);
    // The cluster's token, the login, and everything that is looked at afterwards. Where something else has the machine, a
    // second and a third time count.
    let mut took = between(&applied, PROOF);
    for _ in 0..2 {
        if took > EXPLAINED {
            took = took.min(between(&workspace.apply().succeeds(), PROOF));
        }
    }
    let fix = format!("bound_issuer = \"{ours}\"");
    assert!(told.contains("a slash at the end") && told.contains(&fix), "{told}");

    workspace.hcl(&story(&site, &path, &ours, AUDIENCE));
    let accepted = between(&workspace.apply().succeeds(), PROOF);
    println!("the explanation of a refused login took {took:?}, a login {accepted:?}");
    assert!(took <= EXPLAINED + accepted * 8, "{took:?}, where a login took {accepted:?}");
    let found = outputs(&workspace)["proof"].clone();
    assert_eq!((&found["ready"], &found["problems"]), (&json!(true), &json!([])), "{found}");
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(vault.ask("GET", &format!("sys/auth/{path}"), None).0, 400);
}
