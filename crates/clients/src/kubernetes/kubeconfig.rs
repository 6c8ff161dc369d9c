//! From [`Settings`] to what kube connects with: files read and merged, the context chosen, arguments laid on top.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kube::config::{
    AuthInfo, ExecAuthCluster, ExecConfig, ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError,
    LoadDataError,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::address::{UserInfo, is_loopback, origin, url, without_user_info};
use super::authentication;
use super::error::Cause;
use super::settings::{Exec, Settings};
use crate::file::{self, FileError};
use crate::reach::of_system;

/// What an API server's address and credentials are like, as far as it is known without a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and port of the API server: what may be shown of its address.
    pub origin: String,
    /// Nobody checks whose certificate the server shows.
    pub is_unverified: bool,
    /// What is sent goes over a network in clear.
    pub is_plain: bool,
    /// A token or a password is sent.
    pub sends_credentials: bool,
}

impl Settings {
    /// The API server that they lead to: scheme, host, port and path. Reads files as [`Settings::endpoint`] does.
    ///
    /// # Errors
    /// As [`Settings::endpoint`].
    pub async fn server(&self) -> Result<String, Cause> {
        let url = resolve(self).await?.cluster_url;
        Ok(format!("{}{}", origin(&url), url.path().trim_end_matches('/')))
    }

    /// What is known of the API server that they lead to. Reads the kubeconfig files and those that they name; runs no
    /// credential plugin and dials nobody.
    ///
    /// # Errors
    /// [`Cause::MissingSettings`], [`Cause::InvalidSetting`], or what is wrong with a kubeconfig.
    pub async fn endpoint(&self) -> Result<Endpoint, Cause> {
        let config = resolve(self).await?;
        let (url, auth) = (&config.cluster_url, &config.auth_info);
        let is_tls = url.scheme_str() == Some("https");
        let token = auth.token.is_some() || auth.token_file.is_some() || auth.exec.is_some();
        Ok(Endpoint {
            origin: origin(url),
            is_unverified: is_tls && config.accept_invalid_certs,
            is_plain: !is_tls && !is_loopback(url),
            sends_credentials: token || auth.password.is_some() || auth.auth_provider.is_some(),
        })
    }
}

/// Where the API server of a configuration is, `https://10.0.0.1:6443`: scheme, host and port, and the path where several
/// clusters are behind one host. No user info and nothing else of the URL.
pub(super) fn place(config: &kube::Config) -> String {
    let url = &config.cluster_url;
    let scheme = url.scheme_str().unwrap_or("https");
    let host = url.host().unwrap_or_default().to_ascii_lowercase();
    let port = url.port_u16().unwrap_or(if scheme == "http" { 80 } else { 443 });
    format!("{scheme}://{host}:{port}{}", url.path().trim_end_matches('/'))
}

/// Resolves the settings. Reads the kubeconfig files and those that they name, and nothing else.
pub(super) async fn resolve(settings: &Settings) -> Result<kube::Config, Cause> {
    let (mut config, user_info) = match (&settings.host, settings.config_paths.is_empty()) {
        (None, true) => {
            return Err(Cause::MissingSettings {
                missing: "set config_path, config_paths or host, or the environment variable KUBE_CONFIG_PATH",
            });
        }
        (Some(host), true) => {
            let (url, user_info) = url("host", host)?;
            (kube::Config::new(url), user_info)
        }
        (host, false) => {
            let (mut config, mut user_info) = from_files(settings).await?;
            if let Some(host) = host {
                (config.cluster_url, user_info) = url("host", host)?;
            }
            (config, user_info)
        }
    };
    // Retries are ours (see retry.rs): the library would repeat writes as well.
    config.default_retry = false;
    lay_on_top(settings, &mut config)?;
    if let Some(UserInfo { user, password }) = user_info {
        // As client-go, which sends it where nothing else says who we are.
        let auth = &mut config.auth_info;
        if auth.token.is_none() && auth.token_file.is_none() && auth.exec.is_none() && auth.auth_provider.is_none() {
            auth.username = auth.username.take().or_else(|| Some(user.expose().clone()));
            auth.password = auth.password.take().or_else(|| Some(password.expose().clone().into()));
        }
    }
    Ok(config)
}

