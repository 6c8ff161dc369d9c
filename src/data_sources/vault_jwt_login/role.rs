//! What the role demands of a token.

use serde_json::Value;
use tazlab_clients::vault::JwtRole;
use tazlab_jwk::token::Token;

use super::explain::{By, Claim, one_of, quoted};
use crate::vault::login::advice::{AUDIENCE, Advice, Change, Setup};
use crate::vault::login::claims::{Nearness, places};
use crate::vault::login::demands::{audience_meets, is_groups, meets, user, values};
use crate::vault::login::hcl;
use crate::vault::login::pattern::{Pattern, covers, is_listed, meant, near_miss};

/// How `bound_claims` may name the claim that `bound_subject` is compared with.
const SUBJECT: [&str; 2] = ["sub", "/sub"];

pub(super) fn subject(token: &Token, setup: &Setup) -> Option<Claim> {
    let (role, says) = (&setup.role, token.text("sub").unwrap_or_default());
    let wants = role.bound_subject.as_str();
    if wants.is_empty() {
        return None;
    }
    let met = says == wants;
    let claim = Claim::of("sub", quoted(says), quoted(wants), By::Role, met);
    if met {
        return Some(claim);
    }
    let kind = meant(wants, says).or_else(|| wants.contains('*').then_some(Pattern::Glob));
    let hint = match kind {
        Some(Pattern::Glob) => Some("bound_subject is compared exactly, and this is a glob pattern: patterns belong in bound_claims with bound_claims_type = \"glob\"".to_owned()),
        Some(kind) => Some(format!("bound_subject is compared exactly, and this is {kind}, which Vault does not support: it supports bound_claims with bound_claims_type = \"glob\", in which * matches any text")),
        None => near_miss(says, wants),
    };
    let (advice, disagreement) = match demanded_of_subject(role) {
        Some(globs) => beside(wants, says, &globs, setup, token),
        None if meant(wants, says).is_some() || is_same_subject(wants, says) => {
            (Advice::of_role(Change::ExactSubject(says.to_owned()), setup, token), None)
        }
        None => (Advice::own_role(setup, token), None),
    };
    Some(claim.hinted(disagreement.or(hint)).advised(advice))
}

/// What `bound_claims` demand of `sub`, where they demand anything that may be a text.
fn demanded_of_subject(role: &JwtRole) -> Option<Vec<String>> {
    let demanded = SUBJECT.iter().find_map(|name| role.bound_claims.get(*name))?;
    Some(values(demanded)?.into_iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect())
}

/// `bound_subject` beside a bound of the same claim: one of the two is too much, and no other `bound_subject` would be right.
fn beside(wants: &str, says: &str, others: &[String], setup: &Setup, token: &Token) -> (Advice, Option<String>) {
    let glob = setup.role.bound_claims_type == "glob";
    let demanded = token.claim("sub").zip(SUBJECT.iter().find_map(|name| setup.role.bound_claims.get(*name)));
    let lets_in = demanded.is_some_and(|(says, demanded)| meets(says, demanded, glob));
    let listed = one_of(&others.iter().map(String::as_str).collect::<Vec<_>>());
    if !lets_in {
        // What is meant there is told with that bound.
        let exact = meant(wants, says).is_some() || is_same_subject(wants, says);
        let advice = if exact {
            Advice::of_role(Change::ExactSubject(says.to_owned()), setup, token)
        } else {
            Advice::own_role(setup, token)
        };
        return (advice, None);
    }
    let disagreement =
        format!("bound_subject and bound_claims both demand something of sub, and disagree: bound_claims say {listed}");
    let exact = || Advice::of_role(Change::ExactSubject(says.to_owned()), setup, token);
    let advice = match meant(wants, says) {
        _ if is_same_subject(wants, says) => return (exact(), None),
        // The other bound lets in fewer, so that this one is too much.
        Some(Pattern::Glob) if others.iter().all(|other| covers(wants, other)) => {
            Advice::of_role(Change::ClearSubject, setup, token)
        }
        // Cleared, it would let in whoever fits the other.
        Some(_) => exact(),
        None if wants.contains('*') => Advice::own_role(setup, token),
        None => Advice::of_role(Change::ClearSubject, setup, token),
    };
    (advice, Some(disagreement))
}

/// Is this the same ServiceAccount, written in another way: `apps:web`, `apps/web`, white space around it?
fn is_same_subject(wants: &str, says: &str) -> bool {
    let bare = wants.trim().replace('/', ":").to_lowercase();
    let is_whole = bare.contains(':') && (says == bare || says.strip_prefix("system:serviceaccount:") == Some(&bare));
    is_whole || is_listed(says, wants)
}

