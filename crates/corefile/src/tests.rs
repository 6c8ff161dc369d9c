//! Tests of the whole room: what is refused and how it is said, what is warned of, that formatting changes nothing.

use std::time::Instant;

use proptest::prelude::*;

use super::*;

const KUBEADM: &str = ".:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    reload
    loadbalance
}
";

fn report(text: &str) -> Report {
    check(text, &CheckOptions::default())
}

fn shown(text: &str) -> String {
    report(text).diagnostics.iter().map(|found| format!("{:?} {found}", found.severity)).collect::<Vec<_>>().join("\n")
}

/// Puts directives into a server block that has what a cluster needs, so that only they are spoken of.
fn in_block(directives: &str) -> String {
    format!(".:53 {{\n    errors\n    ready\n    health\n    {directives}\n}}\n")
}

#[test]
fn the_file_of_kubeadm_has_no_findings() {
    let found = report(KUBEADM);
    assert_eq!(found.diagnostics, []);
    assert!(found.requirements.contains(&Requirement::InClusterCredentials));
}

#[test]
fn a_block_on_one_line_says_how_to_write_it() {
    insta::assert_snapshot!(shown(".:53 {\n    errors\n    ready\n    health { lameduck 5s }\n}\n"));
}

#[test]
fn all_errors_come_in_one_go() {
    let text = ".:53 {\n    erors\n    ready\n    health 8080\n    cache 0\n    kubernetes cluster.local {\n        pod insecure\n        ttl 9999\n    }\n    forward . 1.1.1.1 {\n        policy randm\n    }\n}\n";
    insta::assert_snapshot!(shown(text));
}

#[test]
fn a_typo_offers_the_nearest_name() {
    for (wrong, right) in
        [("kuberntes", "kubernetes"), ("forwrd", "forward"), ("promtheus", "prometheus"), ("cahce", "cache")]
    {
        let text = in_block(wrong);
        let report = report(&text);
        let error = report.errors().next().unwrap();
        assert_eq!(
            (error.kind, error.fix.as_deref()),
            (Kind::UnknownPlugin, Some(format!("did you mean `{right}`?").as_str()))
        );
        assert_eq!((error.location.line, error.location.column), (5, 5));
    }
}

#[test]
fn known_plugins_are_taken_on_trust() {
    let known = ["mdns".to_owned()];
    let options = CheckOptions { known_plugins: &known, ..CheckOptions::default() };
    assert!(check(&in_block("mdns whatever {\n a b\n }"), &options).is_ok());
}

#[test]
fn duplicate_zones_are_found_across_blocks() {
    for (text, good) in [
        ("a.org {\nwhoami\n}\na.org:53 {\nwhoami\n}\n", false),
        ("a.org {\nwhoami\n}\ntls://a.org {\nwhoami\n}\n", true),
        ("10.0.0.0/8 {\nwhoami\n}\n10.in-addr.arpa {\nwhoami\n}\n", false),
        ("a.org {\nbind 127.0.0.1\nwhoami\n}\na.org {\nbind 127.0.0.2\nwhoami\n}\n", true),
        ("a.org {\nbind 127.0.0.1\nwhoami\n}\na.org {\nwhoami\n}\n", false),
    ] {
        assert_eq!(report(text).is_ok(), good, "{text}");
    }
}

#[test]
fn warnings_say_what_starts_and_harms() {
    for (directives, kind) in [
        ("loop\n    forward . /etc/resolv.conf", Kind::NodeResolver),
        ("cache\n    rewrite name regex ^a\\.$ b answer auto", Kind::Order),
        ("rewrite name regex ^a\\.$ b", Kind::RewriteAnswer),
        ("rewrite name regex a b answer auto", Kind::Pattern),
        ("rewrite name regex ^a\\.net$ b answer auto", Kind::Pattern),
        ("kubernetes cluster.local in-addr.arpa", Kind::ReverseZones),
        ("hosts {\n        name 1.2.3.4\n    }", Kind::Ignored),
        ("forward . dns.example.org", Kind::ForwardHostName),
        ("forward ts.net 1.1.1.1", Kind::PrivateZoneLeaves),
        ("log {$UNSET}", Kind::Variable),
    ] {
        let found = report(&in_block(directives));
        assert!(found.is_ok(), "{directives}: {found:?}");
        assert!(found.warnings().any(|warning| warning.kind == kind), "{directives}: {:?}", found.diagnostics);
    }
    let bare = report(".:53 {\n    whoami\n}\n");
    assert_eq!(bare.warnings().filter(|warning| warning.kind == Kind::MissingPlugin).count(), 3);
}

