//! The `kubernetes` block: checks, and what it becomes.

use std::path::PathBuf;

use tazlab_clients::kubernetes::{Endpoint, Exec as Plugin, Settings};
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use super::configuration::{Exec, Kubernetes};
use super::given::{Given, as_secret};
use crate::cluster::Access;
use crate::credential::Credential;
use crate::environment::Environment;

/// Empty texts are no error here: a destroyed cluster leaves them behind, and its objects must still be forgettable.
pub(super) fn validate(block: &Value<Kubernetes>, found: &mut Diagnostics) {
    let Some(block) = block.as_ref_option() else { return };
    let at = |name: &'static str| AttributePath::new("kubernetes").attribute(name);
    let proxy = block.proxy_url.as_ref_option().map(|proxy| proxy.expose().as_str());
    for (name, value, schemes) in [
        ("host", block.host.as_deref_option(), &["http", "https"][..]),
        ("proxy_url", proxy, &["http", "https", "socks5"][..]),
    ] {
        if let Some(text) = value.filter(|text| !text.is_empty()) {
            let fits = schemes.iter().any(|scheme| {
                text.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")).is_some_and(|rest| !rest.is_empty())
            });
            if !fits {
                // A proxy's URL may hold a password: it is not repeated.
                let detail = format!(
                    "It must begin with one of {}, such as \"https://10.0.0.1:6443\".",
                    schemes.join("://, ") + "://"
                );
                found.push(Diagnostic::error(format!("kubernetes.{name} is not a URL"), detail).at(at(name)));
            }
        }
    }
    if block.in_cluster.as_ref_option() == Some(&true) {
        let others = [
            ("config_path", block.config_path.is_null()),
            ("config_paths", block.config_paths.is_null()),
            ("config_context", block.config_context.is_null()),
            ("config_context_cluster", block.config_context_cluster.is_null()),
            ("config_context_auth_info", block.config_context_auth_info.is_null()),
            ("host", block.host.is_null()),
            ("token", block.token.is_null()),
            ("token_file", block.token_file.is_null()),
            ("client_certificate", block.client_certificate.is_null()),
            ("client_certificate_file", block.client_certificate_file.is_null()),
            ("client_key", block.client_key.is_null()),
            ("client_key_file", block.client_key_file.is_null()),
            ("cluster_ca_certificate", block.cluster_ca_certificate.is_null()),
            ("cluster_ca_certificate_file", block.cluster_ca_certificate_file.is_null()),
            ("insecure", block.insecure.is_null()),
            ("tls_server_name", block.tls_server_name.is_null()),
            ("proxy_url", block.proxy_url.is_null()),
            ("exec", block.exec.is_null()),
        ];
        for (name, _) in others.into_iter().filter(|(_, is_absent)| !is_absent) {
            let detail = format!(
                "in_cluster = true uses the pod's own address, token and authority, and nothing else: remove kubernetes.{name}, or in_cluster."
            );
            found.push(Diagnostic::error(format!("kubernetes.{name} conflicts with in_cluster"), detail).at(at(name)));
        }
    }
    let half = |one: bool, other: bool| one != other;
    let certificate = !block.client_certificate.is_null() || !block.client_certificate_file.is_null();
    let key = !block.client_key.is_null() || !block.client_key_file.is_null();
    if half(certificate, key) && !block.host.is_null() {
        let (has, lacks) =
            if certificate { ("client_certificate", "client_key") } else { ("client_key", "client_certificate") };
        let detail = format!("kubernetes.{has} is set and kubernetes.{lacks} is not. A client certificate needs both.");
        found.push(Diagnostic::error("Incomplete client certificate configuration", detail).at(at(has)));
    }
}

