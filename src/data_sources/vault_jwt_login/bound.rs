//! What `bound_claims` demand of a token, one by one.

use serde_json::Value;
use tazlab_jwk::token::Token;

use super::explain::{By, Claim, one_of};
use crate::vault::login::advice::{Advice, Change, Setup};
use crate::vault::login::claims::{NAMESPACE, Nearness, Place, below, places};
use crate::vault::login::demands::{is_glob, meets, meets_one, shown, values};
use crate::vault::login::hcl;
use crate::vault::login::pattern::{Pattern, is_slip, meant, near_miss};

pub(super) fn bound(token: &Token, setup: &Setup) -> Vec<Claim> {
    setup.role.bound_claims.iter().map(|(name, demanded)| one(token, setup, name, demanded)).collect()
}

fn one(token: &Token, setup: &Setup, name: &str, demanded: &Value) -> Claim {
    let glob = is_glob(&setup.role);
    let wants: Vec<String> = values(demanded).unwrap_or_default().into_iter().map(shown).collect();
    let wants = one_of(&wants.iter().map(String::as_str).collect::<Vec<_>>());
    let Some(says) = token.claim(name) else {
        let claim = Claim::of(name, "nothing".to_owned(), wants, By::Role, false);
        let (hint, advice) = missing(token, setup, name, demanded);
        return claim.hinted(Some(hint)).advised(advice);
    };
    let told = match values(says) {
        Some(all) => hcl::list(all.into_iter().map(shown).collect::<Vec<_>>().iter().map(String::as_str)),
        None => says.to_string(),
    };
    let met = meets(says, demanded, glob);
    let claim = Claim::of(name, told, wants, By::Role, met);
    if met {
        return claim;
    }
    let (hint, advice) = match says {
        Value::Object(members) => object(token, setup, name, demanded, &below(members, name)),
        says => unmet(token, setup, name, says, demanded),
    };
    claim.hinted(hint).advised(advice)
}

/// The token has no such claim.
fn missing(token: &Token, setup: &Setup, name: &str, demanded: &Value) -> (String, Advice) {
    let near = places(token.claims(), name);
    // What Vault would find there must be what is demanded: else somebody else is meant.
    let fits = near.iter().find(|place| is_asked_for(setup, place.value, demanded) && is_free(setup, &place.key));
    let Some(place) = fits.or_else(|| near.first()) else {
        let hint = "no claim of the token has this name, at any depth".to_owned();
        return (hint, Advice::of_role(Change::ReplaceClaim(name.to_owned()), setup, token));
    };
    let advice = renamed(token, setup, name, place, fits.is_some());
    if !place.key.starts_with('/') {
        return (format!("the token has it at the top, where its key is {}", hcl::text(&place.key)), advice);
    }
    let hint = format!(
        "the token has it at {}: write the key as a JSON pointer, which begins with a slash and in which only slashes separate",
        place.key
    );
    (with_value(hint, place, fits.is_some()), advice)
}

/// Is this what is demanded, or what it was meant to be?
fn is_asked_for(setup: &Setup, says: &Value, demanded: &Value) -> bool {
    let (says, wants) = (values(says).unwrap_or_default(), values(demanded).unwrap_or_default());
    let glob = is_glob(&setup.role);
    let texts = |said: &Value, want: &Value| {
        let (said, want) = (said.as_str()?, want.as_str()?);
        Some(meant(want, said).is_some() || is_slip(said, want))
    };
    says.iter().any(|said| wants.iter().any(|want| meets_one(said, want, glob) || texts(said, want) == Some(true)))
}

/// May a bound be moved to this key without losing another?
fn is_free(setup: &Setup, key: &str) -> bool {
    !setup.role.bound_claims.contains_key(key)
}

fn with_value(hint: String, place: &Place<'_>, fits: bool) -> String {
    if fits { hint } else { format!("{hint}; and it says {} there", shown(place.value)) }
}

fn renamed(token: &Token, setup: &Setup, name: &str, place: &Place<'_>, fits: bool) -> Advice {
    // A name alone may be that of something else: only what the token says there makes it likely.
    let is_path = name.trim_start_matches('/').contains(['/', '.']);
    let is_named = place.nearness <= Nearness::Legacy || (place.nearness == Nearness::Tail && is_path);
    if fits && (is_named || is_own(&place.key)) {
        let change = Change::RenameClaim { from: name.to_owned(), to: place.key.clone() };
        return Advice::of_role(change, setup, token);
    }
    Advice::own_role(setup, token)
}

/// Is it a claim that says whose the token is? Names of pods and nodes are chosen by others.
fn is_own(key: &str) -> bool {
    key == "sub" || key == NAMESPACE || key.starts_with("/kubernetes.io/serviceaccount/")
}

/// The claim is an object, which Vault compares with nothing.
fn object(
    token: &Token,
    setup: &Setup,
    name: &str,
    demanded: &Value,
    below: &[(String, &Value)],
) -> (Option<String>, Advice) {
    let hint = "this is an object, which Vault does not compare: name a claim in it";
    // What is deeper has no name in the key, and a value alone may be that of something else.
    let is_direct = |key: &str| key.matches('/').count() == name.trim_start_matches('/').matches('/').count() + 2;
    let fits =
        below.iter().find(|(key, value)| is_direct(key) && is_free(setup, key) && is_asked_for(setup, value, demanded));
    match fits {
        Some((key, _)) => {
            let change = Change::RenameClaim { from: name.to_owned(), to: key.clone() };
            (Some(format!("{hint}, {}", hcl::text(key))), Advice::of_role(change, setup, token))
        }
        None => (Some(hint.to_owned()), Advice::own_role(setup, token)),
    }
}

/// The claim is there and says something else.
fn unmet(token: &Token, setup: &Setup, name: &str, says: &Value, demanded: &Value) -> (Option<String>, Advice) {
    let glob = is_glob(&setup.role);
    let says = values(says).unwrap_or_default();
    let wants = values(demanded).unwrap_or_default();
    let pairs = || says.iter().flat_map(|said| wants.iter().map(move |want| (*said, *want)));
    let texts = || pairs().filter_map(|(said, want)| Some((said.as_str()?, want.as_str()?, want)));
    let exact = |said: &str, written: &Value| {
        // A star in it would be a pattern again.
        if glob && said.contains('*') {
            return Advice::own_role(setup, token);
        }
        let change = Change::ExactClaim { claim: name.to_owned(), written: written.clone(), exact: said.to_owned() };
        Advice::of_role(change, setup, token)
    };
    for (said, want, written) in texts() {
        let hint = match meant(want, said) {
            Some(Pattern::Glob) => {
                format!("{} is a glob pattern, and a pattern needs bound_claims_type = \"glob\"", hcl::text(want))
            }
            Some(kind) => format!(
                "{} is {kind}, which Vault does not support: with bound_claims_type = \"glob\" * matches any text, and nothing else is special",
                hcl::text(want)
            ),
            None => continue,
        };
        return (Some(hint), exact(said, written));
    }
    let near = || texts().find_map(|(said, want, _)| near_miss(said, want));
    if let Some((said, _, written)) = texts().find(|(said, want, _)| is_slip(said, want)) {
        return (near(), exact(said, written));
    }
    let types = pairs().find(|(said, want)| shown(said) == shown(want) && !meets_one(said, want, glob));
    let types = types.map(|(said, _)| {
        let kind = if said.is_number() {
            "a number"
        } else if said.is_boolean() {
            "a bool"
        } else {
            "a text"
        };
        format!("the token has {kind} there, which never equals a text")
    });
    (types.or_else(near), Advice::own_role(setup, token))
}
