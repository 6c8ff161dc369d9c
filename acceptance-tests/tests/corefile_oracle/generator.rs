//! Makes Corefiles: from lines that plugins take, and by breaking those.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Directives, each with the ways in which people write it, right and wrong. `|` parts lines.
const DIRECTIVES: &[&str] = &[
    "errors",
    "errors stdout",
    "errors {|consolidate 5m \"^read .* timeout$\" warning|stacktrace|}",
    "errors foo",
    "errors {|consolidate 5m ^a$ show_first info|}",
    "log",
    "log . {common}",
    "log {|class denial error|}",
    "log a.org {|class all|}",
    "health",
    "health :8080",
    "health :8080 {|lameduck 5s|}",
    "health {|lameduck 5|}",
    "ready",
    "ready :8181 {|monitor continuously|}",
    "prometheus :9153",
    "prometheus localhost:9253 {|runtime_metrics|}",
    "pprof",
    "pprof :6060 {|block 10|}",
    "kubernetes cluster.local in-addr.arpa ip6.arpa {|pods insecure|fallthrough in-addr.arpa ip6.arpa|ttl 30|}",
    "kubernetes cluster.local {|pods verified|endpoint_pod_names|namespaces a b|}",
    "kubernetes in-addr.arpa",
    "kubernetes cluster.local {|labels app=web,tier notin (db)|}",
    "kubernetes cluster.local {|labels app=web,tier!=db|}",
    "kubernetes cluster.local {|noendpoints|zonal|}",
    "kubernetes a.b {|multicluster clusterset.local|}",
    "kubernetes {|apiserver_qps 5.5|apiserver_burst 10|}",
    "kubernetes cluster.local {|namespace_labels env in (a,b)|ignore empty_service|startup_timeout 10s|}",
    "forward . 1.1.1.1 8.8.8.8",
    "forward . tls://1.1.1.1 tls://1.0.0.1 {|tls_servername cloudflare-dns.com|health_check 5s|}",
    "forward . 1.1.1.1:53 {|policy sequential|max_fails 3|force_tcp|expire 20s|}",
    "forward a.org 10.0.0.1 {|except b.a.org|}",
    "forward . [::1]:53 {|max_concurrent 1000|health_check 1s no_rec domain a.org|}",
    "forward . grpc://1.1.1.1",
    "forward . 1.1.1.1 {|max_age 5s|expire 10s|}",
    "forward . 1.1.1.1 {|next NXDOMAIN|failover SERVFAIL|}",
    "forward . https://1.1.1.1",
    "forward . https://1.1.1.1/dns",
    "forward .",
    "forward",
    "grpc . 127.0.0.1:9005 {|policy random|}",
    "cache",
    "cache 30",
    "cache 30 a.org {|success 5000 30 5|denial 2500 10|prefetch 10 1m 10%|}",
    "cache {|serve_stale 1h verify 5s|}",
    "cache {|servfail 10s|disable denial a.org|keepttl|}",
    "cache {|serve_stale 1h immediate|serve_stale_policy prefer_positive|}",
    "cache 0",
    "rewrite name a.org b.org",
    "rewrite name regex ^(.*)\\.a\\.org\\.$ {1}.b.org answer auto",
    "rewrite stop type ANY HINFO",
    "rewrite continue {|name regex (.*)\\.a b|answer name (.*) {1}|}",
    "rewrite ttl regex a 30-300",
    "rewrite class CH IN",
    "rewrite edns0 local set 0xffee hello",
    "rewrite edns0 nsid append revert",
    "rewrite edns0 subnet set 24 56",
    "rewrite cname exact a b",
    "rewrite rcode regex a NXDOMAIN NOERROR",
    "rewrite name suffix a b answer name c d",
    "rewrite name substring a b",
    "rewrite name prefix a b answer auto",
    "rewrite edns0 local replace 0xffee {client_ip}",
    "template IN A {|match ^a|answer \"{{ .Name }} 60 IN A 1.2.3.4\"|fallthrough|}",
    "template ANY AAAA {|rcode NOERROR|}",
    "template IN ANY a.org {|rcode NXDOMAIN|authority \"a.org 60 IN SOA b c (1 60 60 60 60)\"|ederror 21 \"no\"|}",
    "template IN A {|answer \"{{ if .X }}a{{ end }}\"|}",
    "template IN A {|answer \"{{ range }}\"|}",
    "template IN A {|match (|}",
    "hosts {|1.2.3.4 a b|::1 c|ttl 60|fallthrough|}",
    "hosts {|1.2.3.4 a|no_reverse|reload 5s|}",
    "hosts {|fallthrough|1.2.3.4 a|}",
    "loop",
    "reload",
    "reload 10s 5s",
    "reload 1s",
    "loadbalance",
    "loadbalance round_robin {|prefer 10.0.0.0/8|}",
    "autopath @kubernetes",
    "bufsize 1232",
    "bufsize 100",
    "bind 127.0.0.1",
    "bind 127.0.0.1 ::1",
    "bind 127.0.0.2 {|except 127.0.0.2|}",
    "any",
    "chaos v1 me",
    "acl {|allow net 10.0.0.0/8|block type A net 192.168.0.0/16|drop|}",
    "acl a.org {|filter type * net *|}",
    "acl {|allow net 10.0.0|}",
    "header {|response set aa|query clear rd|}",
    "header {|response ra|}",
    "debug",
    "dns64",
    "dns64 {|prefix 64:ff9b::/96|translate_all|}",
    "dns64 64:ff9b::/97",
    "local",
    "local {|localhost_prefix off|}",
    "metadata",
    "minimal",
    "nsid me",
    "erratic {|drop 2|delay 3 50ms|}",
    "whoami",
    "cancel 2s",
    "cancel",
    "root .",
    "transfer {|to *|}",
    "transfer a.org {|to 1.2.3.4 10.0.0.1:53|source 1.2.3.4|}",
    "transfer",
    "secondary a.org {|transfer from 10.0.0.1|}",
    "secondary",
    "trace",
    "trace zipkin localhost:9411 {|every 100|client_server true|}",
    "tsig {|secret a. c2VjcmV0|require A AAAA|}",
    "tsig {|require_opcode QUERY|}",
    "timeouts {|read 5s|write 10|idle 1m|}",
    "timeouts",
    "multisocket 4",
    "multisocket",
    "quic {|max_streams 10|}",
    "https {|max_connections 10|}",
    "grpc_server {|max_streams 0|}",
    "shed",
    "proxyproto {|allow 10.0.0.0/8|default reject|}",
    "k8s_external a.org {|apex dns|ttl 30|}",
    "view v {|expr true|}",
    "sign db.a a.org",
    "view v {|expr incidr(client_ip(), '10.0.0.0/8')|}",
    "dnstap tcp://127.0.0.1:6000 full",
    "dnssec a.org {|cache_capacity 10|}",
    "tls {|acme a.org|email a@b.c|}",
    "on startup /bin/true",
    "nomad service.nomad {|ttl 60|}",
    "etcd {|path /skydns|}",
    "auto {|directory .|}",
    "geoip",
    "azure a",
    "route53 a",
    "clouddns a:b",
];

