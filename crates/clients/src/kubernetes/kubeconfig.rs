//! From [`Settings`] to what kube connects with: files read and merged, the context chosen, arguments laid on top.

mod arguments;
mod named_files;

use std::io::ErrorKind;
use std::path::PathBuf;

use kube::config::{Context, KubeConfigOptions, Kubeconfig, KubeconfigError, NamedContext};

use self::arguments::lay_on_top;
use self::named_files::{bounded, inline};
use super::address::{UserInfo, is_loopback, origin, url, without_user_info};
use super::authentication;
use super::error::Cause;
use super::settings::Settings;
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

/// Resolves the settings. Reads the kubeconfig files and those that they name, and nothing else.
pub(super) async fn resolve(settings: &Settings) -> Result<kube::Config, Cause> {
    let (mut config, user_info) = match (&settings.host, settings.config_paths.is_empty()) {
        (None, true) => {
            return Err(Cause::MissingSettings {
                missing: "set config_path, config_paths, host or in_cluster, or the environment variable KUBE_CONFIG_PATH",
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
    // As kubectl: of several files those that do not exist are passed over.
    let exists =
        |path: &&PathBuf| std::fs::metadata(path).map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true);
    let mut paths: Vec<&PathBuf> = settings.config_paths.iter().filter(exists).collect();
    if paths.is_empty() {
        paths = settings.config_paths.iter().collect();
    }
    for path in paths {
        let invalid = |problem| Cause::KubeconfigInvalid { path: path.clone(), problem };
        bounded(path)?;
        let one = Kubeconfig::read_from(path).map_err(|error| match error {
            KubeconfigError::ReadConfig(source, path) => {
                Cause::KubeconfigUnreadable { path, reason: of_system(&source) }
            }
            _ => invalid("it is not the YAML of a kubeconfig"),
        })?;
        merged = merged.merge(one).map_err(|_| invalid("its kind or apiVersion differs from the files before it"))?;
    }
    let context = chosen(settings, &mut merged)?;
    let path = settings.config_paths.first().cloned().unwrap_or_default();
    let invalid = |problem| Cause::KubeconfigInvalid { path: path.clone(), problem };
    let proxy = take_proxy(&mut merged, &context);
    inline(&mut merged, &context)?;
    let options = KubeConfigOptions { context: Some(context), ..KubeConfigOptions::default() };
    let mut loaded = kube::Config::from_custom_kubeconfig(merged, &options).await.map_err(|error| match error {
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

/// The name of the context to use, once it has the cluster and the user that the settings name. Both together need no context in
/// the file.
fn chosen(settings: &Settings, merged: &mut Kubeconfig) -> Result<String, Cause> {
    let known: Vec<String> = merged.contexts.iter().map(|context| context.name.clone()).collect();
    let wanted = settings.config_context.clone().or(merged.current_context.clone()).filter(|name| !name.is_empty());
    let (cluster, user) = (&settings.config_context_cluster, &settings.config_context_auth_info);
    // The library would take nobody for a user that it does not find.
    let clusters = merged.clusters.iter().map(|one| one.name.as_str());
    there(clusters, cluster.as_deref(), "config_context_cluster", "cluster")?;
    there(merged.auth_infos.iter().map(|one| one.name.as_str()), user.as_deref(), "config_context_auth_info", "user")?;
    let context = match wanted {
        Some(context) if known.contains(&context) => context,
        Some(context) => return Err(Cause::ContextNotFound { context, known }),
        None if cluster.is_some() && user.is_some() => {
            merged.contexts.insert(0, NamedContext { context: Some(Context::default()), ..NamedContext::default() });
            String::new()
        }
        None => return Err(Cause::NoCurrentContext { known }),
    };
    let named = merged.contexts.iter_mut().find(|one| one.name == context);
    if let Some(own) = named.and_then(|one| one.context.as_mut()) {
        if let Some(cluster) = cluster {
            own.cluster.clone_from(cluster);
        }
        if let Some(user) = user {
            own.user = Some(user.clone());
        }
    }
    Ok(context)
}

/// Is what a setting names in the kubeconfig?
fn there<'a>(
    mut known: impl Iterator<Item = &'a str> + Clone,
    wanted: Option<&str>,
    setting: &'static str,
    kind: &str,
) -> Result<(), Cause> {
    let Some(wanted) = wanted else { return Ok(()) };
    let names = known.clone().collect::<Vec<_>>().join(", ");
    if known.any(|name| name == wanted) {
        return Ok(());
    }
    Err(Cause::InvalidSetting { setting, problem: format!("the kubeconfig has no {kind} {wanted:?}; it has {names}") })
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
