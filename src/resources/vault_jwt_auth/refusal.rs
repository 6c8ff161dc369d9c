//! Why Vault does not take a configuration. Where it cannot fetch keys it keeps the cause to itself, so the URL is tried from
//! here, and the tailnet, where one is configured, is asked who holds the name.

use tazlab_clients::tailscale::{self, Patience};
use tazlab_clients::vault::{
    self, Cause, UrlProblem, discovery_url, try_discovery_url, try_keys_url, without_credentials,
};
use tf_plugin::framework::context::Context;

use super::errors::VaultJwtAuthError as Error;
use super::model::VaultJwtAuth as Model;
use crate::configured::Configured;
use crate::tailnet::LOOK;
use crate::tailnet::holders::contests;
use crate::tailnet::name::label;
use crate::tailnet::record::Told;
use crate::tailnet::rules::presence;
use crate::vault::Failure;

/// The error that says why.
pub(super) async fn explained(context: &Context<Configured>, planned: &Model, failure: Failure) -> Error {
    let configure = |failure| Error::Configure { id: planned.id(), failure };
    if !matches!(failure.cause(), Some(Cause::Refused { .. })) {
        return configure(failure);
    }
    let call = vault::Call::new(context.stop().clone(), context.deadline());
    let (attribute, url, problem) = match planned.source() {
        "url" => {
            let url = planned.jwks_url.as_deref_option().unwrap_or_default();
            let problem = try_keys_url(&call, url, planned.jwks_ca_pem.as_deref_option()).await;
            ("jwks_url", url.to_owned(), problem)
        }
        "discovery" => {
            let issuer = planned.oidc_discovery_url.as_deref_option().unwrap_or_default();
            let problem = try_discovery_url(&call, issuer, planned.oidc_discovery_ca_pem.as_deref_option()).await;
            ("oidc_discovery_url", discovery_url(issuer), problem)
        }
        _ => return configure(failure),
    };
    let ghost = if matches!(problem, UrlProblem::NoneHere) { None } else { ghost(context, host(&url)).await };
    let url = without_credentials(&url);
    Error::Url { attribute, url, failure, problem: Box::new(problem), ghost }
}

/// The host of a URL that was checked to be one.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default()
}

/// What the tailnet says of a name that a device holds which is not there, or that nobody holds any more. Without a tailnet, or
/// where it cannot be asked, nothing: this only adds to an error.
async fn ghost(context: &Context<Configured>, host: &str) -> Option<String> {
    let client = context.provider().ok()?.tailscale.client().await.ok()?;
    let call = tailscale::Call::new(context.stop().clone(), context.deadline()).within(LOOK);
    let listing = client.with(Patience::GLANCE).devices(&call).await.ok()?;
    told(host, &listing.devices)
}

fn told(host: &str, devices: &[tailscale::Device]) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let domain = |name: &str| name.trim_end_matches('.').split_once('.').map(|(_, domain)| domain.to_ascii_lowercase());
    let ours = domain(&host)?;
    let here: Vec<_> = devices.iter().filter(|device| domain(&device.name).as_ref() == Some(&ours)).cloned().collect();
    let holder = here.iter().find(|device| label(&device.name) == label(&host));
    let contests = contests(&here);
    let contest = contests.iter().find(|contest| contest.name == label(&host));
    let late =
        contest.into_iter().flat_map(|contest| &contest.devices).filter(|device| label(&device.name) != label(&host));
    let late: Vec<String> = late.map(|device| Told(device).to_string()).collect();
    let meant =
        if late.is_empty() { String::new() } else { format!("; the name was requested by {}", late.join(", ")) };
    match holder {
        Some(holder) if presence(holder).is_away() => Some(format!(
            "On the tailnet, a stale device holds {host}: {}{meant}. tazlab_tailnet_cleanup frees the name",
            Told(holder)
        )),
        None if !late.is_empty() => Some(format!("On the tailnet, no device holds {host}{meant}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tazlab_clients::tailscale::Device;

    fn device(name: &str, connected: bool) -> Device {
        Device {
            name: format!("{name}.example.ts.net"),
            hostname: "k8s".to_owned(),
            node_id: format!("n-{name}"),
            connected_to_control: Some(connected),
            ..Device::default()
        }
    }

    #[test]
    fn the_host_is_what_stands_between_scheme_and_path() {
        for url in ["https://k8s.ts.net:6443/openid/v1/jwks", "http://k8s.ts.net", "https://a@k8s.ts.net?x"] {
            assert_eq!(host(url), "k8s.ts.net", "{url}");
        }
    }

    #[test]
    fn only_a_name_that_nobody_answers_for_is_told() {
        let (ghost, late) = (device("k8s", false), device("k8s-1", true));
        let text = told("K8s.example.ts.net", &[ghost.clone(), late.clone()]).unwrap();
        assert!(text.contains("a stale device holds k8s.example.ts.net") && text.contains("id n-k8s,"), "{text}");
        assert!(text.contains("requested by k8s-1.example.ts.net"), "{text}");
        let text = told("k8s.example.ts.net", std::slice::from_ref(&late)).unwrap();
        assert!(text.contains("no device holds") && text.contains("k8s-1"), "{text}");
        for (host, devices) in [
            ("k8s.example.ts.net", vec![device("k8s", true), late.clone()]),
            ("k8s.other.ts.net", vec![ghost.clone(), late.clone()]),
            ("vault.example.ts.net", vec![ghost.clone(), late]),
            ("localhost", vec![ghost]),
        ] {
            assert_eq!(told(host, &devices), None, "{host}");
        }
    }
}
