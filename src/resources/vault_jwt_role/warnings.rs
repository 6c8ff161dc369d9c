//! What Vault accepts and is hardly meant: reported during plan. The rules are those of `docs/design/domain-rules.md`, 13; what may be
//! proposed is `vault::login::advice`'s. Only what is certain is reported: the mount may serve tokens of others than ServiceAccounts.

use serde_json::Value;
use tazlab_clients::vault::JwtRole;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};

use super::model::VaultJwtRole as Model;
use super::role::desired;
use crate::vault::login::advice::{Advice, Change, Setup};
use crate::vault::login::claims::{ACCOUNT, NAMESPACE, Nearness, of_a_bound_token, places};
use crate::vault::login::demands::{is_glob, keeps_strangers_out, values};
use crate::vault::login::pattern::covers;

/// What the subject of a ServiceAccount begins with.
const ACCOUNTS: &str = "system:serviceaccount:";

/// Vault refuses a role that would let everybody in.
pub(super) fn validate(config: &Model, found: &mut Diagnostics) {
    let bounds = [
        config.bound_audiences.is_null(),
        config.bound_subject.is_null(),
        config.bound_claims.is_null(),
        config.token_bound_cidrs.is_null(),
    ];
    if bounds.into_iter().all(|absent| absent) {
        let detail = "Set at least one of bound_audiences, bound_subject, bound_claims and token_bound_cidrs: Vault refuses a role without a bound, since every token of the cluster could log in.";
        found.push(Diagnostic::error("The role has no bounds", detail));
    }
}

/// Something that is hardly meant, and what may be done about it.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    attribute: &'static str,
    summary: &'static str,
    detail: String,
    pub(super) advice: Option<Advice>,
}

pub(super) fn of(planned: &Model) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    if planned.token_policies.is_null() {
        let detail =
            "A login gets a token with the policy `default` only, unless its identity adds others. Set token_policies.";
        let warning = Diagnostic::warning("The role gives no policies", detail);
        found.push(warning.at(AttributePath::new("token_policies")));
    }
    if planned.bound_audiences.is_null() {
        let detail = "Every ServiceAccount token has an audience (aud), and Vault refuses a token with an audience at a role without bound_audiences. Set it to the audience that the token is requested with, such as \"vault\", and not to the API server's own.";
        let warning = Diagnostic::warning("The role has no bound_audiences", detail);
        found.push(warning.at(AttributePath::new("bound_audiences")));
    }
    // While a bound is not known nobody can say what is left without another.
    let bounds =
        [planned.bound_subject.is_unknown(), planned.bound_claims.is_unknown(), planned.bound_claims_type.is_unknown()];
    let setup = Setup { role: desired(planned), ..Setup::default() };
    let doubts = doubts(&setup.role);
    let mut together = setup.clone();
    for advice in doubts.iter().filter_map(|doubt| doubt.advice.as_ref()) {
        advice.apply(&mut together);
    }
    for Doubt { attribute, summary, mut detail, advice } in doubts {
        if let Some(advice) = advice.filter(|_| !bounds.contains(&true)) {
            detail = format!("{detail} Write: {}.", advice.text(&setup, &together));
        }
        found.push(Diagnostic::warning(summary, detail).at(AttributePath::new(attribute)));
    }
    found
}

/// Bounds that no token meets.
pub(super) fn doubts(role: &JwtRole) -> Vec<Doubt> {
    let mut found: Vec<Doubt> = subject(role).into_iter().collect();
    for (name, demanded) in &role.bound_claims {
        found.extend(key(role, name));
        let texts = values(demanded).unwrap_or_default().into_iter().filter_map(Value::as_str);
        found.extend(texts.filter_map(|text| pattern(role, name, text)).take(1));
    }
    found.extend(user(role));
    found
}

fn subject(role: &JwtRole) -> Option<Doubt> {
    let wants = role.bound_subject.as_str();
    let kind = impossible(wants, &subject_characters(false)).or_else(|| wants.contains('*').then_some(GLOB))?;
    let beside = ["sub", "/sub"].iter().find_map(|name| role.bound_claims.get(*name));
    let others: Vec<&str> = beside.and_then(values).unwrap_or_default().into_iter().filter_map(Value::as_str).collect();
    let is_glob_pattern = kind == GLOB;
    let no_other_star = role
        .bound_claims
        .values()
        .flat_map(|all| values(all).unwrap_or_default())
        .all(|value| !value.to_string().contains('*'));
    let change = match beside {
        _ if !is_glob_pattern => None,
        Some(_) => (is_glob(role) && others.iter().all(|other| covers(wants, other))).then_some(Change::ClearSubject),
        None => (is_glob(role) || no_other_star).then_some(Change::MoveSubject),
    };
    let place = if beside.is_some() {
        " bound_claims demand something of sub as well, and both must be met: clear one of the two."
    } else if is_glob_pattern {
        " Patterns belong in bound_claims with bound_claims_type = \"glob\"."
    } else {
        " Vault has no other patterns than bound_claims with bound_claims_type = \"glob\", in which * matches any text."
    };
    let advice = change.and_then(|change| checked(role, change));
    let open = if is_glob_pattern && advice.is_none() && beside.is_none() { OPEN } else { "" };
    let detail = format!(
        "bound_subject is compared exactly, and {wants:?} is {kind}: it matches no ServiceAccount.{place}{open}"
    );
    Some(Doubt { attribute: "bound_subject", summary: "Wildcard in a value that is compared exactly", detail, advice })
}

const GLOB: &str = "a glob pattern";

/// What is said of a pattern that would be no bound.
const OPEN: &str = " As a pattern it would let in every ServiceAccount: name who is meant.";

