//! URLs of API servers and proxies: what may be shown of one, and the user info that may not. What is dialled is not decided
//! here.

use http::Uri;
use http::uri::{Authority, PathAndQuery};
use tazlab_redacted::SecretText;

use super::error::Cause;
use crate::address::decoded;

/// A user and a password out of a URL.
#[derive(Clone, Debug)]
pub(super) struct UserInfo {
    pub(super) user: SecretText,
    pub(super) password: SecretText,
}

/// Reads the URL of a setting; its user info is taken out of it.
pub(super) fn url(setting: &'static str, value: &str) -> Result<(Uri, Option<UserInfo>), Cause> {
    let invalid = |problem: &str| Cause::InvalidSetting { setting, problem: problem.to_owned() };
    let uri: Uri = value.parse().map_err(|_| invalid("it is not a URL"))?;
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
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    address || host.eq_ignore_ascii_case("localhost")
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
        assert!(!of("https://10.0.0.1") && !of("https://localhost.example"));
    }
}
