use std::collections::BTreeMap;
use std::path::PathBuf;

use tazlab_clients::kubernetes::Settings;
use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::plan::with_defaults;
use tf_plugin::framework::schema::{Attribute, Kind, all_null};
use tf_plugin::framework::validation;
use tf_plugin::framework::value::Datum;

use super::*;
use crate::cluster::Access;
use crate::credential::Credential;
use crate::vault::Unverified;

/// A provider block with these arguments; everything else is null.
fn block(arguments: &[(&str, &[(&str, Datum)])]) -> Datum {
    let attributes = Configuration::attributes();
    let mut all = entries(all_null(&attributes));
    for (name, inner) in arguments {
        all.insert((*name).to_owned(), nested(&attributes, name, inner));
    }
    with_defaults(&attributes, Datum::Object(all))
}

fn nested(attributes: &[Attribute], name: &str, arguments: &[(&str, Datum)]) -> Datum {
    let attribute = attributes.iter().find(|attribute| attribute.name == name).unwrap();
    let Kind::Nested(_, inner) = &attribute.kind else { panic!("{name} has no arguments") };
    let mut all = entries(all_null(inner));
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    Datum::Object(all)
}

fn entries(object: Datum) -> BTreeMap<String, Datum> {
    let Datum::Object(entries) = object else { panic!("no object") };
    entries
}

fn access_of(arguments: &[(&str, Datum)], environment: &[(&str, &str)]) -> Access {
    let config: Configuration = decode(block(&[("kubernetes", arguments)])).unwrap();
    kubernetes::access(&config.kubernetes, &Environment::of(environment))
}

fn problems(arguments: &[(&str, &[(&str, Datum)])]) -> Vec<String> {
    let config = block(arguments);
    let mut found = validation::validate(&Configuration::attributes(), &config);
    Tazlab::new(Environment::of(&[])).validate(&decode(config).unwrap(), &mut found);
    found.into_iter().map(|diagnostic| format!("{}: {}", diagnostic.attribute, diagnostic.detail)).collect()
}

#[test]
fn no_block_takes_the_kubeconfig_of_the_environment_and_nothing_else() {
    let of = |environment: &[(&str, &str)]| {
        let config: Configuration = decode(block(&[])).unwrap();
        kubernetes::access(&config.kubernetes, &Environment::of(environment)).settings
    };
    assert_eq!(of(&[("HOME", "/home/a")]), Settings::default());
    assert_eq!(of(&[("KUBECONFIG", "/b:/c")]).config_paths, [PathBuf::from("/b"), PathBuf::from("/c")]);
    let both = of(&[("KUBECONFIG", "/b"), ("KUBE_CONFIG_PATH", "~/a"), ("HOME", "/home/a")]);
    assert_eq!(both.config_paths, [PathBuf::from("/home/a/a")]);
}

#[test]
fn a_configured_cluster_takes_nothing_from_the_environments_kubeconfig() {
    let access = access_of(&[("host", "https://a:6443".into())], &[("KUBECONFIG", "/b"), ("KUBE_TOKEN", "t")]);
    assert!(access.settings.config_paths.is_empty());
    assert_eq!(access.token, Some(Credential::Text("t".into())));
    let access = access_of(&[("config_path", "~/k".into())], &[("HOME", "/h"), ("KUBE_TOKEN", "t")]);
    assert_eq!(access.settings.config_paths, [PathBuf::from("/h/k")]);
    assert_eq!(access.token, None, "a token of the environment goes to no cluster that a kubeconfig names");
}

