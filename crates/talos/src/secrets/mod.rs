//! What of a patch is secret: keys and tokens that every machine configuration has, credentials of registries, networks and
//! extensions. Nothing here quotes a value.
//!
//! The fields are those of Talos 1.12 and 1.13 (`pkg/machinery/config/types`). They are found by name and place, in strategic
//! merge patches, in further documents and in the operations of a JSON patch, before anything is decoded: a patch with another
//! mistake in it holds its secrets all the same.

mod text;

use tazlab_yaml::{self as yaml, Kind, Node};

use super::json_patch;
use super::problem::Problem;
pub use text::is_credential;
use text::{holds_a_secret, is_secret_header, is_secret_setting, is_secret_variable};

/// What belongs to the cluster's own secrets.
const BUNDLE: &str = "this is a key or a token of the cluster. It belongs to the cluster's secrets (talos_machine_secrets), which \
                      the machine configuration has already: remove it from the patch";

/// What is no business of the cluster's, and secret.
const OTHER: &str = "this is a credential. Put it into a patch of its own, from an ephemeral or write-only value, and give that \
                     patch to the machine configuration without this function";

/// A Secret among the inline manifests.
const MANIFEST: &str = "the manifest is a Secret with data. Make it with tazlab_bootstrap_secret, which keeps it out of plan and \
                        state, and remove it from the patch";

/// Fields that are secret wherever they are.
const ANYWHERE: &[&str] = &[
    "apiToken",
    "auth",
    "authKey",
    "bootstrapToken",
    "clientSecret",
    "identityToken",
    "joinToken",
    "passphrase",
    "password",
    "preSharedKey",
    "presharedKey",
    "privateKey",
    "secret",
    "token",
    "uniqueToken",
];

/// What has a certificate and its `key`.
const PAIRS: &[&str] = &["acceptedCAs", "aggregatorCA", "ca", "clientIdentity", "issuingCA", "serviceAccount"];

/// Maps whose keys are the user's: a label may be called `token`.
const FREE: &[&str] = &[
    "annotations",
    "extraArgs",
    "labels",
    "matchLabels",
    "nodeAnnotations",
    "nodeLabels",
    "nodeTaints",
    "sysctls",
    "sysfs",
];

/// Everything secret that a patch holds, with its place and where it belongs.
#[must_use]
pub fn secrets(patch: &str) -> Vec<Problem> {
    let Ok(documents) = yaml::parse(patch) else { return Vec::new() };
    let mut search = Search { found: Vec::new(), path: Vec::new() };
    for document in &documents {
        if json_patch::is_patch(document) {
            document.items().iter().for_each(|operation| search.operation(operation, document.items()));
        } else {
            search.visit(document);
        }
    }
    search.found.sort_by_key(|problem| problem.at.unwrap_or_default());
    search.found.dedup();
    search.found
}

struct Search {
    found: Vec<Problem>,
    /// The keys down to the node; members of lists have none.
    path: Vec<String>,
}

impl Search {
    /// One operation of a JSON patch. A key that comes twice counts each time: readers differ in which one they take.
    fn operation(&mut self, operation: &Node, all: &[Node]) {
        for path in texts(operation, "path") {
            let path = keys(path);
            for value in values(operation) {
                self.visit_at(&path, value);
            }
            // What one operation adds, another may put elsewhere.
            let moves = texts(operation, "op").any(|op| matches!(op, "move" | "copy"));
            for from in texts(operation, "from").filter(|_| moves).map(keys) {
                self.moved(&from, &path, all);
            }
        }
    }

    /// What the operations of `all` have put at `from`, as it reads at `to`.
    fn moved(&mut self, from: &[String], to: &[String], all: &[Node]) {
        for one in all {
            for (path, value) in texts(one, "path").flat_map(|path| values(one).map(move |value| (path, value))) {
                let added = keys(path);
                if let Some(below) = added.strip_prefix(from) {
                    self.visit_at(&[to, below].concat(), value);
                } else if let Some(below) = from.strip_prefix(added.as_slice())
                    && let Some(part) = below.iter().try_fold(value, |node, key| node.get(key))
                {
                    self.visit_at(to, part);
                }
            }
        }
    }

    fn visit_at(&mut self, path: &[String], value: &Node) {
        self.path = path.to_vec();
        self.visit(value);
        self.path.clear();
    }

