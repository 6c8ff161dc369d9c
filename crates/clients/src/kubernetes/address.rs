//! URLs of API servers and proxies: what may be shown of one, and the user info that may not. What is dialled is not decided
//! here.

use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery};
use reqwest::Url;
use tazlab_redacted::SecretText;

use super::error::Cause;
use crate::address::{self, decoded};

/// A user and a password out of a URL.
#[derive(Clone, Debug)]
pub(super) struct UserInfo {
    pub(super) user: SecretText,
    pub(super) password: SecretText,
}

/// Reads the URL of a setting; its user info is taken out of it.
pub(super) fn url(setting: &'static str, value: &str) -> Result<(Uri, Option<UserInfo>), Cause> {
    let invalid = |problem: &str| Cause::InvalidSetting { setting, problem: problem.to_owned() };
    // A host alone, as kubectl and hashicorp/kubernetes take it; what it is sent is never sent in clear for that.
    let whole = if setting == "host" && !value.contains("://") { format!("https://{value}") } else { value.to_owned() };
    let uri: Uri = whole.parse().map_err(|_| invalid("it is not a URL"))?;
    without_user_info(uri)
        .ok_or_else(|| invalid("it must be a URL with a scheme and a host, such as https://10.0.0.1:6443"))
}

/// The URL and its user info; `None` where it is not whole: a host and port alone are a URL to the parser, and nothing that
/// can be dialled.
pub(super) fn without_user_info(uri: Uri) -> Option<(Uri, Option<UserInfo>)> {
    let mut parts = uri.into_parts();
    parts.scheme.as_ref()?;
    let authority = parts.authority.take().filter(|authority| !authority.host().is_empty())?;
    let (user_info, host) = match authority.as_str().rsplit_once('@') {
        None => (None, authority.clone()),
        Some((info, host)) => (Some(user_info(info)), host.parse::<Authority>().ok()?),
    };
    parts.authority = Some(host);
    parts.path_and_query = parts.path_and_query.or_else(|| Some(PathAndQuery::from_static("/")));
    Some((Uri::from_parts(parts).ok()?, user_info))
}

fn user_info(text: &str) -> UserInfo {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    UserInfo { user: decoded(user), password: decoded(password) }
}

/// Scheme, host and port: all that is shown of a URL.
pub(super) fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("https");
    let host = uri.host().unwrap_or_default();
    let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{host}{port}")
}

/// Does it lead to this machine? No proxy is asked for it.
pub(super) fn is_loopback(uri: &Uri) -> bool {
    Url::parse(&uri.to_string()).is_ok_and(|url| address::is_loopback(&url))
}

/// One and the same text for all the ways to write where a server is, `https://10.0.0.1:6443/path`: scheme, host, port and path,
/// without user info and query. `None` for what is not a URL with a host.
fn place(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    // The parser has one form for numbers, letters of either case and names that are percent-encoded or not ASCII.
    let host = url.host_str()?.trim_matches(['[', ']']).trim_end_matches('.');
    let host = match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => host.to_owned(),
    };
    let port = url.port_or_known_default()?;
    Some(format!("{}://{host}:{port}{}", url.scheme(), plain_path(url.path())))
}

/// A path that is percent-encoded only where it must be, and without a slash at its end.
fn plain_path(path: &str) -> String {
    let mut parts = path.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.zip(part.get(2..)) {
            Some((byte, rest)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                plain.push(char::from(byte));
                plain.push_str(rest);
            }
            Some((byte, rest)) => plain.extend(["%", &format!("{byte:02X}"), rest]),
            None => plain.extend(["%", part]),
        }
    }
    plain.trim_end_matches('/').to_owned()
}

/// Where the server of this URL is: no user info, and nothing else of the URL that may be secret.
pub(super) fn shown_place(uri: &Uri) -> String {
    place(&uri.to_string()).unwrap_or_else(|| origin(uri))
}

/// Do these two say the same of where a server is?
#[must_use]
pub fn is_same_place(one: &str, other: &str) -> bool {
    one == other || place(one).is_some_and(|one| Some(one) == place(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_info_is_taken_out_and_never_shown() {
        let (uri, info) = url("host", "https://us%40er:hunter2%2F@10.0.0.1:6443/k8s/c-1").unwrap();
        assert_eq!(uri.to_string(), "https://10.0.0.1:6443/k8s/c-1");
        assert_eq!(origin(&uri), "https://10.0.0.1:6443");
        let info = info.unwrap();
        assert!(info.user.is(b"us@er") && info.password.is(b"hunter2/"));
        assert!(!format!("{info:?}").contains("hunter2"));
        assert_eq!(origin(&"https://u:hunter2@h:1/x?y".parse().unwrap()), "https://h:1");
        assert!(url("host", "https://10.0.0.1:6443").unwrap().1.is_none());
    }

    #[test]
    fn half_a_url_is_refused_without_being_repeated() {
        for wrong in ["user:hunter2@host", "hunter2.example:6443", "https://", "https://u:hunter2@", "a b"] {
            let refused = url("proxy_url", wrong).unwrap_err().to_string();
            assert!(refused.contains("proxy_url") && !refused.contains("hunter2"), "{refused}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        let of = |text: &str| is_loopback(&text.parse().unwrap());
        assert!(of("http://127.0.0.1:1") && of("https://[::1]:1") && of("https://LocalHost") && of("http://127.9.9.9"));
        for here in [
            "http://127.0.0.2",
            "https://[::ffff:127.0.0.1]",
            "https://localhost.",
            "https://a.LOCALHOST",
            "https://2130706433",
            "https://0x7f.1",
            "http://0.0.0.0",
        ] {
            assert!(of(here), "{here}");
        }
        assert!(!of("https://10.0.0.1") && !of("https://localhost.example") && !of("https://[::ffff:10.0.0.1]"));
    }

    #[test]
    fn one_place_has_many_spellings_and_others_are_others() {
        for same in [
            ["https://Kube.Example", "https://kube.example:443/"],
            ["https://kube.example.:6443", "https://kube.example:6443"],
            ["HTTPS://kube.example:6443/k8s/c-1", "https://u:p@kube.example:6443/%6B8s/c%2d1/"],
            ["http://kube.example", "http://kube.example:80"],
            ["https://[::1]:6443", "https://[0:0:0:0:0:0:0:1]:6443"],
            ["https://[::ffff:10.0.0.1]:6443", "https://10.0.0.1:6443"],
            ["https://2130706433:1", "https://127.0.0.1:1"],
            ["https://b\u{fc}cher.example", "https://xn--bcher-kva.example"],
        ] {
            assert!(is_same_place(same[0], same[1]), "{same:?}");
        }
        for other in [
            ["https://10.0.0.1:6443", "https://10.0.0.2:6443"],
            ["https://10.0.0.1:6443", "https://10.0.0.1:6444"],
            ["https://10.0.0.1:6443", "http://10.0.0.1:6443"],
            ["https://a/k8s/c-1", "https://a/k8s/c-2"],
            ["https://a/k8s/C", "https://a/k8s/c"],
            ["https://a/x%2Fy", "https://a/x/y"],
            ["https://a.example", "https://b.a.example"],
            ["not a URL", "https://a"],
        ] {
            assert!(!is_same_place(other[0], other[1]), "{other:?}");
        }
        let shown = shown_place(&"https://10.0.0.1/k8s/c-1/?token=hunter2".parse().unwrap());
        assert_eq!(shown, "https://10.0.0.1:443/k8s/c-1");
    }
}
