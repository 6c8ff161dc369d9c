//! What Talos' machinery accepts and a component does not survive, each beside what is as it should be.

use crate::{ALLOWABLE, check};

fn texts(patch: &str, allow: &[&str]) -> Vec<String> {
    check(patch, allow).iter().map(ToString::to_string).collect()
}

/// One problem with all of these words, and none once its rule is allowed.
#[track_caller]
fn refused(patch: &str, words: &[&str]) {
    let problems = texts(patch, &[]);
    assert_eq!(problems.len(), 1, "{patch}: {problems:#?}");
    assert!(words.iter().all(|word| problems[0].contains(word)), "{patch}: {problems:#?}");
    assert_eq!(texts(patch, ALLOWABLE), Vec::<String>::new(), "{patch}");
}

#[track_caller]
fn taken(patch: &str) {
    assert_eq!(texts(patch, &[]), Vec::<String>::new(), "{patch}");
}

fn pod_security(configuration: &str) -> String {
    format!(
        "cluster:\n  apiServer:\n    admissionControl:\n      - name: PodSecurity\n        configuration: {configuration}\n"
    )
}

#[test]
fn an_exemption_that_talos_has_already_is_a_duplicate() {
    let listed = |names: &str| pod_security(&format!("{{exemptions: {{namespaces: [{names}]}}}}"));
    refused(
        &listed("kube-system, storage"),
        &["line 5", "exemptions.namespaces[1]", "Talos appends", "duplicate value"],
    );
    refused(&listed("storage, storage"), &["exemptions.namespaces[2]", "twice in this patch"]);
    taken(&listed("storage, longhorn-system"));
    taken(&pod_security("{exemptions: {usernames: [a], runtimeClasses: [kata]}}"));
    refused(&pod_security("{exemptions: {usernames: [a, a]}}"), &["usernames[1]"]);
    refused(&pod_security("{exemptions: {runtimeClasses: [Kata]}}"), &["\"Kata\" cannot be a name"]);
    refused(&listed("'a.b'"), &["\"a.b\" cannot be a name"]);
    // The same by a JSON patch, on either side of Talos' own.
    let at = "/cluster/apiServer/admissionControl/0/configuration/exemptions/namespaces";
    refused(&format!("- op: add\n  path: {at}/-\n  value: kube-system\n"), &["line 3", "duplicate value"]);
    refused(&format!("- op: add\n  path: {at}/0\n  value: kube-system\n"), &["line 3", "duplicate value"]);
    taken(&format!("- op: replace\n  path: {at}\n  value: [kube-system, storage]\n"));
    // Where the plugin is off, nobody reads its configuration.
    let off = "    extraArgs: {disable-admission-plugins: PodSecurity}\n";
    taken(&format!("{}{off}", listed("kube-system")));
}

#[test]
fn pod_security_is_read_as_kube_apiserver_reads_it() {
    refused(
        &pod_security("{defaults: {enforce: Baseline}}"),
        &["defaults.enforce", "privileged, baseline, restricted"],
    );
    refused(&pod_security("{defaults: {enforce-version: v1.36.3}}"), &["enforce-version", "v1.36"]);
    let replaced = "- op: replace\n  path: /cluster/apiServer/admissionControl/0/configuration/defaults\n  value: {enforce-version: 1.36}\n";
    refused(replaced, &["line 3", "enforce-version", "a text, in quotes"]);
    refused(&pod_security("{defaults: {enforced: baseline}}"), &["defaults.enforced", "did you mean enforce?"]);
    refused(&pod_security("{exemptions: {runtimeclasses: [a]}}"), &["did you mean runtimeClasses?"]);
    refused(&pod_security("{kind: PodSecurity}"), &["PodSecurityConfiguration"]);
    refused(&pod_security("{apiVersion: apiserver.config.k8s.io/v1}"), &["pod-security.admission.config.k8s.io/v1"]);
    taken(&pod_security(
        "{apiVersion: pod-security.admission.config.k8s.io/v1, defaults: {enforce: privileged, warn-version: v1.36}}",
    ));
    taken("cluster: {apiServer: {admissionControl: [{name: EventRateLimit, configuration: {limits: [a]}}]}}\n");
}

