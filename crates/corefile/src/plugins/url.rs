//! URLs as Go's `net/url` accepts them, as far as plugins give theirs to it.

/// Whether `url.Parse` takes the text.
pub(super) fn parses(text: &str) -> bool {
    let (text, _) = text.split_once('#').unwrap_or((text, ""));
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) || text.starts_with(':') {
        return false;
    }
    let Some((scheme, rest)) = split_scheme(text) else {
        return escapes_are_whole(text) && !colon_in_first_segment(text);
    };
    let _ = scheme;
    let rest = rest.split('?').next().unwrap_or_default();
    let Some(authority) = rest.strip_prefix("//") else { return escapes_are_whole(rest) };
    let (authority, path) =
        authority.find('/').and_then(|at| authority.split_at_checked(at)).unwrap_or((authority, ""));
    escapes_are_whole(path) && host_is_good(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}

/// The scheme and the host with port of an absolute URL.
pub(super) fn scheme_and_host(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = split_scheme(text)?;
    let rest = rest.strip_prefix("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some((scheme, authority.rsplit_once('@').map_or(authority, |(_, host)| host)))
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    good.then_some((scheme, rest))
}

fn colon_in_first_segment(text: &str) -> bool {
    text.split('/').next().is_some_and(|segment| segment.contains(':'))
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2)
}

fn host_is_good(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some(parts) => parts,
            None => return false,
        },
        None => host.rfind(':').and_then(|at| host.split_at_checked(at)).unwrap_or((host, "")),
    };
    let port_is_good = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let allowed = |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:[]<>\"%".contains(&byte);
    port_is_good && name.bytes().all(allowed) && (host.starts_with('[') || escapes_are_whole(name))
}
