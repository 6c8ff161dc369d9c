//! Makes patches: out of the corpus, out of the schema, and by breaking those.

use std::collections::BTreeMap;
use std::fmt::Write;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::Value;

/// Texts that mean something to one field or another.
const TEXTS: &[&str] = &[
    "a",
    "eth0",
    "bond0",
    "10.0.0.1",
    "10.0.0.1/24",
    "10.0.0.0/8",
    "fd00::1/64",
    "::1",
    "1.1.1.1:53",
    "[::1]:53",
    "\"\"",
    "https://a.example",
    "https://a.example:6443/x",
    "tcp://10.0.0.1:514",
    "http://[::1]:80",
    "ftp://a",
    "a.example",
    "LQ==",
    "'****'",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "10GiB",
    "50%",
    "101%",
    "1h",
    "-5s",
    "1m30s",
    "5",
    "0",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "017",
    "1_000",
    "70000",
    "4294967296",
    "true",
    "false",
    "yes",
    "Off",
    "~",
    "null",
    "2020-01-01",
    "'1'",
    "\"a b\"",
    "802.3ad",
    "active-backup",
    "worker",
    "controlplane",
    "flannel",
    "none",
    "custom",
    "NoSchedule",
    "json_lines",
    "STATE",
    "EPHEMERAL",
    "luks2",
    "xfs",
    "os:reader",
    "v2",
    "stable",
    "off",
    "duid",
    "00:01:02",
    ">= 10GB",
    "ssd",
    "'!10.0.0.0/8'",
    "80-443",
    "!!str 5",
    "!!int x",
    ".inf",
    "10.0.0.0/08",
    "fe80::1%eth0",
    "https://a:b",
    "//a",
    ":a",
    "'%zz'",
    "é",
];

const KEYS: &[&str] = &[
    "machine",
    "cluster",
    "certSANs",
    "certSans",
    "apiServer",
    "name",
    "kind",
    "apiVersion",
    "version",
    "$patch",
    "x",
    "extraArgs",
    "debug",
    "persist",
    "<<",
    "~",
    "5",
];

const PATHS: &[&str] = &[
    "/machine/certSANs",
    "/machine/certSANs/-",
    "/machine/install/disk",
    "/machine/network/hostname",
    "/machine/type",
    "/machine/nodeLabels/a",
    "/machine/sysctls",
    "/machine/features/rbac",
    "/cluster/apiServer/certSANs/0",
    "/cluster/apiServer/extraArgs",
    "/cluster/network/podSubnets/-",
    "/cluster/network/podSubnets/0",
    "/cluster/network/podSubnets/-1",
    "/cluster/controlPlane/endpoint",
    "/cluster/etcd/ca",
    "/cluster/coreDNS",
    "/machine",
    "",
    "/",
    "machine",
    "/persist",
    "/machine/x/y",
    "/cluster/inlineManifests",
    "/kind",
    "/cluster/apiServer/admissionControl/0/name",
    "/machine/kubelet/extraConfig",
    "/machine/network/interfaces",
];

/// Makes patches.
pub(crate) struct Generator {
    corpus: Vec<String>,
    kinds: Vec<(String, String)>,
    structs: BTreeMap<String, Vec<(String, String)>>,
    words: BTreeMap<String, Vec<String>>,
}

impl Generator {
    pub(crate) fn new(corpus: Vec<String>, schema: &str) -> Self {
        let schema: Value = serde_json::from_str(schema).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let kinds = schema["documents"].as_object().unwrap();
        let structs = schema["structs"].as_object().unwrap().iter().map(|(name, fields)| {
            let fields = fields.as_array().unwrap().iter().map(|field| (text(&field[0]), text(&field[1])));
            (name.clone(), fields.collect())
        });
        let words = schema["words"].as_object().unwrap().iter();
        Self {
            corpus,
            kinds: kinds.iter().map(|(kind, about)| (kind.clone(), text(&about["struct"]))).collect(),
            structs: structs.collect(),
            words: words
                .map(|(name, words)| (name.clone(), words.as_array().unwrap().iter().map(text).collect()))
                .collect(),
        }
    }

