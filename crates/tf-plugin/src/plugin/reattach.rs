//! The variable by which Terraform uses a process that is already there.

use serde_json::{Map, Value, json};

/// The JSON of `TF_REATTACH_PROVIDERS` for a provider of these names that listens at `address`. `Test` keeps Terraform from
/// ending it.
pub(super) fn variable(providers: &[&str], network: &str, address: &str, pid: u32) -> String {
    let way = json!({
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": pid,
        "Test": true,
        "Addr": { "Network": network, "String": address },
    });
    let all: Map<String, Value> = providers.iter().map(|name| ((*name).to_owned(), way.clone())).collect();
    Value::Object(all).to_string()
}
