//! The lines of a body that does not end. What stands in a line is the watch's.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use http_body_util::BodyExt;
use tokio::time::Instant;

use super::error::Cause;
use super::unanswered::unreachable;
use crate::limit::{LARGEST_ANSWER, TooLarge};
use crate::reach::Unreachable;

/// A body, line by line. No line is longer than an answer may be.
pub(super) struct Lines {
    pub(super) opened: Instant,
    server: String,
    chunks: BoxStream<'static, Result<Bytes, Unreachable>>,
    begun: Vec<u8>,
    whole: VecDeque<Vec<u8>>,
}

impl Lines {
    pub(super) fn new(server: String, body: kube::client::Body) -> Self {
        let chunks = body.into_data_stream().map(|chunk| chunk.map_err(|error| Unreachable::from_chain(&error)));
        Self { opened: Instant::now(), server, chunks: chunks.boxed(), begun: Vec::new(), whole: VecDeque::new() }
    }

    /// The next line; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Cause> {
        loop {
            if let Some(line) = self.whole.pop_front() {
                return Ok(Some(line));
            }
            let Some(chunk) = self.chunks.next().await else { return Ok(None) };
            let chunk = chunk.map_err(|reason| unreachable(&self.server, reason))?;
            let mut parts = chunk.split(|byte| *byte == b'\n');
            self.begun.extend_from_slice(parts.next().unwrap_or_default());
            for part in parts {
                let line = std::mem::replace(&mut self.begun, part.to_vec());
                if !line.is_empty() {
                    self.whole.push_back(line);
                }
            }
            if self.begun.len() > LARGEST_ANSWER {
                return Err(Cause::TooLarge(TooLarge { limit: LARGEST_ANSWER }));
            }
        }
    }
}