#[test]
fn the_environment_is_read_as_hashicorp_kubernetes_reads_it() {
    let environment = [
        ("KUBE_CONFIG_PATHS", "/a:~/b"),
        ("KUBECONFIG", "/kubectls"),
        ("HOME", "/h"),
        ("KUBE_CTX", "staging"),
        ("KUBE_CTX_CLUSTER", "blue"),
        ("KUBE_CTX_AUTH_INFO", "robot"),
        ("KUBE_PROXY_URL", "http://p:1"),
        ("KUBE_TLS_SERVER_NAME", "k8s.test"),
        ("KUBE_INSECURE", "true"),
    ];
    let settings = access_of(&[], &environment).settings;
    assert_eq!(settings.config_paths, [PathBuf::from("/a"), PathBuf::from("/h/b")]);
    let names = [&settings.config_context, &settings.config_context_cluster, &settings.config_context_auth_info];
    assert_eq!(names.map(Option::as_deref), [Some("staging"), Some("blue"), Some("robot")]);
    assert_eq!((settings.tls_server_name.as_deref(), settings.insecure), (Some("k8s.test"), Some(true)));
    assert!(settings.proxy_url.is_some_and(|url| url.is(b"http://p:1")));
    assert_eq!(access_of(&[], &environment).insecure_by, Some("KUBE_INSECURE"));
    // A kubeconfig of the block, and the context of the environment: what dialled production in silence.
    let named = access_of(&[("config_path", "/own".into())], &environment).settings;
    assert_eq!((named.config_paths, named.config_context.as_deref()), (vec![PathBuf::from("/own")], Some("staging")));
    // What the block says is not changed.
    let own: [(&str, Datum); 6] = [
        ("config_context", "own".into()),
        ("config_context_cluster", "own".into()),
        ("config_context_auth_info", "own".into()),
        ("proxy_url", "http://own".into()),
        ("tls_server_name", "own".into()),
        ("insecure", false.into()),
    ];
    let settings = access_of(&own, &environment).settings;
    let names = [&settings.config_context, &settings.config_context_cluster, &settings.config_context_auth_info];
    assert_eq!(names.map(Option::as_deref), [Some("own"); 3]);
    assert_eq!((settings.tls_server_name.as_deref(), settings.insecure), (Some("own"), Some(false)));
    assert!(settings.proxy_url.is_some_and(|url| url.is(b"http://own")));
    let trusting = access_of(&[("cluster_ca_certificate", "x".into())], &environment);
    assert_eq!((trusting.settings.insecure, trusting.insecure_by), (None, None));
    let empty = access_of(&[("config_context", "".into())], &environment);
    assert_eq!((empty.settings.config_context, empty.empty), (None, vec!["kubernetes.config_context".to_owned()]));
}

#[tokio::test]
async fn a_host_of_the_environment_gets_the_environments_credentials_and_no_kubectls() {
    let environment = [("KUBE_HOST", "https://e:6443"), ("KUBE_TOKEN", "t"), ("KUBECONFIG", "/kubectls")];
    let access = access_of(&[], &environment);
    assert_eq!(access.settings.host.as_deref(), Some("https://e:6443"));
    assert_eq!((access.token, access.settings.config_paths), (Some(Credential::Text("t".into())), Vec::new()));
    let named = access_of(&[("config_path", "/own".into())], &environment);
    assert_eq!((named.settings.host.as_deref(), named.replaced_host), (Some("https://e:6443"), true));
    let told = kubernetes::warnings(&named).await;
    assert!(told.into_iter().any(|warning| warning.summary.contains("KUBE_HOST")));
    let own = access_of(&[("host", "https://own".into())], &environment);
    assert_eq!((own.settings.host.as_deref(), own.replaced_host), (Some("https://own"), false));
    // One that is empty or not known yet is another cluster's than the environment's.
    for host in [Datum::from(""), Datum::unknown()] {
        assert_eq!(access_of(&[("host", host)], &environment).settings.host, None);
    }
}