async fn from_files(settings: &Settings) -> Result<(kube::Config, Option<UserInfo>), Cause> {
    let mut merged = Kubeconfig::default();
    for path in &settings.config_paths {
        let invalid = |problem| Cause::KubeconfigInvalid { path: path.clone(), problem };
        bounded(path)?;
        let one = Kubeconfig::read_from(path).map_err(|error| match error {
            KubeconfigError::ReadConfig(source, path) => {
                Cause::KubeconfigUnreadable { path, reason: of_system(&source) }
            }
            _ => invalid("it is not the YAML of a kubeconfig"),
        })?;
        named(&one).try_for_each(|file| bounded(&file))?;
        merged = merged.merge(one).map_err(|_| invalid("its kind or apiVersion differs from the files before it"))?;
    }
    let known: Vec<String> = merged.contexts.iter().map(|context| context.name.clone()).collect();
    let wanted = settings.config_context.clone().or(merged.current_context.clone()).filter(|name| !name.is_empty());
    let Some(context) = wanted else { return Err(Cause::NoCurrentContext { known }) };
    if !known.contains(&context) {
        return Err(Cause::ContextNotFound { context, known });
    }
    let path = settings.config_paths.first().cloned().unwrap_or_default();
    let invalid = |problem| Cause::KubeconfigInvalid { path: path.clone(), problem };
    let proxy = take_proxy(&mut merged, &context);
    let options = KubeConfigOptions { context: Some(context), ..KubeConfigOptions::default() };
    let mut loaded = kube::Config::from_custom_kubeconfig(merged, &options).await.map_err(|error| match error {
        KubeconfigError::LoadCertificateAuthority(LoadDataError::ReadFile(source, path)) => {
            Cause::KubeconfigUnreadable { path, reason: of_system(&source) }
        }
        KubeconfigError::LoadClientCertificate(_) | KubeconfigError::LoadClientKey(_) => {
            authentication::of_certificate(&error).into()
        }
        KubeconfigError::LoadClusterOfContext(_) => invalid("the context's cluster is not in it"),
        KubeconfigError::MissingClusterUrl => invalid("the context's cluster has no server"),
        KubeconfigError::ParseClusterUrl(_) => invalid("the cluster's server is not a URL"),
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            invalid("the cluster's certificate authority is not PEM")
        }
        _ => invalid("the context cannot be loaded"),
    })?;
    let (server, user_info) = without_user_info(loaded.cluster_url).ok_or_else(|| {
        invalid("the cluster's server is not a URL with a scheme and a host, such as https://10.0.0.1:6443")
    })?;
    loaded.cluster_url = server;
    loaded.proxy_url = match proxy {
        Some(proxy) => Some(proxy.parse().map_err(|_| invalid("the cluster's proxy-url is not a URL"))?),
        None => proxy_of_environment(&loaded.cluster_url),
    };
    Ok((loaded, user_info))
}

/// Takes the `proxy-url` of the context's cluster: kube lets `NO_PROXY` switch it off, and would take the environment's proxy
/// for a server on this machine, too. What stands in its place keeps it from asking the environment.
fn take_proxy(merged: &mut Kubeconfig, context: &str) -> Option<String> {
    let named = merged.contexts.iter().find(|one| one.name == context)?;
    let cluster = named.context.as_ref()?.cluster.clone();
    let cluster = merged.clusters.iter_mut().find(|one| one.name == cluster)?.cluster.as_mut()?;
    let own = cluster.proxy_url.take().filter(|proxy| !proxy.is_empty());
    cluster.proxy_url = variable(HTTPS_PROXY).map(|_| "http://127.0.0.1".to_owned());
    own
}

const HTTPS_PROXY: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];

