use proptest::prelude::*;
use tazlab_yaml::Mark;

use super::*;

fn texts(patch: &str, allow: &[&str]) -> Vec<String> {
    check(patch, allow).iter().map(ToString::to_string).collect()
}

#[track_caller]
fn refused(patch: &str, words: &[&str]) {
    let problems = texts(patch, &[]);
    assert!(problems.iter().any(|text| words.iter().all(|word| text.contains(word))), "{patch}: {problems:#?}");
}

#[track_caller]
fn taken(patch: &str) {
    assert_eq!(texts(patch, &[]), Vec::<String>::new(), "{patch}");
}

#[test]
fn the_configurations_that_patches_are_tried_on_are_good() {
    taken("machine: {}\n");
    taken("- op: test\n  path: /machine/type\n  value: controlplane\n");
}

#[test]
fn the_accident_is_refused_in_every_form() {
    refused("machine:\n  certSANs:\n    - a.example\n", &["line 3, column 7", "cluster.apiServer.certSANs"]);
    refused("- op: add\n  path: /machine/certSANs/-\n  value: a.example\n", &["line 3", "cluster.apiServer.certSANs"]);
    refused(r#"[{"op": "add", "path": "/machine/certSANs", "value": ["a"]}]"#, &["cluster.apiServer.certSANs"]);
    assert!(check("machine: {certSANs: [a.example]}\n", &["machine.certSANs"]).is_empty());
    taken("cluster: {apiServer: {certSANs: [a.example]}}\n");
}

#[test]
fn keys_in_the_wrong_place_are_told_with_the_right_one() {
    refused("machine: {apiServer: {}}\n", &["machine.apiServer", "it belongs in cluster"]);
    refused("machine: {certSans: [a]}\n", &["did you mean certSANs"]);
    refused(
        "cluster:\n  apiServer:\n    extraArgs:\n      a: {b: c}\n",
        &["line 4", "cluster.apiServer.extraArgs.a", "a text or a list of texts"],
    );
    refused("kind: HostnameConfg\napiVersion: v1alpha1\n", &["did you mean HostnameConfig"]);
    refused("a: [\n", &["not YAML"]);
}

#[test]
fn flags_that_end_a_cluster_are_refused() {
    let with = |flag: &str, value: &str| format!("cluster:\n  apiServer:\n    extraArgs:\n      {flag}: \"{value}\"\n");
    for (flag, value, words) in [
        ("service-account-issuer", "https://a,https://b", "comma"),
        ("service-account-issuer", "https://a/", "must not end with /"),
        ("service-account-issuer", "http://a", "https URL"),
        ("service-account-issuer", "a", "https URL"),
        ("api-audiences", "https://vault:8200", "https://kubernetes.default.svc.cluster.local"),
        ("anonymous-auth", "true", "without logging in"),
        ("etcd-servers", "x", "no API server at all"),
        ("--anonymous-auth", "true", "without dashes"),
    ] {
        refused(&with(flag, value), &["line 4", words]);
        assert!(check(&with(flag, value), ALLOWABLE).is_empty(), "{flag}");
    }
    taken(&with("anonymous-auth", "false"));
    taken(&with("api-audiences", "https://kubernetes.default.svc.cluster.local,https://vault:8200"));
    taken(&with("service-account-issuer", "https://a.example:6443"));
}

#[test]
fn a_cluster_without_dns_is_refused_until_somebody_says_who_has_it() {
    refused("cluster:\n  coreDNS:\n    disabled: true\n", &["line 3", "tazlab_coredns"]);
    taken("cluster:\n  coreDNS:\n    disabled: true # replaced by tazlab_coredns\n");
    taken("cluster:\n  coreDNS:\n    # replaced by the platform's DNS\n    disabled: true\n");
    taken("cluster:\n  coreDNS: {disabled: true}\n  inlineManifests: [{name: coredns, contents: x}]\n");
    assert!(check("cluster: {coreDNS: {disabled: true}}\n", &["cluster.coreDNS.disabled"]).is_empty());
}

#[test]
fn what_only_the_whole_shows_is_found() {
    refused("machine: {network: {hostname: a}}\n", &["HostnameConfig"]);
    refused("machine: {install: {extraKernelArgs: [a]}}\n", &["grubUseUKICmdline"]);
    taken("machine: {install: {extraKernelArgs: [a], grubUseUKICmdline: false}}\n");
    refused("machine: {$patch: delete}\n", &["needs machine"]);
    taken(
        "machine: {install: {disk: /dev/vda}}\n---\napiVersion: v1alpha1\nkind: HostnameConfig\nauto: off\nhostname: a\n",
    );
    refused("machine: {}\n---\ncluster: {}\n", &["a second document"]);
    refused("cluster: {serviceAccount: {key: LQ==}}\n", &["worthless"]);
}

#[test]
fn what_we_make_is_what_we_take() {
    let settings = ApiServer {
        cert_sans: vec!["a.example".into(), "10.0.0.1".into()],
        issuer: Some("https://a.example:6443".into()),
        api_audiences: vec!["https://kubernetes.default.svc.cluster.local".into()],
        jwks_uri: Some("https://a.example:6443/openid/v1/jwks".into()),
        extra_args: vec![("v".into(), "2".into())],
        disable_coredns: true,
    };
    taken(&apiserver_patch(&settings).unwrap());
    taken(&apiserver_patch(&ApiServer::default()).unwrap());
    for (settings, setting) in [
        (ApiServer { cert_sans: vec!["a".into(), "https://a".into()], ..ApiServer::default() }, "cert_sans[1]"),
        (ApiServer { issuer: Some("https://a/".into()), ..ApiServer::default() }, "issuer"),
        (ApiServer { api_audiences: vec!["x".into()], ..ApiServer::default() }, "api_audiences"),
        (ApiServer { api_audiences: vec!["x,y".into()], ..ApiServer::default() }, "api_audiences[0]"),
        (ApiServer { jwks_uri: Some("a".into()), ..ApiServer::default() }, "jwks_uri"),
    ] {
        assert_eq!(apiserver_patch(&settings).unwrap_err().setting, setting);
    }
}

#[test]
fn problems_come_in_the_order_of_the_file() {
    let problems = check("machine:\n  type: 5\n  x: 1\ncluster:\n  y: 2\n", &[]);
    let lines: Vec<usize> = problems.iter().map(|problem| problem.at.unwrap_or(Mark::default()).line).collect();
    assert_eq!(lines, [3, 5]);
}

proptest! {
    #[test]
    fn no_patch_makes_it_panic(text in "(machine|cluster|kind|apiVersion|\\$patch: delete|- op: add|path: /|[a-z:\\-\\[\\]{}\n \"0-9,]){0,40}") {
        let _ = check(&text, &[]);
    }
}
