//! The name that the tailnet gave the device, against the one that was asked for.

use serde_json::Value as Json;
use tazlab_clients::tailscale::{Call, Device, Patience};
use tf_plugin::framework::context::Context;

use super::errors::{ApiserverError, Holder};
use super::model::Model;
use crate::cluster::object::Standing;
use crate::cluster::tailscale_operator::life::Exposed;
use crate::cluster::tailscale_operator::standing;
use crate::configured::Configured;
use crate::tailnet::name::{canonical, label};
use crate::tailnet::record::Told;
use crate::tailnet::{Failure, LOOK};

/// What the operator writes into the Service's status, once the device has joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// The device's whole name.
    pub(super) fqdn: String,
    /// Its addresses.
    pub(super) addresses: Vec<String>,
}

/// The device's name and addresses, if it has joined.
pub(super) fn given(service: &Json) -> Option<Given> {
    let all = service.pointer("/status/loadBalancer/ingress")?.as_array()?;
    let texts = |field: &'static str| all.iter().filter_map(move |one| one.get(field)?.as_str()).map(ToOwned::to_owned);
    let fqdn = texts("hostname").find(|name| !name.is_empty())?;
    Some(Given { fqdn, addresses: texts("ip").collect() })
}

/// The name that has a number at its end where the wanted one has none.
fn numbered(wanted: &str, given: &Given) -> bool {
    let got = label(&given.fqdn);
    got != wanted && canonical(&got) == wanted
}

/// What a look at the Service means for whoever waits for its name.
pub(super) fn judged(model: &Model, service: &Json) -> Standing {
    let (title, wanted) = (model.place().to_string(), model.own.wanted());
    match (standing(&title, service), given(service)) {
        (Standing::Done, Some(given)) if label(&given.fqdn) == wanted => Standing::Done,
        (Standing::Done, Some(given)) if numbered(wanted, &given) => {
            Standing::Hopeless(format!("{title}: the tailnet gave the device the name {}", given.fqdn))
        }
        (Standing::Done, Some(given)) => {
            Standing::Waiting(format!("{title}: the device has the name {} and not {wanted} yet", given.fqdn))
        }
        (Standing::Done, None) => Standing::Waiting(format!("{title}: the device has no name on the tailnet yet")),
        (other, _) => other,
    }
}

/// Why there is no hope: the number, with who holds the name, or what the operator says.
pub(super) async fn refusal(
    context: &Context<Configured>,
    model: &Model,
    given: Option<Given>,
    why: String,
) -> ApiserverError {
    let wanted = model.own.wanted();
    match given.filter(|given| numbered(wanted, given)) {
        None => ApiserverError::Refused(why),
        Some(given) => {
            let holder = match list(context).await {
                Ok(devices) => {
                    let holds = |device: &&Device| device.is_external != Some(true) && label(&device.name) == wanted;
                    devices.iter().find(holds).map_or(Holder::Nobody, told)
                }
                Err(failure) => Holder::Unseen(failure.explained()),
            };
            ApiserverError::Numbered { wanted: wanted.to_owned(), given: given.fqdn, holder }
        }
    }
}

fn told(device: &Device) -> Holder {
    let tags = if device.tags.is_empty() { "no tags".to_owned() } else { device.tags.join(", ") };
    Holder::Device(format!("{}, {tags}", Told(device)))
}

async fn list(context: &Context<Configured>) -> Result<Vec<Device>, Failure> {
    let client = context.provider().map_err(|_| Failure::NoCredential)?.tailscale.client().await?;
    let bounds = context.within(LOOK);
    let call = Call::new(bounds.stop().clone(), bounds.deadline());
    Ok(client.with(Patience::GLANCE).devices(&call).await?.devices)
}
