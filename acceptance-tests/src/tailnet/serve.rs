//! A conversation with one client: what it asks for is done, goes wrong where a fault strikes, and is noted.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::fault::{self, Fault};
use super::http::{Answer, Request, read, unescaped, write};
use super::{Entry, Shared, api};

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
        _ => {
            let mut world = shared.world.lock().unwrap();
            let answer = api::answer(&mut world, request);
            if world.echoes { echoing(answer, request) } else { answer }
        }
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
