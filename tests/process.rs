//! The built binary as go-plugin's client sees it, without TLS: `tests/terraform.rs` has the real client with it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::process::Stdio;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tf_plugin::plugin::MAGIC_COOKIE;
use tf_plugin::wire::go_plugin::Empty;
use tf_plugin::wire::go_plugin::grpc_controller_client::GrpcControllerClient;
use tf_plugin::wire::tfplugin6::provider_client::ProviderClient;
use tf_plugin::wire::tfplugin6::{
    DynamicValue, RawState, call_function, get_provider_schema, plan_resource_change, stop_provider,
    upgrade_resource_state,
};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-tazlab");

/// Nothing here takes longer unless it hangs.
const DEADLINE: Duration = Duration::from_mins(1);

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROVIDER);
    command.args(arguments).env_clear().kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running plugin, its handshake line and a connection to it.
struct Plugin {
    process: Child,
    sockets: tempfile::TempDir,
    line: String,
    channel: Channel,
}

impl Plugin {
    async fn start() -> Self {
        let sockets = tempfile::tempdir().unwrap();
        let mut process = command(&[])
            .env(MAGIC_COOKIE.0, MAGIC_COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_UNIX_SOCKET_DIR", sockets.path())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(DEADLINE, out.next_line()).await.unwrap().unwrap().unwrap();
        let path = line.split('|').nth(3).unwrap().to_owned();
        let connect = service_fn(move |_| {
            let path = path.clone();
            async move { UnixStream::connect(path).await.map(TokioIo::new) }
        });
        let channel = Endpoint::from_static("http://localhost").connect_with_connector(connect).await.unwrap();
        Self { process, sockets, line, channel }
    }

    fn provider(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel.clone()).max_decoding_message_size(1 << 28).max_encoding_message_size(1 << 28)
    }
}

fn text(value: &str) -> DynamicValue {
    let mut msgpack = Vec::new();
    rmp::encode::write_str(&mut msgpack, value).unwrap();
    DynamicValue { msgpack: msgpack.into(), ..Default::default() }
}

#[tokio::test]
async fn started_by_hand_it_explains_itself() {
    let output = command(&[]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("required_providers"));
    let output = command(&["--version"]).output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "terraform-provider-tazlab 0.1.0\n");
    let old = command(&[]).env(MAGIC_COOKIE.0, MAGIC_COOKIE.1).env("PLUGIN_PROTOCOL_VERSIONS", "5").output();
    assert!(String::from_utf8_lossy(&old.await.unwrap().stderr).contains("speaks 6"));
}

#[tokio::test]
async fn it_answers_many_calls_at_once_and_ends_when_told() {
    let mut plugin = Plugin::start().await;
    assert!(plugin.line.starts_with("1|6|unix|/") && plugin.line.ends_with("|grpc|"), "{}", plugin.line);
    let schema = plugin.provider().get_provider_schema(get_provider_schema::Request {}).await.unwrap().into_inner();
    assert!(schema.functions.contains_key("corefile_checked") && schema.provider.is_some());

    let calls = (0..300).map(|_| {
        let mut client = plugin.provider();
        tokio::spawn(async move {
            let request =
                call_function::Request { name: "corefile_format".into(), arguments: vec![text(". {\nerrors\n}")] };
            client.call_function(request).await.unwrap().into_inner()
        })
    });
    for call in calls.collect::<Vec<_>>() {
        let answer = tokio::time::timeout(DEADLINE, call).await.unwrap().unwrap();
        assert_eq!(answer.result, Some(text(". {\n    errors\n}\n")));
    }

    plugin.provider().stop_provider(stop_provider::Request {}).await.unwrap();
    let again = call_function::Request { name: "corefile_format".into(), arguments: vec![text("")] };
    assert!(plugin.provider().call_function(again).await.is_ok(), "it serves on after a stop");

    GrpcControllerClient::new(plugin.channel.clone()).shutdown(Empty {}).await.unwrap();
    let ended = tokio::time::timeout(DEADLINE, plugin.process.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(std::fs::read_dir(plugin.sockets.path()).unwrap().count(), 0, "the socket is gone");
}

#[tokio::test]
async fn what_makes_no_sense_is_an_answer_and_not_a_broken_call() {
    let plugin = Plugin::start().await;
    let mut client = plugin.provider();
    let request = plan_resource_change::Request { type_name: "tazlab_ghost".into(), ..Default::default() };
    let planned = client.plan_resource_change(request).await.unwrap().into_inner();
    assert!(planned.diagnostics[0].detail.contains("tazlab_ghost"));
    let broken = DynamicValue { msgpack: vec![0xc1].into(), ..Default::default() };
    let request = call_function::Request { name: "corefile_checked".into(), arguments: vec![broken] };
    assert_eq!(client.call_function(request).await.unwrap().into_inner().error.unwrap().function_argument, Some(0));
    // A state of 20 MB passes; that its type is unknown is the answer.
    let json = vec![b' '; 20 << 20].into();
    let raw_state = Some(RawState { json, ..Default::default() });
    let request = upgrade_resource_state::Request { type_name: "tazlab_ghost".into(), version: 0, raw_state };
    assert_eq!(client.upgrade_resource_state(request).await.unwrap().into_inner().diagnostics.len(), 1);
}
