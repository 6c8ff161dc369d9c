use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use tf_plugin::framework::model::decode;
use tf_plugin::framework::resource::Resource;
use tf_plugin::framework::value::Datum;

use super::{config, list, map, model, read};
use crate::environment::Environment;
use crate::resources::bootstrap_secret::BootstrapSecret;
use crate::resources::bootstrap_secret::registries::{KEY, TYPE};

fn registry(file: Datum, command: Datum) -> Datum {
    Datum::object([
        ("username", "me".into()),
        ("email", Datum::Null),
        ("password_file", file),
        ("password_command", command),
    ])
}

fn registries(all: &[(&str, Datum)]) -> (&'static str, Datum) {
    let all = all.iter().map(|(server, registry)| ((*server).to_owned(), registry.clone()));
    ("docker_registries", Datum::Map(all.collect::<BTreeMap<_, _>>()))
}

#[test]
fn passwords_come_from_files_and_programs_without_a_newline() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "of-file\n").unwrap();
    let both = registries(&[
        ("a.example", registry(file.to_str().unwrap().into(), Datum::Null)),
        ("b.example", registry(Datum::Null, list(&["echo", "of-command"]))),
    ]);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (sources, warnings) = read(&model(&[both, ("keep_newline", true.into())]), &Environment::of(&[]));
    assert!(warnings.len() == 1 && warnings[0].detail.contains("mode 0644"), "{warnings:?}");
    let content = sources[KEY].content.as_ref().unwrap().expose().clone();
    let json: serde_json::Value = serde_json::from_slice(&content).unwrap();
    assert_eq!(json.pointer("/auths/a.example/password").unwrap(), "of-file");
    assert_eq!(json.pointer("/auths/b.example/password").unwrap(), "of-command");
}

#[test]
fn a_password_that_cannot_be_had_names_its_registry() {
    let missing = registries(&[("a.example", registry("/nowhere".into(), Datum::Null))]);
    let (sources, _) = read(&model(&[missing]), &Environment::of(&[]));
    let problem = sources[KEY].content.as_ref().unwrap_err();
    assert_eq!(problem.to_string(), "registry a.example: /nowhere does not exist");
    let binary = registries(&[("a.example", registry(Datum::Null, list(&["printf", "\\377"])))]);
    let (sources, _) = read(&model(&[binary]), &Environment::of(&[]));
    assert!(sources[KEY].content.as_ref().unwrap_err().to_string().contains("not UTF-8"));
}

#[test]
fn the_type_is_that_of_registries_where_the_user_says_nothing() {
    let settled = |arguments: &[(&str, Datum)], said: Datum| {
        let proposed = config(arguments);
        let Datum::Object(mut said_only) = proposed.clone() else { panic!("no object") };
        said_only.insert("type".to_owned(), said);
        let mut proposed = proposed;
        BootstrapSecret.settle(&decode(Datum::Object(said_only)).unwrap(), &mut proposed);
        proposed.get("type").clone()
    };
    let logins = [registries(&[("a", registry("/nowhere".into(), Datum::Null))])];
    assert_eq!(settled(&logins, Datum::Null), Datum::from(TYPE));
    assert_eq!(settled(&[("docker_registries_wo", Datum::unknown())], Datum::Null), Datum::from(TYPE));
    assert_eq!(settled(&[("values", map(&[("a", "b")]))], Datum::Null), Datum::from("Opaque"));
}
