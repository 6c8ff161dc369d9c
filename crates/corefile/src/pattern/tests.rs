use super::*;

#[test]
fn what_go_takes() {
    for good in [
        "",
        "a",
        "a|b",
        "(a)(b)",
        "a{",
        "a{,2}",
        "a{2}",
        "a{2,}",
        "a{2,3}?",
        "a{x}",
        "[]a]",
        "[^]a]",
        "[a-]",
        "[-a]",
        "[[:alpha:]]",
        "\\pL",
        "\\p{Greek}",
        "\\p{^Han}",
        "(?i)a",
        "(?i:a)",
        "(?P<n>a)",
        "(?<n>a)",
        "\\Qa*\\E*",
        "^*",
        "()*",
        "a(?i)*",
        "\\x41",
        "\\x{10FFFF}",
        "\\012",
        "\\_",
        "[\\d.]",
        "a*?",
        "(?-i)a",
        "(?i-s:a)",
        "[[]",
        "]",
        "}",
        "\\.",
        "\\/",
        "(|a)*",
        "a||b",
    ] {
        assert!(parse(good).is_ok(), "{good}: {:?}", parse(good));
    }
}

#[test]
fn what_go_refuses() {
    for bad in [
        "*",
        "{1}",
        "a**",
        "a*+",
        "(*)",
        "a|*",
        "(",
        ")",
        "[a",
        "[b-a]",
        "\\",
        "\\C",
        "\\8",
        "\\y",
        "\\Z",
        "\\1",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?P<1-2>a)",
        "(?i",
        "a{1001}",
        "a{3,2}",
        "(a{100}){100}",
        "[[:foo:]]",
        "\\p{Foo}",
        "\\x4",
        "\\x{110000}",
        "\\pX",
        "(?)*",
        "(?-)a",
        "[a-\\d]",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn anchors_and_groups() {
    let of = |text: &str| parse(text).unwrap();
    let anchored = of(r"^([a-z0-9-]+)\.ts\.net\.$");
    assert_eq!((anchored.groups, anchored.begins, anchored.ends, anchored.may_end_with_dot), (1, true, true, true));
    assert!(!of(r"^a\.net$").may_end_with_dot);
    assert!(of(r"^a\.net\.?$").may_end_with_dot);
    assert!(!of("^a|b$").begins);
    assert!(of("(?i)^a").begins);
    assert!(of("(^a|^b)c").begins);
    assert!(of(r"^(a|b)\.$").ends);
}
