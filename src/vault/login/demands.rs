//! What a role demands of a token, checked as Vault checks it (vault-plugin-auth-jwt `path_login.go` and `claims.go`, v0.26).

use serde_json::{Map, Value, json};
use tazlab_clients::vault::JwtRole;
use tazlab_jwk::token::Token;

use super::claims::{ACCOUNT, NAMESPACE, places};
use super::pattern::fits;

/// The single values of a claim, or of what is demanded of one: Vault compares texts, numbers, bools and lists of them.
/// `None` of an object, which it refuses.
#[must_use]
pub fn values(claim: &Value) -> Option<Vec<&Value>> {
    match claim {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(_) | Value::Null => None,
        one => Some(vec![one]),
    }
}

/// A value as it is shown.
#[must_use]
pub fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Are `bound_claims` of this role patterns?
#[must_use]
pub fn is_glob(role: &JwtRole) -> bool {
    role.bound_claims_type == "glob"
}

/// Does a claim of this value meet what `bound_claims` demand of it?
#[must_use]
pub fn meets(claim: &Value, demanded: &Value, glob: bool) -> bool {
    let (Some(says), Some(wants)) = (values(claim), values(demanded)) else { return false };
    wants.iter().any(|want| says.iter().any(|said| meets_one(said, want, glob)))
}

/// One value and one of those that are demanded. A text is never equal to a number.
#[must_use]
pub fn meets_one(said: &Value, want: &Value, glob: bool) -> bool {
    match (said, want) {
        (Value::String(said), Value::String(want)) if glob => fits(want, said),
        _ => said == want && !glob,
    }
}

/// The claim that names who logs in, where Vault looks for it.
#[must_use]
pub fn user<'a>(role: &JwtRole, token: &'a Token) -> Option<&'a Value> {
    if role.user_claim_json_pointer { token.claim(&role.user_claim) } else { token.member(&role.user_claim) }
}

/// Can Vault make groups of this claim?
#[must_use]
pub fn is_groups(claim: &Value) -> bool {
    values(claim).is_some_and(|all| all.iter().all(|one| one.is_string()))
}

/// Does the audience of the token meet the role's?
#[must_use]
pub fn audience_meets(role: &JwtRole, token: &Token) -> bool {
    let says = token.audiences();
    if role.bound_audiences.is_empty() {
        return says.iter().all(|one| one.is_empty());
    }
    role.bound_audiences.iter().any(|want| says.contains(&want.as_str()))
}

/// Does the role keep out a token of the same issuer and for the same audience that is of another ServiceAccount in another
/// namespace? Any pod can have a token for any audience, so that an audience alone keeps out nobody.
#[must_use]
pub fn keeps_strangers_out(role: &JwtRole, token: &Token) -> bool {
    let stranger = stranger(token);
    let demands = |(name, demanded): (&String, &Value)| {
        !stranger.claim(name).is_some_and(|says| meets(says, demanded, is_glob(role)))
    };
    !role.bound_subject.is_empty() || role.bound_claims.iter().any(demands)
}

/// The token of somebody whom nobody names.
fn stranger(token: &Token) -> Token {
    const NOBODY: &str = "zz9-nobody";
    let subject = format!("system:serviceaccount:{NOBODY}:{NOBODY}");
    let claims: Map<String, Value> = token
        .claims()
        .iter()
        .map(|(name, value)| {
            let value = match name.as_str() {
                // What all tokens of a cluster, or for one audience, have in common.
                "iss" | "aud" => value.clone(),
                "sub" => json!(subject),
                _ => other(value, NOBODY),
            };
            (name.clone(), value)
        })
        .collect();
    token.with_claims(claims)
}

/// The same value with other texts.
fn other(value: &Value, text: &str) -> Value {
    match value {
        Value::String(_) => json!(text),
        Value::Array(items) => items.iter().map(|item| other(item, text)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), other(value, text))).collect(),
        same => same.clone(),
    }
}

/// Who a token is, in claims that only the API server writes: namespace and name of its ServiceAccount.
#[must_use]
pub fn identity(token: &Token) -> Option<[(&'static str, &str); 2]> {
    Some([(NAMESPACE, token.text(NAMESPACE)?), (ACCOUNT, token.text(ACCOUNT)?)])
}

/// Do the role's `bound_claims` demand this value of a claim, and no other? A key that names no claim lets in nobody, and counts as
/// what it was meant to name.
#[must_use]
pub fn binds(role: &JwtRole, token: &Token, claim: &str, value: &str) -> bool {
    let is_meant = |key: &str| {
        token.claim(key).is_none() && places(token.claims(), key).first().is_some_and(|place| place.key == claim)
    };
    let is_exact = |demanded: &Value| {
        values(demanded).is_some_and(|all| !all.is_empty() && all.iter().all(|one| one.as_str() == Some(value)))
    };
    let is_pattern = is_glob(role) && value.contains('*');
    let is_named = |key: &str| key == claim || key.strip_prefix('/') == Some(claim) || is_meant(key);
    !is_pattern && role.bound_claims.iter().any(|(key, demanded)| is_named(key) && is_exact(demanded))
}

/// Is the role for the token's ServiceAccount and for no other?
#[must_use]
pub fn is_of_account(role: &JwtRole, token: &Token) -> bool {
    let Some(subject) = token.text("sub").filter(|subject| !subject.is_empty()) else { return false };
    role.bound_subject == subject
        || binds(role, token, "sub", subject)
        || identity(token).is_some_and(|all| all.iter().all(|(name, value)| binds(role, token, name, value)))
}