#[test]
fn a_pod_reaches_its_own_cluster_and_nothing_else() {
    let pod = [("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "443"), ("KUBE_HOST", "https://e")];
    let access = access_of(&[("in_cluster", true.into())], &pod);
    assert_eq!(access.settings.host.as_deref(), Some("https://[fd00::1]:443"));
    let path = |name: &str| PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount").join(name);
    assert!(matches!(access.token, Some(Credential::File { path: file, .. }) if file == path("token")));
    assert!(
        matches!(access.cluster_ca_certificate, Some(Credential::File { path: file, .. }) if file == path("ca.crt"))
    );
    let config: Configuration = decode(block(&[("kubernetes", &[("in_cluster", true.into())])])).unwrap();
    let outside = |environment: &[(&str, &str)]| {
        kubernetes::outside_of_a_pod(&config.kubernetes, &Environment::of(environment)).map(|error| error.detail)
    };
    assert_eq!(outside(&pod), None);
    assert!(outside(&[("KUBECONFIG", "/b")]).unwrap().contains("KUBERNETES_SERVICE_HOST"));
    let later = access_of(&[("in_cluster", Datum::unknown())], &[("KUBECONFIG", "/b")]);
    assert_eq!((later.unknown, later.settings), (vec!["kubernetes.in_cluster".to_owned()], Settings::default()));
    let both = problems(&[("kubernetes", &[("in_cluster", true.into()), ("host", "https://a".into())])]);
    assert!(both.concat().contains("in_cluster"), "{both:?}");
}

#[test]
fn an_empty_host_is_not_replaced_by_another_cluster() {
    let access = access_of(&[("host", "".into()), ("token", Datum::unknown())], &[("KUBECONFIG", "/b")]);
    assert!(access.settings.config_paths.is_empty() && access.settings.host.is_none());
    assert_eq!(access.empty, ["kubernetes.host"]);
    assert_eq!(access.unknown, ["kubernetes.token"]);
}

#[test]
fn a_credential_may_lie_in_a_file() {
    let access = access_of(
        &[("token_file", "~/t".into()), ("host", "https://a".into())],
        &[("HOME", "/h"), ("KUBE_TOKEN", "x")],
    );
    let file = Credential::File { setting: "kubernetes.token_file".into(), path: "/h/t".into() };
    assert_eq!(access.token, Some(file));
}

#[test]
fn the_environment_adds_no_credential_to_those_of_the_block() {
    let environment = [("KUBE_TOKEN", "t"), ("KUBE_CLIENT_CERT_DATA", "c"), ("KUBE_CLIENT_KEY_DATA", "k")];
    let of = |arguments: &[(&str, Datum)]| {
        let host = [("host", Datum::from("https://a"))];
        let access = access_of(&[&host, arguments].concat(), &environment);
        (access.token.is_some(), access.client_certificate.is_some(), access.client_key.is_some())
    };
    assert_eq!(of(&[]), (true, true, true));
    assert_eq!(of(&[("token", "own".into())]), (true, false, false));
    assert_eq!(of(&[("token_file", "/t".into())]), (true, false, false));
    assert_eq!(of(&[("client_certificate", "c".into()), ("client_key", "k".into())]), (false, true, true));
    let access = access_of(&[("host", "https://a".into()), ("client_key_file", Datum::unknown())], &environment);
    assert!(access.token.is_none() && access.client_certificate.is_none());
}

#[tokio::test]
async fn a_connection_that_is_not_verified_or_not_encrypted_is_a_warning() {
    let told = |arguments: Vec<(&'static str, Datum)>| async move {
        let found = kubernetes::warnings(&access_of(&arguments, &[])).await;
        found
            .into_iter()
            .map(|warning| format!("{}: {} {}", warning.attribute, warning.summary, warning.detail))
            .collect()
    };
    let text = |name: &'static str, value: &str| (name, Datum::from(value));
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = |cluster: &str| {
        let path = folder.path().join("kubeconfig");
        let text = format!(
            "{{clusters: [{{name: c, cluster: {cluster}}}], users: [{{name: u, user: {{token: hunter2}}}}], contexts: [{{name: x, context: {{cluster: c, user: u}}}}], current-context: x}}"
        );
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let none: [String; 0] = [];
    let of: Vec<String> = told(vec![text("host", "https://10.0.0.1")]).await;
    assert_eq!(of, none);
    let of: Vec<String> = told(vec![text("host", "https://u:hunter2@10.0.0.1"), ("insecure", Datum::Bool(true))]).await;
    assert!(of.len() == 1 && of[0].contains("insecure") && of[0].contains("https://10.0.0.1."), "{of:?}");
    assert!(!of[0].contains("hunter2"), "{of:?}");
    let of: Vec<String> = told(vec![("insecure", Datum::Bool(true)), ("host", Datum::unknown())]).await;
    assert_eq!(of.len(), 1, "{of:?}");
    let skips = kubeconfig("{server: 'https://10.0.0.1', insecure-skip-tls-verify: true}");
    let of: Vec<String> = told(vec![text("config_path", &skips)]).await;
    assert!(of.len() == 1 && of[0].contains("insecure-skip-tls-verify"), "{of:?}");
    for strict in [("insecure", Datum::Bool(false)), text("cluster_ca_certificate", "x")] {
        let of: Vec<String> = told(vec![text("config_path", &skips), strict]).await;
        assert_eq!(of, none);
    }
    let of: Vec<String> = told(vec![text("host", "http://10.0.0.1"), text("token", "hunter2")]).await;
    assert!(of.len() == 1 && of[0].contains("not encrypted") && !of[0].contains("hunter2"), "{of:?}");
    for plain in ["http://127.0.0.1:8001", "http://localhost:1"] {
        let of: Vec<String> = told(vec![text("host", plain), text("token", "t")]).await;
        assert_eq!(of, none);
    }
    let of: Vec<String> = told(vec![text("config_path", &kubeconfig("{server: 'http://10.0.0.1'}"))]).await;
    assert!(of.len() == 1 && of[0].contains("not encrypted"), "{of:?}");
    let of: Vec<String> = told(vec![text("config_path", "/nowhere")]).await;
    assert_eq!(of, none);
}

#[test]
fn conflicting_forms_are_named_both() {
    for (block, pairs) in [
        (
            "kubernetes",
            &[
                ("token", "token_file"),
                ("config_path", "config_paths"),
                ("client_key", "client_key_file"),
                ("cluster_ca_certificate", "cluster_ca_certificate_file"),
            ][..],
        ),
        ("vault", &[("token", "token_file"), ("ca_cert_file", "ca_cert_pem")]),
        (
            "tailscale",
            &[
                ("api_key", "api_key_file"),
                ("oauth_client_secret", "oauth_client_secret_file"),
                ("api_key", "identity_token"),
            ],
        ),
    ] {
        for (one, other) in pairs {
            let value = |name: &str| if name == "config_paths" { Datum::List(vec!["x".into()]) } else { "x".into() };
            let found = problems(&[(block, &[(one, value(one)), (other, value(other))])]);
            assert!(found.iter().any(|text| text.contains(&format!("{one} and {other}"))), "{one}, {other}: {found:?}");
        }
    }
}

#[test]
fn what_is_no_url_is_refused_without_being_repeated() {
    let found = problems(&[("kubernetes", &[("proxy_url", "user:hunter2@proxy".into())])]);
    assert_eq!(found.len(), 1);
    assert!(!found[0].contains("hunter2"));
    assert!(problems(&[("kubernetes", &[("host", "10.0.0.1".into())])])[0].contains("https://10.0.0.1:6443"));
    assert!(problems(&[("vault", &[("address", "vault".into())])])[0].contains("https://"));
    assert!(
        problems(&[("kubernetes", &[("host", "".into())]), ("vault", &[("address", Datum::unknown())])]).is_empty()
    );
}

#[test]
fn half_a_client_certificate_is_refused() {
    let found = problems(&[("kubernetes", &[("host", "https://a".into()), ("client_certificate", "x".into())])]);
    assert!(found[0].contains("client_key"), "{found:?}");
}

#[test]
fn vault_takes_the_environment_where_the_block_is_silent() {
    let of = |arguments: &[(&str, Datum)], environment: &[(&str, &str)]| {
        let config: Configuration = decode(block(&[("vault", arguments)])).unwrap();
        vault::access(&config.vault, &Environment::of(environment))
    };
    let environment =
        [("VAULT_ADDR", "https://v"), ("VAULT_TOKEN", "t"), ("VAULT_SKIP_VERIFY", "true"), ("VAULT_CACERT", "/ca")];
    let vault = of(&[], &environment);
    assert_eq!(vault.address, Some("https://v".into()));
    assert_eq!(vault.token, Some(Credential::Text("t".into())));
    assert_eq!(vault.skip_tls_verify, Some(Unverified::Environment("VAULT_SKIP_VERIFY")));
    // What the block says of trust is not contradicted by a variable.
    let trusting: [(&str, Datum); 4] = [
        ("ca_cert_pem", "x".into()),
        ("ca_cert_file", "/own".into()),
        ("tls_server_name", "v.test".into()),
        ("skip_tls_verify", false.into()),
    ];
    for trusts in trusting {
        assert_eq!(of(std::slice::from_ref(&trusts), &environment).skip_tls_verify, None, "{trusts:?}");
    }
    assert_eq!(of(&[("skip_tls_verify", true.into())], &[]).skip_tls_verify, Some(Unverified::Block));
    assert_eq!(vault.ca_cert_file, Some("/ca".into()));
    let own = of(&[("ca_cert_pem", "x".into()), ("token_file", "/t".into())], &environment);
    assert_eq!(own.ca_cert_file, None);
    assert!(matches!(own.token, Some(Credential::File { .. })));
    assert_eq!(of(&[("address", Datum::unknown())], &environment).address, None);
    assert_eq!(of(&[], &[("VAULT_NAMESPACE", "team")]).namespace.as_deref(), Some("team"));
    assert_eq!(of(&[("namespace", "own".into())], &[("VAULT_NAMESPACE", "team")]).namespace.as_deref(), Some("own"));
}

#[test]
fn openbaos_variables_stand_beside_vaults_and_must_not_contradict_them() {
    let of = |arguments: &[(&str, Datum)], environment: &[(&str, &str)]| {
        let config: Configuration = decode(block(&[("vault", arguments)])).unwrap();
        vault::access(&config.vault, &Environment::of(environment))
    };
    let bao = of(
        &[],
        &[
            ("BAO_ADDR", "https://bao"),
            ("BAO_TOKEN", "t"),
            ("BAO_NAMESPACE", "team"),
            ("BAO_CAPATH", "/cas"),
            ("BAO_SKIP_VERIFY", "1"),
        ],
    );
    assert_eq!(bao.address, Some("https://bao".into()));
    assert_eq!(bao.token, Some(Credential::Text("t".into())));
    assert_eq!((bao.namespace.as_deref(), bao.ca_cert_dir), (Some("team"), Some("/cas".into())));
    assert_eq!(bao.skip_tls_verify, Some(Unverified::Environment("BAO_SKIP_VERIFY")));
    assert_eq!(of(&[], &[("BAO_CACERT", "/ca"), ("BAO_CAPATH", "/cas")]).ca_cert_dir, None, "one of them is enough");

    let differ = [("VAULT_ADDR", "https://v"), ("BAO_ADDR", "https://bao"), ("VAULT_TOKEN", "a"), ("BAO_TOKEN", "b")];
    let both = of(&[], &differ);
    assert_eq!((both.address.clone(), both.token.clone()), (None, None), "neither server gets the other's token");
    let told = Vault::new(both, std::time::Duration::ZERO).is_named().unwrap_err().to_string();
    for name in ["VAULT_ADDR and BAO_ADDR", "VAULT_TOKEN and BAO_TOKEN"] {
        assert!(told.contains(name), "{told}");
    }
    assert!(!told.contains("https://"), "{told}");
    let named = of(&[("address", "https://own".into()), ("token", "own".into())], &differ);
    assert!(named.contradictions.is_empty(), "what the block says needs no variable");
    assert!(of(&[], &[("VAULT_ADDR", "https://v"), ("BAO_ADDR", "https://v")]).contradictions.is_empty());
    // OpenBao's tools take an empty one for the answer.
    assert_eq!(of(&[], &[("VAULT_ADDR", "https://v"), ("BAO_ADDR", "")]).contradictions, ["ADDR"]);
    let skip = [("VAULT_SKIP_VERIFY", "true"), ("BAO_SKIP_VERIFY", "0")];
    assert_eq!(of(&[], &skip).contradictions, ["SKIP_VERIFY"]);
    assert!(of(&[], &[("VAULT_SKIP_VERIFY", "true"), ("BAO_SKIP_VERIFY", "1")]).contradictions.is_empty());
}

#[test]
fn a_token_of_the_home_folder_is_not_taken_where_the_environment_says_two_things() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".vault-token"), "from-home").unwrap();
    let environment = [("HOME", home.path().to_str().unwrap()), ("VAULT_TOKEN", "a"), ("BAO_TOKEN", "b")];
    let config: Configuration = decode(block(&[])).unwrap();
    let access = vault::access(&config.vault, &Environment::of(&environment));
    assert_eq!((access.token, access.contradictions), (None, vec!["TOKEN"]));
}

