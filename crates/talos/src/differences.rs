//! Every difference between the configurations of Talos 1.12 and 1.13. The same patches stand in the corpus that is compared
//! with Talos itself (`acceptance-tests/corpus/talos`).

use super::{ALLOWABLE, check};

/// Patches that Talos 1.12 refused.
const NEW: &[&str] = &[
    "cluster: {apiServer: {extraArgs: {a: [b, c]}}}\n",
    "machine: {kubelet: {extraArgs: {feature-gates: [A=true, B=true]}}}\n",
    "cluster: {etcd: {extraArgs: {a: [b]}}}\n",
    "cluster: {proxy: {extraArgs: {a: []}}}\n",
    "cluster: {apiServer: {extraArgs: {service-account-issuer: [https://a.example, https://b.example]}}}\n",
    "cluster: {network: {cni: {name: flannel, flannel: {kubeNetworkPoliciesEnabled: true}}}}\n",
    "cluster: {apiServer: {auditPolicy: {rules: {$patch: delete}}}}\n",
    "machine: {network: {kubespan: {enabled: true, filters: {excludeAdvertisedNetworks: [10.0.0.0/8]}}}}\n",
    "apiVersion: v1alpha1\nkind: BlackholeRouteConfig\nname: 10.0.0.0/12\nmetric: 100\n",
    "apiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables: {https_proxy: http://proxy:3128/}\n",
    "apiVersion: v1alpha1\nkind: ExternalVolumeConfig\nname: data\nfilesystemType: virtiofs\nmount: {virtiofs: {tag: Data}}\n",
    "apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{image: 'registry.k8s.io/*', keyless: {issuer: a, subject: b}}, {image: '*', skip: true}]\n",
    "apiVersion: v1alpha1\nkind: KubeSpanConfig\nenabled: true\nmtu: 1420\nfilters: {endpoints: ['!10.0.0.0/8'], excludeAdvertisedNetworks: [192.168.0.0/16]}\n",
    "apiVersion: v1alpha1\nkind: RoutingRuleConfig\nname: '1000'\nsrc: 10.0.0.0/8\ntable: 100\naction: unicast\n",
    "apiVersion: v1alpha1\nkind: RoutingRuleConfig\nname: '1000'\naction: blackhole\n",
    "apiVersion: v1alpha1\nkind: TCPProbeConfig\nname: proxy\nendpoint: proxy.example:3128\ntimeout: 10s\ninterval: 1s\nfailureThreshold: 3\n",
    "apiVersion: v1alpha1\nkind: VRFConfig\nname: blue\nlinks: [eno1]\ntable: 10\n",
    "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: 'true'}, minSize: 1GiB, maxSize: -10GiB}\nmount: {secure: false, disableAccessTime: true}\n",
    "apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nprovisioning: {maxSize: -5%}\nmount: {secure: false}\n",
    "apiVersion: v1alpha1\nkind: ExistingVolumeConfig\nname: a\ndiscovery: {volumeSelector: {match: 'true'}}\nmount: {secure: false, disableAccessTime: true}\n",
    "apiVersion: v1alpha1\nkind: OOMConfig\nstrictCgroupClassOrdering: false\n",
    "apiVersion: v1alpha1\nkind: LinkAliasConfig\nname: net%d\nselector: {match: 'true'}\n",
    "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: off\n",
    "apiVersion: v1alpha1\nkind: TimeSyncConfig\nbootTimeout: 0\n",
    "machine: {install: {disk: /dev/vda}}\n---\n---\nnull\n",
];

