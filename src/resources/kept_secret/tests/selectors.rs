//! Selectors, by the grammar of `k8s.io/apimachinery/pkg/labels`.

use std::collections::BTreeMap;

use super::super::selector::matches;

#[test]
fn a_selector_matches_what_the_api_server_would_list() {
    let labels: BTreeMap<String, String> = [("a", "b"), ("example.com/key", "active"), ("n", "5"), ("empty", "")]
        .map(|(a, b)| (a.into(), b.into()))
        .into();
    let matching = [
        "a",
        "a=b",
        "a==b",
        "a = b",
        "a!=c",
        "x!=c",
        "!x",
        "! x",
        "a in (b)",
        "a in (c, b)",
        "a in(b),n",
        "a notin (c)",
        "x notin (b,c)",
        "n>4",
        "n < 6",
        "example.com/key=active,a notin (x,y),!z",
        "empty=",
        "empty in ()",
    ];
    let others = [
        "x",
        "a=c",
        "a!=b",
        "!a",
        "a in (c,d)",
        "x in (b)",
        "a notin (b)",
        "n>5",
        "n<5",
        "x>1",
        "a=b,x",
        "x in ()",
        "a>1",
        "",
        "a,",
        "a in b",
        "a notin b",
        "x notin b",
        "a b",
        "(a)",
        "=b",
        "n>x",
    ];
    for selector in matching {
        assert!(matches(selector, Some(&labels)), "{selector}");
    }
    for selector in others {
        assert!(!matches(selector, Some(&labels)), "{selector}");
    }
    assert!(matches("!a", None) && !matches("a", None));
}
