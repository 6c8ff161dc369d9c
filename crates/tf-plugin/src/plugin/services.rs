//! go-plugin's own services. Only the controller does anything: a provider uses neither broker nor forwarded output.

use std::pin::Pin;

use futures::Stream;
use futures::stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::wire::go_plugin::grpc_broker_server::GrpcBroker;
use crate::wire::go_plugin::grpc_controller_server::GrpcController;
use crate::wire::go_plugin::grpc_stdio_server::GrpcStdio;
use crate::wire::go_plugin::{ConnInfo, Empty, StdioData};

/// Ends the process when Terraform asks, and holds the streams open until then.
#[derive(Clone, Debug)]
pub(super) struct Services {
    pub(super) end: CancellationToken,
}

type Silence<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Services {
    /// A stream without messages that ends with the process: an open one would keep the server from ending.
    fn silence<T: Send + 'static>(&self) -> Silence<T> {
        Box::pin(futures::stream::pending().take_until(self.end.clone().cancelled_owned()))
    }
}

#[async_trait::async_trait]
impl GrpcController for Services {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.end.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[async_trait::async_trait]
impl GrpcBroker for Services {
    type StartStreamStream = Silence<ConnInfo>;

    async fn start_stream(&self, _: Request<Streaming<ConnInfo>>) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[async_trait::async_trait]
impl GrpcStdio for Services {
    type StreamStdioStream = Silence<StdioData>;

    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}
