//! A server on loopback that answers from a script and keeps what it was asked. HTTP/1.1, one request a connection.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One scripted answer.
pub(super) enum Reply {
    /// Status, further headers, body.
    With(u16, &'static str, String),
    /// The connection is closed in the middle.
    Hangup,
    /// No answer, ever.
    Silence,
}

/// A body with status 200.
pub(super) fn ok(body: &str) -> Reply {
    Reply::With(200, "", body.to_owned())
}

/// An answer without a body.
pub(super) fn refuse(code: u16) -> Reply {
    Reply::With(code, "", format!(r#"{{"message":"refused with {code}"}}"#))
}

/// A running server; it ends with the test's runtime.
pub(super) struct Server {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) async fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let ours = Arc::clone(&asked);
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&ours)));
            }
        });
        Self { url, asked }
    }

    /// What was asked so far: the whole requests.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Method and path of what was asked so far.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |request: &String| request.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
        self.asked().iter().map(line).collect()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<VecDeque<Reply>>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&part[..read]),
        }
    }
    asked.lock().unwrap().push(String::from_utf8(request).unwrap());
    // A script that is at its end says so in a status that nothing retries and no test expects.
    let reply = script.lock().unwrap().pop_front().unwrap_or(Reply::With(418, "", "script ended".into()));
    match reply {
        Reply::With(code, headers, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {code} x\r\ndate: Tue, 24 Nov 2026 20:00:00 GMT\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
        Reply::Hangup => {}
        Reply::Silence => std::future::pending().await,
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
