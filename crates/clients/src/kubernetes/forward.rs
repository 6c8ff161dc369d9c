//! Connections to ports of pods, through the API server: no network path to the pod is needed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, Portforwarder};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use super::error::{Cause, Error};
use super::kind::{Kind, Target};
use super::unanswered::why;
use super::{Call, Client};

/// A connection to a port of a pod; it ends when this is dropped.
pub struct Forwarded {
    stream: DuplexStream,
    forwarder: Portforwarder,
}

impl std::fmt::Debug for Forwarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forwarded").finish_non_exhaustive()
    }
}

impl Drop for Forwarded {
    fn drop(&mut self) {
        self.forwarder.abort();
    }
}

impl AsyncRead for Forwarded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Forwarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Client {
    /// Connects to a TCP port of a pod.
    ///
    /// That nobody listens there shows when it is read: the stream ends at once.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn forward(&self, call: &Call, namespace: &str, pod: &str, port: u16) -> Result<Forwarded, Error> {
        let target = Target::named("forward a port of", Kind::of::<Pod>(), Some(namespace), pod);
        let opened = call
            .run(async {
                let client = self.0.upgrading().await?;
                let pods: Api<Pod> = Api::namespaced(client, namespace);
                match pods.portforward(pod, &[port]).await {
                    Ok(forwarder) => Ok(forwarder),
                    Err(error) => Err(self.0.cause_of(&target, error).await),
                }
            })
            .await
            .map_err(|ended| target.fail(why(ended, None)))?;
        let mut forwarder = opened.map_err(|cause| target.fail(cause))?;
        let stream = forwarder.take_stream(port).ok_or_else(|| {
            target.fail(Cause::Request { problem: "the connection has no stream for the port".to_owned() })
        })?;
        Ok(Forwarded { stream, forwarder })
    }
}