const KEYS: &[&str] = &[
    ".",
    ".:53",
    "a.org",
    "b.org:1053",
    "a.org b.org",
    "a.org, b.org",
    "dns://c.org",
    "tls://.",
    "https://d.org",
    "grpc://.:443",
    "10.0.0.0/8",
    "10.1.0.0/15",
    "fd00::/16",
    "cluster.local in-addr.arpa",
    "quic://e.org",
    "unix://f.org",
    "x.org:99999",
    "a..b",
    "e.org:",
];

const WORDS: &[&str] = &[
    "{",
    "}",
    "1.1.1.1",
    "10.0.0.0/8",
    "5s",
    "-1",
    "0",
    "99999999999999999999",
    "a.org",
    ".",
    "",
    "\"",
    "\"a b\"",
    "#",
    "import",
    "regex",
    "stop",
    "IN",
    "A",
    "NXDOMAIN",
    "*",
    "(",
    "^a$",
    "{$HOME_NOT_SET}",
    "{%NOT_SET%}",
    "fallthrough",
    "ttl",
    "errors",
    "kubernetes",
    "\n",
    ",",
    "true",
    "53",
];

/// One file: a few server blocks, sometimes with a snippet, sometimes broken.
pub(crate) fn file(rng: &mut StdRng) -> String {
    let mut text = String::new();
    let snippet = rng.random_bool(0.15);
    if snippet {
        text.push_str("(s) {\n");
        block(rng, &mut text, 2);
        text.push_str("}\n");
    }
    for index in 0..rng.random_range(1..4) {
        let key = if rng.random_bool(0.8) { format!("z{index}.org") } else { pick(rng, KEYS).to_owned() };
        text.push_str(&key);
        text.push_str(" {\n");
        if snippet && rng.random_bool(0.7) {
            text.push_str("    import s\n");
        }
        let count = rng.random_range(0..6);
        block(rng, &mut text, count);
        text.push_str("}\n");
    }
    for _ in 0..[0, 0, 1, 1, 2, 3].choose(rng).copied().unwrap_or(0) {
        text = mutated(rng, &text);
    }
    text
}

fn pick(rng: &mut StdRng, from: &'static [&'static str]) -> &'static str {
    from.choose(rng).copied().unwrap_or("")
}

fn block(rng: &mut StdRng, text: &mut String, directives: usize) {
    for _ in 0..directives {
        for line in pick(rng, DIRECTIVES).split('|') {
            text.push_str("    ");
            text.push_str(line);
            text.push('\n');
        }
    }
}

/// Breaks one thing: lines dropped, swapped, doubled, joined; words dropped, doubled, changed, added; a brace or quote.
fn mutated(rng: &mut StdRng, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let at = rng.random_range(0..lines.len());
    match rng.random_range(0..8) {
        0 => drop(lines.remove(at)),
        1 => {
            let other = rng.random_range(0..lines.len());
            lines.swap(at, other);
        }
        2 => lines.insert(at, lines[at].clone()),
        3 if at + 1 < lines.len() => {
            let next = lines.remove(at + 1);
            lines[at] = format!("{} {}", lines[at], next.trim());
        }
        _ => {
            let mut words: Vec<String> = lines[at].split(' ').map(str::to_owned).collect();
            let word = rng.random_range(0..words.len());
            match rng.random_range(0..5) {
                0 => drop(words.remove(word)),
                1 => words.insert(word, words[word].clone()),
                2 => words[word] = pick(rng, WORDS).to_owned(),
                3 => words.insert(word, pick(rng, WORDS).to_owned()),
                _ => {
                    let mut letters: Vec<char> = words[word].chars().collect();
                    if !letters.is_empty() {
                        let letter = rng.random_range(0..letters.len());
                        letters.remove(letter);
                    }
                    words[word] = letters.into_iter().collect();
                }
            }
            lines[at] = words.join(" ");
        }
    }
    lines.join("\n") + "\n"
}
