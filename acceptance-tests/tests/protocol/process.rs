//! The process: who gets in, what it survives, how it ends.

use acceptance_tests::plugin::{DEADLINE, Identity};
use tf_plugin::wire::go_plugin::Empty;
use tf_plugin::wire::go_plugin::grpc_controller_client::GrpcControllerClient;

use super::resources::{apply, create};
use super::*;

#[tokio::test]
async fn only_the_client_that_started_it_gets_in() {
    let program = env!("CARGO_BIN_EXE_notebook");
    let (terraform, stranger) = (Identity::new(), Identity::new());
    let ours = Plugin::with_tls(program, &terraform, Some(&terraform)).await.unwrap();
    assert_eq!(ours.line.split('|').count(), 6);
    assert!(apply(&ours, create("hello")).await.diagnostics.is_empty());
    for shown in [Some(&stranger), None] {
        // TLS 1.3 tells the client of its refusal with the first answer, so a call is what fails.
        if let Ok(plugin) = Plugin::with_tls(program, &terraform, shown).await {
            let refused = plugin.provider().stop_provider(wire::stop_provider::Request::default()).await;
            assert!(refused.is_err());
        }
    }
}

#[tokio::test]
async fn three_hundred_applies_at_once() {
    let plugin = notebook().await;
    let calls: Vec<_> = (0..300)
        .map(|_| {
            let mut client = plugin.provider();
            tokio::spawn(async move { client.apply_resource_change(create("hello")).await })
        })
        .collect();
    for call in calls {
        let applied = tokio::time::timeout(DEADLINE, call).await.unwrap().unwrap().unwrap().into_inner();
        assert!(applied.diagnostics.is_empty());
    }
}

#[tokio::test]
async fn a_state_of_twenty_megabytes_comes_back_whole() {
    let plugin = notebook().await;
    let large = note("t", Datum::from("x".repeat(20 << 20)), "7".into());
    let current_state = sent(&note_type(), &large);
    let request = wire::read_resource::Request {
        type_name: "test_note".into(),
        current_state: current_state.clone(),
        ..Default::default()
    };
    let read = plugin.provider().read_resource(request).await.unwrap().into_inner();
    assert!(read.new_state == current_state && read.diagnostics.is_empty());
}

#[tokio::test]
async fn an_interrupt_is_terraforms_business() {
    let mut plugin = notebook().await;
    let pid = plugin.process.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(apply(&plugin, create("hello")).await.diagnostics.is_empty());
    GrpcControllerClient::new(plugin.channel.clone()).shutdown(Empty {}).await.unwrap();
    let ended = tokio::time::timeout(DEADLINE, plugin.process.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(std::fs::read_dir(plugin.sockets.path()).unwrap().count(), 0, "the socket is gone");
}
