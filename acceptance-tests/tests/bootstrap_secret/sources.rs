//! Files, variables and what can be wrong with them.

use super::*;

#[test]
fn contents_arrive_as_they_are_but_for_one_newline() {
    let (namespace, workspace) = (Namespace::made("contents"), Workspace::new());
    let bytes = [0xff, 0xfe, 0x00, b'\n', b'\n'];
    let files = [
        ("plain", &b"a"[..], &b"a"[..]),
        ("newline", b"a\n", b"a"),
        ("two-newlines", b"a\n\n", b"a\n"),
        ("crlf", b"a\r\nb\r\n", b"a\r\nb"),
        ("not-utf8", &bytes, &bytes[..4]),
    ];
    let list: Vec<String> =
        files.iter().map(|(key, content, _)| format!("{key:?} = {:?}", workspace.source(key, content))).collect();
    workspace.hcl(
        &one_file(&namespace, &workspace.source("key", "x"), "")
            .replace("files = {", &format!("files = {{\n{}\n", list.join("\n"))),
    );
    workspace.apply().succeeds();
    let contents = namespace.contents("one");
    for (key, _, expected) in files {
        assert_eq!(contents[key], expected, "{key}");
    }
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_source_that_gives_nothing_is_an_error_at_plan_that_points_at_its_line() {
    let (namespace, workspace) = (Namespace::made("broken"), Workspace::new());
    let folder = workspace.path();
    for (path, words) in [
        (folder.join("nowhere"), "does not exist"),
        (folder.clone(), "is a directory"),
        (workspace.source("empty", "").into(), "is empty"),
        (workspace.source("newline", "\n").into(), "is empty"),
        (workspace.source("large", vec![b'a'; 1024 * 1024 + 10]).into(), "1048586 bytes"),
    ] {
        let path = path.to_str().unwrap();
        workspace.hcl(&one_file(&namespace, path, ""));
        let error = workspace.plan().fails().error(&[ONE, "No content for key \"key\"", words]);
        assert!(error.contains("files = {"), "{error}");
    }
}

#[test]
fn a_source_that_gives_nothing_is_told_as_the_guide_shows_it() {
    let (namespace, workspace) = (Namespace::made("guide"), Workspace::new());
    let shown = [
        ("Error: No content for key \"clientSecret\"", "tailscale-operator-client-secret", workspace.path()),
        ("Error: No content for key \"password\"", "github-token", workspace.source("github-token", "").into()),
    ];
    for (first_line, name, path) in shown {
        let path = if path.ends_with(name) { path } else { path.join(name) };
        let (_, key) = first_line.trim_end_matches('"').rsplit_once('"').unwrap();
        workspace.hcl(&one_file(&namespace, path.to_str().unwrap(), "").replace("key =", &format!("{key} =")));
        let quote = Quote::of(first_line).with(&format!("/home/me/secrets/{name}"), path.to_str().unwrap());
        quote.is_told_by(&workspace.plan().fails());
    }
}

#[test]
fn a_lost_source_keeps_the_key_with_a_warning_unless_that_is_forbidden() {
    let (namespace, workspace) = (Namespace::made("lost"), Workspace::new());
    let (file, secret) = applied(&workspace, &namespace, "");
    std::fs::remove_file(&file).unwrap();
    let planned = workspace.plan().succeeds().changes_nothing();
    planned.warning(&["A key has no source", "Key \"key\" of the live Secret is kept", "does not exist"]);

    workspace.hcl(&one_file(&namespace, &file, "  labels = { a = \"b\" }"));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes(), "another change leaves the key");

    workspace.hcl(&one_file(&namespace, &file, "  labels = { a = \"b\" }\n  on_missing_source = \"error\""));
    workspace.plan().fails().error(&["No content for key \"key\""]);
    acceptance_tests::kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.hcl(&one_file(&namespace, &file, ""));
    workspace.plan().fails().error(&["No content for key \"key\"", "must be written"]);
}

#[test]
fn destroy_needs_no_sources() {
    let (namespace, workspace) = (Namespace::made("gone"), Workspace::new());
    let (file, _) = applied(&workspace, &namespace, "");
    std::fs::remove_file(&file).unwrap();
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("one"), None);
}

#[test]
fn destroy_needs_the_sources_where_the_user_says_so() {
    let (namespace, workspace) = (Namespace::made("strict"), Workspace::new());
    let (file, secret) = applied(&workspace, &namespace, "  on_missing_source = \"error\"");
    std::fs::remove_file(&file).unwrap();
    workspace.destroy().fails().error(&["on_missing_source", "destroy"]);
    workspace.source("key", &secret);
    workspace.destroy().succeeds();
}

#[test]
fn a_file_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let (namespace, workspace) = (Namespace::made("mode"), Workspace::new());
    let (file, _) = workspace.secret_file("key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    workspace.hcl(&one_file(&namespace, &file, ""));
    workspace.plan().succeeds().warning(&["Others can read", "0644", "chmod 600"]);
}

#[test]
fn bad_arguments_are_refused_before_anything_is_read() {
    let (namespace, workspace) = (Namespace::named("bad"), Workspace::new());
    for (arguments, words) in [
        ("  values = { \"a b\" = \"x\" }", "is not a key of a Secret"),
        ("  values = { key = \"x\" }", "Two sources for key"),
        ("  type = \"kubernetes.io/tls\"", "tls.crt, tls.key"),
        ("  namespace_labels = { a = \"b\" }", "create_namespace = true"),
        ("  timeouts = { create = \"5\" }", "is not a duration"),
        ("  vault = { key = { mount = \"a\", path = \"b\", field = \"c\" } }", "Two sources for key"),
    ] {
        workspace.hcl(&one_file(&namespace, "/nowhere", arguments));
        let refused = workspace.validate().fails();
        let said = format!("{}{}", refused.stdout, refused.stderr).replace(['\n', '│'], " ");
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{words}: {said}");
    }
}