    pub(crate) fn patch(&self, rng: &mut StdRng) -> String {
        let mut text = match rng.random_range(0..10) {
            0..4 => self.corpus.choose(rng).unwrap().clone(),
            4 => format!("{}---\n{}", self.corpus.choose(rng).unwrap(), self.corpus.choose(rng).unwrap()),
            5 => json(rng),
            _ => self.document(rng),
        };
        for _ in 0..[0, 0, 1, 1, 2, 3].choose(rng).copied().unwrap_or(0) {
            text = self.mutated(rng, &text);
        }
        text
    }

    fn document(&self, rng: &mut StdRng) -> String {
        let (kind, name) = if rng.random_bool(0.5) { &self.kinds[0] } else { self.kinds.choose(rng).unwrap() };
        let mut text = String::new();
        if !kind.is_empty() {
            let _ = writeln!(text, "apiVersion: v1alpha1\nkind: {kind}");
        }
        let own = ["apiVersion", "kind"];
        self.fields(rng, name, 0, &mut text, &own, 4);
        text
    }

    /// Some of a struct's fields, as a block.
    fn fields(&self, rng: &mut StdRng, name: &str, depth: usize, text: &mut String, without: &[&str], most: usize) {
        let known = &self.structs[name];
        let fields: Vec<_> = known.iter().filter(|(key, _)| !without.contains(&key.as_str())).collect();
        let count = rng.random_range(1..=most.max(1)).min(fields.len());
        let chosen: Vec<_> = fields.choose_multiple(rng, count).collect();
        let indent = "  ".repeat(depth);
        if chosen.is_empty() {
            let _ = writeln!(text, "{indent}{{}}");
        }
        for (key, kind) in chosen {
            if key == "*" {
                let _ = writeln!(text, "{indent}{}: {}", pick(rng, &["a", "kind", "cpu", "maxPods"]), pick(rng, TEXTS));
                continue;
            }
            let _ = write!(text, "{indent}{key}:");
            self.value(rng, key, kind, depth, text);
        }
    }

    fn value(&self, rng: &mut StdRng, key: &str, kind: &str, depth: usize, text: &mut String) {
        let kind = kind.trim_start_matches('*');
        if let Some(rest) = kind.strip_prefix("merge ") {
            return self.value(rng, key, rest.split_once(' ').unwrap().1, depth, text);
        }
        if let Some(name) = kind.strip_prefix("struct ") {
            text.push('\n');
            return self.fields(rng, name, depth + 1, text, &[], 3);
        }
        let indent = "  ".repeat(depth + 1);
        if let Some(element) = kind.strip_prefix("[]") {
            text.push('\n');
            for _ in 0..rng.random_range(1..3) {
                let _ = write!(text, "{indent}-");
                self.value(rng, key, element, depth + 1, text);
            }
            return;
        }
        if let Some(element) = kind.strip_prefix("{}") {
            text.push('\n');
            let _ = write!(text, "{indent}{}:", pick(rng, &["a", "example.com/a", "v", "anonymous-auth"]));
            return self.value(rng, key, element, depth + 1, text);
        }
        if kind.starts_with("yaml x509") {
            let _ = writeln!(text, "\n{indent}crt: LQ==");
            return;
        }
        let _ = writeln!(text, " {}", self.scalar(rng, key, kind));
    }

