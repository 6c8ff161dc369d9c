//! API servers and proxies before them that repeat what they were sent, answer without end, or are not verified.

use acceptance_tests::{Answer, ApiServer, Asked, Proxy, Run, Workspace};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

pub(crate) const ONE: &str = "tazlab_bootstrap_secret.one";
pub(crate) const PATH: &str = "/api/v1/namespaces/ns/secrets/one";

/// A workspace with one Secret of two keys, one of them short, and a fake API server.
pub(crate) struct Scene {
    pub(crate) server: ApiServer,
    pub(crate) workspace: Workspace,
    pub(crate) token: String,
    pub(crate) content: String,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let (server, workspace) = (ApiServer::start(), Workspace::without_cluster(""));
        let token = workspace.secret_file("token").1;
        let (file, content) = workspace.secret_file("key");
        workspace.hcl(&format!(
            "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"ns\"\n  name = \"one\"\n  files = {{ key = \"{file}\" }}\n  timeouts = {{ create = \"6s\" }}\n}}\n"
        ));
        let scene = Self { server, workspace, token, content };
        scene.block("");
        scene
    }

    /// The provider block, with the token.
    pub(crate) fn block(&self, arguments: &str) {
        let file = self.workspace.sources().join("token");
        let (url, file) = (self.server.url(), file.display());
        self.workspace.provider_block(&format!(
            "kubernetes = {{\n  host = \"{url}\"\n  token_file = \"{file}\"\n}}\n{arguments}"
        ));
    }

    pub(crate) fn applied() -> Self {
        let scene = Self::new();
        scene.workspace.apply().succeeds();
        let sent = scene.server.take_journal();
        assert!(sent.iter().all(|asked| asked.headers["authorization"] == format!("Bearer {}", scene.token)));
        assert_eq!(scene.stored(), scene.content.as_bytes());
        scene
    }

    pub(crate) fn stored(&self) -> Vec<u8> {
        let object = self.server.object(PATH).expect("the Secret");
        let value = BASE64_STANDARD.decode(object["data"]["key"].as_str().unwrap()).unwrap();
        String::from_utf8(value).unwrap().trim().as_bytes().to_vec()
    }

    /// Nothing but the planted secrets' absence is left to be seen: also parts of them.
    fn shows_nothing(&self, run: &Run) {
        for secret in [&self.token, &self.content] {
            let coded = BASE64_STANDARD.encode(secret);
            for part in [&secret[..10], &secret[10..], &coded[..12], &coded[8..20]] {
                assert!(!run.stdout.contains(part) && !run.stderr.contains(part), "{part} is shown: {run}");
                assert!(!self.workspace.traces().contains(part), "{part} is in the traces");
            }
        }
    }
}

/// What a server may make of what it was sent.
fn echoes(asked: &Asked) -> String {
    let (all, value) = (asked.echo(), asked.body.split('"').max_by_key(|part| part.len()).unwrap_or_default());
    let raw = BASE64_STANDARD.decode(value).unwrap_or_default();
    let raw = String::from_utf8_lossy(&raw);
    let percent = asked.body.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}"));
    format!("{raw} {raw:?} {value} {} {} {percent}", &value[..value.len() / 2], BASE64_STANDARD.encode(&all)) + &all
}

#[test]
fn a_webhook_and_an_api_server_repeat_no_value_and_no_token() {
    let scene = Scene::new();
    scene.workspace.plan().succeeds().only("create", ONE);
    for code in [400, 403, 409, 422, 500] {
        scene.server.answers(move |asked| {
            asked.is("PATCH", PATH).then(|| {
                let words = echoes(asked);
                Answer::Status(code, format!("admission webhook \"a.b\" denied the request: too weak: {words}"))
            })
        });
        let run = scene.workspace.apply().fails();
        run.error(&["Cannot write Secret ns/one", "denied the request: too weak: (redacted)"]);
        scene.shows_nothing(&run);
    }
    for code in [403, 409, 422] {
        scene.server.answers(move |asked| {
            let causes =
                || serde_json::json!([{"reason": "FieldValueInvalid", "field": "data.key", "message": echoes(asked)}]);
            let body =
                || serde_json::json!({"kind": "Status", "message": echoes(asked), "details": {"causes": causes()}});
            asked.is("PATCH", PATH).then(|| Answer::Json(code, body()))
        });
        scene.shows_nothing(&scene.workspace.apply().fails());
    }
    scene.server.is_honest();
    scene.workspace.apply().succeeds();
    assert_eq!(scene.stored(), scene.content.as_bytes(), "the control");
}

#[test]
fn a_proxy_repeats_no_body_and_is_not_believed() {
    let scene = Scene::new();
    for code in [400, 401, 403, 404, 409, 413, 422, 502] {
        scene.server.answers(move |asked| asked.is("PATCH", PATH).then(|| Answer::Plain(code, echoes(asked))));
        let run = scene.workspace.terraform(&["apply", "-json", "-auto-approve"]).fails();
        // Who answers 502 may be better in a moment: it is asked until the time is over.
        assert!(code == 502 || run.error(&["Secret"]).contains(&code.to_string()), "{run}");
        scene.shows_nothing(&run);
    }
    scene.server.answers(|asked| {
        let body = || serde_json::from_str(&asked.body).unwrap_or_default();
        asked.is("PATCH", PATH).then(|| Answer::Json(400, body()))
    });
    scene.shows_nothing(&scene.workspace.apply().fails());
    scene.server.is_honest();
    scene.workspace.apply().succeeds();

    // A proxy that does not know the path says nothing about the Secret.
    for body in ["404 page not found\n", "<h1>Not Found</h1>", ""] {
        scene.server.answers(move |asked| asked.is("GET", PATH).then(|| Answer::Plain(404, body.to_owned())));
        scene.workspace.plan().fails().error(&["not in the form of the Kubernetes API"]);
    }
    assert_eq!(scene.workspace.addresses(), [ONE]);
    scene.server.answers(|asked| asked.is("GET", PATH).then(|| Answer::Status(404, "not found".to_owned())));
    scene.workspace.plan().succeeds().only("create", ONE);
    scene.server.is_honest();
    scene.workspace.plan().succeeds().changes_nothing();
}

