//! Addresses of servers: what of them may be printed, and which of them are on this machine. Dialling them is not done
//! here.
//!
//! User info, path and query of a URL may hold a password or a token, so messages and logs get the origin alone.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use tazlab_redacted::SecretText;

/// What is printed instead of an address that is not a URL with a host: it may be a password in the wrong place.
const NO_URL: &str = "(an address that is not a URL)";

/// The address of a server as it was given. It prints its origin only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address(SecretText);

impl Address {
    /// All of it: for dialling, never for printing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url().map_or_else(|| NO_URL.to_owned(), |url| origin(&url))
    }

    /// Is the server on this machine? `false` where the address is not a URL.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.url().is_some_and(|url| is_loopback(&url))
    }

    /// Does it say `http`, so that nothing on the way is encrypted?
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.url().is_some_and(|url| url.scheme() == "http")
    }

    /// User and password, as they are written and as they are sent: whoever answers may repeat them.
    pub(super) fn secrets(&self) -> Vec<SecretText> {
        let Some(url) = self.url() else { return Vec::new() };
        let parts = [Some(url.username()), url.password()];
        let written = parts.into_iter().flatten().filter(|part| !part.is_empty());
        written.flat_map(|part| [SecretText::from(part), decoded(part)]).collect()
    }

    fn url(&self) -> Option<Url> {
        Url::parse(self.expose()).ok().filter(Url::has_host)
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self(SecretText::new(text))
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self(SecretText::from(text))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.origin())
    }
}

/// Scheme, host and port of a URL.
#[must_use]
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// A URL without its user info, query and fragment, for messages in which the path matters.
#[must_use]
pub fn without_credentials(url: &str) -> String {
    let Some(url) = Url::parse(url).ok().filter(Url::has_host) else { return NO_URL.to_owned() };
    format!("{}{}", origin(&url), url.path())
}

/// A URL without its user info; what is not a URL stays as it is.
#[must_use]
pub fn without_user_info(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if has_user_info(url) => {
            // Of a URL that has some, it can be taken away.
            let _ = parsed.set_username("").and_then(|()| parsed.set_password(None));
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

/// Does this URL name a user or a password?
fn has_user_info(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// A part of a URL without percent-encoding.
pub(super) fn decoded(text: &str) -> SecretText {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    SecretText::new(String::from_utf8_lossy(&bytes).into_owned())
}

/// Is the host of this URL this machine itself? What goes there passes no wire, and no proxy is to be asked for it.
#[must_use]
pub(super) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    if let Ok(address) = host.parse::<IpAddr>() {
        // An unspecified address is dialled as the loopback one.
        let address = address.to_canonical();
        return address.is_loopback() || address.is_unspecified();
    }
    // RFC 6761, section 6.3.
    host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_origin_is_printed() {
        for text in ["https://user:hunter2@vault.test:8200/hunter2?hunter2#hunter2", "https://hunter2@vault.test:8200"]
        {
            let address = Address::from(text);
            assert_eq!(address.to_string(), "https://vault.test:8200");
            assert_eq!((format!("{address:?}"), address.expose()), ("\"https://vault.test:8200\"".to_owned(), text));
        }
        assert_eq!(Address::from("https://vault.test/").origin(), "https://vault.test");
        for text in ["user:hunter2@vault.test", "hunter2", "", "mailto:hunter2", "https://"] {
            let address = Address::from(text);
            assert_eq!(format!("{address}{address:?}").matches("not a URL").count(), 2, "{text}");
        }
        assert_eq!(without_credentials("https://u:hunter2@a.test/keys?hunter2#hunter2"), "https://a.test/keys");
        assert_eq!(without_credentials("hunter2"), NO_URL);
    }

    #[test]
    fn user_info_is_seen() {
        assert!(has_user_info("https://u@a.test") && has_user_info("https://:p@a.test/x"));
        assert!(!has_user_info("https://a.test/u@x") && !has_user_info("u:p@a"));
        assert_eq!(without_user_info("https://u:p@a.test/x?y"), "https://a.test/x?y");
        assert_eq!(without_user_info("https://a.test"), "https://a.test");
    }

    #[test]
    fn user_and_password_are_secrets_as_written_and_as_sent() {
        let of = |text: &str| -> Vec<String> {
            Address::from(text).secrets().iter().map(|secret| secret.expose().clone()).collect()
        };
        assert_eq!(of("https://us%40er:a%2@v.test"), ["us%40er", "us@er", "a%2", "a%2"]);
        assert_eq!(of("https://v.test"), [""; 0]);
    }

    #[test]
    fn this_machine_has_many_names() {
        let here = |host: &str| Address::from(format!("http://{host}:8200/x")).is_loopback();
        for host in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "127.1", "[::1]", "0.0.0.0"] {
            assert!(here(host), "{host}");
        }
        assert!(here("[::ffff:127.0.0.1]") && here("[::]"));
        for host in ["vault.test", "10.0.0.1", "localhost.example", "notlocalhost", "127.0.0.1.example", "[fe80::1]"] {
            assert!(!here(host), "{host}");
        }
        assert!(!Address::from("127.0.0.1").is_loopback());
        assert!(Address::from("http://a").is_plain() && !Address::from("https://a").is_plain());
    }
}