#[test]
fn an_audit_policy_is_whole_and_valid() {
    let policy = |body: &str| format!("cluster: {{apiServer: {{auditPolicy: {{{body}}}}}}}\n");
    let whole = |body: &str| policy(&format!("apiVersion: audit.k8s.io/v1, kind: Policy, {body}"));
    taken(&whole("rules: [{level: None, users: [a]}, {level: Metadata, omitStages: [RequestReceived]}]"));
    taken(&whole("omitManagedFields: true, rules: [{level: Request, resources: [{group: '', resources: [secrets]}]}]"));
    taken(&whole("rules: [{level: None, nonResourceURLs: ['/healthz*', '*']}]"));
    // It takes the place of Talos' own as a whole.
    refused(&policy("apiVersion: audit.k8s.io/v1, rules: [{level: Metadata}]"), &["kind must be Policy"]);
    refused(&policy("kind: Policy, rules: [{level: Metadata}]"), &["apiVersion must be audit.k8s.io/v1"]);
    refused(&whole("omitStages: []"), &["at least one rule"]);
    refused("cluster: {apiServer: {auditPolicy: {rules: {$patch: delete}}}}\n", &["at least one rule"]);
    for (rule, words) in [
        ("{level: metadata}", "RequestResponse"),
        ("{users: [a]}", "rules[0].level"),
        ("{level: None, omitStages: [Panik]}", "ResponseComplete"),
        ("{level: None, nonResourceURLs: [healthz]}", "begins with /"),
        ("{level: None, nonResourceURLs: ['/a*b']}", "only at the end"),
        ("{level: None, nonResourceURLs: [/a], namespaces: [b]}", "not for both"),
        ("{level: None, resources: [{group: apps/v1}]}", "without its version"),
        ("{level: None, resources: [{resourceNames: [a]}]}", "resources beside them"),
        ("{level: None, verb: [get]}", "did you mean verbs?"),
        ("{level: None, verbs: get}", "a list is expected"),
        ("{level: None, resources: [secrets]}", "a map is expected"),
    ] {
        refused(&whole(&format!("rules: [{rule}]")), &[words]);
    }
}

#[test]
fn flags_that_talos_keeps_are_refused_for_every_component() {
    for (settings, flag, words) in [
        ("cluster: {apiServer", "tls-cert-file", "no API server at all"),
        ("cluster: {controllerManager", "root-ca-file", "no controller manager at all"),
        ("cluster: {controllerManager", "cluster-signing-key-file", "no controller manager at all"),
        ("cluster: {scheduler", "kubeconfig", "no scheduler at all"),
        ("cluster: {proxy", "kubeconfig", "no CoreDNS"),
        ("cluster: {etcd", "listen-client-urls", "no etcd at all"),
        ("cluster: {etcd", "experimental-initial-corrupt-check", "no etcd at all"),
        ("machine: {kubelet", "cert-dir", "no kubelet at all"),
        ("machine: {kubelet", "container-runtime-endpoint", "no kubelet at all"),
    ] {
        refused(&format!("{settings}: {{extraArgs: {{{flag}: x}}}}}}\n"), &[flag, words]);
        refused(&format!("{settings}: {{extraArgs: {{--v: '2'}}}}}}\n"), &["without dashes"]);
    }
    for taken_flag in [
        "cluster: {etcd: {extraArgs: {initial-cluster-state: existing, advertise-client-urls: 'https://10.0.0.1:2379'}}}",
        "cluster: {scheduler: {extraArgs: {bind-address: 0.0.0.0}}}",
        "cluster: {controllerManager: {extraArgs: {service-cluster-ip-range: 'fd00::/108', controllers: '-ttl'}}}",
        "machine: {kubelet: {extraArgs: {node-ip: 10.0.0.1, hostname-override: a}}}",
    ] {
        taken(&format!("{taken_flag}\n"));
    }
}

#[test]
fn lists_of_names_in_flags_are_read() {
    let flags = |flags: &str| format!("cluster: {{apiServer: {{extraArgs: {{{flags}}}}}}}\n");
    refused(
        &flags("enable-admission-plugins: 'PodNodeSelector,PodSecurityPolicy'"),
        &["no admission plugin PodSecurityPolicy"],
    );
    refused(&flags("disable-admission-plugins: NodeRestriction"), &["Talos enables it"]);
    refused(
        &flags("disable-admission-plugins: EventRateLimit, enable-admission-plugins: [EventRateLimit]"),
        &["enable-admission-plugins has it, too"],
    );
    taken(&flags(
        "enable-admission-plugins: [PodNodeSelector, AlwaysPullImages], disable-admission-plugins: PodSecurity",
    ));
    refused(&flags("feature-gates: 'A=true,B'"), &["\"B\"", "Gate=true"]);
    refused("machine: {kubelet: {extraArgs: {feature-gates: A=yes}}}\n", &["\"A=yes\""]);
    taken("machine: {kubelet: {extraArgs: {feature-gates: 'A=true, B=False'}}}\n");
}

