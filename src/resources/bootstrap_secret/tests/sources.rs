use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::value::Datum;

use super::{map, model, read};
use crate::environment::Environment;
use crate::resources::bootstrap_secret::problem::Problem;
use crate::resources::bootstrap_secret::sources::{LARGEST, Source};

fn one(path: &Path, keep_newline: bool) -> (Source, Vec<Diagnostic>) {
    let arguments =
        model(&[("files", map(&[("k", path.to_str().unwrap())])), ("keep_newline", Datum::from(keep_newline))]);
    let (mut sources, warnings) = read(&arguments, &Environment::of(&[]));
    (sources.remove("k").unwrap(), warnings)
}

fn written(content: &[u8], mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source");
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

fn content_of(content: &[u8], keep_newline: bool) -> Vec<u8> {
    let (_folder, path) = written(content, 0o600);
    one(&path, keep_newline).0.content.unwrap().expose().clone()
}

#[test]
fn exactly_one_newline_at_the_end_is_cut() {
    for (content, expected) in [
        (&b"a"[..], &b"a"[..]),
        (b"a\n", b"a"),
        (b"a\n\n", b"a\n"),
        (b"a\r\n", b"a"),
        (b"a\r\nb\r\n", b"a\r\nb"),
        (b" a \n", b" a "),
        (b"a\r", b"a\r"),
        (b"\xff\xfe\n", b"\xff\xfe"),
    ] {
        assert_eq!(content_of(content, false), expected);
        assert_eq!(content_of(content, true), content);
    }
}

#[test]
fn what_gives_no_content_is_a_problem_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let missing = one(&folder.path().join("nowhere"), false).0.content.unwrap_err();
    assert!(matches!(missing, Problem::Missing(_)) && missing.to_string().contains("nowhere"));
    assert!(matches!(one(folder.path(), false).0.content, Err(Problem::Directory(_))));
    assert!(matches!(one(Path::new("/dev/null"), false).0.content, Err(Problem::Special(_))));
    for content in [&b""[..], b"\n", b"\r\n"] {
        let (_folder, path) = written(content, 0o600);
        assert!(matches!(one(&path, false).0.content, Err(Problem::EmptyFile(_))));
    }
    let (_folder, path) = written(&vec![b'a'; LARGEST + 2], 0o600);
    assert!(matches!(one(&path, false).0.content, Err(Problem::TooLarge { .. })));
}

#[test]
fn variables_and_values_are_sources_too() {
    let arguments = model(&[
        ("env", map(&[("set", "A"), ("unset", "B"), ("empty", "C")])),
        ("values", map(&[("plain", "")])),
        ("values_wo", map(&[("secret", "x"), ("nothing", "")])),
        ("values_wo_base64", map(&[("binary", "/wA\nK\n"), ("broken", "s3cret-canary!")])),
    ]);
    let environment = Environment::of(&[("A", "a\n"), ("C", "")]);
    let (sources, _) = read(&arguments, &environment);
    let content = |key: &str| sources[key].content.as_ref().map(|content| content.expose().clone());
    assert_eq!(content("set").unwrap(), b"a\n", "only files lose their newline");
    assert_eq!(content("plain").unwrap(), b"", "an empty plain value was written on purpose");
    assert_eq!(content("secret").unwrap(), b"x");
    assert!(matches!(content("unset"), Err(Problem::Unset(_))));
    assert!(matches!(content("empty"), Err(Problem::EmptyVariable(_))));
    assert!(matches!(content("nothing"), Err(Problem::EmptyValue)));
    assert_eq!(content("binary").unwrap(), b"\xff\0\n", "no newline is cut off");
    assert!(!content("broken").unwrap_err().to_string().contains("canary"));
}

#[test]
fn a_file_that_others_can_read_is_a_warning() {
    for (mode, warns) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
        let (_folder, path) = written(b"a", mode);
        assert_eq!(!one(&path, false).1.is_empty(), warns, "{mode:o}");
    }
}

#[test]
fn a_broken_pem_is_a_warning_that_does_not_show_it() {
    let whole = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n";
    let (_folder, path) = written(whole.as_bytes(), 0o600);
    assert!(one(&path, false).1.is_empty());
    for broken in [whole.replace('\n', " "), whole[..40].to_owned()] {
        let (_folder, path) = written(broken.as_bytes(), 0o600);
        let warnings = one(&path, false).1;
        assert_eq!(warnings.len(), 1, "{broken}");
        assert!(!warnings[0].detail.contains("TUlJ"));
    }
}
