//! What the role demands of a token.

use serde_json::Value;
use tazlab_clients::vault::JwtRole;
use tazlab_jwk::token::Token;

use super::compare::{fits, near_miss};
use super::explain::{By, Claim, one_of, quoted};
use super::hcl;

pub(super) fn subject(token: &Token, role: &JwtRole) -> Option<Claim> {
    if role.bound_subject.is_empty() {
        return None;
    }
    let says = token.text("sub").unwrap_or_default();
    let hint = if role.bound_subject.contains('*') {
        Some(
            "bound_subject is compared exactly; patterns belong in bound_claims with bound_claims_type = \"glob\""
                .to_owned(),
        )
    } else {
        near_miss(says, &role.bound_subject)
    };
    Some(Claim {
        name: "sub".to_owned(),
        token: quoted(says),
        demanded: quoted(&role.bound_subject),
        by: By::Role,
        met: says == role.bound_subject,
        hint: hint.filter(|_| says != role.bound_subject),
        fix: format!("bound_subject = {} in the role", hcl::text(says)),
    })
}

pub(super) fn audience(token: &Token, role: &JwtRole) -> Claim {
    let says = token.audiences();
    let wants: Vec<&str> = role.bound_audiences.iter().map(String::as_str).collect();
    let met = if wants.is_empty() { says.is_empty() } else { says.iter().any(|one| wants.contains(one)) };
    let pairs = says.iter().flat_map(|one| wants.iter().map(move |want| (*one, *want)));
    let hint = if wants.is_empty() && !met {
        Some(
            "every ServiceAccount token has an audience, so a role without bound_audiences refuses every login"
                .to_owned(),
        )
    } else {
        pairs.filter(|_| !met).find_map(|(one, want)| near_miss(one, want))
    };
    let fix = match wants.first() {
        Some(want) if !want.contains(',') => format!(
            "audience = {} where the token is requested, or bound_audiences = {} in the role",
            hcl::text(want),
            hcl::list(says.iter().copied())
        ),
        _ => format!("bound_audiences = {} in the role", hcl::list(says.iter().copied())),
    };
    Claim {
        name: "aud".to_owned(),
        token: if says.is_empty() { "nothing".to_owned() } else { hcl::list(says.iter().copied()) },
        demanded: if wants.is_empty() { "no audience".to_owned() } else { one_of(&wants) },
        by: By::Role,
        met,
        hint,
        fix,
    }
}

/// The claims that the role takes the user's and the groups' names from.
pub(super) fn needed(token: &Token, role: &JwtRole) -> Vec<Claim> {
    let user = if role.user_claim_json_pointer || !role.user_claim.starts_with('/') {
        token.claim(&role.user_claim)
    } else {
        None
    };
    let user = (("user_claim", &role.user_claim), user.is_some_and(Value::is_string));
    let groups = (("groups_claim", &role.groups_claim), token.claim(&role.groups_claim).is_some());
    let missing = [user, groups].into_iter().filter(|((_, claim), there)| !claim.is_empty() && !there);
    missing
        .map(|((argument, claim), _)| Claim {
            name: claim.clone(),
            token: "nothing".to_owned(),
            demanded: format!("a value ({argument})"),
            by: By::Role,
            met: false,
            hint: None,
            fix: if argument == "user_claim" {
                "user_claim = \"sub\" in the role".to_owned()
            } else {
                "no groups_claim in the role: tokens of ServiceAccounts have none".to_owned()
            },
        })
        .collect()
}

pub(super) fn bound(token: &Token, role: &JwtRole) -> Vec<Claim> {
    let glob = role.bound_claims_type == "glob";
    let one = |(name, demanded): (&String, &Value)| {
        let wants = texts(demanded);
        let says = token.claim(name).map(texts);
        let fits = |said: &String| wants.iter().any(|want| if glob { fits(want, said) } else { want == said });
        let met = says.as_ref().is_some_and(|says| says.iter().any(fits));
        let hint = (!met && !glob && wants.iter().any(|want| want.contains('*')))
            .then(|| "a pattern needs bound_claims_type = \"glob\"".to_owned());
        let pairs = says.iter().flatten().flat_map(|said| wants.iter().map(move |want| (said, want)));
        let hint = hint.or_else(|| pairs.filter(|_| !met).find_map(|(said, want)| near_miss(said, want)));
        let said = |says: &Vec<String>| hcl::list(says.iter().map(String::as_str));
        Claim {
            name: name.clone(),
            token: says.as_ref().map_or_else(|| "nothing".to_owned(), said),
            demanded: one_of(&wants.iter().map(String::as_str).collect::<Vec<_>>()),
            by: By::Role,
            met,
            hint,
            fix: match &says {
                Some(says) => format!("bound_claims = {{ {} = {} }} in the role", hcl::text(name), said(says)),
                None => format!("no {} in bound_claims of the role", hcl::text(name)),
            },
        }
    };
    role.bound_claims.iter().map(one).collect()
}

/// A claim's value as the texts that Vault compares.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}
