//! YAML that Go reads otherwise than the specification says: kustomize decides.

use acceptance_tests::oracle::{Oracle, root};
use serde_json::json;
use tazlab_kustomize::{Tree, build};

use crate::Verdict;

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

#[allow(clippy::too_many_lines, reason = "a list")]
fn texts() -> Vec<String> {
    let with = |rest: &str| format!("{HEAD}{rest}");
    let mut found: Vec<String> = [
        "data: {a: &x b, c: *x}\n",
        "data:\n  a: &app b\n  *app: c\n",
        "data:\n  a: &app b\n  *app:\n    c: d\n",
        "data:\n  a: &app b\n  *app : c\n",
        "data: {a: &app b, *app: c}\n",
        "data:\n  a: b\n  a: c\n",
        "data:\n  a: b\ndata:\n  c: d\n",
        "x: &m {a: b}\ndata:\n  <<: *m\n  c: d\n",
        "x: &m {a: b}\ny: &n {a: c}\ndata:\n  <<: *m\n  <<: *n\n",
        "x: &m {a: b}\ny: &n {a: c}\ndata:\n  <<: [*m, *n]\n",
        "x: &m {a: b}\ndata:\n  <<: *m\n  a: c\n",
        "data:\n  a: |\n    x\n\t\n    y\n",
        "data:\n  a: x\n\t\n  b: y\n",
        "data:\n  a: x\n \t \n  b: y\n",
        "data:\n\ta: x\n",
        "data:\n  a:\tx\n",
        "data:\n  a: x\u{2028}y\n",
        "data:\n  a: \"x\u{85}y\"\n",
        "data:\n  a: x # c\n  # d\n",
        "---\n# only a comment\n",
        "---\n---\n",
        "...\n",
        "...\n# c\n---\n",
        "data: {a: b,}\n",
        "data: [a, , b]\n",
        "data: {a: b\n",
        "data: 'x\n",
        "data:\n  a: @x\n",
        "data:\n  a: `x`\n",
        "data:\n  a: %x\n",
        "data:\n  a: !custom x\n",
        "data:\n  a: !!binary aGk=\n",
        "data:\n  ? a\n  : b\n",
        "data:\n  ? [a, b]\n  : c\n",
        "data:\n  1: a\n  true: b\n",
        "data:\n  a: yes\n  b: 0o7\n  c: 1_000\n",
        "data:\n  a: >-\n    x\n\n    y\n",
        "data:\n  a: |2\n     x\n",
        "data:\n  - a\n  b: c\n",
        "data:\n  a: b: c\n",
        "data:\n  a: \"\\x41\\u00e9\"\n",
        "data:\n  a: \"\\q\"\n",
        "data: *nobody\n",
        "data: &a\n",
        "data: &a b: c\n",
        "data:\n  'a': b\n  \"c\": 'it''s'\n",
        "data: ~\n",
        "data:\n  a: {{ b }}\n",
        "data:\n  a: \"{{ b }}\"\n",
        "list:\n- a\n-\n- b\n",
        "list:\n- null\n",
        "data:\n  a: b\n  'a': c\n",
        "data:\n  a: &x b\n  *x : c\n  b: d\n",
        "data:\n  <<: *nobody\n",
        "data:\n  <<: {a: b}\n  '<<': c\n",
        "data:\n  <<: text\n",
        "data:\n  <<:\n",
        "data:\n  <<: [{a: b}, {c: d}]\n  a: e\n",
        "data:\n  <<: [{a: b}, [{c: d}]]\n",
        "data:\n  2001-01-02: a\n",
        "data:\n  yes: a\n  0x1: b\n",
        "data:\n  yes: a\n  on: b\n",
        "data:\n  1.5: a\n",
        "data:\n  '1': a\n  \"true\": b\n",
        "data:\n  !!str 1: a\n",
        "data:\n  ~: a\n",
        "data:\n  : a\n",
        "data:\n  a: |\n    x\n    \ty\n",
        "data:\n  a: |\n    x\n    \t\n",
        "data:\n  a: |\n    x\n\t\n",
        "data:\n  a: |\n    x\n  \t\n  b: c\n",
        "data:\n  a: >\n    x\n    \ty\n\n    z\n",
        "data:\n  a: x\n    \ty\n",
        "data:\n  a: 'x\n\ty'\n",
        "data:\n  a: \"x\n\t\ty\"\n",
        "data: {\n\ta: b,\n\tc: d\n}\n",
        "data:\n  a: [\n\tb\n\t]\n",
        "data:\n  a: x\t# c\n",
        "data:\n  a: x\n\t# c\n",
        "data:\n  a: 'x'\n\t\n  b: c\n",
        "data:\n  a:\n\t\n    b: c\n",
        "data:\n  a: x\n\t",
        "data:\n  a: x \t\n  b: y\n",
        "data:\n  a: 'x\u{2028}y'\n",
        "data:\n  a: |\n    x\u{2028}    y\n",
        "data:\n  a: |\n    x\u{2028}y\n",
        "data:\n  a: b # x\u{2028}y\n",
        "data:\n  a: x\u{85}    y\n",
        "data:\n  a: x\u{a0}y\n",
    ]
    .into_iter()
    .map(with)
    .collect();
    for text in [
        "%YAML 1.2\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "%YAML 1.1\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "%YAML 1.3\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "\u{feff}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: a\r\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\"}}\n",
        "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"ConfigMap\",\n\t\"metadata\": {\"name\": \"a\"}\n}\n",
        "[]\n",
        "- a\n",
        "text\n",
        "1\n",
        "null\n",
        "{}\n",
        "",
        "# c\n",
        "--- # c\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n...\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 1}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: true}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ''}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n",
        "apiVersion: v1\nkind: List\nitems: []\n",
        "apiVersion: v1\nkind: List\nitems:\n",
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}]\n",
        "apiVersion: v1\nkind: ConfigMapList\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}]\n",
        "kind: ConfigMap\nmetadata: {name: a}\n",
        "apiVersion: v1\nmetadata: {name: a}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\ntext\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: &n a\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: *n\n",
    ] {
        found.push(text.to_owned());
    }
    found
}

#[test]
fn yaml_is_read_as_go_reads_it() {
    let texts = texts();
    let kustomization = "resources: [a.yaml, b.yaml]\n";
    let other = "apiVersion: v1\nkind: Secret\nmetadata: {name: other}\n";
    let files = |text: &String| {
        [("top/kustomization.yaml", kustomization), ("top/a.yaml", text.as_str()), ("top/b.yaml", other)]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
    };
    let frame = |text: &String| json!({ "folder": "top", "files": files(text).into_iter().collect::<std::collections::BTreeMap<_, _>>() });
    let frames: Vec<String> = texts.iter().map(|text| frame(text).to_string()).collect();
    let verdicts: Vec<Verdict> = Oracle::build("kustomize").verdicts(&[], &root(), &frames);
    let mut wrong = 0;
    for (text, verdict) in texts.iter().zip(&verdicts) {
        let ours = build(&Tree::of(files(text)), "top", &[]);
        let objects = ours.objects.iter().cloned().collect();
        let agree = if verdict.error.is_empty() {
            ours.problems.is_empty() && verdict.objects() == objects
        } else {
            !ours.problems.is_empty()
        };
        if !agree {
            wrong += 1;
            println!(
                "--- {text}\nkustomize: {:?} {:?}\nwe: {:?} {objects:?}",
                verdict.error,
                verdict.objects(),
                ours.problems
            );
        }
    }
    println!("{} texts, disagreements {wrong}", texts.len());
    assert_eq!(wrong, 0);
}
