//! Vault's checks, as vault-plugin-auth-jwt v0.26 makes them.

use std::sync::LazyLock;

use serde_json::Value;
use tazlab_clients::vault::{JwtConfig, JwtRole};
use tazlab_jwk::PublicKey;

use super::{Case, Person};
use crate::vault::login::advice::Setup;

static OTHER: LazyLock<String> = LazyLock::new(|| other_key().to_pem());

/// The key of the other cluster.
///
/// # Panics
/// Never: the bytes are a key.
#[must_use]
pub fn other_key() -> PublicKey {
    PublicKey::ed25519(&[7; 32]).unwrap()
}

/// Does Vault let this token in, at the role or at one that was made beside it?
#[must_use]
pub fn accepts(case: &Case, setup: &Setup, person: &Person) -> bool {
    at_mount(case, &setup.config, person)
        && [&setup.role].into_iter().chain(&setup.beside).any(|role| role_accepts(role, person))
}

fn at_mount(case: &Case, config: &JwtConfig, person: &Person) -> bool {
    let algorithm = if person.ours { "RS256" } else { "EdDSA" };
    let known = if config.jwt_validation_pubkeys.is_empty() {
        match case.by_url {
            Some(ours) => ours == person.ours,
            None => {
                if person.ours {
                    case.keys.0
                } else {
                    case.keys.1
                }
            }
        }
    } else {
        let other = OTHER.as_str();
        let theirs = config.jwt_validation_pubkeys.iter().filter(|pem| pem.trim() == other.trim()).count();
        if person.ours { config.jwt_validation_pubkeys.len() > theirs } else { theirs > 0 }
    };
    let algorithms = &config.jwt_supported_algs;
    known
        && (algorithms.is_empty() || algorithms.iter().any(|one| one == algorithm))
        && (config.bound_issuer.is_empty() || config.bound_issuer == person.issuer)
}

/// Does the role let in this token, at a mount that accepts it?
#[must_use]
pub fn role_accepts(role: &JwtRole, person: &Person) -> bool {
    // What is cheap first: hundreds of thousands are asked.
    role.bound_audiences.iter().any(|one| person.audiences.contains(one))
        && (role.bound_subject.is_empty() || role.bound_subject == person.subject())
        && at_role(role, person, &person.claims())
}

/// Do the role's bounds, but for the audience, name whose token it is?
#[must_use]
pub fn bounds_name(role: &JwtRole, person: &Person) -> bool {
    let claims = person.claims();
    let is_subject = role.bound_subject.is_empty() || role.bound_subject == person.subject();
    is_subject && !role.bound_claims.is_empty() && bound_claims(role, &claims)
}

fn at_role(role: &JwtRole, person: &Person, claims: &Value) -> bool {
    if role.role_type == "oidc" || (!role.bound_subject.is_empty() && role.bound_subject != person.subject()) {
        return false;
    }
    if !role.bound_audiences.iter().any(|one| person.audiences.contains(one)) {
        return false;
    }
    let user = if role.user_claim_json_pointer { get(claims, &role.user_claim) } else { claims.get(&role.user_claim) };
    if !user.is_some_and(Value::is_string) {
        return false;
    }
    if role.claim_mappings.keys().any(|name| get(claims, name).is_some_and(|value| !value.is_string())) {
        return false;
    }
    if !role.groups_claim.is_empty() {
        let groups = get(claims, &role.groups_claim).and_then(list);
        if !groups.is_some_and(|all| all.iter().all(|one| one.is_string())) {
            return false;
        }
    }
    bound_claims(role, claims)
}

fn bound_claims(role: &JwtRole, claims: &Value) -> bool {
    role.bound_claims.iter().all(|(name, demanded)| {
        let Some(says) = get(claims, name).and_then(list) else { return false };
        let Some(wants) = list(demanded) else { return false };
        wants.iter().any(|want| {
            says.iter().any(|said| match (role.bound_claims_type.as_str(), want.as_str(), said.as_str()) {
                ("glob", Some(want), Some(said)) => glob(want, said),
                ("glob", ..) => false,
                _ => want == said,
            })
        })
    })
}

/// A key with a slash at its beginning is a JSON pointer.
fn get<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') { claims.pointer(name) } else { claims.get(name) }
}

fn list(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(all) => Some(all.iter().collect()),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(vec![value]),
        _ => None,
    }
}

/// `*` is any text (ryanuber/go-glob v1.0.0).
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            after.is_empty() || (0..=rest.len()).any(|at| rest.is_char_boundary(at) && glob(after, &rest[at..]))
        }),
    }
}
