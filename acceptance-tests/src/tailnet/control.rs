//! What only a fake has, below `/fake/`: devices join and leave, faults are asked for. Not in the journal.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::fault::Rule;
use super::http::{Answer, Request};
use super::world::{Seed, World};

#[derive(Deserialize)]
struct Leave {
    /// The first label of its name.
    name: String,
    #[serde(default)]
    seconds_ago: u64,
}

pub(super) fn answer(world: &mut World, command: &str, request: &Request) -> Answer {
    match command {
        "join" => read(request, |seed: Seed| {
            let joined = match &seed.key {
                Some(key) => world.join_with_key(&seed, key),
                None => Ok(world.join(&seed)),
            };
            joined.map_or_else(|why| Answer::refuse(401, why), |device| Answer::ok(&device.to_json(false)))
        }),
        "leave" => read(request, |leave: Leave| {
            let found = world.devices.iter().find(|device| device.label == leave.name);
            let Some(id) = found.map(|device| device.node_id.clone()) else {
                return Answer::refuse(404, "no such device");
            };
            world.leaves(&id, Duration::from_secs(leave.seconds_ago));
            Answer::ok(&json!({}))
        }),
        "fault" => read(request, |rule: Rule| {
            world.faults.push(rule);
            Answer::ok(&json!({}))
        }),
        "devices" => {
            let devices: Vec<String> = world.devices.iter().map(super::Device::name).collect();
            Answer::ok(&json!(devices))
        }
        _ => Answer::refuse(404, "commands: join, leave, fault, devices"),
    }
}

fn read<T: serde::de::DeserializeOwned>(request: &Request, then: impl FnOnce(T) -> Answer) -> Answer {
    serde_json::from_str(&request.body).map_or_else(|error| Answer::refuse(400, &error.to_string()), then)
}
