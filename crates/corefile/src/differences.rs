//! Every difference between the grammars of `CoreDNS` 1.14.7 and 1.15.0. The same texts stand in the corpus that is
//! compared with `CoreDNS` itself (`acceptance-tests/corpus/corefile`).

use super::{CheckOptions, Kind, check};

/// Directives that 1.14.7 refused.
const NEW: &[&str] = &[
    "azure resource:a.org {\n    refresh 90\n    }",
    "azure resource:a.org {\n    refresh 2m\n    }",
    "clouddns a.org:project:zone {\n    refresh 5m\n    endpoint http://127.0.0.1:1\n    }",
    "etcd {\n    no_apex_fallback\n    }",
    "forward . quic://1.1.1.1",
    "forward . quic://1.1.1.1:8853 tls://9.9.9.9",
    "forward . quic://1.1.1.1 {\n    tls_servername one.example\n    force_tcp\n    }",
    "forward . quic://[2606:4700:4700::1111%one.example]:853",
    "https {\n    max_streams 0\n    }",
    "https {\n    max_streams 4294967295\n    max_connections 1\n    }",
    "proxyproto {\n    allow 10.0.0.0/8\n    tlv_metadata\n    }",
    "quic {\n    max_connections 0\n    }",
    "quic {\n    max_connections 10\n    max_streams 1\n    }",
    "template IN A {\n    match ^(a)\\.org\\.$\n    var who group(1)\n    var other who + group('x')\n    expr who == 'a' && type() == 'A'\n    answer \"{{ .Name }} 60 IN A 10.0.0.1\"\n    }",
    "rewrite name regex (.*)\\.a\\.org\\. {1}.{kubernetes/client-namespace}.b.org metadata",
    "rewrite continue name regex (.*) {1}x metadata answer auto",
    "siit",
    "siit {\n    ipv6_prefix 64:ff9b::/96\n    eam 192.0.2.1 2001:db8::1\n    eam ::ffff:192.0.2.2 2001:db8::2\n    }",
    "siit {\n    ipv6_prefix 2001:db8::/32\n    }",
    "dynupdate {\n    file db.a.org\n    allow key.a.org * *\n    }",
    "dynupdate a.org {\n    file db.a.org\n    max_records 10\n    max_bytes 1000\n    max_update_records 5\n    allow key.a.org @ A AAAA TYPE16\n    allow key.a.org www.a.org ANY\n    }",
];

