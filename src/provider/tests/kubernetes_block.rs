use super::*;

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
    let context = [&settings.config_context, &settings.config_context_cluster, &settings.config_context_auth_info];
    assert_eq!(context.map(Option::as_deref), [Some("staging"), Some("blue"), Some("robot")]);
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
    let context = [&settings.config_context, &settings.config_context_cluster, &settings.config_context_auth_info];
    assert_eq!(context.map(Option::as_deref), [Some("own"); 3]);
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
fn a_switch_that_says_neither_yes_nor_no_is_an_error_where_it_is_read() {
    let told = |name: &str, arguments: &[(&str, Datum)], environment: &[(&str, &str)]| {
        let config: Configuration = decode(block(&[(name, arguments)])).unwrap();
        let environment = Environment::of(environment);
        let found = [
            kubernetes::unreadable_switch(&config.kubernetes, &environment),
            vault::unreadable_switch(&config.vault, &environment),
        ];
        found.into_iter().flatten().map(|one| format!("{}: {}", one.attribute, one.detail)).collect::<Vec<_>>()
    };
    let found = told("kubernetes", &[], &[("KUBE_INSECURE", "yes")]);
    assert!(
        found[0].starts_with("kubernetes.insecure: The environment variable KUBE_INSECURE must be one of 1, t"),
        "{found:?}"
    );
    for quiet in [("insecure", Datum::from(false)), ("cluster_ca_certificate", "pem".into())] {
        assert_eq!(told("kubernetes", &[quiet], &[("KUBE_INSECURE", "yes")]), [""; 0]);
    }
    assert_eq!(told("kubernetes", &[], &[("KUBE_INSECURE", "F")]), [""; 0]);
    let both = [("VAULT_SKIP_VERIFY", "on"), ("VAULT_ADDR", "https://v")];
    let found = told("vault", &[], &both);
    assert!(found[0].starts_with("vault.skip_tls_verify: The environment variable VAULT_SKIP_VERIFY"), "{found:?}");
    assert_eq!(told("vault", &[("ca_cert_pem", "pem".into())], &both), [""; 0]);
    assert_eq!(told("kubernetes", &[], &both[..1]), [""; 0], "without a Vault nobody reads it");
}
