use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::validation::validate as check;
use tf_plugin::framework::value::Datum;

use super::{config, list, map};
use crate::resources::bootstrap_secret::model::BootstrapSecret;
use crate::resources::bootstrap_secret::validate::validate;

fn found(arguments: &[(&str, Datum)]) -> Vec<String> {
    let mut all = vec![("namespace", Datum::from("a")), ("name", Datum::from("b"))];
    all.extend(arguments.iter().cloned());
    let config = config(&all);
    let mut found: Diagnostics = check(&BootstrapSecret::attributes(), &config);
    validate(&decode(config).unwrap(), &mut found);
    found
        .into_iter()
        .map(|problem| format!("{} | {} | {}", problem.attribute, problem.summary, problem.detail))
        .collect()
}

#[test]
fn a_good_configuration_passes() {
    assert_eq!(found(&[("values", map(&[("user.name_1-x", "a")]))]), [""; 0]);
    assert_eq!(found(&[("files", Datum::unknown())]), [""; 0]);
}

#[test]
fn names_and_keys_are_checked_as_the_api_server_does() {
    for name in ["", "A", "a_b", "-a", "a-", "a..b"] {
        assert!(!found(&[("name", name.into()), ("values", map(&[("k", "v")]))]).is_empty(), "{name:?}");
    }
    for namespace in ["", "a.b", "A", &"a".repeat(64)] {
        assert!(!found(&[("namespace", namespace.into()), ("values", map(&[("k", "v")]))]).is_empty(), "{namespace:?}");
    }
    for key in ["", ".", "..", "a b", "ä", "a/b"] {
        assert!(found(&[("values", map(&[(key, "v")]))])[0].contains("values["), "{key:?}");
    }
}

#[test]
fn a_key_has_one_source() {
    let twice = found(&[("values", map(&[("k", "v")])), ("env", map(&[("k", "V")]))]);
    assert!(twice[0].contains("Two sources for key \"k\""), "{twice:?}");
    assert!(found(&[])[0].contains("One of"), "no source at all");
}

#[test]
fn what_belongs_together_is_asked_for() {
    let tls = found(&[("type", "kubernetes.io/tls".into()), ("values", map(&[("tls.crt", "x")]))]);
    assert!(tls[0].contains("tls.key"), "{tls:?}");
    assert_eq!(found(&[("type", "kubernetes.io/tls".into()), ("files", Datum::unknown())]), [""; 0]);
    let values = ("values", map(&[("k", "v")]));
    assert!(found(&[("namespace_labels", map(&[("a", "b")])), values.clone()])[0].contains("create_namespace = true"));
    assert!(found(&[("values_wo_version", Datum::from(1)), values.clone()])[0].contains("values_wo"));
    assert!(found(&[("labels", map(&[("tazlab.io/x", "b")])), values])[0].contains("reserved for the provider"));
}

fn commands(command: Datum) -> (&'static str, Datum) {
    ("commands", Datum::Map([("k".to_owned(), command)].into()))
}

#[test]
fn a_key_has_several_sources_only_where_an_order_names_them() {
    let all = [commands(list(&["a"])), ("env", map(&[("k", "V")])), ("values", map(&[("k", "v")]))];
    let refused = found(&all);
    assert!(refused.len() == 2 && refused[0].contains("unless first_of says"), "{refused:?}");
    let with = |order: &[&str]| {
        let mut all = all.to_vec();
        all.push(("first_of", list(order)));
        found(&all)
    };
    assert_eq!(with(&["env", "commands", "values"]), [""; 0]);
    assert!(with(&["env", "commands"])[0].contains("Name both in first_of"));
    assert!(with(&["env", "commands", "values", "env"])[0].contains("more than once"));
    assert!(with(&["env", "commands", "values", "docker_registries"])[0].contains("is not one of"));
    let mut unknown = all.to_vec();
    unknown.push(("first_of", Datum::unknown()));
    assert_eq!(found(&unknown), [""; 0]);
}

