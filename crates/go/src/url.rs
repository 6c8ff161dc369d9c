//! `net/url`.

/// A URL in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// In lower case; empty where there is none.
    pub scheme: String,
    /// With its port, and with the brackets of an IPv6 address; its escapes are read.
    pub host: String,
    /// As it is written.
    pub path: String,
    /// What follows the scheme where that is no path and no host.
    pub opaque: String,
    /// What follows the path: a query or a fragment.
    pub tail: bool,
}

impl Url {
    fn host_and_port(&self) -> (&str, &str) {
        let split = self.host.rfind(':').filter(|at| self.host.get(*at..).is_some_and(optional_port));
        let (host, port) = split.map_or((self.host.as_str(), ""), |at| self.host.split_at(at));
        let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
        (bare, port.trim_start_matches(':'))
    }

    /// The host without its port.
    #[must_use]
    pub fn hostname(&self) -> &str {
        self.host_and_port().0
    }

    /// The port; empty where none is written.
    #[must_use]
    pub fn port(&self) -> &str {
        self.host_and_port().1
    }
}

/// `url.Parse`.
#[must_use]
pub fn parse(text: &str) -> Option<Url> {
    let (rest, fragment) = text.split_once('#').map_or((text, ""), |(rest, fragment)| (rest, fragment));
    if !escapes(fragment, Part::Fragment) {
        return None;
    }
    let mut url = read(rest, false)?;
    url.tail |= text.contains('#');
    Some(url)
}

/// `url.ParseRequestURI`: absolute, and `#` means nothing.
#[must_use]
pub fn parse_request(text: &str) -> Option<Url> {
    read(text, true)
}

fn read(text: &str, request: bool) -> Option<Url> {
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) || (text.is_empty() && request) {
        return None;
    }
    if text == "*" {
        return Some(Url { path: "*".to_owned(), ..Url::default() });
    }
    let (scheme, rest) = scheme(text)?;
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let mut url = Url { scheme: scheme.to_lowercase(), tail: query.is_some(), ..Url::default() };
    let mut rest = rest;
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            rest.clone_into(&mut url.opaque);
            return Some(url);
        }
        let first = rest.split('/').next().unwrap_or_default();
        if request || first.contains(':') {
            return None;
        }
    }
    let with_authority = !url.scheme.is_empty() || (!request && !rest.starts_with("///"));
    if let (true, Some(inner)) = (with_authority, rest.strip_prefix("//")) {
        let end = inner.find('/').unwrap_or(inner.len());
        let (authority, path) = inner.split_at(end);
        rest = path;
        let host = match authority.rsplit_once('@') {
            Some((user, host)) => user_fits(user).then_some(host)?,
            None => authority,
        };
        url.host = host_of(host)?;
    }
    rest.clone_into(&mut url.path);
    escapes(rest, Part::Path).then_some(url)
}

/// The scheme and what follows it; nothing where the text begins with a colon.
fn scheme(text: &str) -> Option<(&str, &str)> {
    for (at, character) in text.char_indices() {
        match character {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return None,
            ':' => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => return Some(("", text)),
        }
    }
    Some(("", text))
}

fn optional_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn user_fits(user: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(character);
    user.chars().all(allowed) && escapes(user, Part::Path)
}

fn host_of(host: &str) -> Option<String> {
    if host.contains('[') {
        let end = host.rfind(']')?;
        let (inner, port) = (host.get(..end)?, host.get(end + 1..)?);
        let inner = inner.strip_prefix('[')?;
        let address = inner.split_once("%25").map_or(inner, |(address, _)| address);
        address.parse::<std::net::Ipv6Addr>().ok()?;
        return optional_port(port).then(|| unescaped(host));
    }
    if host.rfind(':').and_then(|at| host.get(at..)).is_some_and(|port| !optional_port(port)) {
        return None;
    }
    escapes(host, Part::Host).then(|| unescaped(host))
}

/// A host with the bytes that its escapes stand for: of a zone (`%25`), or of a name that is not ASCII.
fn unescaped(host: &str) -> String {
    let mut bytes = Vec::with_capacity(host.len());
    let mut rest = host;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = byte.and_then(|_| after.get(2..)).unwrap_or(after);
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Host,
    Path,
    Fragment,
}

/// Are all escapes of the text whole, and all its characters allowed there?
fn escapes(text: &str, part: Part) -> bool {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).filter(|byte| byte.is_ascii_hexdigit()).copied();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        if byte == b'%' {
            let (Some(high), Some(_)) = (hex(at + 1), hex(at + 2)) else { return false };
            let ascii = high < b'8';
            if part == Part::Host && ascii && text.get(at..at + 3) != Some("%25") {
                return false;
            }
            at += 3;
            continue;
        }
        let plain = byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte);
        if part == Part::Host && !plain {
            return false;
        }
        at += 1;
    }
    true
}
