use super::*;

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
    assert!(
        matches!(cert.auth_cert.unwrap().key, Credential::File { path, .. } if path == std::path::Path::new("/h/k"))
    );
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
