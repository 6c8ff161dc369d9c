#![allow(clippy::format_collect, reason = "short texts of tests")]

use proptest::prelude::*;

use super::*;

fn one(text: &str) -> Node {
    parse(text).unwrap().remove(0)
}

#[test]
fn nodes_know_their_places() {
    let documents = parse("a: 1\n---\nb:\n  - c\n  - {d: 'e'}\n").unwrap();
    assert_eq!(documents.len(), 2);
    let second = documents[1].get("b").unwrap().items();
    assert_eq!(second[0].at, Mark { line: 4, column: 5 });
    assert_eq!(second[1].get("d").unwrap().at.to_string(), "line 5, column 9");
    assert_eq!(documents[1].text_at(&["b"]), None);
    assert_eq!(one("a:\nb: ~\n").get("a").unwrap().as_str(), Some(""));
    assert_eq!(one("a:\nb: ~\n").text_at(&["b"]), None);
}

#[test]
fn plain_words_mean_what_go_takes_them_for() {
    for (text, scalar) in [
        ("~", Scalar::Null),
        ("True", Scalar::Bool(true)),
        ("yes", Scalar::Text("yes".into())),
        ("0x1F", Scalar::Int(31)),
        ("017", Scalar::Int(15)),
        ("08", Scalar::Float(8.0)),
        ("1_000", Scalar::Int(1000)),
        ("18446744073709551615", Scalar::Int(u64::MAX.into())),
        ("+18446744073709551615", Scalar::Float(18_446_744_073_709_552_000.0)),
        ("1e3", Scalar::Float(1000.0)),
        ("1:30", Scalar::Text("1:30".into())),
        ("2001-1-2", Scalar::Time("2001-1-2".into())),
        ("2001-02-30", Scalar::Text("2001-02-30".into())),
        ("'1'", Scalar::Text("1".into())),
        ("!!str 1", Scalar::Text("1".into())),
        ("!!float 1", Scalar::Float(1.0)),
    ] {
        assert_eq!(resolve(&one(text)), Some(scalar), "{text}");
    }
    assert_eq!(resolve(&one("!!int a")), None);
}

#[test]
fn aliases_are_followed_and_never_endlessly() {
    let node = one("a: &x {b: 1}\nc: *x\n");
    assert_eq!(node.text_at(&["c", "b"]), Some("1"));
    assert!(parse("a: &x [*x]\n").is_err());
    assert!(parse("a: *nobody\n").is_err());
    assert!(parse("a: &b{}\n").is_err() && parse("a: &b {}\n").is_ok());
    assert!(parse("{: a}\n").is_err() && parse(": a\n").is_err() && parse("{a: , b: {}}\n").is_ok());
    let bomb: String = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1)
    });
    assert!(parse(&bomb).unwrap_err().text.contains("too many nodes"));
}

#[test]
fn an_alias_ends_at_a_colon_as_in_go() {
    let node = one("name: &app widget\nvalues:\n  *app:\n    replicas: 1\n  flow: {*app: 2, b: *app}\n");
    assert_eq!(node.text_at(&["values", "flow", "b"]), Some("widget"));
    let (key, value) = &node.get("values").unwrap().entries()[0];
    assert_eq!((key.as_str(), value.text_at(&["replicas"])), (Some("widget"), Some("1")));
    // What is no anchor stays none, and a block of text is left as it is.
    assert!(parse("a: *nobody:\n").is_err() && parse("*nobody: b\n").is_err());
    let kept = one("a: &x 1\nb: |\n  *x: y\n*x: c\n");
    assert_eq!(kept.text_at(&["b"]), Some("*x: y\n"));
}