fn variable(names: [&str; 2]) -> Option<String> {
    names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// The environment's proxy for a server that is not this machine: `HTTPS_PROXY`, unless `NO_PROXY` has the server. Where TLS
/// does not hide the credentials from it, a proxy must be named in the kubeconfig or the provider block.
fn proxy_of_environment(server: &http::Uri) -> Option<http::Uri> {
    if is_loopback(server) || server.scheme_str() != Some("https") {
        return None;
    }
    let proxy = variable(HTTPS_PROXY)?;
    let matcher = hyper_util::client::proxy::matcher::Matcher::builder()
        .https(proxy.as_str())
        .no(variable(["NO_PROXY", "no_proxy"]).unwrap_or_default())
        .build();
    matcher.intercept(server)?;
    proxy.parse().ok()
}

/// The files that a kubeconfig names. The library reads them, without a limit and whatever they are.
fn named(kubeconfig: &Kubeconfig) -> impl Iterator<Item = PathBuf> {
    let authorities =
        kubeconfig.clusters.iter().filter_map(|named| named.cluster.as_ref()?.certificate_authority.clone());
    let users = kubeconfig.auth_infos.iter().filter_map(|named| named.auth_info.as_ref());
    let own = users.flat_map(|user| [&user.client_certificate, &user.client_key, &user.token_file]);
    authorities.chain(own.flatten().cloned()).map(PathBuf::from)
}

/// Refuses what the library would wait for. What it cannot read at all is its own to report: it does not read every file.
fn bounded(path: &Path) -> Result<(), Cause> {
    let invalid = |problem| Err(Cause::KubeconfigInvalid { path: path.to_owned(), problem });
    match file::check(path, file::SMALL) {
        Ok(()) | Err(FileError::Unreadable(_) | FileError::Directory) => Ok(()),
        Err(FileError::Special) => invalid("it is a pipe or a device, and only regular files are read"),
        Err(FileError::TooLarge { .. }) => invalid("it is larger than 8 MiB"),
    }
}

fn lay_on_top(settings: &Settings, config: &mut kube::Config) -> Result<(), Cause> {
    // An argument that says who we are replaces all that the file says about that, so that the two never mix.
    if settings.token.is_some() || settings.exec.is_some() || settings.client_certificate.is_some() {
        config.auth_info = AuthInfo::default();
    }
    let auth = &mut config.auth_info;
    if let Some(token) = &settings.token {
        auth.token = Some(token.expose().clone().into());
    }
    match (&settings.client_certificate, &settings.client_key) {
        (Some(certificate), Some(key)) => {
            auth.client_certificate_data = Some(BASE64_STANDARD.encode(certificate));
            auth.client_key_data = Some(BASE64_STANDARD.encode(key.expose()).into());
        }
        (None, None) => {}
        (Some(_), None) => return Err(alone("client_certificate", "client_key")),
        (None, Some(_)) => return Err(alone("client_key", "client_certificate")),
    }
    if let Some(pem) = &settings.cluster_ca_certificate {
        config.root_cert = Some(certificates(pem)?);
        config.accept_invalid_certs = false;
    }
    // Also where it says no: a kubeconfig does not weaken what the provider block says.
    if let Some(insecure) = settings.insecure {
        config.accept_invalid_certs = insecure;
    }
    if let Some(name) = &settings.tls_server_name {
        config.tls_server_name = Some(name.clone());
    }
    if let Some(proxy) = &settings.proxy_url {
        // With its user info, which is sent to the proxy.
        url("proxy_url", proxy.expose())?;
        config.proxy_url = proxy.expose().parse().ok();
    }
    if let Some(exec) = &settings.exec {
        config.auth_info.exec = Some(plugin(exec));
    }
    if let Some(exec) = &mut config.auth_info.exec {
        // There is no terminal behind a provider: a plugin must not wait for one, and its stderr belongs in our error.
        exec.interactive_mode = Some(ExecInteractiveMode::Never);
        if exec.provide_cluster_info && exec.cluster.is_none() {
            exec.cluster = Some(ExecAuthCluster { server: Some(config.cluster_url.to_string()), ..no_cluster() });
        }
    }
    Ok(())
}

fn no_cluster() -> ExecAuthCluster {
    ExecAuthCluster {
        server: None,
        insecure_skip_tls_verify: None,
        certificate_authority_data: None,
        proxy_url: None,
        tls_server_name: None,
        config: None,
    }
}

fn alone(setting: &'static str, other: &str) -> Cause {
    Cause::InvalidSetting { setting, problem: format!("it needs {other}, too") }
}

fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, Cause> {
    let invalid =
        |problem: &str| Cause::InvalidSetting { setting: "cluster_ca_certificate", problem: problem.to_owned() };
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|one| one.map(|der| der.to_vec()))
        .collect::<Result<_, _>>()
        .map_err(|_| invalid("it is not PEM"))?;
    if found.is_empty() { Err(invalid("it has no certificate")) } else { Ok(found) }
}

fn plugin(exec: &Exec) -> ExecConfig {
    let variable = |(name, value): (&String, &tazlab_redacted::SecretText)| {
        HashMap::from([("name".to_owned(), name.clone()), ("value".to_owned(), value.expose().clone())])
    };
    ExecConfig {
        api_version: Some(exec.api_version.clone()),
        command: Some(exec.command.clone()),
        args: Some(exec.args.clone()),
        env: Some(exec.env.iter().map(variable).collect()),
        ..ExecConfig::default()
    }
}
