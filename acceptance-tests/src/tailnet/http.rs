//! Just enough HTTP/1.1, by hand, so that an answer can also be late, cut, or missing.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::fault::{self, Fault};
use super::{Entry, Shared, api};

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

/// Answers until the runtime ends.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        drop(stream.set_nodelay(true));
        tokio::spawn(converse(stream, Arc::clone(&shared)));
    }
}

async fn converse(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        let (fault, latency, date) = {
            let mut world = shared.world.lock().unwrap();
            let (method, path) = (request.method.as_str(), request.path.as_str());
            (
                world.faults.iter_mut().find_map(|rule| rule.strikes(method, path)),
                world.latency,
                world.date_in(Duration::ZERO),
            )
        };
        tokio::time::sleep(latency).await;
        if answer(&mut stream, &shared, &request, fault, &date).await.is_none() {
            return;
        }
    }
}

/// Does what is asked, or goes wrong; nothing means that the connection ends here.
async fn answer(
    stream: &mut TcpStream,
    shared: &Shared,
    request: &Request,
    fault: Option<Fault>,
    date: &str,
) -> Option<()> {
    match &fault {
        Some(Fault::EndTokens) => shared.world.lock().unwrap().access.end_tokens(),
        Some(Fault::Wake { node_ids }) => shared.world.lock().unwrap().wake(node_ids),
        _ => {}
    }
    let mut answer = match &fault {
        Some(Fault::Answer { code, retry_after, body }) => {
            Answer { code: *code, body: body.clone(), retry_after: retry_after.clone(), deleted: None }
        }
        Some(Fault::Silence | Fault::Reset) => Answer::default(),
        _ => echoing(api::answer(&mut shared.world.lock().unwrap(), request), request),
    };
    match &fault {
        Some(Fault::DoneAndAnswer { code }) => {
            answer = Answer { deleted: answer.deleted, ..Answer::refuse(*code, "something went wrong") };
        }
        Some(Fault::DoneAndReset) => answer.code = 0,
        _ => {}
    }
    note(shared, request, &answer);
    match fault {
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::DoneAndReset | Fault::Reset) => None,
        Some(Fault::Slow { pieces, pause }) => write(stream, &answer, date, pieces, fault::pause(pause)).await,
        Some(Fault::Malformed) => {
            let half = answer.body.chars().count() / 2;
            answer.body = answer.body.chars().take(half).collect();
            write(stream, &answer, date, 1, Duration::ZERO).await
        }
        _ => write(stream, &answer, date, 1, Duration::ZERO).await,
    }
}

/// The answer, which repeats what the caller sent wherever JSON has a place for it: refusals in their words, everything else in
/// a field that nobody knows. The caller must let nothing of it out.
fn echoing(mut answer: Answer, request: &Request) -> Answer {
    let Ok(Value::Object(mut fields)) = serde_json::from_str::<Value>(&answer.body) else { return answer };
    if request.path.starts_with("/fake/") {
        return answer;
    }
    let sent = echo(request);
    match fields.get("message").and_then(Value::as_str) {
        Some(message) => {
            let message = format!("{message} [{sent}]");
            fields.insert("message".to_owned(), message.into());
        }
        None => drop(fields.insert("echo".to_owned(), sent.into())),
    }
    answer.body = Value::Object(fields).to_string();
    answer
}

/// What was sent: the credential as it came and decoded, and the body as it came and decoded.
fn echo(request: &Request) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let shown = request.authorization.rsplit(' ').next().unwrap_or_default();
    let decoded = STANDARD.decode(shown).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let body = STANDARD.encode(&request.body);
    format!("{} {decoded} {} {} {body}", request.authorization, request.body, unescaped(&request.body))
}

fn note(shared: &Shared, request: &Request, answer: &Answer) {
    if request.path.starts_with("/fake/") {
        return;
    }
    let scheme = request.authorization.split(' ').next().unwrap_or_default().to_lowercase();
    shared.journal.lock().unwrap().push(Entry {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.raw_query.clone(),
        authorization: scheme,
        status: answer.code,
        deleted: answer.deleted.clone(),
    });
    if let Some(journal) = &shared.world.lock().unwrap().loud {
        journal(&format!("{} {} {}", answer.code, request.method, request.path));
    }
}

async fn write(stream: &mut TcpStream, answer: &Answer, date: &str, pieces: usize, pause: Duration) -> Option<()> {
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

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
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