#[test]
fn a_forward_to_itself_is_an_error_unless_every_name_is_moved() {
    let options = CheckOptions {
        cluster: Cluster { service_addresses: vec!["10.96.0.10".parse().unwrap()], ..Cluster::default() },
        ..CheckOptions::default()
    };
    let block = |rewrite: &str| {
        format!("ts.net {{\n    errors\n    ready\n    health\n    {rewrite}\n    forward . 10.96.0.10\n}}\n")
    };
    for (rewrite, ok) in [
        ("", false),
        ("rewrite name regex ^([a-z0-9-]+)\\.ts\\.net\\.$ {1}.tailscale.svc.cluster.local answer auto", false),
        ("rewrite name regex ^(.*)\\.ts\\.net\\.$ {1}.tailscale.svc.cluster.local answer auto", false),
        ("rewrite name regex (.*)ts\\.net\\.$ {1}tailscale.svc.cluster.local answer auto", false),
        ("rewrite name regex ^(.*)ts.net.$ {1}tailscale.svc.cluster.local answer auto", false),
        ("rewrite name regex ^(.*)ts\\.net\\.$ {1}tailscale.svc.cluster.local answer auto", true),
        ("rewrite name suffix ts.net tailscale.svc.cluster.local answer auto", true),
    ] {
        let found = check(&block(rewrite), &options);
        assert!(found.diagnostics.iter().any(|found| found.kind == Kind::ForwardLoop), "{rewrite}");
        assert_eq!(found.is_ok(), ok, "{rewrite}: {:?}", found.diagnostics);
    }
}

#[test]
fn a_generated_file_has_no_findings_and_is_formatted() {
    let mut settings = Settings {
        upstreams: vec!["1.1.1.1".into(), "8.8.8.8".into()],
        ipv6: false,
        tailnets: vec![Tailnet { domain: "Tail1234.ts.net".into(), namespace: "tailscale".into() }],
        ..Settings::default()
    };
    settings.hosts.insert("nas.lan".into(), vec!["192.168.1.5".parse().unwrap()]);
    settings.stub_zones.insert("corp.example".into(), vec!["10.1.0.53".into()]);
    settings.extra_server_blocks = "example.org:53 {\n    errors\n    whoami\n}\n".into();
    let generated = generate(&settings);
    insta::assert_snapshot!(generated.text);
    assert_eq!(report(&generated.text).diagnostics, []);
    assert_eq!(format(&generated.text), generated.text);
    let line = |part: &str| {
        let index = generated.text.lines().position(|line| line.contains(part)).unwrap();
        u32::try_from(index).unwrap() + 1
    };
    assert_eq!(generated.argument(line("ANY AAAA")), Some(&Argument::Ipv6));
    assert_eq!(generated.argument(line("rewrite name")), Some(&Argument::Tailnet(0)));
    assert_eq!(generated.argument(line("1.1.1.1")), Some(&Argument::Upstreams));
    assert_eq!(generated.argument(line("corp.example")), Some(&Argument::StubZone("corp.example".into())));
    assert_eq!(generated.argument(line("whoami")), Some(&Argument::ExtraServerBlocks));
    assert_eq!(generated.argument(0), None);
}

#[test]
fn the_simplest_generated_file() {
    let generated = generate(&Settings::default());
    insta::assert_snapshot!(generated.text);
    assert!(report(&generated.text).is_ok());
}

#[test]
fn what_the_formatter_writes() {
    let text = "# head\n\n\n.:53   {\nerrors   # all\n\n\n  health {\nlameduck 5s\n\n}\nlog . \"{remote} \\\"x\\\"\"\n}\n\n\na.org { whoami }";
    insta::assert_snapshot!(format(text));
}

fn words(text: &str) -> Vec<(String, bool)> {
    let tokens = lexer::read(0, text).tokens;
    let begins = |index: usize| index == 0 || !tokens[index - 1].same_line(&tokens[index]);
    (0..tokens.len()).map(|index| (tokens[index].text.to_string(), begins(index))).collect()
}

/// Pieces of which files are made that break things.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("\n".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("#".to_owned()),
        Just("\r\n".to_owned()),
        Just("import".to_owned()),
        Just("(s)".to_owned()),
        Just("{$A}".to_owned()),
        prop::sample::select(vec![
            ".:53",
            "forward",
            "cache",
            "health",
            "rewrite",
            "kubernetes",
            "template",
            "hosts",
            "1.1.1.1",
            "name",
            "regex"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

fn file() -> impl Strategy<Value = String> {
    prop::collection::vec((piece(), prop::bool::weighted(0.8)), 0..80)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, blank)| if blank { piece + " " } else { piece }).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_formatting_keeps_the_words(text in file()) {
        let _ = report(&text);
        let formatted = format(&text);
        prop_assert_eq!(words(&text), words(&formatted));
        prop_assert_eq!(&format(&formatted), &formatted);
    }
}

#[test]
fn time_grows_with_the_length_only() {
    let patterns = [
        KUBEADM.to_owned(),
        "a { b {\n".to_owned(),
        "}\n".to_owned(),
        "\"".to_owned(),
        "(s) {\n log\n}\nimport s\n".to_owned(),
        ".:53 {\n rewrite name regex ^([a-z]+)\\.a\\.$ {1}.b answer auto\n}\n".to_owned(),
        "x".to_owned(),
        "{$A}".to_owned(),
    ];
    for pattern in patterns {
        let time = |size: usize| {
            let text = pattern.repeat(size / pattern.len());
            let start = Instant::now();
            let _ = report(&text);
            let _ = format(&text);
            start.elapsed()
        };
        let _ = time(10_000);
        // Ten times the length: anything quadratic would take a hundred times as long. What else the machine does in one of the two
        // measurements does not come each time.
        let linear = (0..5).any(|_| time(1_000_000) < time(100_000) * 40);
        assert!(linear, "{pattern:?}");
    }
}
