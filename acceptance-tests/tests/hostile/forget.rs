//! `on_unreachable = "forget"` is for a cluster that is gone: no typing error and no distrust drops an object that lives on.

use acceptance_tests::{FakeCluster, Proxy, Run, Workspace};

use super::adoption::{ONE, one_file};

/// A workspace whose provider block is `block` and `on_unreachable = "forget"`.
fn configure(workspace: &Workspace, block: &str) {
    workspace.provider_block(&format!("{block}\nconnect_timeout = \"2s\"\non_unreachable = \"forget\""));
}

/// A Secret that was applied on a server.
fn applied(server: &FakeCluster) -> Workspace {
    server.make_namespace("a");
    let workspace = Workspace::without_cluster("");
    configure(&workspace, &server.block());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    workspace.apply().succeeds();
    workspace
}

fn is_kept(workspace: &Workspace, run: &Run, words: &[&str]) {
    run.error(words);
    assert_eq!(workspace.addresses(), [ONE], "{run}");
}

#[test]
fn control_a_cluster_that_is_gone_is_forgotten() {
    let server = FakeCluster::start();
    let workspace = applied(&server);
    let way = server.block();
    drop(server);
    let planned = workspace.plan().succeeds().changes_nothing();
    planned.warning(&["cannot be reached"]);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["dropped from the state", "VPN"]);
    assert_eq!(workspace.addresses(), [""; 0], "{way}");
}

