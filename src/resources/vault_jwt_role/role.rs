//! Between the arguments and the role that Vault holds. An argument that means what Vault says keeps its spelling.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tazlab_clients::vault::JwtRole;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::value::Value;

use super::model::VaultJwtRole as Model;
use crate::vault::duration;

/// The role that the arguments describe, with an explicit empty value for everything that they leave out.
pub(super) fn desired(model: &Model) -> JwtRole {
    let text = |value: &Value<String>| value.as_ref_option().cloned().unwrap_or_default();
    let flag = |value: &Value<bool>| value.as_ref_option().copied().unwrap_or_default();
    let list =
        |value: &Value<Set<String>>| sorted(value.as_ref_option().map(|set| set.0.as_slice()).unwrap_or_default());
    let time = |value: &Value<String>| value.as_deref_option().and_then(duration::seconds).unwrap_or_default();
    let claims = model.bound_claims.as_ref_option().cloned().unwrap_or_default();
    JwtRole {
        role_type: model.role_type.as_deref_option().unwrap_or("jwt").to_owned(),
        bound_audiences: list(&model.bound_audiences),
        bound_subject: text(&model.bound_subject),
        bound_claims: claims.into_iter().map(|(name, values)| (name, Json::from(sorted(&values.0)))).collect(),
        bound_claims_type: text(&model.bound_claims_type),
        claim_mappings: model.claim_mappings.as_ref_option().cloned().unwrap_or_default(),
        user_claim: text(&model.user_claim),
        user_claim_json_pointer: flag(&model.user_claim_json_pointer),
        groups_claim: text(&model.groups_claim),
        expiration_leeway: time(&model.expiration_leeway),
        not_before_leeway: time(&model.not_before_leeway),
        clock_skew_leeway: time(&model.clock_skew_leeway),
        verbose_oidc_logging: flag(&model.verbose_oidc_logging),
        token_bound_cidrs: addresses(&list(&model.token_bound_cidrs)),
        token_explicit_max_ttl: time(&model.token_explicit_max_ttl),
        token_max_ttl: time(&model.token_max_ttl),
        token_no_default_policy: flag(&model.token_no_default_policy),
        token_num_uses: model.token_num_uses.as_ref_option().copied().unwrap_or_default(),
        token_period: time(&model.token_period),
        token_policies: list(&model.token_policies),
        token_ttl: time(&model.token_ttl),
        token_type: model.token_type.as_deref_option().unwrap_or("default").to_owned(),
    }
}

/// Takes over into `model` what Vault says.
pub(super) fn observe(model: &mut Model, live: &JwtRole) {
    let before = desired(model);
    model.role_type = Value::Value(live.role_type.clone());
    let claims: BTreeMap<String, Vec<String>> =
        live.bound_claims.iter().map(|(name, value)| (name.clone(), sorted(&texts(value)))).collect();
    keep(&mut model.bound_audiences, &before.bound_audiences, sorted(&live.bound_audiences), is_empty, Set);
    keep(&mut model.bound_subject, &before.bound_subject, live.bound_subject.clone(), String::is_empty, same);
    let had: BTreeMap<String, Vec<String>> =
        before.bound_claims.iter().map(|(name, value)| (name.clone(), texts(value))).collect();
    keep(&mut model.bound_claims, &had, claims, BTreeMap::is_empty, |claims| {
        claims.into_iter().map(|(name, values)| (name, Set(values))).collect()
    });
    model.bound_claims_type = Value::Value(live.bound_claims_type.clone());
    keep(&mut model.claim_mappings, &before.claim_mappings, live.claim_mappings.clone(), BTreeMap::is_empty, same);
    model.user_claim = Value::Value(live.user_claim.clone());
    for (argument, before, live) in [
        (&mut model.user_claim_json_pointer, before.user_claim_json_pointer, live.user_claim_json_pointer),
        (&mut model.verbose_oidc_logging, before.verbose_oidc_logging, live.verbose_oidc_logging),
        (&mut model.token_no_default_policy, before.token_no_default_policy, live.token_no_default_policy),
    ] {
        keep(argument, &before, live, |set| !*set, same);
    }
    keep(&mut model.groups_claim, &before.groups_claim, live.groups_claim.clone(), String::is_empty, same);
    for (argument, before, live) in [
        (&mut model.expiration_leeway, before.expiration_leeway, live.expiration_leeway),
        (&mut model.not_before_leeway, before.not_before_leeway, live.not_before_leeway),
        (&mut model.clock_skew_leeway, before.clock_skew_leeway, live.clock_skew_leeway),
        (&mut model.token_explicit_max_ttl, before.token_explicit_max_ttl, live.token_explicit_max_ttl),
        (&mut model.token_max_ttl, before.token_max_ttl, live.token_max_ttl),
        (&mut model.token_period, before.token_period, live.token_period),
        (&mut model.token_ttl, before.token_ttl, live.token_ttl),
    ] {
        keep(argument, &before, live, |time| *time == 0, duration::text);
    }
    keep(&mut model.token_num_uses, &before.token_num_uses, live.token_num_uses, |count| *count == 0, same);
    keep(&mut model.token_bound_cidrs, &before.token_bound_cidrs, addresses(&live.token_bound_cidrs), is_empty, Set);
    keep(&mut model.token_policies, &before.token_policies, sorted(&live.token_policies), is_empty, Set);
    let kind = if live.token_type.is_empty() { "default".to_owned() } else { live.token_type.clone() };
    keep(&mut model.token_type, &before.token_type, kind, |kind| kind == "default", same);
}

