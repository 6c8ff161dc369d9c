//! Servers that repeat what they were sent, in plain text and in the API's own form.

use acceptance_tests::{Echo, Workspace};

/// The API's form of a refusal.
fn refusal(sent: &str) -> String {
    serde_json::json!({ "message": sent, "data": [{ "user": sent, "errors": [sent] }] }).to_string()
}

/// What reads devices with this block; the credential is the variable `secret`.
fn reads_devices(workspace: &Workspace, credential: &str, server: &Echo) {
    workspace.provider_block(&format!("  tailscale = {{\n    base_url = \"{}\"\n    {credential}\n  }}", server.url()));
    workspace.hcl("variable \"secret\" {\n  sensitive = true\n}\ndata \"tazlab_tailnet_devices\" \"all\" {}\n");
}

#[test]
fn an_api_that_repeats_what_it_got_tells_nobody() {
    let logins = [
        "api_key = var.secret",
        "oauth_client_id = \"kTestCNTRL\"\n    oauth_client_secret = var.secret",
        "oauth_client_id = \"kTestCNTRL\"\n    identity_token = var.secret",
    ];
    for credential in logins {
        for (code, form) in
            [(400, refusal as fn(&str) -> String), (401, refusal), (403, ToOwned::to_owned), (500, ToOwned::to_owned)]
        {
            let (workspace, server) = (Workspace::without_cluster(""), Echo::start(code, form));
            // Without a line break: no header takes one.
            let secret = format!("{} \"+/%&=<\\'{}", workspace.secret(), workspace.secret());
            workspace.plant(&secret);
            workspace.variable("secret", &secret);
            reads_devices(&workspace, credential, &server);
            let run = workspace.plan().succeeds();
            // The beginning of a plain text is the request's head.
            run.warning(if code <= 401 {
                &["Cannot read the tailnet", "(redacted)"]
            } else {
                &["Cannot read the tailnet"]
            });
            assert!(!server.heard().is_empty(), "the control: it was repeated");
        }
    }
}

#[test]
fn a_proxy_that_repeats_its_login_tells_nobody() {
    let (workspace, proxy) = (Workspace::without_cluster(""), Echo::in_plain_text(407));
    let (password, token) = (workspace.secret(), workspace.secret());
    workspace.variable("password", &password);
    workspace.variable("token", &token);
    workspace.provider_block(&format!(
        "  kubernetes = {{\n    host = \"https://api.example.invalid:6443\"\n    token = var.token\n    proxy_url = \"http://user:${{var.password}}@{}\"\n  }}",
        proxy.address()
    ));
    workspace.hcl(
        "variable \"password\" {\n  sensitive = true\n}\nvariable \"token\" {\n  sensitive = true\n}\ndata \"tazlab_cluster_jwks\" \"keys\" {}\n",
    );
    drop(workspace.plan());
    assert!(
        proxy.heard().contains("CONNECT api.example.invalid:6443") && proxy.heard().contains("Basic "),
        "{}",
        proxy.heard()
    );
}
