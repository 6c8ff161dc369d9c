//! Just enough HTTP/1.1, by hand.

use std::io::{Read, Write};

use serde_json::Value;

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

/// One connection.
pub(super) struct Conversation<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S: Read + Write> Conversation<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The next request; `None` when the connection has ended.
    pub(super) fn next(&mut self) -> Option<Request> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                let header = |name: &str| {
                    let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
                    line.map(|line| line[name.len() + 1..].trim().to_owned()).unwrap_or_default()
                };
                let length: usize = header("content-length").parse().unwrap_or(0);
                if self.buffer.len() >= end + 4 + length {
                    let body = self.buffer[end + 4..end + 4 + length].to_vec();
                    self.buffer.drain(..end + 4 + length);
                    let mut line = head.lines().next()?.split(' ');
                    let (method, target) = (line.next()?.to_owned(), line.next()?);
                    let (path, query) = target.split_once('?').unwrap_or((target, ""));
                    let content_type = header("content-type");
                    return Some(Request {
                        method,
                        path: path.to_owned(),
                        query: query.to_owned(),
                        content_type,
                        body,
                    });
                }
            }
            let mut part = vec![0; 16 * 1024];
            let read = self.stream.read(&mut part).ok().filter(|read| *read > 0)?;
            self.buffer.extend_from_slice(&part[..read]);
        }
    }

    pub(super) fn answer(&mut self, code: u16, body: &Value) -> Option<()> {
        let body = body.to_string();
        let head =
            format!("HTTP/1.1 {code} .\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        self.stream.write_all((head + &body).as_bytes()).ok()?;
        self.stream.flush().ok()
    }
}