/// Directives that 1.14.7 took, or would have taken by the rules of their neighbours.
const REFUSED: &[(&str, Kind)] = &[
    ("azure resource:a.org {\n    refresh 0\n    }", Kind::Value),
    ("azure resource:a.org {\n    refresh\n    }", Kind::ArgumentCount),
    ("clouddns a.org:project:zone {\n    refresh -5s\n    }", Kind::Value),
    ("clouddns a.org:project:zone {\n    endpoint\n    }", Kind::ArgumentCount),
    ("dns64 64:ff9b::/72", Kind::Value),
    ("dns64 {\n    prefix 64:ff9b::/80\n    }", Kind::Value),
    ("dns64 64:ff9b::/88", Kind::Value),
    ("etcd {\n    no_apex_fallback yes\n    }", Kind::ArgumentCount),
    ("forward . quic://1.1.1.1%one.example {\n    tls_servername one.example\n    }", Kind::Conflict),
    ("forward . grpc://1.1.1.1", Kind::Value),
    ("https {\n    max_streams -1\n    }", Kind::Value),
    ("https {\n    max_streams 4294967296\n    }", Kind::Value),
    ("https {\n    max_streams 1\n    max_streams 1\n    }", Kind::Repeated),
    ("proxyproto {\n    tlv_metadata on\n    }", Kind::ArgumentCount),
    ("quic {\n    max_connections -1\n    }", Kind::Value),
    ("quic {\n    max_connections 1\n    max_connections 1\n    }", Kind::Repeated),
    ("template IN A {\n    var x\n    }", Kind::ArgumentCount),
    ("template IN A {\n    var 1x true\n    }", Kind::Value),
    ("template IN A {\n    var len true\n    }", Kind::Value),
    ("template IN A {\n    var group true\n    }", Kind::Value),
    ("template IN A {\n    var not true\n    }", Kind::Value),
    ("template IN A {\n    var x true\n    var x false\n    }", Kind::Value),
    ("template IN A {\n    expr\n    }", Kind::ArgumentCount),
    ("template IN A {\n    expr true &&\n    }", Kind::Value),
    ("template IN A {\n    expr later == 1\n    var later 1\n    }", Kind::Value),
    ("rewrite name suffix a.org b.org metadata", Kind::Conflict),
    ("rewrite name regex (.*) {2}.b.org metadata", Kind::Pattern),
    ("rewrite name regex (.*) {1.b.org metadata", Kind::Pattern),
    ("rewrite name regex (.*) 1}.b.org metadata", Kind::Pattern),
    ("rewrite name regex (.*) {label}.b.org metadata", Kind::Pattern),
    ("siit 64:ff9b::/96", Kind::ArgumentCount),
    ("siit {\n    ipv6_prefix 64:ff9b::/72\n    }", Kind::Value),
    ("siit {\n    ipv6_prefix 10.0.0.0/32\n    }", Kind::Value),
    ("siit {\n    ipv6_prefix 2001:db8:1:2:300::/96\n    }", Kind::Value),
    ("siit {\n    eam 192.0.2.1\n    }", Kind::ArgumentCount),
    ("siit {\n    eam 2001:db8::1 192.0.2.1\n    }", Kind::Value),
    ("siit {\n    prefix 64:ff9b::/96\n    }", Kind::UnknownOption),
    ("dynupdate", Kind::ArgumentCount),
    ("dynupdate {\n    file db.a.org\n    }", Kind::ArgumentCount),
    ("dynupdate {\n    allow key.a.org * *\n    }", Kind::ArgumentCount),
    ("dynupdate a.org b.org {\n    file db\n    allow k * *\n    }", Kind::ArgumentCount),
    ("dynupdate {\n    file db\n    file db\n    allow k * *\n    }", Kind::Repeated),
    ("dynupdate {\n    file db\n    max_records 0\n    allow k * *\n    }", Kind::Value),
    ("dynupdate {\n    file db\n    allow k *\n    }", Kind::ArgumentCount),
    ("dynupdate {\n    file db\n    allow * * *\n    }", Kind::Value),
    ("dynupdate {\n    file db\n    allow k b.net A\n    }", Kind::Value),
    ("dynupdate {\n    file db\n    allow k * A *\n    }", Kind::Conflict),
    ("dynupdate {\n    file db\n    allow k * DNSKEY\n    }", Kind::Value),
    ("dynupdate {\n    file db\n    allow k * TYPE0\n    }", Kind::Value),
    (
        "dynupdate {\n    file db\n    allow k * *\n    }\n    dynupdate {\n    file db\n    allow k * *\n    }",
        Kind::Repeated,
    ),
    ("autopath \"\"", Kind::Value),
    ("autopath a.org \"\"", Kind::Value),
    ("geoip \"\"", Kind::Value),
    ("tsig {\n    secrets \"\"\n    }", Kind::Value),
    ("clouddns a.org:project:zone {\n    credentials \"\"\n    }", Kind::Value),
    ("tls \"\" k.pem", Kind::Value),
    ("dynupdate {\n    file db\n    database \"\"\n    allow k * *\n    }", Kind::Value),
];