#[test]
fn control_a_cluster_that_is_silent_is_forgotten() {
    let server = FakeCluster::start();
    let workspace = applied(&server);
    server.fall_silent();
    workspace.destroy().succeeds().warning(&["dropped from the state", "VPN"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn another_host_is_an_error_that_names_both() {
    let server = FakeCluster::start();
    let workspace = applied(&server);
    let wrong = format!("http://127.0.0.1:{}", Proxy::free_port());
    configure(&workspace, &format!("kubernetes = {{ host = \"{wrong}\", token = \"x\" }}"));
    let words = [server.url(), wrong, "removed".to_owned(), "destroy = false".to_owned()];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for run in [
        workspace.plan(),
        workspace.destroy(),
        workspace.terraform(&["destroy", "-json", "-auto-approve", "-refresh=false"]),
    ] {
        is_kept(&workspace, &run.fails(), &words);
    }
    // A name that does not exist is another origin, too.
    configure(&workspace, "kubernetes = { host = \"http://no-such-host.invalid:6443\", token = \"x\" }");
    is_kept(&workspace, &workspace.destroy().fails(), &["no-such-host.invalid", "removed"]);
    // The way on that the error names.
    configure(&workspace, &server.block());
    workspace.destroy().succeeds();
    assert_eq!(server.secret("a", "one"), None);
}

#[test]
fn another_server_that_refuses_or_is_not_trusted_is_told_with_both() {
    let server = FakeCluster::with_tls();
    let workspace = applied(&server);
    let (other, stranger) = (FakeCluster::with_tls(), FakeCluster::with_tls());
    let names = [server.url(), other.url(), "destroy = false".to_owned()];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Its certificate is not the one that is trusted.
    configure(&workspace, &stranger.block().replace(&stranger.url(), &other.url()));
    is_kept(&workspace, &workspace.destroy().fails(), &names);
    configure(&workspace, &other.block());
    other.know_nobody();
    is_kept(&workspace, &workspace.destroy().fails(), &names);
    // Also where nothing is to be forgotten.
    workspace.provider_block(&format!("{}\nconnect_timeout = \"2s\"", other.block()));
    is_kept(&workspace, &workspace.destroy().fails(), &names);
    assert!(server.secret("a", "one").is_some());
}

#[test]
fn the_same_server_in_another_spelling_is_the_same() {
    let server = FakeCluster::start();
    let workspace = applied(&server);
    let port = server.port();
    drop(server);
    // What is recorded, and what may be written for it.
    for same in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://user@127.1:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
    ] {
        configure(&workspace, &format!("kubernetes = {{ host = \"{same}\", token = \"x\" }}"));
        workspace.plan().succeeds().changes_nothing().warning(&["cannot be reached"]);
    }
    for other in
        [format!("http://127.0.0.2:{port}"), format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}/x")]
    {
        configure(&workspace, &format!("kubernetes = {{ host = \"{other}\", token = \"x\" }}"));
        is_kept(&workspace, &workspace.destroy().fails(), &["last read at", &other]);
    }
}

#[test]
fn authorities_that_cannot_be_read_are_no_absence() {
    let server = FakeCluster::with_tls();
    let workspace = applied(&server);
    let pipe = workspace.sources().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    workspace.environment("SSL_CERT_FILE", pipe.to_str().unwrap());
    configure(&workspace, &format!("kubernetes = {{ host = \"{}\", token = \"x\" }}", server.url()));
    is_kept(&workspace, &workspace.destroy().fails(), &["SSL_CERT_FILE", "regular file"]);
}

#[test]
fn distrust_refused_credentials_and_files_that_are_not_there_are_errors() {
    let server = FakeCluster::with_tls();
    let workspace = applied(&server);
    let other = FakeCluster::with_tls();
    let wrong = server
        .block()
        .replace(&server.authority().unwrap().replace('\n', "\\n"), &other.authority().unwrap().replace('\n', "\\n"));
    configure(&workspace, &wrong);
    is_kept(&workspace, &workspace.destroy().fails(), &["unknown authority", "drops nothing"]);
    configure(&workspace, "kubernetes = { config_path = \"/nowhere/kubeconfig\" }");
    is_kept(&workspace, &workspace.destroy().fails(), &["/nowhere/kubeconfig", "drops nothing"]);
    let unreadable = server.block().replace("token = \"x\"", "token_file = \"/nowhere/token\"");
    configure(&workspace, &unreadable);
    is_kept(&workspace, &workspace.destroy().fails(), &["/nowhere/token", "drops nothing"]);
    configure(&workspace, &server.block());
    server.know_nobody();
    is_kept(&workspace, &workspace.destroy().fails(), &["401"]);
    assert!(server.secret("a", "one").is_some());
}

#[test]
fn another_cluster_that_answers_is_told_apart_from_one_that_was_made_anew() {
    let server = FakeCluster::start();
    let workspace = applied(&server);
    let other = FakeCluster::start();
    other.make_namespace("a");
    configure(&workspace, &other.block());
    let (first, second) = (server.url(), other.url());
    let told = ["may be in another cluster", first.as_str(), second.as_str()];
    workspace.plan().succeeds().only("create", ONE).warning(&told);
    // Terraform leaves out what is told in the refresh that a destroy begins with.
    workspace.terraform(&["destroy", "-json", "-auto-approve", "-refresh=false"]).succeeds().warning(&told);
    assert!(server.secret("a", "one").is_some());

    // The control: another cluster at the same address is the cluster, made anew.
    let workspace = applied(&other);
    let port = other.port();
    drop(other);
    let anew = FakeCluster::start_at(port);
    anew.make_namespace("a");
    let planned = workspace.plan().succeeds().only("create", ONE);
    assert!(planned.warnings().iter().all(|warning| !warning.contains("another cluster")), "{planned}");
    workspace.apply().succeeds();
    assert!(anew.secret("a", "one").is_some());
}

#[test]
fn a_state_without_a_record_forgets_nothing_until_the_cluster_was_seen() {
    let server = FakeCluster::start();
    let workspace = applied(&server);
    // As an older version left it.
    let path = workspace.state_file();
    let mut state: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let private = &mut state["resources"][0]["instances"][0]["private"];
    let kept = String::from_utf8(
        base64::Engine::decode(&base64::prelude::BASE64_STANDARD, private.as_str().unwrap()).unwrap(),
    );
    let mut kept: serde_json::Value = serde_json::from_str(&kept.unwrap()).unwrap();
    assert!(kept.as_object_mut().unwrap().remove("origin").is_some(), "{kept}");
    *private = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, kept.to_string()).into();
    std::fs::write(&path, state.to_string()).unwrap();
    let port = server.port();
    drop(server);
    is_kept(&workspace, &workspace.destroy().fails(), &["does not record yet at which server", "-refresh-only"]);
    let back = FakeCluster::start_at(port);
    back.make_namespace("a");
    drop(back);
}

#[test]
fn a_user_who_may_not_read_namespaces_is_served_too() {
    let server = FakeCluster::start();
    server.keep_namespaces();
    let workspace = applied(&server);
    workspace.plan().succeeds().changes_nothing();
    drop(server);
    workspace.destroy().succeeds().warning(&["dropped from the state"]);
}