    fn visit(&mut self, node: &Node) {
        let target = node.target();
        match &target.kind {
            Kind::Sequence(items) => items.iter().for_each(|item| self.visit(item)),
            Kind::Mapping(entries) => {
                for (key, value) in entries.iter() {
                    let key = key.as_str().unwrap_or_default();
                    if key == "<<" {
                        self.visit(value);
                        continue;
                    }
                    self.path.push(key.to_owned());
                    self.visit(value);
                    self.path.pop();
                }
            }
            Kind::Scalar(text, _) if !text.is_empty() && !target.is_null() => {
                if let Some(why) = self.secret(text) {
                    self.found.push(Problem::talos(Some(node.at), self.path.join("."), why));
                }
            }
            Kind::Scalar(..) | Kind::Alias(_) => {}
        }
    }

    /// Why a text at this place is secret.
    fn secret(&self, text: &str) -> Option<&'static str> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let (name, above) = path.split_last().map_or(("", &[][..]), |(name, above)| (*name, above));
        let parent = above.last().copied().unwrap_or_default();
        let of_the_cluster = matches!(
            path[..],
            ["cluster", "secret" | "token" | "aescbcEncryptionSecret" | "secretboxEncryptionSecret"]
                | ["machine", "token"]
        );
        if of_the_cluster {
            return Some(BUNDLE);
        }
        if name == "key" && PAIRS.contains(&parent) {
            return Some(if parent == "clientIdentity" { OTHER } else { BUNDLE });
        }
        let free = above.iter().any(|key| FREE.contains(key));
        if !free && (ANYWHERE.contains(&name) || name.ends_with("EncryptionSecret")) {
            return Some(OTHER);
        }
        if parent == "extraManifestHeaders" && is_secret_header(name) {
            return Some(OTHER);
        }
        if matches!(parent, "env" | "variables") && is_secret_variable(name)
            || name == "environment" && is_secret_setting(text)
        {
            return Some(OTHER);
        }
        if name == "contents" && parent == "inlineManifests" && holds_a_secret(text) {
            return Some(MANIFEST);
        }
        is_credential(text).then_some(OTHER)
    }
}

/// The texts of a key, which may come several times.
fn texts<'a>(operation: &'a Node, key: &'a str) -> impl Iterator<Item = &'a str> {
    let named = operation.entries().iter().filter(move |(name, _)| name.as_str() == Some(key));
    named.filter_map(|(_, value)| value.as_str())
}

fn values(operation: &Node) -> impl Iterator<Item = &Node> {
    operation.entries().iter().filter(|(name, _)| name.as_str() == Some("value")).map(|(_, value)| value)
}