#[test]
fn commands_and_their_conditions_are_checked() {
    assert_eq!(found(&[commands(Datum::List(vec!["a".into(), Datum::unknown()]))]), [""; 0]);
    assert_eq!(found(&[commands(Datum::unknown())]), [""; 0]);
    for command in [list(&[]), list(&[""])] {
        assert!(found(&[commands(command)])[0].contains("begins with a program"));
    }
    assert!(found(&[commands(Datum::Null)])[0].contains("is null"));
    let good = commands(list(&["a"]));
    for (name, value) in [
        ("command_timeout", "0s".into()),
        ("command_timeout", "soon".into()),
        ("absent_exit_codes", Datum::Set(vec![Datum::from(0)])),
        ("absent_exit_codes", Datum::Set(vec![Datum::from(256)])),
    ] {
        assert!(found(&[good.clone(), (name, value)])[0].contains(name), "{name}");
    }
}

#[test]
fn base64_is_checked_and_not_repeated() {
    assert_eq!(found(&[("values_wo_base64", map(&[("k", "AAEC")])), ("values_wo_version", Datum::from(1))]), [""; 0]);
    let refused = found(&[("values_wo_base64", map(&[("k", "s3cret!")]))]);
    assert!(refused[0].contains("not base64") && !refused[0].contains("s3cret"), "{refused:?}");
}

#[test]
fn logins_to_registries_are_checked() {
    let login = |username: &str, file: Datum, command: Datum| {
        Datum::object([
            ("username", username.into()),
            ("email", Datum::Null),
            ("password_file", file),
            ("password_command", command),
        ])
    };
    let of = |server: &str, login: Datum| ("docker_registries", Datum::Map([(server.to_owned(), login)].into()));
    // A configuration here has its defaults; what it is without them, the resource settles.
    let kind = |name: &str| ("type", Datum::from(name));
    let checked = |logins: (&'static str, Datum)| found(&[logins, kind("kubernetes.io/dockerconfigjson")]);
    let good = || of("ghcr.io", login("me", "/file".into(), Datum::Null));
    assert_eq!(checked(good()), [""; 0]);
    assert!(found(&[good(), kind("Opaque")])[0].contains("remove the argument type"));
    let twice = [good(), kind("kubernetes.io/dockerconfigjson"), ("values", map(&[(".dockerconfigjson", "x")]))];
    assert!(found(&twice)[0].contains("Two sources"));
    assert!(checked(of("me@ghcr.io", login("me", "/file".into(), Datum::Null)))[0].contains("server"));
    assert!(checked(of("ghcr.io", login("a:b", "/file".into(), Datum::Null)))[0].contains("must not contain"));
    assert!(checked(of("ghcr.io", login("me", Datum::Null, Datum::Null)))[0].contains("password_command"));
    assert!(checked(of("ghcr.io", login("me", "/file".into(), list(&["a"]))))[0].contains("exactly one"));
    let version = ("docker_registries_wo_version", Datum::from(1));
    let unversioned = found(&[good(), kind("kubernetes.io/dockerconfigjson"), version]);
    assert!(unversioned[0].contains("docker_registries_wo"), "{unversioned:?}");
}

#[test]
fn a_token_to_check_is_one_of_the_keys() {
    let tokens = ("check_vault_tokens", Datum::Set(vec!["token".into()]));
    let refused = found(&[tokens.clone(), ("values", map(&[("k", "v")]))]);
    assert!(refused.len() == 1 && refused[0].starts_with("check_vault_tokens | No source has this key"), "{refused:?}");
    for source in [("env", map(&[("token", "T")])), ("values_wo", map(&[("token", "t")])), ("files", Datum::unknown())]
    {
        assert_eq!(found(&[tokens.clone(), source]), [""; 0]);
    }
    assert_eq!(found(&[("check_vault_tokens", Datum::unknown()), ("values", map(&[("k", "v")]))]), [""; 0]);
}
