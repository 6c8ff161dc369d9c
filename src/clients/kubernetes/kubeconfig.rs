//! From [`Settings`] to what kube connects with: files read and merged, the context chosen, arguments laid on top.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kube::config::{
    AuthInfo, ExecAuthCluster, ExecConfig, ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError,
    LoadDataError,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::error::Cause;
use super::settings::{Exec, Settings};

impl Settings {
    /// The address of the API server that they lead to. Reads the kubeconfig files and those that they name; runs no credential
    /// plugin and dials nobody.
    ///
    /// # Errors
    /// [`Cause::MissingSettings`], [`Cause::InvalidSetting`], or what is wrong with a kubeconfig.
    pub async fn server(&self) -> Result<String, Cause> {
        Ok(resolve(self).await?.cluster_url.to_string())
    }
}

/// Resolves the settings. Reads the kubeconfig files and those that they name, and nothing else.
pub(super) async fn resolve(settings: &Settings) -> Result<kube::Config, Cause> {
    let mut config = match (&settings.host, settings.config_paths.is_empty()) {
        (None, true) => {
            return Err(Cause::MissingSettings {
                missing: "set config_path, config_paths or host, or the environment variable KUBE_CONFIG_PATH",
            });
        }
        (Some(host), true) => kube::Config::new(url("host", host)?),
        (host, false) => {
            let mut config = from_files(settings).await?;
            if let Some(host) = host {
                config.cluster_url = url("host", host)?;
            }
            config
        }
    };
    // Retries are ours (see retry.rs): the library would repeat writes as well.
    config.default_retry = false;
    lay_on_top(settings, &mut config)?;
    Ok(config)
}

fn url(setting: &'static str, value: &str) -> Result<http::Uri, Cause> {
    let invalid = |problem: &str| Cause::InvalidSetting { setting, problem: problem.to_owned() };
    let uri: http::Uri = value.parse().map_err(|_| invalid("it is no URL"))?;
    if is_whole(&uri) {
        return Ok(uri);
    }
    Err(invalid("it must be a URL with a scheme and a host, such as https://10.0.0.1:6443"))
}

/// A host and port alone are a URL to the parser, and nothing that can be dialled.
fn is_whole(uri: &http::Uri) -> bool {
    uri.scheme().is_some() && uri.host().is_some_and(|host| !host.is_empty())
}

async fn from_files(settings: &Settings) -> Result<kube::Config, Cause> {
    let mut merged = Kubeconfig::default();
    for path in &settings.config_paths {
        let invalid = |problem| Cause::KubeconfigInvalid { path: path.clone(), problem };
        let one = Kubeconfig::read_from(path).map_err(|error| match error {
            KubeconfigError::ReadConfig(source, path) => Cause::KubeconfigUnreadable { path, source },
            _ => invalid("it is not the YAML of a kubeconfig"),
        })?;
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
    let options = KubeConfigOptions { context: Some(context), ..KubeConfigOptions::default() };
    let loaded = kube::Config::from_custom_kubeconfig(merged, &options).await.map_err(|error| match error {
        KubeconfigError::LoadCertificateAuthority(LoadDataError::ReadFile(source, path))
        | KubeconfigError::LoadClientCertificate(LoadDataError::ReadFile(source, path))
        | KubeconfigError::LoadClientKey(LoadDataError::ReadFile(source, path)) => {
            Cause::KubeconfigUnreadable { path, source }
        }
        KubeconfigError::LoadClusterOfContext(_) => invalid("the context's cluster is not in it"),
        KubeconfigError::MissingClusterUrl => invalid("the context's cluster has no server"),
        KubeconfigError::ParseClusterUrl(_) => invalid("the cluster's server is no URL"),
        KubeconfigError::ParseProxyUrl(_) => invalid("the cluster's proxy-url is no URL"),
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            invalid("the cluster's certificate authority is not PEM")
        }
        _ => invalid("the context cannot be loaded"),
    })?;
    if is_whole(&loaded.cluster_url) {
        return Ok(loaded);
    }
    Err(invalid("the cluster's server is no URL with a scheme and a host, such as https://10.0.0.1:6443"))
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
    if settings.insecure {
        config.accept_invalid_certs = true;
    }
    if let Some(name) = &settings.tls_server_name {
        config.tls_server_name = Some(name.clone());
    }
    if let Some(proxy) = &settings.proxy_url {
        config.proxy_url = Some(url("proxy_url", proxy)?);
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
    Cause::InvalidSetting { setting, problem: format!("it needs {other} beside it") }
}

fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, Cause> {
    let invalid =
        |problem: &str| Cause::InvalidSetting { setting: "cluster_ca_certificate", problem: problem.to_owned() };
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|one| one.map(|der| der.to_vec()))
        .collect::<Result<_, _>>()
        .map_err(|_| invalid("it is not PEM"))?;
    if found.is_empty() { Err(invalid("it holds no certificate")) } else { Ok(found) }
}

fn plugin(exec: &Exec) -> ExecConfig {
    let variable = |(name, value): (&String, &crate::redacted::SecretText)| {
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