#[test]
fn logins_of_vault_take_the_place_of_a_token() {
    let attributes = Configuration::attributes();
    let vaults = attributes.iter().find(|attribute| attribute.name == "vault").unwrap();
    let Kind::Nested(_, arguments) = &vaults.kind else { panic!("vault has no arguments") };
    let of = |name: &str, login: &[(&str, Datum)]| {
        let config: Configuration = decode(block(&[("vault", &[(name, nested(arguments, name, login))])])).unwrap();
        vault::access(&config.vault, &Environment::of(&[("VAULT_TOKEN", "t"), ("HOME", "/h")]))
    };
    let pod = of("auth_kubernetes", &[("role", "ci".into())]);
    let login = pod.auth_kubernetes.unwrap();
    let of_pod = Credential::File { setting: "vault.auth_kubernetes.jwt_file".into(), path: vault::POD_TOKEN.into() };
    assert_eq!((login.mount.as_str(), login.jwt, pod.token), ("kubernetes", of_pod, None));
    let unknown = of("auth_kubernetes", &[("role", "ci".into()), ("jwt", Datum::unknown())]);
    assert!(
        unknown.auth_kubernetes.is_none() && unknown.gaps == ["vault.auth_kubernetes.jwt"],
        "no other token is taken"
    );
    let files = [("client_certificate_file", "~/c".into()), ("client_key_file", "~/k".into())];
    let cert = of("auth_cert", &files);
    assert!(matches!(cert.auth_cert.unwrap().key, Credential::File { path, .. } if path == PathBuf::from("/h/k")));
    assert_eq!(cert.token, None);
    assert!(
        !problems(&[("vault", &[("auth_cert", nested(arguments, "auth_cert", &[("client_key", "k".into())]))])])
            .is_empty()
    );
    let both = [("token", "t".into()), ("auth_cert", nested(arguments, "auth_cert", &files))];
    assert!(problems(&[("vault", &both)]).concat().contains("auth_cert"));
}

