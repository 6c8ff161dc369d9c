//! What is said of slips, and what is not judged: each error names its own cause, none follows from another one.

use super::{CheckOptions, Report, Variable, check};

fn errors(text: &str) -> Vec<String> {
    check(text, &CheckOptions::default()).errors().map(ToString::to_string).collect()
}

#[track_caller]
fn told(text: &str, words: &[&str]) {
    let errors = errors(text);
    assert_eq!(errors.len(), 1, "{text}: {errors:#?}");
    assert!(words.iter().all(|word| errors[0].contains(word)), "{text}: {errors:#?}");
}

#[test]
fn a_missing_blank_beside_a_brace_is_named() {
    let hosts = "home.arpa{\n        ttl 60\n        fallthrough\n    }\n    forward . 9.9.9.9\n}\n";
    told(&format!(".:53 {{\n    hosts table.txt {hosts}"), &["a blank is missing before `{`", "write `home.arpa {`"]);
    told(".:53{\n    errors\n    cache 30\n}\n", &["a blank is missing before `{`", "write `.:53 {`"]);
    told(".:53 {\n    health{\n        lameduck 5s\n    }\n}\n", &["before `{`", "write `health {`"]);
    told(
        ".:53 {\n    health {lameduck 5s\n    }\n}\n",
        &["a blank is missing after `{`", "`lameduck` on the next line"],
    );
    // Where CoreDNS takes the word, nothing is said.
    assert_eq!(errors(".:53 {\n    log . x{\n    errors\n}\n"), Vec::<String>::new());
}

#[test]
fn a_block_inside_a_block_is_named() {
    let inner = "        health_check 5s {\n            no_rec\n        }\n        policy random\n";
    told(
        &format!(".:53 {{\n    forward . 1.1.1.1 {{\n{inner}    }}\n}}\n"),
        &[":3:25", "a block inside the block of forward"],
    );
    let inner = "        success {\n            5000\n        }\n";
    told(&format!(".:53 {{\n    cache {{\n{inner}    }}\n}}\n"), &["success"]);
    told(
        ".:53 {\n    errors\n    example.org {\n        whoami\n    }\n}\n",
        &["`example.org` is not a plugin", "a server block cannot be inside another"],
    );
    told(
        ".:53 {\n    forward . 1.1.1.1\n    {\n        max_concurrent 1000\n    }\n    cache 30\n}\n",
        &[":3:5", "no block of forward begins here", "write `{` behind `1.1.1.1`"],
    );
}

#[test]
fn curly_quotes_are_named() {
    told(
        ".:53 {\n    template IN A {\n        answer \u{201c}{{ .Name }} 60 IN A 10.0.0.1\u{201d}\n    }\n}\n",
        &["not quotes to CoreDNS", "\"{{ .Name }} 60 IN A 10.0.0.1\""],
    );
    told(".:53 {\n    errors {\n        consolidate 5m \u{2018}^a b$\u{2019} warning\n    }\n}\n", &["\"^a b$\""]);
    // Where CoreDNS takes them, nothing is said.
    assert_eq!(errors(".:53 {\n    chaos \u{201c}a\u{201d}\n}\n"), Vec::<String>::new());
}

#[test]
fn an_option_outside_its_block_is_named_as_one() {
    told(".:53 {\n    health\n    lameduck 5s\n}\n", &["`lameduck` is an option of health"]);
    for far in ["ttl", "xyz", "abc"] {
        let errors = errors(&format!(".:53 {{\n    {far}\n}}\n"));
        assert!(errors.len() == 1 && !errors[0].contains("did you mean"), "{errors:?}");
    }
}

fn with_unknown_variables(text: &str) -> Report {
    check(text, &CheckOptions { variables: &|_| Variable::Unknown, ..CheckOptions::default() })
}

#[test]
fn what_rests_on_an_unknown_variable_is_not_judged() {
    for text in [
        ".:{$LISTEN} {\n    forward . {$UPSTREAM}\n    cache 30\n}\n",
        "{$ZONES} {\n    kubernetes {\n        ttl {$TTL}\n    }\n    dynupdate {\n        file db\n        allow k a.org A\n    }\n}\n",
        ".:53 {\n    {$PLUGIN} yes\n    k8s_external a.org\n}\n",
        ".:53 {\n    cache {$TTL} a.org\n    bufsize {%SIZE%}\n    bind {$A} {$B}\n}\n",
        ".:53 {\n    transfer {\n        to {$SECONDARY}\n    }\n    timeouts {\n        read {$READ}\n    }\n}\n",
        ".:53 {\n    hosts {$FILE} home.arpa {\n        {$IP} box\n        fallthrough\n    }\n}\n",
        ".:53 {\n    rewrite {$MODE} name regex {$FROM} {2}.b.org\n}\n",
        ".:53 {\n    kubernetes {$DOMAIN} {\n        multicluster clusterset.local\n    }\n}\n",
        "tls://a.org {\n    tls {$CERT} {$KEY}\n}\ntls://b.org {\n    tls c.pem k.pem\n}\n",
        ".:53 {\n    import {$EXTRA}\n    k8s_external a.org\n}\n",
        "https3://a.org {\n    import tls.conf\n}\n",
        ".:53 {\n    transfer {\n        import to.conf\n    }\n}\n",
    ] {
        let found = with_unknown_variables(text);
        assert!(found.is_ok(), "{text}: {:#?}", found.errors().map(ToString::to_string).collect::<Vec<_>>());
    }
}

#[test]
fn what_does_not_rest_on_a_variable_is_judged() {
    for (text, line) in [
        (".:{$PORT} {\n    forwrd . {$UPSTREAM}\n}\n", 2),
        (".:53 {\n    forward . {$UPSTREAM} {\n        polisy random\n    }\n}\n", 3),
        (".:{$PORT} {\n    cache 0\n}\n", 2),
        (".:53 {\n    {$PLUGIN} yes\n    cache 0\n", 3),
    ] {
        let found = with_unknown_variables(text);
        assert!(found.errors().any(|error| error.location.line == line), "{text}: {:?}", found.diagnostics);
    }
    // A variable that is known not to be set is nothing.
    assert!(!check(".:53 {\n    forward . {$UPSTREAM}\n}\n", &CheckOptions::default()).is_ok());
}
