use std::collections::BTreeMap;

use tf_plugin::framework::value::Datum;

use super::{list, model, read};
use crate::environment::Environment;
use crate::resources::bootstrap_secret::model::BootstrapSecret;
use crate::resources::bootstrap_secret::problem::Problem;
use crate::resources::bootstrap_secret::sources::LARGEST;

fn script(script: &str) -> Datum {
    list(&["/bin/sh", "-c", script])
}

fn commands(entries: &[(&str, Datum)], more: &[(&str, Datum)]) -> BootstrapSecret {
    let commands =
        entries.iter().map(|(key, command)| ((*key).to_owned(), command.clone())).collect::<BTreeMap<_, _>>();
    let mut all = vec![("commands", Datum::Map(commands))];
    all.extend(more.iter().cloned());
    model(&all)
}

fn one(command: &str, more: &[(&str, Datum)]) -> Result<Vec<u8>, Problem> {
    let (mut sources, _) = read(&commands(&[("k", script(command))], more), &Environment::of(&[]));
    sources.remove("k").unwrap().content.map(|content| content.expose().clone())
}

#[test]
fn the_output_is_the_content_without_one_newline() {
    for (printed, content) in
        [("a", &b"a"[..]), ("a\\n\\n", b"a\n"), ("a\\r\\n", b"a"), ("\\377\\000\\376", b"\xff\0\xfe")]
    {
        assert_eq!(one(&format!("printf '{printed}'"), &[]).unwrap(), content, "{printed}");
    }
    assert_eq!(one("echo a", &[("keep_newline", true.into())]).unwrap(), b"a\n");
    assert_eq!(one(&format!("head -c {LARGEST} /dev/zero"), &[]).unwrap().len(), LARGEST);
    assert!(matches!(one(&format!("head -c {} /dev/zero", LARGEST + 2), &[]), Err(Problem::Command { .. })));
    assert!(matches!(one("echo", &[]), Err(Problem::EmptyOutput(_))));
}

#[test]
fn standard_error_is_shown_only_where_the_user_wants_it_and_the_output_never() {
    let failing = "echo output-canary; echo 'no such entry output-canary' >&2; exit 11";
    let told = |more: &[(&str, Datum)]| {
        let problem = one(failing, more).unwrap_err();
        format!("{problem}{}{problem:?}", problem.quotation())
    };
    let hidden = told(&[]);
    assert!(hidden.contains("show_stderr = true") && !hidden.contains("no such entry"), "{hidden}");
    let shown = told(&[("show_stderr", true.into())]);
    assert!(shown.contains("no such entry (redacted)") && !shown.contains("canary"), "{shown}");
}

#[test]
fn what_does_not_end_is_ended_after_the_time_that_it_was_given() {
    let problem = one("sleep 600; :", &[("command_timeout", "200ms".into())]).unwrap_err();
    assert!(problem.to_string().contains("200ms"), "{problem}");
}

#[test]
fn a_command_with_an_unknown_element_does_not_run_and_the_others_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ran");
    let mut unknown = vec![Datum::from("/bin/sh"), "-c".into(), format!("echo >{}", file.display()).into()];
    unknown.push(Datum::unknown());
    let arguments = commands(&[("known", script("echo a")), ("unknown", Datum::List(unknown))], &[]);
    let (sources, _) = read(&arguments, &Environment::of(&[]));
    assert!(sources["known"].content.as_ref().unwrap().is(b"a"));
    assert!(matches!(&sources["unknown"].content, Err(problem) if problem.is_yet_unknown()));
    assert!(!file.exists(), "it has run");
}

#[test]
fn a_field_of_vault_whose_place_is_unknown_is_not_read() {
    let field =
        [("mount", "secret".into()), ("path", Datum::unknown()), ("field", "f".into()), ("version", Datum::Null)];
    let arguments = model(&[("vault", Datum::Map([("k".to_owned(), Datum::object(field))].into()))]);
    let (sources, _) = read(&arguments, &Environment::of(&[]));
    assert!(matches!(sources["k"].content, Err(Problem::Unknown)));
}