#[test]
fn what_talos_reads_strictly_has_only_known_fields() {
    let kubelet = |config: &str| format!("machine: {{kubelet: {{extraConfig: {{{config}}}}}}}\n");
    taken(&kubelet(
        "maxPods: 250, evictionHard: {memory.available: 100Mi}, featureGates: {A: true}, shutdownGracePeriod: 0s",
    ));
    refused(&kubelet("maxPod: 250"), &["did you mean maxPods?", "does not start the kubelet"]);
    refused(&kubelet("maxPods: '250'"), &["a whole number, without quotes"]);
    refused(&kubelet("systemReserved: {cpu: 1}"), &["systemReserved.cpu", "a text, in quotes"]);
    refused(&kubelet("featureGates: {A: 'true'}"), &["featureGates.A", "true or false"]);
    refused(&kubelet("imageMinimumGCAge: 5"), &["a duration"]);
    refused(&kubelet("serverTlsBootstrap: true"), &["did you mean serverTLSBootstrap?"]);
    let scheduler = |config: &str| format!("cluster: {{scheduler: {{config: {{{config}}}}}}}\n");
    taken(&scheduler("profiles: [{schedulerName: a}], parallelism: 4, leaderElection: {leaderElect: true}"));
    refused(&scheduler("profile: []"), &["did you mean profiles?", "kube-scheduler does not start"]);
}

#[test]
fn members_of_lists_that_must_be_one_are() {
    let volumes = |list: &str| format!("cluster: {{apiServer: {{extraVolumes: [{list}]}}}}\n");
    let volume = |path: &str| format!("{{hostPath: /var/a, mountPath: {path}}}");
    taken(&volumes(&format!("{}, {}", volume("/etc/a"), volume("/etc/b"))));
    refused(
        &volumes(&format!("{}, {}", volume("/etc/a"), volume("/etc/a"))),
        &["extraVolumes[1]", "mounted at /etc/a"],
    );
    refused(&volumes(&format!("{}, {}", volume("/etc/a.d"), volume("/etc/a-d"))), &["another volume has that name"]);
    refused(&volumes(&volume("/config")), &["the volume config"]);
    refused(&volumes(&volume("/etc/Policies")), &["etc-Policies", "lower-case"]);
    refused(&volumes(&volume("/var/log/audit/kube")), &["mounted at /var/log/audit/kube"]);
    let authorizers = |list: &str| format!("cluster: {{apiServer: {{authorizationConfig: [{list}]}}}}\n");
    taken(&authorizers("{type: Node, name: node}, {type: RBAC, name: rbac}"));
    refused(&authorizers("{type: RBAC, name: a}, {type: RBAC, name: b}"), &["only one authorizer of type RBAC"]);
    refused(&authorizers("{type: Webhook, name: rbac, webhook: {timeout: 3s}}"), &["named rbac", "Talos adds"]);
}

#[test]
fn flags_that_no_version_in_question_has_are_refused() {
    for (settings, flag) in [
        ("cluster: {apiServer", "insecure-port"),
        ("cluster: {controllerManager", "pod-eviction-timeout"),
        ("cluster: {scheduler", "policy-config-file"),
        ("cluster: {proxy", "udp-timeout"),
        ("cluster: {etcd", "enable-v2"),
        ("machine: {kubelet", "network-plugin"),
        ("machine: {kubelet", "logtostderr"),
        ("cluster: {apiServer", "log_dir"),
    ] {
        let shown = flag.replace('_', "-");
        refused(&format!("{settings}: {{extraArgs: {{{flag}: '1'}}}}}}\n"), &[&shown, "which an earlier version had"]);
    }
    // 1.31 has these, 1.36 does not: only the image says which it is.
    for (settings, image, flag) in [
        ("cluster: {apiServer", "registry.k8s.io/kube-apiserver", "cloud-provider"),
        ("machine: {kubelet", "ghcr.io/siderolabs/kubelet", "pod-infra-container-image"),
    ] {
        let with = |image: &str| format!("{settings}: {{{image}extraArgs: {{{flag}: external}}}}}}\n");
        taken(&with(""));
        taken(&with(&format!("image: '{image}:v1.32.4', ")));
        taken(&with(&format!("image: '{image}:latest', ")));
        refused(&with(&format!("image: '{image}:v1.36.3', ")), &["1.36 does not know"]);
    }
    taken("cluster: {etcd: {image: 'gcr.io/etcd-development/etcd:v3.5.21', extraArgs: {enable-v2: 'true'}}}\n");
    taken("machine: {kubelet: {extraArgs: {cloud-provider: external, v: '4', vmodule: 'a=4'}}}\n");
}
