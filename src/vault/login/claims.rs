//! Where a token has its claims: what a name that finds nothing was meant to name.
//!
//! Vault takes a key without a slash at its beginning as the name of a claim at the top, whatever is in it, and one with a slash as a
//! JSON pointer (RFC 6901), in which `/` separates and a dot does not (vault-plugin-auth-jwt `claims.go`, pointerstructure).

use serde_json::{Map, Value, json};
use tazlab_jwk::token::Token;

/// Names that tokens of Kubernetes had before they were bound (`pkg/serviceaccount/legacy.go`), and where bound tokens have these.
const LEGACY: &[(&str, &str)] = &[
    ("kubernetes.io/serviceaccount/namespace", "/kubernetes.io/namespace"),
    ("kubernetes.io/serviceaccount/service-account.name", "/kubernetes.io/serviceaccount/name"),
    ("kubernetes.io/serviceaccount/service-account.uid", "/kubernetes.io/serviceaccount/uid"),
    ("kubernetes.io/serviceaccount/secret.name", "/kubernetes.io/secret/name"),
];

/// Where a bound token says whose it is: what nobody but the API server chooses.
pub const NAMESPACE: &str = "/kubernetes.io/namespace";
/// The same of the ServiceAccount's name.
pub const ACCOUNT: &str = "/kubernetes.io/serviceaccount/name";

/// The ServiceAccount's UID, which no other cluster has.
pub const UID: &str = "/kubernetes.io/serviceaccount/uid";

/// Where all claims of a ServiceAccount's bound token are (KEP 1205, 4193), for who asks without a token at hand.
#[must_use]
pub fn of_a_bound_token() -> Token {
    let object = || json!({"name": "a", "uid": "a"});
    let claims = json!({
        "iss": "a", "sub": "system:serviceaccount:a:a", "aud": ["a"], "jti": "a", "exp": 1, "iat": 1, "nbf": 1,
        "kubernetes.io": {
            "namespace": "a", "serviceaccount": object(), "pod": object(), "node": object(), "secret": object(), "warnafter": 1,
        },
    });
    Token::of_claims(claims.as_object().cloned().unwrap_or_default())
}

/// How near a place is to what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// The whole path, written in another way.
    Path,
    /// What it was called in tokens of another time.
    Legacy,
    /// The end of the path.
    Tail,
    /// The last name alone.
    Name,
}

/// A claim that may have been meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Place<'a> {
    /// How Vault names it: a JSON pointer, or the plain name of a claim at the top.
    pub key: String,
    /// What the token says there: a text, a number, a bool or a list.
    pub value: &'a Value,
    /// How near it is.
    pub nearness: Nearness,
}

/// Every claim that a key may have meant, the nearest first, and of these that of the ServiceAccount itself: names of pods and
/// nodes are chosen by others.
#[must_use]
pub fn places<'a>(claims: &'a Map<String, Value>, key: &str) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    walk(claims, &mut Vec::new(), &mut |path, value| {
        let at = key_of(path);
        if at != key
            && let Some(nearness) = nearness(key, path, &at)
        {
            found.push(Place { key: at, value, nearness });
        }
    });
    let is_others = |key: &str| !(key.starts_with(NAMESPACE) || key.starts_with("/kubernetes.io/serviceaccount/"));
    found.sort_by_key(|place| (place.nearness, is_others(&place.key), place.key.matches('/').count()));
    found
}

/// Everything that lies below an object, with its JSON pointer.
#[must_use]
pub fn below<'a>(object: &'a Map<String, Value>, key: &str) -> Vec<(String, &'a Value)> {
    let mut found = Vec::new();
    let base = if key.starts_with('/') { key.to_owned() } else { format!("/{}", escaped(key)) };
    walk(object, &mut Vec::new(), &mut |path, value| found.push((format!("{base}{}", pointer(path)), value)));
    found
}

fn walk<'a>(object: &'a Map<String, Value>, path: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&'a str], &'a Value)) {
    for (name, value) in object {
        path.push(name);
        match value {
            Value::Object(members) => walk(members, path, visit),
            Value::Null => {}
            leaf => visit(path, leaf),
        }
        path.pop();
    }
}

/// How Vault names the claim at a path.
fn key_of(path: &[&str]) -> String {
    match path {
        [name] if !name.starts_with('/') => (*name).to_owned(),
        _ => pointer(path),
    }
}

fn pointer(path: &[&str]) -> String {
    path.iter().flat_map(|part| ["/".to_owned(), escaped(part)]).collect()
}

fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

fn nearness(key: &str, path: &[&str], at: &str) -> Option<Nearness> {
    let (written, real) = (plain(key), plain(&path.join("/")));
    if written.is_empty() {
        return None;
    }
    if written == real {
        return Some(Nearness::Path);
    }
    if LEGACY.iter().any(|(old, new)| *new == at && plain(old) == written) {
        return Some(Nearness::Legacy);
    }
    let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.ends_with('.'));
    if ends(&real, &written) || ends(&written, &real) {
        return Some(Nearness::Tail);
    }
    let last = path.last().map(|last| plain(last))?;
    let named = [key.rsplit('/').next().map(plain), written.rsplit('.').next().map(ToOwned::to_owned)];
    named.into_iter().flatten().any(|name| name == last).then_some(Nearness::Name)
}

/// A path with one separator, whatever it was written with: `$.a.b`, `a/b`, `/a/b`, `a['b']`.
fn plain(path: &str) -> String {
    let path = path.replace("~1", "/").replace("~0", "~").to_lowercase();
    let parts = path.split(['/', '.', '[', ']', '\'', '"', '$']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Map<String, Value> {
        let claims = json!({
            "sub": "system:serviceaccount:apps:web", "aud": ["vault"], "nothing": null,
            "kubernetes.io": {
                "namespace": "apps",
                "serviceaccount": {"name": "web", "uid": "u"},
                "pod": {"name": "web-0", "uid": "p"},
            },
            "odd/name": {"~": {"deep": "x"}},
        });
        claims.as_object().unwrap().clone()
    }

    #[test]
    fn a_name_is_found_however_it_was_written() {
        let claims = claims();
        for (written, key, nearness) in [
            ("kubernetes.io/namespace", NAMESPACE, Nearness::Path),
            ("kubernetes.io.namespace", NAMESPACE, Nearness::Path),
            ("/kubernetes.io.namespace", NAMESPACE, Nearness::Path),
            ("/kubernetes/io/namespace", NAMESPACE, Nearness::Path),
            ("$.kubernetes.io.namespace", NAMESPACE, Nearness::Path),
            ("$[\"kubernetes.io\"].namespace", NAMESPACE, Nearness::Path),
            ("kubernetes.io['namespace']", NAMESPACE, Nearness::Path),
            ("/Kubernetes.io/Namespace", NAMESPACE, Nearness::Path),
            ("/kubernetes.io~1namespace", NAMESPACE, Nearness::Path),
            ("/sub", "sub", Nearness::Path),
            ("kubernetes.io/serviceaccount/namespace", NAMESPACE, Nearness::Legacy),
            ("kubernetes.io/serviceaccount/service-account.name", ACCOUNT, Nearness::Legacy),
            (
                "/kubernetes.io/serviceaccount/service-account.uid",
                "/kubernetes.io/serviceaccount/uid",
                Nearness::Legacy,
            ),
            ("namespace", NAMESPACE, Nearness::Tail),
            ("serviceaccount/name", ACCOUNT, Nearness::Tail),
            ("serviceaccount.name", ACCOUNT, Nearness::Tail),
            ("claims/sub", "sub", Nearness::Tail),
            ("/metadata/namespace", NAMESPACE, Nearness::Name),
            ("odd/name/~/deep", "/odd~1name/~0/deep", Nearness::Path),
        ] {
            let found = places(&claims, written);
            let first = found.first().unwrap_or_else(|| panic!("{written} finds nothing"));
            assert_eq!((first.key.as_str(), first.nearness), (key, nearness), "{written}");
        }
        for written in ["team", "kubernetes.io/node", "", "/", "nothing", "sub"] {
            assert_eq!(places(&claims, written), [], "{written}");
        }
    }

    #[test]
    fn the_service_accounts_own_name_comes_before_names_that_others_choose() {
        let claims = claims();
        let found: Vec<String> = places(&claims, "name").into_iter().map(|place| place.key).collect();
        assert_eq!(found, [ACCOUNT, "/kubernetes.io/pod/name"]);
        let account = claims["kubernetes.io"]["serviceaccount"].as_object().unwrap();
        let keys: Vec<String> =
            below(account, "/kubernetes.io/serviceaccount").into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [ACCOUNT, "/kubernetes.io/serviceaccount/uid"]);
        assert_eq!(below(account, "a/b")[0].0, "/a~1b/name");
    }
}