#[test]
fn a_header_that_is_ours_or_none_is_refused() {
    let with = |name: &str| {
        let headers = Datum::Map(BTreeMap::from([(name.to_owned(), Datum::from("hunter2"))]));
        problems(&[("vault", &[("headers", headers)])])
    };
    assert_eq!(with("X-Gateway-Key"), [""; 0]);
    for name in ["X-Vault-Token", "x-vault-namespace", "Host", "a b", "", "X:Y"] {
        let told = with(name).concat();
        assert!(!told.is_empty() && !told.contains("hunter2"), "{name}: {told}");
    }
}

#[test]
fn vaults_token_is_the_blocks_then_the_environments_then_that_of_the_home_folder_and_none_beside_a_login() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".vault-token"), "from-home").unwrap();
    let home = ("HOME", home.path().to_str().unwrap());
    let attributes = Configuration::attributes();
    let vaults = attributes.iter().find(|attribute| attribute.name == "vault").unwrap();
    let Kind::Nested(_, arguments) = &vaults.kind else { panic!("vault has no arguments") };
    let login = nested(arguments, "auth_jwt", &[("role", "r".into()), ("jwt", "j".into())]);
    let token = |arguments: &[(&str, Datum)], environment: &[(&str, &str)]| {
        let config: Configuration = decode(block(&[("vault", arguments)])).unwrap();
        vault::access(&config.vault, &Environment::of(environment)).token
    };
    let (own, variable) = ([("token", "own".into())], ("VAULT_TOKEN", "variable"));
    assert_eq!(token(&own, &[home, variable]), Some(Credential::Text("own".into())));
    assert_eq!(token(&[], &[home, variable]), Some(Credential::Text("variable".into())));
    assert!(matches!(token(&[], &[home]), Some(Credential::File { setting, .. }) if setting == "~/.vault-token"));
    assert_eq!(token(&[], &[("HOME", "/nowhere")]), None);
    assert_eq!(token(&[("auth_jwt", login)], &[home, variable]), None);
}

