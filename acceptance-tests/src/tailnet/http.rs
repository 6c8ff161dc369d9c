//! Just enough HTTP/1.1, by hand, so that an answer can also be late, cut, or missing.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) raw_query: String,
    pub(super) authorization: String,
    pub(super) body: String,
}

/// An answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) body: String,
    pub(super) retry_after: Option<String>,
    /// The node id of what was deleted.
    pub(super) deleted: Option<String>,
}

impl Answer {
    pub(super) fn ok(body: &Value) -> Self {
        Self { code: 200, body: body.to_string(), ..Self::default() }
    }

    pub(super) fn refuse(code: u16, message: &str) -> Self {
        Self { code, body: serde_json::json!({ "message": message }).to_string(), ..Self::default() }
    }
}

/// Writes an answer, in one or more pieces.
pub(super) async fn write(
    stream: &mut TcpStream,
    answer: &Answer,
    date: &str,
    pieces: usize,
    pause: Duration,
) -> Option<()> {
    let later = answer.retry_after.as_ref().map(|time| format!("retry-after: {time}\r\n")).unwrap_or_default();
    let Answer { code, body, .. } = answer;
    let head = format!(
        "HTTP/1.1 {code} .\r\ndate: {date}\r\ncontent-type: application/json\r\n{later}content-length: {}\r\n\r\n",
        body.len()
    );
    let bytes = body.as_bytes();
    if pieces == 1 {
        return stream.write_all(&[head.as_bytes(), bytes].concat()).await.ok();
    }
    stream.write_all(head.as_bytes()).await.ok()?;
    for piece in bytes.chunks(bytes.len().div_ceil(pieces).max(1)) {
        stream.write_all(piece).await.ok()?;
        tokio::time::sleep(pause).await;
    }
    Some(())
}

/// Reads one request; nothing at the connection's end.
pub(super) async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let header = |name: &str| {
                let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
                line.map(|line| line[name.len() + 1..].trim().to_owned()).unwrap_or_default()
            };
            let length: usize = header("content-length").parse().unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
                buffer.drain(..end + 4 + length);
                let mut line = head.lines().next()?.split(' ');
                let (method, target) = (line.next()?.to_owned(), line.next()?);
                let (path, raw_query) = target.split_once('?').unwrap_or((target, ""));
                return Some(Request {
                    method,
                    path: path.to_owned(),
                    query: form(raw_query),
                    raw_query: raw_query.to_owned(),
                    authorization: header("authorization"),
                    body,
                });
            }
        }
        let mut part = vec![0; 16 * 1024];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        buffer.extend_from_slice(&part[..read]);
    }
}

/// The pairs of a query or a form.
pub(super) fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescaped(name), unescaped(value))
        })
        .collect()
}

/// Percent-encoding undone.
pub(super) fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                at += 2;
            }
            (b'+', _) => plain.push(b' '),
            (byte, _) => plain.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&plain).into_owned()
}