/// The keys of a JSON pointer. A number, also one that counts from the end, and `-` are places in a list.
fn keys(pointer: &str) -> Vec<String> {
    let is_place = |part: &String| part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
    let parts = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    parts.filter(|part| !is_place(part)).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    const CANARY: &str = "canary0canary";

    fn paths(patch: &str) -> Vec<String> {
        let found = secrets(patch);
        for problem in &found {
            assert!(!problem.to_string().contains(CANARY) && problem.at.is_some(), "{problem}");
        }
        found.into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn keys_and_tokens_of_the_cluster_are_found() {
        for path in [
            "cluster.secret",
            "cluster.token",
            "cluster.ca.key",
            "cluster.aggregatorCA.key",
            "cluster.serviceAccount.key",
            "cluster.etcd.ca.key",
            "cluster.aescbcEncryptionSecret",
            "cluster.secretboxEncryptionSecret",
            "machine.token",
            "machine.ca.key",
        ] {
            let mut nested = CANARY.to_owned();
            for key in path.rsplit('.') {
                nested = format!("{{{key}: {nested}}}");
            }
            assert_eq!(paths(&nested), [path]);
            let told = secrets(&nested)[0].to_string();
            assert!(told.contains("talos_machine_secrets") && told.starts_with("line 1, column "), "{told}");
            let pointer = path.replace('.', "/");
            for operation in ["add", "replace", "test"] {
                let patch = format!("[{{op: {operation}, path: /{pointer}, value: {CANARY}}}]");
                assert_eq!(paths(&patch), [path], "{operation}");
            }
            assert_eq!(paths(&format!("[{{op: remove, path: /{pointer}}}]")), [""; 0]);
            let deleted = nested.replace(CANARY, "{$patch: delete}");
            assert_eq!(paths(&deleted), [""; 0], "what is deleted is not held");
            assert_eq!(paths(&nested.replace(CANARY, "\"\"")), [""; 0]);
            assert_eq!(paths(&nested.replace(CANARY, "null")), [""; 0]);
        }
        let whole = format!("[{{op: add, path: /cluster/ca, value: {{crt: a, key: {CANARY}}}}}]");
        assert_eq!(paths(&whole), ["cluster.ca.key"]);
        let accepted = format!("machine: {{acceptedCAs: [{{crt: a}}, {{crt: b, key: {CANARY}}}]}}");
        assert_eq!(paths(&accepted), ["machine.acceptedCAs.key"]);
        for place in ["0", "-1", "-"] {
            let placed = format!("[{{op: add, path: /machine/acceptedCAs/{place}/key, value: {CANARY}}}]");
            assert_eq!(paths(&placed), ["machine.acceptedCAs.key"], "{place}");
        }
        let listed = format!("[{{op: add, path: /machine/acceptedCAs/-, value: {{crt: b, key: {CANARY}}}}}]");
        assert_eq!(paths(&listed), ["machine.acceptedCAs.key"]);
    }

    #[test]
    fn an_operation_hides_nothing() {
        for patch in [
            // The last one counts, or the first.
            r#"[{"op": "add", "path": "/machine/type", "path": "/cluster/token", "value": "a", "value": "X"}]"#,
            r#"[{"op": "add", "path": "/cluster/token", "path": "/machine/type", "value": "X", "value": "a"}]"#,
            r#"[{"op": "add", "path": "", "value": {"cluster": {"token": "X"}}}]"#,
            r#"[{"op": "replace", "path": "/cluster", "value": {"token": "X"}}]"#,
            "[{op: add, path: /machine/nodeLabels/a, value: X}, {op: move, from: /machine/nodeLabels/a, path: /cluster/token}]",
            "[{op: add, path: /machine/nodeLabels, value: {a: X}}, {op: copy, from: /machine/nodeLabels/a, path: /cluster/token}]",
            "[{op: add, path: /machine/nodeLabels/token, value: X}, {op: move, from: /machine/nodeLabels, path: /cluster}]",
            "- &a {op: add, path: &p /cluster/token, value: X}\n- {op: test, path: *p, value: ''}",
        ] {
            let found = paths(&patch.replace('X', CANARY));
            assert!(!found.is_empty() && found.iter().all(|path| path == "cluster.token"), "{patch}: {found:?}");
        }
        let escaped = "[{op: add, path: /machine/registries/config/a.example~1b/auth/password, value: X}]";
        assert_eq!(paths(&escaped.replace('X', CANARY)), ["machine.registries.config.a.example/b.auth.password"]);
        let copied = "[{op: copy, from: /cluster/ca/key, path: /cluster/etcd/ca/key}]";
        assert_eq!(paths(copied), [""; 0], "the patch itself holds nothing");
    }

    #[test]
    fn credentials_of_others_are_found_in_every_document() {
        for (patch, path) in [
            ("machine: {registries: {config: {a.example: {auth: {username: u, password: X}}}}}", "auth.password"),
            ("machine: {registries: {config: {a.example: {auth: {auth: X}}}}}", "auth.auth"),
            (
                "machine: {registries: {config: {a.example: {tls: {clientIdentity: {crt: a, key: X}}}}}}",
                "clientIdentity.key",
            ),
            ("machine: {network: {interfaces: [{wireguard: {privateKey: X, peers: [{publicKey: a}]}}]}}", "privateKey"),
            ("machine: {network: {interfaces: [{vip: {hcloud: {apiToken: X}}}]}}", "apiToken"),
            ("machine: {systemDiskEncryption: {state: {keys: [{static: {passphrase: X}, slot: 0}]}}}", "passphrase"),
            ("machine: {env: {http_proxy: 'http://u:X@proxy:3128'}}", "http_proxy"),
            ("machine: {env: {TS_AUTHKEY: X}}", "TS_AUTHKEY"),
            ("cluster: {extraManifestHeaders: {Authorization: Bearer X}}", "Authorization"),
            ("apiVersion: v1alpha1\nkind: RegistryAuthConfig\nname: a.example\nusername: u\npassword: X", "password"),
            (
                "apiVersion: v1alpha1\nkind: WireguardConfig\nname: wg0\nprivateKey: X\npeers: [{presharedKey: ''}]",
                "privateKey",
            ),
            ("apiVersion: v1alpha1\nkind: WireguardConfig\nname: wg0\npeers: [{presharedKey: X}]", "presharedKey"),
            ("apiVersion: v1alpha1\nkind: HCloudVIPConfig\nname: 10.0.0.1\napiToken: X", "apiToken"),
            ("apiVersion: v1alpha1\nkind: SideroLinkConfig\napiUrl: https://a.example/?jointoken=X", "apiUrl"),
            ("apiVersion: v1alpha1\nkind: SideroLinkConfig\nuniqueToken: X", "uniqueToken"),
            (
                "apiVersion: v1alpha1\nkind: VolumeConfig\nname: STATE\nencryption: {keys: [{static: {passphrase: X}}]}",
                "passphrase",
            ),
            (
                "apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: tailscale\nenvironment: ['TS_AUTHKEY=X']",
                "environment",
            ),
            ("apiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables: {TS_AUTHKEY: X}", "TS_AUTHKEY"),
            ("apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: a\nurl: tcp://a.example:1?access_token=X", "url"),
            ("machine: {install: {extraKernelArgs: ['talos.config=https://a.example/?token=X']}}", "extraKernelArgs"),
            ("machine: {files: [{content: \"# see https://a.example\\nhttps://u:X@b.example\"}]}", "content"),
            ("machine: {files: [{path: /a, content: \"-----BEGIN EC PRIVATE KEY-----\\nX\"}]}", "content"),
            ("a: &a {token: X}\nmachine: *a", "token"),
            ("a: &a {token: X}\nmachine: {<<: *a}", "token"),
            ("# a comment\n---\nmachine: {}\n---\ncluster: {token: X}", "token"),
            (r#"{"cluster": {"token": "X"}}"#, "token"),
        ] {
            let found = paths(&patch.replace('X', CANARY));
            assert!(!found.is_empty() && found.iter().all(|found| found.ends_with(path)), "{patch}: {found:?}");
        }
        let encoded = BASE64_STANDARD.encode(format!("-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n"));
        assert_eq!(paths(&format!("machine: {{files: [{{content: {encoded}}}]}}")), ["machine.files.content"]);
        let kubeconfig = format!("users:\\n- user: {{client-key-data: {encoded}}}\\n");
        assert_eq!(paths(&format!("machine: {{files: [{{content: \"{kubeconfig}\"}}]}}")), ["machine.files.content"]);
        for manifests in
            ["{kind: List, items: [{kind: Secret, data: {a: X}}]}", "kind: Secret\\ndata: {{ .a }}\\na: {X"]
        {
            let patch = format!("cluster: {{inlineManifests: [{{name: a, contents: \"{manifests}\"}}]}}");
            assert_eq!(paths(&patch.replace('X', CANARY)), ["cluster.inlineManifests.contents"], "{patch}");
        }
        let manifest = "cluster:\n  inlineManifests:\n    - name: a\n      contents: |\n        kind: Secret\n        stringData: {a: X}\n";
        assert_eq!(paths(&manifest.replace('X', CANARY)), ["cluster.inlineManifests.contents"]);
    }

    #[test]
    fn what_is_public_is_left_alone() {
        for patch in [
            "machine: {acceptedCAs: [{crt: a}]}",
            "machine: {ca: {crt: a}}",
            "machine: {nodeLabels: {token: a, example.com/secret: b, password: c}}",
            "machine: {sysctls: {net.core.somaxconn: '1'}}",
            "machine: {env: {http_proxy: 'http://proxy:3128', TOKEN_FILE: /run/token}}",
            "machine: {network: {interfaces: [{wireguard: {peers: [{publicKey: a}]}}]}}",
            "machine: {registries: {mirrors: {a.example: {endpoints: ['https://b.example']}}}}",
            "machine: {registries: {config: {a.example: {auth: {username: a}}}}}",
            "machine: {files: [{content: \"-----BEGIN CERTIFICATE-----\\na\"}]}",
            "cluster: {apiServer: {extraArgs: {service-account-issuer: 'https://a.example', token: x}}}",
            "cluster: {inlineManifests: [{name: a, contents: 'kind: ConfigMap\\ndata: {a: b}'}]}",
            "cluster: {inlineManifests: [{name: a, contents: \"kind: Secret\\nmetadata: {name: a}\"}]}",
            "apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: tailscale\nenvironment: ['TS_HOSTNAME=a', 'TS_AUTHKEY=']",
            "cluster: {token",
            "",
        ] {
            assert_eq!(paths(patch), [""; 0], "{patch}");
        }
    }
}