/// Where a pod finds what it needs to reach its own cluster.
const POD: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What the block and the environment say about how to reach the cluster.
pub(super) fn access(block: &Value<Kubernetes>, environment: &Environment) -> Access {
    let absent = absent();
    let unknown = block.is_unknown();
    let block = block.as_ref_option().unwrap_or(&absent);
    let mut given = Given::new("kubernetes", environment);
    if unknown {
        given.unknown.push("kubernetes".to_owned());
    }
    if given.known("in_cluster", &block.in_cluster) == Some(true) {
        return of_pod(environment);
    }
    if unknown || block.in_cluster.is_unknown() {
        return Access { unknown: given.unknown, ..Access::default() };
    }
    let one = given.path("config_path", &block.config_path);
    let several = given.known("config_paths", &block.config_paths).unwrap_or_default();
    // Who we are is said in one place: the environment adds nothing to credentials of the block.
    let names_user = [block.token.is_null(), block.client_key.is_null(), block.client_certificate.is_null()]
        .into_iter()
        .chain([&block.token_file, &block.client_key_file, &block.client_certificate_file].map(Value::is_null))
        .chain([block.exec.is_null()])
        .any(|is_absent| !is_absent);
    let names_files = !(block.config_path.is_null() && block.config_paths.is_null());
    // As hashicorp/kubernetes reads them: each stands where the block is silent. An empty or unknown argument is not silent.
    let text = |value: Option<String>, argument: &Value<String>, variable: &str| {
        value.or_else(|| if argument.is_null() { environment.get(variable) } else { None })
    };
    let host = text(given.text("host", &block.host), &block.host, "KUBE_HOST");
    let from_environment = block.host.is_null() && host.is_some();
    let has_host = !block.host.is_null() || host.is_some();
    let variable = |name: &'static str| has_host.then_some(name);
    let credential = |name: &'static str| variable(name).filter(|_| !names_user);
    let own_trust = !block.cluster_ca_certificate.is_null() || !block.cluster_ca_certificate_file.is_null();
    let insecure = given.known("insecure", &block.insecure);
    let skipped = block.insecure.is_null() && !own_trust && environment.is_true("KUBE_INSECURE");
    let context = given.text("config_context", &block.config_context);
    let cluster = given.text("config_context_cluster", &block.config_context_cluster);
    let user = given.text("config_context_auth_info", &block.config_context_auth_info);
    let tls_server_name = given.text("tls_server_name", &block.tls_server_name);
    let proxy = given.secret("proxy_url", &block.proxy_url);
    let mut settings = Settings {
        config_paths: one.into_iter().chain(several.iter().map(|path| environment.path(path))).collect(),
        config_context: text(context, &block.config_context, "KUBE_CTX"),
        config_context_cluster: text(cluster, &block.config_context_cluster, "KUBE_CTX_CLUSTER"),
        config_context_auth_info: text(user, &block.config_context_auth_info, "KUBE_CTX_AUTH_INFO"),
        host,
        insecure: insecure.or(skipped.then_some(true)),
        tls_server_name: text(tls_server_name, &block.tls_server_name, "KUBE_TLS_SERVER_NAME"),
        proxy_url: proxy.or_else(|| {
            let silent = block.proxy_url.is_null();
            silent.then(|| environment.get("KUBE_PROXY_URL").map(SecretText::new)).flatten()
        }),
        exec: given.known("exec", &block.exec).map(|exec| plugin(&mut given, &exec)),
        ..Settings::default()
    };
    if !names_files && block.host.is_null() {
        settings.config_paths = kubeconfigs(environment, settings.host.is_some());
    }
    let certificate = as_secret(&block.client_certificate);
    let authority = as_secret(&block.cluster_ca_certificate);
    Access {
        insecure_by: skipped.then_some("KUBE_INSECURE"),
        replaced_host: from_environment && names_files,
        settings,
        token: given.credential("token", &block.token, &block.token_file, credential("KUBE_TOKEN")),
        client_certificate: given.credential(
            "client_certificate",
            &certificate,
            &block.client_certificate_file,
            credential("KUBE_CLIENT_CERT_DATA"),
        ),
        client_key: given.credential(
            "client_key",
            &block.client_key,
            &block.client_key_file,
            credential("KUBE_CLIENT_KEY_DATA"),
        ),
        cluster_ca_certificate: given.credential(
            "cluster_ca_certificate",
            &authority,
            &block.cluster_ca_certificate_file,
            variable("KUBE_CLUSTER_CA_CERT_DATA"),
        ),
        unknown: given.unknown,
        empty: given.empty,
    }
}

/// The kubeconfigs of the environment. That of kubectl is for kubectl's own cluster: its credentials go to no `KUBE_HOST`.
fn kubeconfigs(environment: &Environment, has_host: bool) -> Vec<PathBuf> {
    let list = |name: &str| {
        environment.get(name).map(|list| {
            let paths = std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty());
            paths.map(|path| environment.path(&path.to_string_lossy())).collect::<Vec<_>>()
        })
    };
    let one = environment.get("KUBE_CONFIG_PATH").map(|path| vec![environment.path(&path)]);
    let kubectls = || if has_host { None } else { list("KUBECONFIG") };
    one.or_else(|| list("KUBE_CONFIG_PATHS")).or_else(kubectls).unwrap_or_default()
}

/// The cluster of the pod that this process runs in.
fn of_pod(environment: &Environment) -> Access {
    let file = |name: &str| {
        let setting = "kubernetes.in_cluster".to_owned();
        Some(Credential::File { setting, path: PathBuf::from(POD).join(name) })
    };
    let settings = Settings { host: pod_server(environment), ..Settings::default() };
    Access { settings, token: file("token"), cluster_ca_certificate: file("ca.crt"), ..Access::default() }
}

fn pod_server(environment: &Environment) -> Option<String> {
    let (host, port) = (environment.get("KUBERNETES_SERVICE_HOST")?, environment.get("KUBERNETES_SERVICE_PORT")?);
    Some(if host.contains(':') { format!("https://[{host}]:{port}") } else { format!("https://{host}:{port}") })
}

