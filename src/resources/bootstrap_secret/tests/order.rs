use std::path::Path;

use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::value::Datum;

use super::{list, map, model, read};
use crate::environment::Environment;
use crate::resources::bootstrap_secret::problem::Problem;
use crate::resources::bootstrap_secret::sources::Source;

fn command(script: &str) -> (&'static str, Datum) {
    ("commands", Datum::Map([("k".to_owned(), list(&["/bin/sh", "-c", script]))].into()))
}

fn vault() -> (&'static str, Datum) {
    let field = [("mount", "secret".into()), ("path", "a".into()), ("field", "f".into()), ("version", Datum::Null)];
    ("vault", Datum::Map([("k".to_owned(), Datum::object(field))].into()))
}

fn chosen(order: &[&str], arguments: &[(&str, Datum)]) -> (Source, Vec<Diagnostic>) {
    let mut all = vec![
        ("first_of", list(order)),
        ("absent_exit_codes", Datum::Set(vec![Datum::from(11)])),
        ("values_wo", map(&[("k", "last")])),
    ];
    all.extend(arguments.iter().cloned());
    let (mut sources, warnings) = read(&model(&all), &Environment::of(&[("SET", "of-env"), ("EMPTY", "")]));
    (sources.remove("k").unwrap(), warnings)
}

#[test]
fn the_first_source_that_has_the_key_counts_and_those_after_it_are_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ran");
    let script = format!("echo >{}; echo of-command", file.display());
    let env = ("env", map(&[("k", "SET")]));
    let (source, warnings) = chosen(&["env", "commands", "values_wo"], &[env.clone(), command(&script)]);
    assert!(source.content.unwrap().is(b"of-env") && warnings.is_empty() && !file.exists());
    let (source, _) = chosen(&["commands", "env", "values_wo"], &[env, command(&script)]);
    assert!(source.is_contested() && source.content.unwrap().is(b"of-command"));
}

#[test]
fn what_is_absent_is_passed_over_with_a_warning() {
    let nowhere = ("files", map(&[("k", "/nowhere/at-all")]));
    let unset = ("env", map(&[("k", "UNSET")]));
    for (argument, absent, words) in [
        ("files", nowhere.clone(), "/nowhere/at-all does not exist"),
        ("env", unset.clone(), "UNSET is not set"),
        ("commands", command("exit 11"), "program /bin/sh has no secret: exit status 11."),
    ] {
        let (source, warnings) = chosen(&[argument, "values_wo"], &[absent]);
        assert!(source.content.unwrap().is(b"last"), "{argument}");
        let told = format!("{} {}", warnings[0].summary, warnings[0].detail);
        assert!(
            told.contains("A source does not have a key")
                && told.contains(words)
                && told.contains("is read from values_wo"),
            "{told}"
        );
        assert!(!told.contains("by hand"), "nothing is wrong with it: {told}");
        assert_eq!(warnings[0].attribute.to_string(), format!("{argument}[\"k\"]"));
    }
    let all = [("first_of", list(&["env", "files"])), nowhere, unset];
    let (sources, warnings) = read(&model(&all), &Environment::of(&[]));
    let told = sources["k"].content.as_ref().unwrap_err().to_string();
    assert!(told.contains("env: the environment variable UNSET") && told.contains("files: /nowhere"), "{told}");
    assert!(warnings.is_empty());
}

#[test]
fn what_may_have_the_key_is_never_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let file = |path: &Path| ("files", map(&[("k", path.to_str().unwrap())]));
    let below_a_file = empty.join("x");
    for (argument, broken) in [
        ("vault", vault()),
        ("files", file(&empty)),
        ("files", file(folder.path())),
        ("files", file(&below_a_file)),
        ("env", ("env", map(&[("k", "EMPTY")]))),
        ("commands", command("exit 1")),
        ("commands", command("exit 0")),
        ("commands", command("kill -9 $$")),
        ("commands", ("commands", Datum::Map([("k".to_owned(), list(&["no-such-program"]))].into()))),
    ] {
        let (source, warnings) = chosen(&[argument, "values_wo"], &[broken]);
        assert_eq!(source.origin.argument(), argument);
        assert!(source.content.is_err() && !warnings.iter().any(|warning| warning.summary.contains("passed over")));
    }
}

#[test]
fn an_order_with_something_unknown_in_it_decides_nothing() {
    let arguments =
        [("first_of", list(&["files", "values_wo"])), ("files", Datum::unknown()), ("values_wo", map(&[("k", "v")]))];
    assert!(read(&model(&arguments), &Environment::of(&[])).0.is_empty());
    let unknown = Datum::Map([("k".to_owned(), Datum::List(vec![Datum::unknown()]))].into());
    let arguments = [("first_of", list(&["commands", "env"])), ("commands", unknown), ("env", map(&[("k", "SET")]))];
    let (sources, _) = read(&model(&arguments), &Environment::of(&[("SET", "x")]));
    assert!(matches!(sources["k"].content, Err(Problem::Unknown)));
}