/// An advice that keeps strangers out; none where it would not.
fn checked(role: &JwtRole, change: Change) -> Option<Advice> {
    let advice = Advice::plain(change);
    let mut changed = Setup { role: role.clone(), ..Setup::default() };
    advice.apply(&mut changed);
    keeps_strangers_out(&changed.role, &of_a_bound_token()).then_some(advice)
}

/// A key that names no claim of any ServiceAccount's token, and what it was meant to name.
fn key(role: &JwtRole, name: &str) -> Option<Doubt> {
    let place = misplaced(role, name)?;
    let detail = format!(
        "bound_claims {name:?} matches no claim of a ServiceAccount's token: a key with a slash at its beginning is a JSON pointer, in which only slashes separate, and any other is the name of a claim at the top. The token has it at {place:?}."
    );
    let change = Change::RenameClaim { from: name.to_owned(), to: place.clone() };
    let advice = (!role.bound_claims.contains_key(&place)).then(|| checked(role, change)).flatten();
    Some(Doubt { attribute: "bound_claims", summary: "Key that matches no claim", detail, advice })
}

/// Where a token of a ServiceAccount has what this key was meant to name, where that is sure.
fn misplaced(role: &JwtRole, name: &str) -> Option<String> {
    let token = of_a_bound_token();
    if !name.to_lowercase().contains("kubernetes.io") || token.claim(name).is_some() {
        return None;
    }
    let place = places(token.claims(), name).into_iter().next()?;
    match place.nearness {
        Nearness::Path => Some(place.key),
        // Tokens of long ago have these names at the top, and no audience.
        Nearness::Legacy if name.starts_with('/') || !role.bound_audiences.is_empty() => Some(place.key),
        _ => None,
    }
}

/// A value of `bound_claims` that is no pattern where it stands, or no pattern of Vault's.
fn pattern(role: &JwtRole, name: &str, text: &str) -> Option<Doubt> {
    let glob = is_glob(role);
    let of_account = text.starts_with(ACCOUNTS) && matches!(name, "sub" | "/sub");
    let kind = match name {
        _ if of_account => impossible(text, &subject_characters(glob)),
        NAMESPACE => impossible_in(text, &|one| is_name(one, glob) && one != '.'),
        ACCOUNT => impossible_in(text, &|one| is_name(one, glob)),
        _ => None,
    };
    let kind = kind.or_else(|| (!glob && text.contains('*')).then_some(GLOB))?;
    if kind == GLOB {
        let advice = checked(role, Change::GlobClaims);
        let open = if advice.is_none() { OPEN } else { "" };
        let detail = format!(
            "bound_claims {name:?} is compared exactly, so {text:?} matches that text only. A pattern needs bound_claims_type = \"glob\".{open}"
        );
        return Some(Doubt {
            attribute: "bound_claims",
            summary: "Wildcard in a value that is compared exactly",
            detail,
            advice,
        });
    }
    let detail = format!(
        "{text:?} in bound_claims {name:?} is {kind}, which Vault does not support, so it matches nothing. With bound_claims_type = \"glob\" * matches any text, and nothing else is special."
    );
    Some(Doubt { attribute: "bound_claims", summary: "Pattern that Vault does not support", detail, advice: None })
}

fn user(role: &JwtRole) -> Option<Doubt> {
    let name = role.user_claim.as_str();
    let token = of_a_bound_token();
    let (claim, pointer) =
        if !role.user_claim_json_pointer && name.starts_with("/kubernetes.io/") && token.text(name).is_some() {
            (name.to_owned(), true)
        } else if role.user_claim_json_pointer && token.claim(name).is_some() {
            return None;
        } else {
            (misplaced(role, name)?, true)
        };
    let detail = format!(
        "user_claim {name:?} matches no claim of a ServiceAccount's token: a claim below another is named by a JSON pointer, and only with user_claim_json_pointer = true."
    );
    let advice = checked(role, Change::UserClaim { claim, pointer });
    Some(Doubt { attribute: "user_claim", summary: "Key that matches no claim", detail, advice })
}

/// Characters of the names of namespaces and ServiceAccounts.
fn is_name(one: char, glob: bool) -> bool {
    one.is_ascii_lowercase() || one.is_ascii_digit() || matches!(one, '-' | '.') || (glob && one == '*')
}

fn subject_characters(glob: bool) -> impl Fn(char) -> bool {
    move |one| is_name(one, glob) || one == ':'
}

/// The kind of pattern that a text is, if no subject of a ServiceAccount can be equal to it or fit it.
fn impossible(text: &str, may: &impl Fn(char) -> bool) -> Option<&'static str> {
    // A name begins and ends with a letter or a digit.
    let part = |text: &str| text.split(':').any(|part| part.starts_with('.') || part.contains(".."));
    let rest = text.trim_start_matches('^').strip_prefix(ACCOUNTS)?;
    impossible_in(if text.starts_with('^') { text } else { rest }, may).or_else(|| part(rest).then_some(REGEX))
}

const REGEX: &str = "a regular expression";

fn impossible_in(text: &str, may: &impl Fn(char) -> bool) -> Option<&'static str> {
    let odd: String = text.chars().filter(|one| !may(*one)).collect();
    if odd.is_empty() {
        return None;
    }
    // A name may end with a dot before the star of a glob, and cannot begin with one.
    let any = text == ".*" || text.contains(":.*");
    if odd.chars().all(|one| one == '*') && !any {
        return Some(GLOB);
    }
    if odd.contains(['^', '$', '\\', '(', '|', '+']) || any {
        return Some(REGEX);
    }
    odd.contains(['?', '[', '{']).then_some("a shell pattern")
}
