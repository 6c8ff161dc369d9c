//! A small HTTP server on 127.0.0.1 that stands where the real thing cannot be made wrong.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use serde_json::Value;

/// Answers every request by its first line with a status and JSON; its URL. It ends with the test's process.
pub(crate) fn serve(answer: impl Fn(&str) -> (u16, Value) + Send + Sync + 'static) -> String {
    let (listener, answer) = (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(answer));
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || while one(&client, answer.as_ref()).is_some() {});
        }
    });
    url
}

fn one(client: &TcpStream, answer: &impl Fn(&str) -> (u16, Value)) -> Option<()> {
    let mut reader = BufReader::new(client);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if header.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let (code, body) = answer(&line);
    let (body, mut writer) = (body.to_string(), client);
    write!(
        writer,
        "HTTP/1.1 {code} Answer\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()
}
