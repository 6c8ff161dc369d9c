//! The variable by which Terraform uses a process that is already there.

/// The JSON of `TF_REATTACH_PROVIDERS` for a provider that listens at `address`. `Test` keeps Terraform from ending it.
pub(super) fn variable(provider: &str, network: &str, address: &str, pid: u32) -> String {
    serde_json::json!({
        provider: {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": pid,
            "Test": true,
            "Addr": { "Network": network, "String": address },
        }
    })
    .to_string()
}
