//! The routes of the control API.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::access::Grant;
use super::control;
use super::http::{Answer, Request, unescaped};
use super::world::{Device, World};

/// Answers a request, and does what it asks for.
pub(super) fn answer(world: &mut World, request: &Request) -> Answer {
    let path: Vec<String> = request.path.split('/').skip(1).map(unescaped).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (request.method.as_str(), &path[..]) {
        (_, ["fake", command]) => control::answer(world, command, request),
        ("POST", ["api", "v2", "oauth", "token"]) => world.access.log_in(request, false),
        ("POST", ["api", "v2", "oauth", "token-exchange"]) => world.access.log_in(request, true),
        (method, ["api", "v2", rest @ ..]) => match world.access.grant(request) {
            Some(grant) => granted(world, &grant, method, rest, request),
            None => Answer::refuse(401, "API token invalid"),
        },
        _ => Answer { code: 404, body: "404 page not found\n".to_owned(), ..Answer::default() },
    }
}

fn granted(world: &mut World, grant: &Grant, method: &str, path: &[&str], request: &Request) -> Answer {
    let needs = match (method, path) {
        ("GET", ["tailnet", _, "devices"] | ["device", _]) => "devices:core:read",
        ("DELETE", ["device", _]) => "devices:core",
        ("POST", ["tailnet", _, "keys"]) | ("DELETE", ["tailnet", _, "keys", _]) => "auth_keys",
        ("GET", ["tailnet", _, "dns", "preferences"]) => "dns:read",
        _ => return Answer { code: 404, body: "404 page not found\n".to_owned(), ..Answer::default() },
    };
    if !grant.covers(needs) {
        return Answer::refuse(403, "calling actor does not have enough permissions to perform this function");
    }
    match (method, path) {
        (_, ["tailnet", name, ..]) if *name != "-" && *name != world.domain => Answer::refuse(404, "tailnet not found"),
        ("GET", ["tailnet", _, "devices"]) => devices(world, request),
        ("GET", ["device", id]) => match world.find(id) {
            Some(device) => Answer::ok(&device.to_json(all_fields(request))),
            None => Answer::refuse(404, "no such device"),
        },
        ("DELETE", ["device", id]) => delete(world, id),
        ("POST", ["tailnet", _, "keys"]) => mint(world, grant, request),
        ("DELETE", ["tailnet", _, "keys", id]) => revoke(world, id),
        _ => Answer::ok(&json!({ "magicDNS": true })),
    }
}

fn all_fields(request: &Request) -> bool {
    request.query.iter().any(|(name, value)| name == "fields" && value == "all")
}

/// Exact filters, which may be repeated: every value that is given must be there.
fn devices(world: &mut World, request: &Request) -> Answer {
    let matches = |device: &Device| {
        request.query.iter().all(|(name, value)| match name.as_str() {
            "isEphemeral" => device.ephemeral.to_string() == *value,
            "tags" => device.tags.contains(value),
            "hostname" => device.hostname == *value,
            "name" => device.name() == *value,
            _ => true,
        })
    };
    let all = all_fields(request);
    let listed: Vec<Value> =
        world.list().iter().filter(|device| matches(device)).map(|device| device.to_json(all)).collect();
    let mut answer = json!({ "devices": listed });
    if world.echoes {
        answer["unheardOf"] = true.into();
    }
    Answer::ok(&answer)
}

fn delete(world: &mut World, id: &str) -> Answer {
    match world.find(id) {
        None => Answer::refuse(404, "no such device"),
        Some(device) if device.external => Answer::refuse(501, "cannot delete devices outside of your tailnet"),
        Some(_) => Answer { code: 200, deleted: world.delete(id), ..Answer::default() },
    }
}

fn mint(world: &mut World, grant: &Grant, request: &Request) -> Answer {
    let Ok(wanted) = serde_json::from_str::<Value>(&request.body) else {
        return Answer::refuse(400, "the body is no JSON");
    };
    let tags =
        wanted.pointer("/capabilities/devices/create/tags").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(own) = &grant.tags {
        let owns = |tag: &Value| tag.as_str().is_some_and(|tag| own.iter().any(|one| one == tag));
        if tags.is_empty() || !tags.iter().all(owns) {
            let tags: Vec<&str> = tags.iter().filter_map(Value::as_str).collect();
            return Answer::refuse(400, &format!("requested tags [{}] are invalid or not permitted", tags.join(" ")));
        }
    }
    let expiry = SignedDuration::from_secs(wanted["expirySeconds"].as_i64().unwrap_or(90 * 86_400));
    let created = world.now();
    let key = world.mint(wanted["capabilities"].clone(), expiry);
    Answer::ok(&json!({
        "id": key.id, "key": key.secret, "created": created.to_string(), "expires": key.ends.to_string(),
        "capabilities": key.capabilities, "description": wanted["description"], "unheardOf": null,
    }))
}

fn revoke(world: &mut World, id: &str) -> Answer {
    match world.keys.iter_mut().find(|key| key.id == id && !key.revoked) {
        Some(key) => {
            key.revoked = true;
            Answer { code: 200, ..Answer::default() }
        }
        None => Answer::refuse(404, "key not found"),
    }
}
