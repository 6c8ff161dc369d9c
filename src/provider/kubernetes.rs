//! The `kubernetes` block: checks, and what it becomes.

use tazlab_clients::kubernetes::{Endpoint, Exec as Plugin, Settings};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use super::configuration::{Exec, Kubernetes};
use super::given::{Given, as_secret};
use crate::cluster::Access;
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

/// What the block and the environment say about how to reach the cluster.
pub(super) fn access(block: &Value<Kubernetes>, environment: &Environment) -> Access {
    let mut given = Given::new("kubernetes", environment);
    let Some(block) = block.as_ref_option() else {
        let mut access = Access::default();
        if block.is_unknown() {
            access.unknown.push("kubernetes".to_owned());
        } else {
            access.settings = from_environment(Settings::default(), environment);
        }
        return access;
    };
    let one = given.path("config_path", &block.config_path);
    let several = given.known("config_paths", &block.config_paths).unwrap_or_default();
    // Who we are is said in one place: the environment adds nothing to credentials of the block.
    let names_user = [block.token.is_null(), block.client_key.is_null(), block.client_certificate.is_null()]
        .into_iter()
        .chain([&block.token_file, &block.client_key_file, &block.client_certificate_file].map(Value::is_null))
        .chain([block.exec.is_null()])
        .any(|is_absent| !is_absent);
    let names_cluster = !(block.config_path.is_null() && block.config_paths.is_null() && block.host.is_null());
    let variable = |name: &'static str| (!block.host.is_null()).then_some(name);
    let credential = |name: &'static str| variable(name).filter(|_| !names_user);
    let settings = Settings {
        config_paths: one.into_iter().chain(several.iter().map(|path| environment.path(path))).collect(),
        config_context: given.text("config_context", &block.config_context),
        host: given.text("host", &block.host),
        insecure: given.known("insecure", &block.insecure),
        tls_server_name: given.text("tls_server_name", &block.tls_server_name),
        proxy_url: given.secret("proxy_url", &block.proxy_url),
        exec: given.known("exec", &block.exec).map(|exec| plugin(&mut given, &exec)),
        ..Settings::default()
    };
    let certificate = as_secret(&block.client_certificate);
    let authority = as_secret(&block.cluster_ca_certificate);
    Access {
        settings: if names_cluster { settings } else { from_environment(settings, environment) },
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

fn from_environment(settings: Settings, environment: &Environment) -> Settings {
    let one = environment.get("KUBE_CONFIG_PATH").map(|path| environment.path(&path).to_string_lossy().into_owned());
    settings.or_environment(one.as_deref(), environment.get("KUBECONFIG").as_deref())
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
        found.push(unverified(origin, "kubernetes.insecure").at(at("insecure")));
    } else if !checked {
        found.push(
            unverified(origin, "insecure-skip-tls-verify in the kubeconfig").at(AttributePath::new("kubernetes")),
        );
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