#[test]
fn user_info_of_urls_is_not_shown() {
    let scene = Scene::applied();
    let password = scene.workspace.secret();
    scene.workspace.variable("password", &password);
    let (server, free) = (scene.server.address(), format!("127.0.0.1:{}", Proxy::free_port()));
    let variable = "variable \"password\" {\n  type = string\n  sensitive = true\n}\n";
    let block = |arguments: &str| {
        let timeout = "connect_timeout = \"2s\"";
        let provider = format!("kubernetes = {{\n{arguments}\n}}\n{timeout}");
        scene.workspace.provider_block(&provider);
        let file = scene.workspace.path().join("provider.tf");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text + variable).unwrap();
    };
    let origin = format!("http://{free}");
    block(&format!("host = \"http://user:${{var.password}}@{free}/path\""));
    scene.workspace.plan().fails().error(&["unreachable", &format!("at {origin} is")]);
    block(&format!("host = \"http://{server}\"\nproxy_url = \"http://user:${{var.password}}@{free}\""));
    scene.workspace.plan().fails().error(&["proxy did not connect"]);
    block(&format!("host = \"http://{server}\"\nproxy_url = \"ftp://user:${{var.password}}@{free}\""));
    scene.workspace.plan().fails().error(&["proxy_url"]);
    let user = "{token: x}";
    let file = scene.server.kubeconfig(&format!("http://user:{password}@{free}"), user);
    block(&format!("config_path = \"{}\"", scene.workspace.source("away", file)));
    scene.workspace.plan().fails().error(&[&format!("at {origin} is")]);
    block(&format!("host = \"http://user:${{var.password}}@{server}\""));
    scene.workspace.plan().succeeds().changes_nothing();
    let sent = scene.server.take_journal();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("user:{password}")));
    assert!(sent.iter().any(|asked| asked.headers.get("authorization") == Some(&basic)), "the control");
}

#[test]
fn an_answer_without_end_is_an_error_that_names_the_limit() {
    let scene = Scene::applied();
    scene.workspace.without_traces();
    scene.server.answers(|asked| {
        let begin = "{\"kind\": \"Secret\", \"metadata\": {\"name\": \"one\", \"annotations\": {\"x\": \"";
        asked.is("GET", PATH).then_some(Answer::Giant(begin, 2048))
    });
    let started = scene.workspace.start(&["plan", "-json"]);
    let usage = started.watch_provider();
    started.end().fails().error(&["larger than 64 MiB"]);
    let peak = usage.join().unwrap().peak;
    assert!((1..300 * 1024).contains(&peak), "{peak} KiB");
    assert_eq!(scene.workspace.addresses(), [ONE]);
    let keys = r#"data "tazlab_cluster_jwks" "keys" {}"#;
    scene.workspace.hcl(keys);
    scene.server.answers(|asked| asked.is("GET", "/openid").then_some(Answer::Giant("{\"keys\": [", 2048)));
    scene.workspace.plan().succeeds().warning(&["Cannot read the cluster's keys", "larger than 64 MiB"]);
}

#[test]
fn a_connection_that_is_not_verified_is_a_warning_in_each_run_and_the_environment_adds_no_credential() {
    let scene = Scene::new();
    let url = scene.server.url();
    let unverified = |run: Run| {
        let run = run.succeeds();
        run.warnings().iter().filter(|text| text.contains("certificate is not verified")).count()
    };
    assert_eq!(unverified(scene.workspace.plan()), 0, "the control");
    let block = |arguments: &str| scene.workspace.provider_block(&format!("kubernetes = {{\n{arguments}\n}}"));
    block(&format!("host = \"{url}\"\ninsecure = true"));
    assert!(unverified(scene.workspace.plan()) > 0);
    assert!(unverified(scene.workspace.apply()) > 0);
    assert!(unverified(scene.workspace.plan()) > 0);
    let text = scene
        .server
        .kubeconfig("https://127.0.0.1:1", "{token: x}")
        .replace("{server:", "{insecure-skip-tls-verify: true, server:");
    let file = scene.workspace.source("insecure", text);
    scene
        .workspace
        .hcl(&std::fs::read_to_string(scene.workspace.path().join("main.tf")).unwrap().replace("\"one\"", "\"two\""));
    let created =
        || scene.workspace.terraform(&["plan", "-json", "-refresh=false", "-target=tazlab_bootstrap_secret.two"]);
    block(&format!("config_path = \"{file}\""));
    assert!(unverified(created()) > 0);
    block(&format!("config_path = \"{file}\"\ninsecure = false"));
    assert_eq!(unverified(created()), 0, "the block has the last word");

    let foreign = scene.workspace.secret();
    scene.workspace.environment("KUBE_TOKEN", &foreign);
    let plugin = "#!/bin/sh\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"of-the-plugin\"}}'\n";
    let plugin = scene.workspace.source("plugin", plugin);
    std::process::Command::new("chmod").args(["700", &plugin]).status().unwrap();
    block(&format!("host = \"{url}\"\nexec = {{ command = \"{plugin}\" }}"));
    drop(scene.server.take_journal());
    scene.workspace.apply().succeeds();
    let sent = scene.server.take_journal();
    assert!(!sent.is_empty() && sent.iter().all(|asked| asked.headers["authorization"] == "Bearer of-the-plugin"));
}