#[test]
fn tailscales_credentials_do_not_mix() {
    let of = |arguments: &[(&str, Datum)], environment: &[(&str, &str)]| {
        let config: Configuration = decode(block(&[("tailscale", arguments)])).unwrap();
        tailscale::settings(&config.tailscale, &Environment::of(environment))
    };
    let environment = [("TAILSCALE_API_KEY", "k"), ("TAILSCALE_OAUTH_CLIENT_ID", "i"), ("TAILSCALE_TAILNET", "n")];
    let own = of(&[("oauth_client_secret", "s".into())], &environment);
    assert_eq!(own.api_key, None);
    assert_eq!(own.oauth_client_id, Some(Credential::Text("i".into())));
    assert_eq!((own.tailnet.as_str(), own.base_url.expose()), ("n", "https://api.tailscale.com"));
    assert_eq!(of(&[], &environment).api_key, Some(Credential::Text("k".into())));
    let environment = [("TAILSCALE_API_KEY", "k"), ("TAILSCALE_OAUTH_CLIENT_SECRET", "s")];
    for name in ["oauth_client_id", "oauth_client_id_file"] {
        let own = of(&[(name, "i".into())], &environment);
        assert_eq!(own.api_key, None, "{name} says that an OAuth client is meant");
        assert_eq!(own.oauth_client_secret, Some(Credential::Text("s".into())));
    }
}

