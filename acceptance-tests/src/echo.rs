//! A server on 127.0.0.1 that answers every request with what it got: head and body, as they came and decoded from base64. Who talks to
//! it must let nothing of that out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::web::{Heard, Reply, Web};

/// A running server; it ends with its value.
#[derive(Debug)]
pub struct Echo(Web);

impl Echo {
    /// One that answers with this status, and with what `form` makes of what it got.
    #[must_use]
    pub fn start(code: u16, form: fn(&str) -> String) -> Self {
        Self(Web::plain(move |heard| {
            let sent = whole(heard);
            // What came in base64 is repeated decoded, too, and all of it in base64.
            let decoded =
                sent.split_whitespace().filter_map(|word| String::from_utf8(STANDARD.decode(word).ok()?).ok());
            let decoded: Vec<String> = decoded.collect();
            let text = form(&format!("{sent}\n{}\n{}", decoded.join(" "), STANDARD.encode(&sent)));
            let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
            Reply { headers, ..Reply::of(code, &text) }
        }))
    }

    /// One that answers with plain text, as proxies do.
    #[must_use]
    pub fn in_plain_text(code: u16) -> Self {
        Self::start(code, ToOwned::to_owned)
    }

    /// Its address, `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> String {
        self.0.address()
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// The requests so far, whole. The control of every test: what is not in here was not repeated either.
    #[must_use]
    pub fn heard(&self) -> String {
        self.0.heard().iter().map(whole).collect::<Vec<_>>().join("\n")
    }
}

/// A request as it came.
fn whole(heard: &Heard) -> String {
    format!("{}\r\n\r\n{}", heard.head, heard.body)
}