#[test]
fn lines_and_directives_are_those_of_go() {
    for (text, reads) in [
        ("a:\n  b: x\n\t\n  c: y\n", false),
        ("a: 'x'\n\t\nb: c\n", false),
        ("a: |\n    x\n    \ty\n", true),
        ("a: |\n    x\n\t\n", false),
        ("a: 'x\n\ty'\n", true),
        ("a: {\n\tb: c,\n\td: e\n}\n", true),
        ("a: [\n\tb\n\t]\n", false),
        ("a: x\t# c\n", true),
        ("a: x\u{2028}y\n", false),
        ("a: 'x\u{2028}y'\n", true),
        ("%YAML 1.2\n---\na: b\n", false),
        ("%YAML 1.1\n---\na: b\n", true),
    ] {
        assert_eq!(parse(text).is_ok(), reads, "{text:?}");
    }
    assert_eq!(parse("a: x\n\t\n").unwrap_err().at.line, 2);
    assert_eq!(one("a: {\n\tb: c,\n\td: e\n}\n").text_at(&["a", "d"]), Some("e"));
}

#[test]
fn keys_are_texts_and_come_once() {
    let refusal = |text: &str| refused(&one(text)).map(|why| (why.at.line, why.text));
    assert_eq!(refusal("a: 1\nb: {c: d}\n"), None);
    assert_eq!(refusal("<<: {a: b}\n'<<': c\n"), None);
    for (text, line, words) in [
        ("a: 1\nb: 2\n'a': 3\n", 3, "line 1"),
        ("x:\n- a: 1\n  a: 2\n", 3, "set twice"),
        ("a: &x b\n*x : 1\nb: 2\n", 3, "set twice"),
        ("80: a\n", 1, "not a text"),
        ("a: {{ b }}\n", 1, "a template needs quotes"),
    ] {
        let (at, why) = refusal(text).unwrap();
        assert!(at == line && why.contains(words), "{text:?}: {at} {why}");
    }
    let many: String = (0..40).map(|index| format!("k{index}: 1\n")).collect();
    assert_eq!(refusal(&many), None);
    assert_eq!(refusal(&format!("{many}k7: 2\n")).unwrap().0, 41);
}

#[test]
fn merge_keys_bring_what_is_not_there_yet() {
    let mut node = one("x: &m {a: 1, b: 2}\ny: &n {a: 3, c: 4}\nz:\n  <<: [*m, *n]\n  b: 5\n");
    merged(&mut node).unwrap();
    let z = |key: &str| node.text_at(&["z", key]);
    assert_eq!([z("a"), z("b"), z("c"), z("<<")], [Some("1"), Some("5"), Some("4"), None]);
    for (text, words) in [
        ("<<: {a: b}\n<<: {c: d}\n", "two merge keys"),
        ("a: {<<: text}\n", "needs a mapping"),
        ("a: {<<: [[{b: c}]]}\n", "needs a mapping"),
    ] {
        assert!(merged(&mut one(text)).unwrap_err().text.contains(words), "{text}");
    }
}

#[test]
fn what_an_anchor_names_is_shared_and_bounded() {
    // Each level holds the one below: copies of each would be as many nodes as the square of the levels.
    let nested = (0..200).map(|level| format!("&a{level} [")).collect::<String>() + &"]".repeat(200);
    let node = one(&nested);
    assert_eq!(node.count(), 200);
    let Kind::Sequence(items) = &node.kind else { panic!("a list") };
    let twice = one("- &x [1, 2]\n- *x\n");
    let [first, Node { kind: Kind::Alias(second), .. }] = twice.items() else { panic!("two items") };
    let (Kind::Sequence(one), Kind::Sequence(other)) = (&first.kind, &second.kind) else { panic!("lists") };
    assert!(Arc::ptr_eq(one, other) && items.len() == 1);
    assert!(parse(&"[".repeat(100_000)).is_err());
    let block: String = (0..1200).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert!(parse(&block).is_err());
    // Aliases count as deep as what they stand for.
    let deep: String = (1..600)
        .fold("a0: &a0 [x]\n".to_owned(), |text, level| format!("{text}a{level}: &a{level} [*a{}]\n", level - 1));
    assert!(parse(&deep).unwrap_err().text.contains("nests more than"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[ab:\\-\\[\\]{},&*!#|>'\"%@`~?\n\t 0-9.]{0,80}") {
        let _ = parse(&text);
    }
}
