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
    for manifests in ["{kind: List, items: [{kind: Secret, data: {a: X}}]}", "kind: Secret\\ndata: {{ .a }}\\na: {X"] {
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