fn same<T>(value: T) -> T {
    value
}

#[allow(clippy::ptr_arg, reason = "the type of the values that are compared")]
fn is_empty(list: &Vec<String>) -> bool {
    list.is_empty()
}

/// Leaves the argument as it is where Vault's value means the same; else it becomes Vault's, which is null for an empty
/// one.
fn keep<A, V: PartialEq>(
    argument: &mut Value<A>,
    before: &V,
    live: V,
    is_default: impl Fn(&V) -> bool,
    written: impl Fn(V) -> A,
) {
    if *before != live {
        *argument = if is_default(&live) { Value::Null } else { Value::Value(written(live)) };
    }
}

/// Leaves arguments as they are stored where what is planned means the same, so that nothing is shown as changed: a role
/// that was imported is spelt as we spell it.
pub(super) fn keep_spelling(planned: &mut Model, prior: &Model) {
    let pairs = [
        (&mut planned.expiration_leeway, &prior.expiration_leeway),
        (&mut planned.not_before_leeway, &prior.not_before_leeway),
        (&mut planned.clock_skew_leeway, &prior.clock_skew_leeway),
        (&mut planned.token_explicit_max_ttl, &prior.token_explicit_max_ttl),
        (&mut planned.token_max_ttl, &prior.token_max_ttl),
        (&mut planned.token_period, &prior.token_period),
        (&mut planned.token_ttl, &prior.token_ttl),
    ];
    for (planned, prior) in pairs {
        let seconds = |value: &Value<String>| value.as_deref_option().and_then(duration::seconds);
        if seconds(planned).is_some() && seconds(planned) == seconds(prior) {
            *planned = prior.clone();
        }
    }
}

/// Whom a role lets in: what must be equal for a role that exists to be ours.
pub(super) fn bounds(role: &JwtRole) -> impl PartialEq + use<> {
    let claims: BTreeMap<String, BTreeSet<String>> =
        role.bound_claims.iter().map(|(name, value)| (name.clone(), texts(value).into_iter().collect())).collect();
    let audiences: BTreeSet<String> = role.bound_audiences.iter().cloned().collect();
    let (kind, from) = (role.bound_claims_type.clone(), addresses(&role.token_bound_cidrs));
    (role.role_type.clone(), audiences, role.bound_subject.clone(), claims, kind, role.user_claim.clone(), from)
}

/// The bounds in words.
pub(super) fn described(role: &JwtRole) -> String {
    let mut parts = vec![format!("role_type {}", role.role_type)];
    if !role.bound_audiences.is_empty() {
        parts.push(format!("bound_audiences {}", role.bound_audiences.join(", ")));
    }
    if !role.bound_subject.is_empty() {
        parts.push(format!("bound_subject {}", role.bound_subject));
    }
    for (name, value) in &role.bound_claims {
        parts.push(format!("bound_claims {name} = {}", texts(value).join(", ")));
    }
    if !role.token_bound_cidrs.is_empty() {
        parts.push(format!("token_bound_cidrs {}", role.token_bound_cidrs.join(", ")));
    }
    parts.push(format!("user_claim {}", role.user_claim));
    parts.join("; ")
}

/// The role as it is compared: Vault keeps lists in the order in which they were written.
pub(super) fn canonical(role: &JwtRole) -> JwtRole {
    let mut role = role.clone();
    for list in [&mut role.bound_audiences, &mut role.token_policies] {
        *list = sorted(list);
    }
    role.token_bound_cidrs = addresses(&role.token_bound_cidrs);
    for value in role.bound_claims.values_mut() {
        *value = Json::from(sorted(&texts(value)));
    }
    if role.token_type.is_empty() {
        "default".clone_into(&mut role.token_type);
    }
    role
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list.dedup();
    list
}

/// Addresses as Vault gives them back: a network of one address is that address.
fn addresses(list: &[String]) -> Vec<String> {
    let short = |text: &String| {
        let bare = match text.rsplit_once('/') {
            Some((address, "32")) if !address.contains(':') => address,
            Some((address, "128")) => address,
            _ => text,
        };
        bare.to_owned()
    };
    sorted(&list.iter().map(short).collect::<Vec<_>>())
}

/// The values of a claim: one, or a list; what is no text is shown as JSON writes it.
fn texts(value: &Json) -> Vec<String> {
    let one = |value: &Json| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    match value {
        Json::Array(values) => values.iter().map(one).collect(),
        other => vec![one(other)],
    }
}