/// What is wrong with the variable that switches the check of certificates off, where it is read.
pub(super) fn unreadable_switch(block: &Value<Kubernetes>, environment: &Environment) -> Option<Diagnostic> {
    let silent = block.as_ref_option().is_none_or(|block| {
        let trust = [block.insecure.is_null(), block.cluster_ca_certificate.is_null()];
        trust.into_iter().chain([block.cluster_ca_certificate_file.is_null()]).all(|is_absent| is_absent)
    });
    let error = environment.flag("KUBE_INSECURE").err().filter(|_| silent)?;
    let error = Diagnostic::error("An environment variable cannot be read", format!("{error}."));
    Some(error.at(AttributePath::new("kubernetes").attribute("insecure")))
}

/// What is wrong where the block says that this process runs in a pod, and it does not.
pub(super) fn outside_of_a_pod(block: &Value<Kubernetes>, environment: &Environment) -> Option<Diagnostic> {
    let claims = block.as_ref_option()?.in_cluster.as_ref_option() == Some(&true);
    if !claims || pod_server(environment).is_some() {
        return None;
    }
    let detail = "kubernetes.in_cluster is true, and KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, as they are in every pod. Run Terraform in a pod of the cluster, or name the cluster with config_path or host.";
    let error = Diagnostic::error("Terraform does not run in a pod", detail);
    Some(error.at(AttributePath::new("kubernetes").attribute("in_cluster")))
}

fn absent() -> Kubernetes {
    Kubernetes {
        in_cluster: Value::Null,
        config_path: Value::Null,
        config_paths: Value::Null,
        config_context: Value::Null,
        config_context_cluster: Value::Null,
        config_context_auth_info: Value::Null,
        host: Value::Null,
        token: Value::Null,
        token_file: Value::Null,
        client_certificate: Value::Null,
        client_certificate_file: Value::Null,
        client_key: Value::Null,
        client_key_file: Value::Null,
        cluster_ca_certificate: Value::Null,
        cluster_ca_certificate_file: Value::Null,
        insecure: Value::Null,
        tls_server_name: Value::Null,
        proxy_url: Value::Null,
        exec: Value::Null,
    }
}

fn plugin(given: &mut Given<'_>, exec: &Exec) -> Plugin {
    Plugin {
        api_version: given.text("exec.api_version", &exec.api_version).unwrap_or_default(),
        command: given.text("exec.command", &exec.command).unwrap_or_default(),
        args: given.known("exec.args", &exec.args).unwrap_or_default(),
        env: given.known("exec.env", &exec.env).unwrap_or_default(),
    }
}

/// What makes the connection less safe than it should be, whoever said so. Reads the kubeconfig if it is there.
pub(super) async fn warnings(access: &Access) -> Diagnostics {
    let mut found = Diagnostics::default();
    let at = |name: &'static str| AttributePath::new("kubernetes").attribute(name);
    let named = access.settings.insecure == Some(true);
    let unverified = |origin: &str, whose: &str| {
        Diagnostic::warning(
            "The API server's certificate is not verified",
            format!(
                "{whose} disables the verification for {origin}. An attacker on the network can read and change everything, including credentials and Secrets. Set cluster_ca_certificate instead."
            ),
        )
    };
    let whole = access.unknown.is_empty() && access.empty.is_empty();
    // A pipe that nobody writes to would be waited for.
    let readable = access.settings.config_paths.iter().all(|path| path.is_file());
    let endpoint = if whole && readable { access.settings.endpoint().await.ok() } else { None };
    let origin = endpoint.as_ref().map_or("the API server", |endpoint| endpoint.origin.as_str());
    let checked = access.cluster_ca_certificate.is_some() || endpoint.as_ref().is_none_or(|one| !one.is_unverified);
    if named {
        let setting = access
            .insecure_by
            .map_or_else(|| "kubernetes.insecure".to_owned(), |name| format!("The environment variable {name}"));
        found.push(unverified(origin, &setting).at(at("insecure")));
    } else if !checked {
        found.push(
            unverified(origin, "insecure-skip-tls-verify in the kubeconfig").at(AttributePath::new("kubernetes")),
        );
    }
    if access.replaced_host {
        let detail = format!(
            "The kubernetes block names a kubeconfig, and the environment variable KUBE_HOST replaces the address of its cluster with {origin}, as it does for hashicorp/kubernetes. Unset KUBE_HOST, or set kubernetes.host."
        );
        found.push(Diagnostic::warning("KUBE_HOST replaces the address of the kubeconfig", detail).at(at("host")));
    }
    let sends = |endpoint: &Endpoint| endpoint.sends_credentials || access.token.is_some();
    if endpoint.as_ref().is_some_and(|endpoint| endpoint.is_plain && sends(endpoint)) {
        let detail = format!(
            "The connection to {origin} does not use TLS: credentials and the contents of Secrets are sent in clear text. Use https."
        );
        found.push(Diagnostic::warning("The connection to the API server is not encrypted", detail).at(at("host")));
    }
    found
}