/// Whole files: server blocks that share a listener must agree on TLS since 1.15.0. Each with what is said of it.
const SHARED: &[(&str, Option<Kind>)] = &[
    ("tls://a.org {\n    tls c.pem k.pem\n}\ntls://b.org {\n    tls c.pem k.pem\n}\n", None),
    ("tls://a.org {\n    tls c.pem k.pem\n}\ntls://b.org {\n    whoami\n}\n", Some(Kind::Conflict)),
    ("tls://a.org {\n    tls c.pem k.pem\n}\ntls://b.org:8853 {\n    whoami\n}\n", None),
    ("tls://a.org {\n    tls c.pem k.pem\n}\nb.org {\n    whoami\n}\n", None),
    ("tls://a.org {\n    tls c.pem k.pem\n}\nhttps://b.org {\n    whoami\n}\n", None),
    (
        "https://a.org {\n    tls c.pem k.pem\n}\nhttps://b.org {\n    tls {\n    acme b.org\n    }\n}\n",
        Some(Kind::Conflict),
    ),
    ("quic://a.org {\n    tls c.pem k.pem ca.pem\n}\nquic://b.org {\n    tls c.pem k.pem\n}\n", Some(Kind::Conflict)),
    (
        "grpc://a.org {\n    tls c.pem k.pem\n}\ngrpc://b.org {\n    tls c.pem k.pem {\n    client_auth require\n    }\n}\n",
        Some(Kind::Conflict),
    ),
    (
        "tls://a.org {\n    bind 127.0.0.1\n    tls c.pem k.pem\n}\ntls://b.org {\n    bind 127.0.0.2\n    whoami\n}\n",
        None,
    ),
    ("tls://a.org {\n    tls {\n    acme a.org\n    }\n}\ntls://b.org {\n    tls {\n    acme A.org.\n    }\n}\n", None),
    (
        "tls://a.org {\n    tls {\n    acme a.org\n    }\n}\ntls://b.org {\n    tls {\n    acme b.org\n    }\n}\n",
        Some(Kind::Conflict),
    ),
    (
        "tls://a.org {\n    tls {\n    acme a.org\n    }\n}\ntls://b.org {\n    tls {\n    acme b.org\n    email a@b.org\n    }\n}\n",
        Some(Kind::Conflict),
    ),
    ("tls://a.org tls://b.org {\n    tls c.pem k.pem\n}\n", None),
];

fn block(directives: &str) -> String {
    format!("a.org {{\n    {directives}\n}}\n")
}

#[test]
fn what_is_new_is_taken() {
    for directives in NEW {
        let found = check(&block(directives), &CheckOptions::default());
        assert!(found.is_ok(), "{directives}: {:?}", found.errors().map(ToString::to_string).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_refused_is_refused_for_its_reason() {
    for (directives, kind) in REFUSED {
        let found = check(&block(directives), &CheckOptions::default());
        let kinds: Vec<Kind> = found.errors().map(|error| error.kind).collect();
        // One slip may be told of twice: by what is missing and by what misses it.
        assert!(
            !kinds.is_empty() && kinds.iter().all(|found| found == kind),
            "{directives}: {:?}",
            found.errors().map(ToString::to_string).collect::<Vec<_>>()
        );
    }
}

#[test]
fn blocks_of_one_listener_agree_on_tls() {
    for (text, kind) in SHARED {
        let found = check(text, &CheckOptions::default());
        let kinds: Vec<Kind> = found.errors().map(|error| error.kind).collect();
        assert_eq!(kinds, Vec::from_iter(*kind), "{text}: {:?}", found.diagnostics);
    }
    // Other files may hold the same certificate: that is said, and not refused.
    let text = "tls://a.org {\n    tls c.pem k.pem\n}\ntls://b.org {\n    tls other.pem k.pem\n}\n";
    let found = check(text, &CheckOptions::default());
    assert!(found.is_ok() && found.warnings().any(|warning| warning.kind == Kind::Conflict), "{:?}", found.diagnostics);
}

#[test]
fn the_new_plugins_run_where_plugin_cfg_has_them() {
    use super::plugins::order;
    assert!(order("dns64") < order("siit") && order("siit") < order("any"));
    assert!(order("transfer") < order("dynupdate") && order("dynupdate") < order("hosts"));
}