/// Patches that Talos 1.13 refuses, each with words of ours that say why.
const REFUSED: &[(&str, &str)] = &[
    ("machine: {features: {hostDNS: {enabled: false}}}\n", "needs hostDNS.enabled"),
    ("cluster: {network: {cni: {name: none, flannel: {kubeNetworkPoliciesEnabled: true}}}}\n", "needs flannel"),
    ("cluster: {apiServer: {extraArgs: {a: {b: c}}}}\n", "a list of texts"),
    ("cluster: {apiServer: {extraArgs: {a: [[b]]}}}\n", "a text is expected"),
    (
        "machine: {network: {kubespan: {enabled: true, filters: {excludeAdvertisedNetworks: [10.0.0.1]}}}}\n",
        "is not a subnet",
    ),
    ("apiVersion: v1alpha1\nkind: BlackholeRouteConfig\nname: 10.0.0.1\n", "the name is the subnet"),
    ("apiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables: {https-proxy: a}\n", "a variable's name"),
    ("apiVersion: v1alpha1\nkind: ExternalVolumeConfig\nname: data\nfilesystemType: xfs\n", "virtiofs"),
    ("apiVersion: v1alpha1\nkind: ExternalVolumeConfig\nname: data\nfilesystemType: virtiofs\n", "mount.virtiofs.tag"),
    ("apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{image: a}]\n", "keyless or publicKey"),
    (
        "apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{image: a, skip: true, deny: true}]\n",
        "both be true",
    ),
    (
        "apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{image: a, deny: true, keyless: {issuer: a, subject: b}}]\n",
        "verifies nothing",
    ),
    ("apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{skip: true}]\n", "image must be set"),
    ("apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{image: a, keyless: {subject: b}}]\n", "issuer"),
    (
        "apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{image: a, keyless: {issuer: b}}]\n",
        "subjectRegex",
    ),
    ("apiVersion: v1alpha1\nkind: ImageVerificationConfig\nrules: [{image: a, publicKey: {}}]\n", "certificate"),
    ("apiVersion: v1alpha1\nkind: KubeSpanConfig\nmtu: 1000\n", "the least MTU"),
    ("apiVersion: v1alpha1\nkind: KubeSpanConfig\nfilters: {endpoints: [a]}\n", "is not a subnet"),
    (
        "machine: {network: {kubespan: {enabled: false}}}\n---\napiVersion: v1alpha1\nkind: KubeSpanConfig\nenabled: true\n",
        "machine.network.kubespan",
    ),
    ("apiVersion: v1alpha1\nkind: RoutingRuleConfig\nname: a\ntable: 100\n", "the priority"),
    ("apiVersion: v1alpha1\nkind: RoutingRuleConfig\nname: '32766'\ntable: 100\n", "is not free"),
    ("apiVersion: v1alpha1\nkind: RoutingRuleConfig\nname: '10'\n", "table, or an action"),
    ("apiVersion: v1alpha1\nkind: RoutingRuleConfig\nname: '10'\ntable: 100\nfwMask: 1\n", "fwMask needs fwMark"),
    ("apiVersion: v1alpha1\nkind: TCPProbeConfig\nname: a\n", "endpoint must be set"),
    ("apiVersion: v1alpha1\nkind: TCPProbeConfig\nname: a\nendpoint: b:1\ninterval: -1s\n", "cannot be negative"),
    ("apiVersion: v1alpha1\nkind: VRFConfig\nname: a\ntable: main\n", "the kernel"),
    ("apiVersion: v1alpha1\nkind: VRFConfig\nname: a\n", "the kernel"),
    (
        "apiVersion: v1alpha1\nkind: VRFConfig\nname: a\ntable: 10\n---\napiVersion: v1alpha1\nkind: LinkConfig\nname: a\n",
        "conflicts with",
    ),
    (
        "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: 'true'}, minSize: -1GiB}\n",
        "cannot be negative",
    ),
    (
        "apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: a\nvolumeType: directory\nmount: {secure: true}\n",
        "a directory has no such settings",
    ),
    (
        "apiVersion: v1alpha1\nkind: ExistingVolumeConfig\nname: a\ndiscovery: {volumeSelector: {match: 'true'}}\nmount: {x: 1}\n",
        "mount.x",
    ),
    ("apiVersion: v1alpha1\nkind: LinkAliasConfig\nname: net%s\nselector: {match: 'true'}\n", "%d"),
    ("apiVersion: v1alpha1\nkind: NetworkRuleConfig\nname: a\nportSelector: {ports: [1.5], protocol: tcp}\n", "a port"),
    ("cluster: {apiServer: {auditPolicy: {nothing: {$patch: delete}}}}\n", "nothing to delete"),
];

fn texts(patch: &str) -> Vec<String> {
    check(patch, &[]).iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_new_is_taken() {
    // What our own rules say is another matter.
    for patch in NEW {
        assert_eq!(check(patch, ALLOWABLE), [], "{patch}");
    }
}

#[test]
fn what_is_refused_is_refused_for_its_reason() {
    for (patch, words) in REFUSED {
        let problems = texts(patch);
        assert!(problems.iter().any(|problem| problem.contains(words)), "{patch}: {problems:#?}");
    }
}

#[test]
fn the_rules_look_at_each_value_of_a_flag() {
    for (arguments, words) in [
        ("{service-account-issuer: [https://a.example, http://b.example]}", "https URL"),
        ("{service-account-issuer: [https://a.example/]}", "must not end with /"),
        ("{api-audiences: [https://vault:8200, b]}", "https://kubernetes.default.svc"),
        ("{anonymous-auth: ['false', 'true']}", "without logging in"),
        ("{etcd-servers: [x]}", "no API server at all"),
    ] {
        let problems = texts(&format!("cluster:\n  apiServer:\n    extraArgs: {arguments}\n"));
        assert!(problems.iter().any(|problem| problem.contains(words)), "{arguments}: {problems:#?}");
    }
    for arguments in [
        "{api-audiences: [https://kubernetes.default.svc.cluster.local, https://vault:8200]}",
        "{api-audiences: [https://a.example], service-account-issuer: [https://a.example, https://b.example]}",
        "{anonymous-auth: ['true', 'false']}",
    ] {
        let patch = format!("cluster:\n  apiServer:\n    extraArgs: {arguments}\n");
        assert_eq!(texts(&patch), Vec::<String>::new(), "{patch}");
    }
}