pub(super) fn audience(token: &Token, setup: &Setup) -> Claim {
    let role = &setup.role;
    let says = token.audiences();
    let wants: Vec<&str> = role.bound_audiences.iter().map(String::as_str).collect();
    let met = audience_meets(role, token);
    let told = if says.is_empty() { "nothing".to_owned() } else { hcl::list(says.iter().copied()) };
    let demanded = if wants.is_empty() { "no audience".to_owned() } else { one_of(&wants) };
    let claim = Claim::of("aud", told, demanded, By::Role, met);
    if met {
        return claim;
    }
    let mut pairs = says.iter().flat_map(|one| wants.iter().map(move |want| (*one, *want)));
    let hint = if wants.is_empty() {
        let nobody =
            "every ServiceAccount token has an audience, so a role without bound_audiences refuses every login";
        Some(nobody.to_owned())
    } else {
        pairs.clone().find_map(|(one, want)| near_miss(one, want))
    };
    let listed = pairs.find(|(one, want)| is_listed(one, want));
    let advice = if let Some((one, list)) = listed {
        let bound = wants.iter().map(|want| if *want == list { one } else { want }).map(|text| (*text).to_owned());
        Advice::of_role(Change::Audiences { bound: bound.collect(), request: None }, setup, token)
    } else if let Some(want) = wants.iter().find(|want| !want.contains(',')) {
        Advice::plain(Change::RequestAudience((*want).to_owned()))
    } else if let Some(want) = wants.first() {
        let parts: Vec<String> =
            want.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        let request = parts.first().cloned();
        Advice::of_role(Change::Audiences { bound: parts, request }, setup, token)
    } else if setup.audiences.is_empty() {
        // The audience of the API server itself would make the default token of every pod good for Vault.
        let (bound, request) = (vec![AUDIENCE.to_owned()], Some(AUDIENCE.to_owned()));
        Advice::of_role(Change::Audiences { bound, request }, setup, token)
    } else {
        let bound = says.iter().map(|one| (*one).to_owned()).collect();
        Advice::of_role(Change::Audiences { bound, request: None }, setup, token)
    };
    claim.hinted(hint).advised(advice)
}

/// The claims that the role takes the user's, the groups' and the metadata's names from.
pub(super) fn needed(token: &Token, setup: &Setup) -> Vec<Claim> {
    let role = &setup.role;
    let mut found = Vec::new();
    let told = |claim: Option<&Value>| claim.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let user = user(role, token);
    if !role.user_claim.is_empty() && !user.is_some_and(Value::is_string) {
        let (change, hint) = user_claim(token, role);
        let demanded = "a text (user_claim)".to_owned();
        let claim = Claim::of(&role.user_claim, told(user), demanded, By::Role, false);
        found.push(claim.hinted(hint).advised(Advice::of_role(change, setup, token)));
    }
    let groups = token.claim(&role.groups_claim);
    if !role.groups_claim.is_empty() && !groups.is_some_and(is_groups) {
        let near = places(token.claims(), &role.groups_claim);
        let near = near.into_iter().find(|place| place.nearness == Nearness::Path && is_groups(place.value));
        let hint = near.as_ref().map(|place| format!("the token has it at {}", place.key));
        let change = near.map_or(Change::ClearGroups, |place| Change::GroupsClaim(place.key));
        let hint = hint.or_else(|| Some("tokens of ServiceAccounts have no groups".to_owned()));
        let demanded = "a text or a list of texts (groups_claim)".to_owned();
        let claim = Claim::of(&role.groups_claim, told(groups), demanded, By::Role, false);
        found.push(claim.hinted(hint).advised(Advice::of_role(change, setup, token)));
    }
    for name in role.claim_mappings.keys() {
        let Some(value) = token.claim(name).filter(|value| !value.is_string()) else { continue };
        let claim = Claim::of(name, value.to_string(), "a text (claim_mappings)".to_owned(), By::Role, false);
        found.push(claim.advised(Advice::of_role(Change::DropMapping(name.clone()), setup, token)));
    }
    found
}

/// A claim that names who logs in: what was written, where it is; else the one that every ServiceAccount has to itself.
fn user_claim(token: &Token, role: &JwtRole) -> (Change, Option<String>) {
    let name = &role.user_claim;
    if !role.user_claim_json_pointer && name.starts_with('/') && token.text(name).is_some() {
        let hint =
            "a claim of this name would be at the top: it is a JSON pointer only with user_claim_json_pointer = true";
        return (Change::UserClaim { claim: name.clone(), pointer: true }, Some(hint.to_owned()));
    }
    let near = places(token.claims(), name);
    let near = near.into_iter().find(|place| place.nearness <= Nearness::Legacy && place.value.is_string());
    match near {
        Some(place) => {
            let hint = format!("the token has it at {}", place.key);
            (Change::UserClaim { pointer: place.key.starts_with('/'), claim: place.key }, Some(hint))
        }
        None => (Change::UserClaim { claim: "sub".to_owned(), pointer: false }, None),
    }
}
