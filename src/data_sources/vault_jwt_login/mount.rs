//! What the mount and the clock demand of a token.

use tazlab_clients::vault::JwtConfig;
use tazlab_jwk::PublicKey;
use tazlab_jwk::token::Token;

use super::evidence::Evidence;
use super::explain::{By, Claim, one_of, quoted};
use crate::vault::login::ALGORITHMS;
use crate::vault::login::advice::{Advice, Change, Clusters, Setup};
use crate::vault::login::pattern::{is_slip, near_miss};

/// What Vault allows clocks to differ by where the role says nothing.
const SKEW: i64 = 60;

/// Whose a mount is, as its keys tell. Its roles are meant for the tokens of that cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// It trusts keys of this cluster, and no other.
    Ours,
    /// It trusts keys of this cluster, and others.
    Shared,
    /// It trusts none of this cluster's.
    Foreign,
    /// It fetches its keys, or nobody knows the cluster's.
    Unknown,
}

/// The keys that the mount holds itself.
pub(super) fn trusted(config: &JwtConfig) -> Vec<PublicKey> {
    config.jwt_validation_pubkeys.iter().filter_map(|pem| PublicKey::from_pem(pem).ok()).collect()
}

pub(super) fn whose(evidence: &Evidence, config: &JwtConfig) -> Whose {
    let (trusted, Some(cluster)) = (trusted(config), &evidence.cluster) else { return Whose::Unknown };
    let ours = trusted.iter().filter(|key| cluster.keys.iter().any(|jwk| jwk.key == **key)).count();
    match (config.jwt_validation_pubkeys.len(), ours) {
        (0, _) => Whose::Unknown,
        (_, 0) => Whose::Foreign,
        (all, ours) if all == ours => Whose::Ours,
        _ => Whose::Shared,
    }
}

/// Does the mount demand the token's own issuer, and one that tells clusters apart?
pub(super) fn is_by_issuer(token: &Token, config: &JwtConfig) -> bool {
    token.text("iss").is_some_and(|says| says == config.bound_issuer) && is_of_one_cluster(token)
}

/// Does the token's issuer tell its cluster from others? Most installers leave the same in all.
fn is_of_one_cluster(token: &Token) -> bool {
    let says = token.text("iss").unwrap_or_default();
    let host = says.split("://").nth(1).unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
    let is_of_all = host.split('.').any(|label| label == "svc") || matches!(host, "" | "kubernetes" | "localhost");
    !is_of_all
}

/// What can be changed of the login, as far as it is known.
pub(super) fn setup(evidence: &Evidence) -> Setup {
    let (config, token) = (evidence.config.there().cloned().unwrap_or_default(), &evidence.token);
    // A URL serves the keys of one cluster: where the signature was verified, of this one.
    let is_one = match whose(evidence, &config) {
        Whose::Ours => true,
        Whose::Unknown => {
            evidence.is_verified && config.jwt_validation_pubkeys.is_empty() && config.jwks_pairs.is_empty()
        }
        Whose::Shared | Whose::Foreign => false,
    };
    let clusters = match (is_one || is_by_issuer(token, &config), is_of_one_cluster(token)) {
        (true, _) => Clusters::One,
        (false, true) => Clusters::ByIssuer,
        (false, false) => Clusters::Mixed,
    };
    Setup {
        clusters,
        config,
        role: evidence.role.there().cloned().unwrap_or_default(),
        beside: Vec::new(),
        audiences: evidence.audiences.clone(),
    }
}

pub(super) fn algorithm(evidence: &Evidence, config: &JwtConfig) -> Claim {
    let (token, named) = (&evidence.token, &config.jwt_supported_algs);
    let allowed: Vec<&str> =
        if named.is_empty() { ALGORITHMS.to_vec() } else { named.iter().map(String::as_str).collect() };
    let met = allowed.contains(&token.algorithm.as_str());
    let hint = named.is_empty().then(|| "what Vault accepts where jwt_supported_algs is not set".to_owned());
    let claim = Claim::of("alg", token.algorithm.clone(), one_of(&allowed), By::Mount, met).hinted(hint);
    if met {
        return claim;
    }
    let keys = trusted(config);
    let is_used = |name: &String| keys.iter().any(|key| key.algorithms().contains(&name.as_str()));
    let change = match whose(evidence, config) {
        // What no key of the mount signs with is of no use.
        Whose::Ours => named.iter().filter(|name| is_used(name)).cloned().collect(),
        Whose::Unknown if is_by_issuer(token, config) => named.clone(),
        _ => return claim.advised(Advice::plain(Change::OwnMount)),
    };
    let all: Vec<String> = change.into_iter().chain([token.algorithm.clone()]).collect();
    claim.advised(Advice::plain(Change::Algorithms(all)))
}

pub(super) fn times(token: &Token, now: i64, leeway: i64) -> Vec<Claim> {
    let skew = match leeway {
        0 => SKEW,
        negative if negative < 0 => 0,
        given => given,
    };
    let claim = |name: &str, met: bool, hint: Option<String>| {
        let says = token.seconds(name).map(instant).unwrap_or_default();
        let demanded = format!("{}, give or take {skew} s", instant(now));
        Claim::of(name, says, demanded, By::Clock, met).hinted(hint).advised(Advice::plain(Change::Clocks))
    };
    let mut found = Vec::new();
    // A token that was issued a moment ago cannot be from the future, nor be at its end, but by a clock that is wrong.
    let begins = ["nbf", "iat"].into_iter().filter_map(|name| Some((name, token.seconds(name)?)));
    let begins: Vec<(&str, i64)> = begins.collect();
    let late = begins.iter().find(|(_, begins)| begins - now > skew);
    if let Some((name, begins)) = late.or(begins.first()) {
        let ahead = begins - now;
        let hint = (ahead > skew)
            .then(|| format!("the token is not valid yet: Vault's clock is {ahead} s behind the cluster's"));
        found.push(claim(name, ahead <= skew, hint));
    }
    if let Some(ends) = token.seconds("exp") {
        let late = now - ends;
        let since = token.seconds("iat").map_or(late, |issued| now - issued);
        let hint = (late > skew)
            .then(|| format!("the token has expired: Vault's clock is some {since} s ahead of the cluster's"));
        found.push(claim("exp", late <= skew, hint));
    }
    found
}

pub(super) fn issuer(evidence: &Evidence, config: &JwtConfig) -> Option<Claim> {
    if config.bound_issuer.is_empty() {
        return None;
    }
    let says = evidence.token.text("iss").unwrap_or_default();
    let wants = config.bound_issuer.as_str();
    let claim = Claim::of("iss", quoted(says), quoted(wants), By::Mount, says == wants).hinted(near_miss(says, wants));
    // Another issuer may be another cluster's: only where no other cluster's key is trusted are all tokens this one's.
    let whose = whose(evidence, config);
    let is_meant = (is_slip(says, wants) || is_slip(wants, says)) && is_of_one_cluster(&evidence.token);
    let change = if whose == Whose::Ours || (is_meant && whose != Whose::Foreign) {
        Change::Issuer(says.to_owned())
    } else {
        Change::OwnMount
    };
    Some(claim.advised(Advice::plain(change)))
}

/// A time as people read it.
fn instant(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}
