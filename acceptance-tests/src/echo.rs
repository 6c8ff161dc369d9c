//! A server on 127.0.0.1 that answers every request with what it got: head and body, as they came and decoded from base64. Who talks to
//! it must let nothing of that out.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A running server; it ends with its value.
#[derive(Debug)]
pub struct Echo {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    closed: Arc<AtomicBool>,
}

impl Echo {
    /// One that answers with this status, and with what `form` makes of what it got.
    ///
    /// # Panics
    /// When there is no port.
    #[must_use]
    pub fn start(code: u16, form: fn(&str) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, closed) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicBool::new(false)));
        let (ours, ended) = (Arc::clone(&heard), Arc::clone(&closed));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let heard = Arc::clone(&ours);
                std::thread::spawn(move || drop(answer(stream, &heard, code, form)));
            }
        });
        Self { address, heard, closed }
    }

    /// One that answers with plain text, as proxies do.
    #[must_use]
    pub fn in_plain_text(code: u16) -> Self {
        Self::start(code, ToOwned::to_owned)
    }

    /// Its address, `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, whole. The control of every test: what is not in here was not repeated either.
    ///
    /// # Panics
    /// When another thread panicked over it.
    #[must_use]
    pub fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n")
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections, so that the port is free.
        drop(TcpStream::connect(self.address));
    }
}

fn answer(
    mut stream: TcpStream,
    heard: &Mutex<Vec<String>>,
    code: u16,
    form: fn(&str) -> String,
) -> std::io::Result<()> {
    let mut from = BufReader::new(stream.try_clone()?);
    loop {
        let (mut request, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if from.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            let ends = line == "\r\n";
            request.push_str(&line);
            if ends {
                break;
            }
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        let sent = format!("{request}{}", String::from_utf8_lossy(&body));
        heard.lock().unwrap().push(sent.clone());
        // What came in base64 is repeated decoded, too, and all of it in base64.
        let decoded = sent.split_whitespace().filter_map(|word| String::from_utf8(STANDARD.decode(word).ok()?).ok());
        let decoded: Vec<String> = decoded.collect();
        let text = form(&format!("{sent}\n{}\n{}", decoded.join(" "), STANDARD.encode(&sent)));
        let status = format!("HTTP/1.1 {code} .\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n", text.len());
        stream.write_all(status.as_bytes())?;
        stream.write_all(text.as_bytes())?;
    }
}
