//! The arguments of the provider block, laid on top of what a kubeconfig says. What the file says is not read here.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kube::config::{AuthInfo, ExecAuthCluster, ExecConfig, ExecInteractiveMode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tazlab_redacted::SecretText;

use super::super::address::url;
use super::super::error::Cause;
use super::super::settings::{Exec, Settings};

pub(super) fn lay_on_top(settings: &Settings, config: &mut kube::Config) -> Result<(), Cause> {
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
    let variable = |(name, value): (&String, &SecretText)| {
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
