//! `data.tazlab_tailnet_devices`: the tailnet's devices, and which of them compete for one name.

mod model;

use async_trait::async_trait;
use jiff::SignedDuration;
use model::{Filter, Found, Ghosts};
use tazlab_clients::tailscale::{Call, Listing, Patience};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::DataSource;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use crate::configured::Configured;
use crate::tailnet::holders::{Contest, contests};
use crate::tailnet::record::{counted, listed};
use crate::tailnet::rules::{Presence, presence};
use crate::tailnet::{Failure, LOOK};

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct TailnetDevices;

#[async_trait]
impl DataSource for TailnetDevices {
    type Data = Configured;
    type Model = model::TailnetDevices;

    const NAME: &'static str = "tazlab_tailnet_devices";

    async fn read(&self, context: &Context<Configured>, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let mut model = config;
        match list(&context.within(LOOK)).await {
            Ok(listing) => {
                fill(&mut model, &listing);
                warn_of_ghosts(context, &model);
            }
            Err(failure) => {
                context.warn(Diagnostic::warning("Cannot read the tailnet", failure.explained()));
                unseen(&mut model, &failure);
            }
        }
        Ok(model)
    }
}

async fn list(context: &Context<Configured>) -> Result<Listing, Failure> {
    let client = context.provider().map_err(|_| Failure::NoCredential)?.tailscale.client().await;
    let client = client.inspect_err(|failure| context.note_missing_setting(failure.is_gap()))?;
    let call = Call::new(context.stop().clone(), context.deadline());
    Ok(client.with(Patience::GLANCE).devices(&call).await?)
}

fn warn_of_ghosts(context: &Context<Configured>, model: &model::TailnetDevices) {
    if let Some(problems) = model.problems.as_ref_option().filter(|problems| !problems.is_empty()) {
        let detail = format!("Devices compete for names:{}", listed(problems.iter().cloned()));
        context.warn(Diagnostic::warning("Stale devices on the tailnet", detail));
    }
}

fn unseen(model: &mut model::TailnetDevices, failure: &Failure) {
    let reason = failure.explained();
    model.devices = Value::Value(Vec::new());
    model.ghosts = Value::Value(Vec::new());
    model.ready = Value::Value(false);
    model.summary = Value::Value(format!("Cannot read the tailnet: {reason}"));
    model.problems = Value::Value(vec![reason]);
}

fn fill(model: &mut model::TailnetDevices, listing: &Listing) {
    let filter = Filter::of(model);
    let matching = |device: &&tazlab_clients::tailscale::Device| filter.matches(device, listing.now);
    let devices: Vec<_> = listing.devices.iter().filter(matching).collect();
    let all = contests(&listing.devices);
    let contested: Vec<&Contest<'_>> = all.iter().filter(|contest| contest.devices.iter().any(&matching)).collect();
    let problems: Vec<String> = contested.iter().map(|contest| told(contest, listing)).collect();
    let connected = devices.iter().filter(|device| presence(device) == Presence::Connected).count();
    model.ready = Value::Value(problems.is_empty());
    model.summary = Value::Value(format!(
        "{}, {connected} of them connected; {} requested more than once",
        counted(devices.len(), "device", "devices"),
        counted(contested.len(), "name", "names")
    ));
    model.problems = Value::Value(problems);
    model.devices = Value::Value(devices.into_iter().map(Found::from).collect());
    model.ghosts = Value::Value(contested.into_iter().map(Ghosts::from).collect());
}

/// A contest in a sentence.
fn told(contest: &Contest<'_>, listing: &Listing) -> String {
    let others = contest.devices.len() - usize::from(contest.holder.is_some());
    let others = counted(others, "device has one", "devices have one");
    match contest.holder {
        None => format!("{}: no device holds the name, and {others} with a number", contest.name),
        Some(holder) => {
            let since = match presence(holder) {
                Presence::Connected => "connected".to_owned(),
                Presence::Away(since) => format!("away for {:#}", rounded(listing.now.duration_since(since))),
                Presence::Disconnected => "away".to_owned(),
                Presence::Unknown => "not reported whether connected".to_owned(),
            };
            let id = holder.key().unwrap_or("none");
            format!("{}: held by {id} ({since}), and {others} with a number", contest.name)
        }
    }
}

/// To the second, as a person tells it.
fn rounded(age: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs(age.as_secs())
}
