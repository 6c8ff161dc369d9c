//! Compiles `proto/` with protox, which needs neither protoc nor Google's files on the machine.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::compile(["proto/tfplugin6.proto", "proto/go_plugin.proto"], ["proto"])?;
    tonic_prost_build::configure()
        // Clients are for the tests, which bring their own connection.
        .build_transport(false)
        .bytes(".tfplugin6")
        .compile_fds(descriptors)?;
    Ok(())
}