#[test]
fn a_variable_sends_no_credential_of_the_block_to_another_server() {
    let of = |arguments: &[(&str, Datum)], url: &str| {
        let config: Configuration = decode(block(&[("tailscale", arguments)])).unwrap();
        tailscale::settings(
            &config.tailscale,
            &Environment::of(&[("TAILSCALE_BASE_URL", url), ("TAILSCALE_API_KEY", "e")]),
        )
    };
    let (other, tailscales) = ("http://control.test", "https://api.tailscale.com/");
    for name in ["api_key", "api_key_file", "oauth_client_secret", "identity_token_file"] {
        assert!(of(&[(name, "k".into())], other).diverted, "{name}");
        assert!(!of(&[(name, "k".into())], tailscales).diverted, "{name}");
        assert!(!of(&[(name, "k".into()), ("base_url", other.into())], "http://third.test").diverted, "{name}");
    }
    let own = of(&[], other);
    assert!(!own.diverted && own.base_url.origin() == other, "both are the environment's");
    assert!(tailscale::exposure(&own).is_some_and(|told| told.detail.contains(other)));
    assert!(tailscale::exposure(&of(&[], "http://127.0.0.1:8080")).is_none());
    assert!(tailscale::exposure(&of(&[], "https://control.test")).is_none());
}

#[test]
fn secrets_of_the_block_do_not_print() {
    let config: Configuration =
        decode(block(&[("kubernetes", &[("token", "hunter2".into())]), ("vault", &[("token", "hunter2".into())])]))
            .unwrap();
    let configured = Tazlab::new(Environment::of(&[("TAILSCALE_API_KEY", "hunter2")])).configured(&config).unwrap();
    assert!(!format!("{config:?} {configured:?}").contains("hunter2"));
}

/// The reference lists attributes by their alphabet and shows nothing but their descriptions.
#[test]
fn every_description_stands_alone_and_tells_the_default() {
    fn look(place: &str, attributes: &[Attribute], found: &mut Vec<String>) {
        for attribute in attributes {
            let place = format!("{place}.{}", attribute.name);
            let text = attribute.description.trim().replace('\n', " ");
            if !text.ends_with(['.', '?', ')']) || text.len() < 8 {
                found.push(format!("{place}: no sentence: {text:?}"));
            }
            for word in [" above", " below for", "that server", "of these keys"] {
                if text.contains(word) {
                    found.push(format!("{place}: {word:?} points at a neighbour that stands elsewhere: {text:?}"));
                }
            }
            if attribute.rules.default.is_some() && !text.contains("Defaults to") && !text.contains("default to") {
                found.push(format!("{place}: it has a default and does not tell it: {text:?}"));
            }
            if let Kind::Nested(_, inner) = &attribute.kind {
                look(&place, inner, found);
            }
        }
    }
    let provider = Tazlab::new(Environment::of(&[]));
    let registry = provider.registry();
    let mut found = Vec::new();
    look("provider", &Configuration::attributes(), &mut found);
    registry.resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.data_sources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.ephemeral_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.list_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.actions.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