    fn scalar(&self, rng: &mut StdRng, key: &str, kind: &str) -> String {
        if rng.random_bool(0.15) {
            return pick(rng, TEXTS).to_owned();
        }
        if let Some(words) = kind.strip_prefix("text ").and_then(|name| self.words.get(name)) {
            return words.choose(rng).unwrap().clone();
        }
        let fitting: &[&str] = match (kind, key) {
            ("bool", _) => &["true", "false", "yes", "off"],
            ("duration", _) => &["1h", "30s", "100ms"],
            ("string", "type") => &["controlplane", "Node", "ssd", "bind"],
            ("string", "interface" | "name" | "link" | "parent") => &["eth0", "eth1", "10.0.0.1", "STATE", "none"],
            ("string", "addresses" | "network" | "cidr" | "subnet" | "validSubnets" | "advertisedSubnets") => {
                &["10.0.0.2/24", "fd00::1/64", "10.0.0.0/8"]
            }
            ("string", "gateway" | "ip" | "source") => &["10.0.0.1", "::1"],
            ("string", "privateKey" | "publicKey") => &["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
            ("string", _) => &["a", "b.example", "10.0.0.1", "https://a.example"],
            (kind, _) if kind.starts_with("int") || kind.starts_with("uint") => &["0", "1", "100", "1500", "65535"],
            ("text netip.Prefix" | "text network.Prefix", _) => &["10.0.0.0/8", "10.0.0.2/24", "fd00::/8"],
            ("text netip.Addr" | "text network.Addr", _) => &["10.0.0.1", "::1"],
            ("text netip.AddrPort" | "text network.AddrPort", _) => &["10.0.0.1:51820"],
            ("text block.Size" | "text block.ByteSize" | "yaml v1alpha1.DiskSize", _) => &["10GiB", "1TB"],
            ("text nethelpers.HardwareAddr", _) => &["00:01:02:03:04:05"],
            ("text cel.Expression", _) => &["'true'"],
            ("yaml network.PortRange", _) => &["80", "443-8443"],
            ("yaml v1alpha1.InstallDiskSizeMatcher", _) => &["'>= 10GB'"],
            ("yaml v1alpha1.Base64Bytes", _) => &["LQ=="],
            ("yaml v1alpha1.ClusterInlineManifests", _) => &["[{name: a, contents: b}]", "[]"],
            ("yaml meta.URL" | "yaml v1alpha1.Endpoint", _) => &["https://a.example", "tcp://10.0.0.1:514/"],
            _ => TEXTS,
        };
        pick(rng, fitting).to_owned()
    }

    /// Breaks one thing: a line dropped, doubled, moved, indented, joined; a value or a key changed; a deletion put in.
    fn mutated(&self, rng: &mut StdRng, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return text.to_owned();
        }
        let at = rng.random_range(0..lines.len());
        let line = lines[at].clone();
        let indent = line.len() - line.trim_start().len();
        match rng.random_range(0..12) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, line),
            2 => lines[at] = format!("  {line}"),
            3 => line.strip_prefix("  ").unwrap_or(&line).clone_into(&mut lines[at]),
            4 => lines.insert(at, format!("{}$patch: delete", " ".repeat(indent))),
            5..9 => {
                if let Some((key, _)) = line.split_once(": ") {
                    lines[at] = format!("{key}: {}", pick(rng, TEXTS));
                } else if let Some((dash, _)) = line.split_once("- ") {
                    lines[at] = format!("{dash}- {}", pick(rng, TEXTS));
                } else if let Some(key) = line.strip_suffix(':') {
                    lines[at] = format!("{key}: {}", pick(rng, &["{}", "[]", "~", "a", "[a]", "{a: b}"]));
                }
            }
            9 => {
                if let Some((_, rest)) = line.split_once(':') {
                    lines[at] = format!("{}{}:{rest}", " ".repeat(indent), pick(rng, KEYS));
                }
            }
            10 => {
                let fields = self.structs.values().filter(|fields| !fields.is_empty());
                let fields: Vec<_> = fields.collect();
                let (key, kind) = fields.choose(rng).unwrap().choose(rng).unwrap();
                if key != "*" {
                    let value = self.scalar(rng, key, kind.trim_start_matches('*'));
                    lines.insert(at, format!("{}{key}: {value}", " ".repeat(indent)));
                }
            }
            _ => {
                let mut letters: Vec<char> = line.chars().collect();
                if !letters.is_empty() {
                    let letter = rng.random_range(0..letters.len());
                    letters.remove(letter);
                }
                lines[at] = letters.into_iter().collect();
            }
        }
        lines.join("\n") + "\n"
    }
}

fn pick(rng: &mut StdRng, from: &'static [&'static str]) -> &'static str {
    from.choose(rng).copied().unwrap_or("")
}

fn json(rng: &mut StdRng) -> String {
    let mut text = String::new();
    for _ in 0..rng.random_range(1..4) {
        let kind = pick(rng, &["add", "add", "replace", "remove", "test", "move", "copy", "explode"]);
        let _ = writeln!(text, "- op: {kind}\n  path: '{}'", pick(rng, PATHS));
        if matches!(kind, "move" | "copy") || rng.random_bool(0.05) {
            let _ = writeln!(text, "  from: '{}'", pick(rng, PATHS));
        }
        if !matches!(kind, "remove" | "move" | "copy") && rng.random_bool(0.95) {
            let values = &["[a]", "{a: b}", "{v: '2'}", "{}", "[]", "{disabled: true}", "[{interface: eth0}]"];
            let value = if rng.random_bool(0.5) { pick(rng, TEXTS) } else { pick(rng, values) };
            let _ = writeln!(text, "  value: {value}");
        }
    }
    text
}
