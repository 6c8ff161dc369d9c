//! Go itself is asked what it makes of texts: some hundred that were written down, and thousands that are put together from their parts.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use tazlab_go::{base64, net, netip, strconv, time, url};

/// Texts that somebody may write, and those that only look like them.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "", "0", "+0", "-0", "5", "05", "-5", "+5", "1_0", "5s", "1m30s", "1.5h", "-3ms", ".5s", "5.s", "s", ".s", "1d",
    "5 s", "1.2.3s", "1us", "1µs", "1μs", "9223372036854775807ns", "9223372036854775808ns", "-9223372036854775808ns",
    "-9223372036854775809ns", "3000000h", "2562047h47m16.854775807s", "2562047h47m16.854775808s",
    "0.3333333333333333333h", "0.100000000000000000000h", "0.9223372036854775807h", "9223372036854775.808us", "1e3s",
    "10.0.0.0/8", "10.0.0.0/08", "10.1.2.3/0000000012", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "010.0.0.0/8", "::/0",
    "::1/128", "::1/129", "2001:db8::1/31", "::ffff:10.0.0.1/104", "fe80::1%eth0/64", "1.2.3.4", "01.2.3.4", "1.2.3",
    "::1", "::", "fe80::1%eth0", "fe80::1%", "1.2.3.4%eth0", "::ffff:1.2.3.4", "::ffff:1.2.3.4%x", "1::2::3", ":8080",
    "a:b", "[::1]:53", "[::1%eth0]:53", "1.2.3.4:", "8080", "[::1]", "[::1]x:53", "[::1]:5:3", "a]:53", "[a:53",
    "[a[b]:53", "[a]:5]", "[1.2.3.4]:53", "1.2.3.4:53", "1.2.3.4:65536", "1.2.3.4:+53", "1.2.3.4:053", "::1:53", "0x10",
    "0X10", "0b11", "0o17", "017", "08", "0_7", "_7", "7_", "1__0", "0x_f", "65535", "65536", "4294967295",
    "4294967296", "9223372036854775807", "9223372036854775808", "t", "T", "true", "tRUE", "True", "yes", "no", "f",
    "False", "1.5", ".5", "5.", "1e3", "1e999", "inf", "-Inf", "+infinity", "nan", "-nan", "1.7976931348623159e308",
    "YQ==", "YQ", "YR==", "Y\nQ==", "YQ==\n", "Y Q==", "https://user@a.example:6443/x?y#z", "a", "/x", "//host", "///x",
    "http://h:", "http://a%20b.c/", "http://a/%zz", "http://a:x", ":x", "a b:c/d", "http://a b", "http://[::1",
    "http://[::1]:80", "http://[::1%25eth0]:80", "http://[x]", "http://a[b]", "1a:b", "http://\u{7f}", "*", "#", "?",
    "http://a?", "mailto:a@b", "HTTP://A", "http://user:p%40@h/", "http://us er@h/", "http://h#%zz", "a/b:c", "b:c/a",
    "http://ä.example/ü", "tls://1.1.1.1", "http://h/%41", "http://%41/", "http://a\"b",
];

/// What the others are put together from.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "0", "1", "9", "10", "07", "255", "65536", "9223372036854775807", ".", ":", "::", "/", "//", "%", "%2", "%25",
    "%41", "[", "]", "-", "+", "_", "h", "m", "s", "ms", "us", "µs", "ns", "e", "x", "a", "fe80", "ffff", "http", "@",
    "?", "#", "=", "YQ", "Y", " ", "\n", "10.0.0.1", "192.168.0.0", "2001:db8::1", "true", "inf", "ä", "\"", "\\", "*",
];

fn texts() -> Vec<String> {
    let parts = prop::collection::vec(prop::sample::select(PARTS), 1..7).prop_map(|parts| parts.concat());
    let mut runner = TestRunner::deterministic();
    let made = (0..5000).map(|_| parts.new_tree(&mut runner).expect("parts make a text").current());
    TEXTS.iter().map(|text| (*text).to_owned()).chain(made).collect()
}

/// What Go says of each text.
fn go(texts: &[String]) -> Vec<Value> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle.go");
    let mut command = Command::new("go");
    let command = command.arg("run").arg(program).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().expect("Go is installed: https://go.dev/doc/install");
    let mut input = running.stdin.take().unwrap();
    let lines: String = texts.iter().map(|text| json!(text).to_string() + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = running.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "go run ended with {}", output.status);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn bytes(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn address(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => bytes(&address.octets()),
        IpAddr::V6(address) => bytes(&address.octets()),
    }
}

/// What this crate says of a text, in the words of the program.
fn ours(text: &str) -> Map<String, Value> {
    let host_port = match net::split_host_port(text) {
        Ok((host, port)) => json!([host, port]),
        Err(net::HostPortError::MissingPort) => json!("missing"),
        Err(net::HostPortError::TooManyColons) => json!("colons"),
        Err(net::HostPortError::Brackets) => json!("brackets"),
    };
    let cidr = net::parse_cidr(text).map(|network| {
        let first = match network.address() {
            IpAddr::V4(address) => bytes(&address.octets()),
            IpAddr::V6(address) => bytes(&address.octets()),
        };
        format!("{first}/{}", network.prefix())
    });
    let float = strconv::parse_float(text)
        .map(|float| if float.is_nan() { "nan".to_owned() } else { format!("{:016x}", float.to_bits()) });
    let parts = |url: url::Url| json!([url.scheme, url.hostname(), url.port(), url.opaque, url.tail]);
    let all = json!({
        "duration": time::parse_duration(text),
        "ip": net::parse_ip(text).map(address),
        "cidr": cidr,
        "host_port": host_port,
        "addr": netip::parse_addr(text).map(|(parsed, zone)| json!([address(parsed), zone])),
        "prefix": netip::parse_prefix(text).map(address),
        "addr_port": netip::is_addr_port(text),
        "atoi": strconv::atoi(text),
        "uint16": strconv::parse_uint(text, 16),
        "uint32": strconv::parse_uint(text, 32),
        "any16": strconv::parse_uint_any_base(text, 16),
        "any32": strconv::parse_uint_any_base(text, 32),
        "bool": strconv::parse_bool(text),
        "float": float,
        "base64": base64::decode_string(text).map(|decoded| bytes(&decoded)),
        "url": url::parse(text).map(parts),
        "request": url::parse_request(text).map(parts),
    });
    match all {
        Value::Object(all) => all,
        other => panic!("{other} is no object"),
    }
}

/// What this crate says that it does not read: a hexadecimal number, and underscores in one.
fn is_not_read(name: &str, text: &str) -> bool {
    name == "float" && (text.contains('_') || text.to_ascii_lowercase().contains("0x"))
}

#[test]
fn texts_are_read_as_go_reads_them() {
    let texts = texts();
    let answers = go(&texts);
    assert_eq!(answers.len(), texts.len());
    let mut differences = Vec::new();
    for (text, theirs) in texts.iter().zip(&answers) {
        for (name, ours) in ours(text) {
            if theirs[&name] != ours && !is_not_read(&name, text) {
                differences.push(format!("{name} of {text:?}: Go says {}, this says {ours}", theirs[&name]));
            }
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}
