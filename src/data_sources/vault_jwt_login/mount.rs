//! What the mount and the clock demand of a token.

use tazlab_clients::vault::JwtConfig;
use tazlab_jwk::token::Token;

use super::compare::near_miss;
use super::explain::{By, Claim, one_of, quoted};
use super::hcl;

/// What Vault allows clocks to differ by where the role says nothing.
const SKEW: i64 = 60;

/// The algorithm that Vault takes where the mount names none.
const DEFAULT_ALGORITHM: &str = "RS256";

pub(super) fn algorithm(token: &Token, config: &JwtConfig) -> Claim {
    let named = &config.jwt_supported_algs;
    let allowed = if named.is_empty() { vec![DEFAULT_ALGORITHM] } else { named.iter().map(String::as_str).collect() };
    Claim {
        name: "alg".to_owned(),
        token: token.algorithm.clone(),
        demanded: one_of(&allowed),
        by: By::Mount,
        met: allowed.contains(&token.algorithm.as_str()),
        hint: named.is_empty().then(|| "what Vault takes where jwt_supported_algs is empty".to_owned()),
        fix: format!("jwt_supported_algs = {} on the mount", hcl::list([token.algorithm.as_str()])),
    }
}

pub(super) fn times(token: &Token, now: i64, leeway: i64) -> Vec<Claim> {
    let skew = match leeway {
        0 => SKEW,
        negative if negative < 0 => 0,
        given => given,
    };
    let claim = |name: &str, met: bool, hint: Option<String>| Claim {
        name: name.to_owned(),
        token: token.seconds(name).map(instant).unwrap_or_default(),
        demanded: format!("{}, give or take {skew} s", instant(now)),
        by: By::Clock,
        met,
        hint,
        fix: "set the clocks of Vault and of the control plane by NTP".to_owned(),
    };
    let mut found = Vec::new();
    // A token that was issued a moment ago cannot be from the future, nor be at its end, but by a clock that is wrong.
    let begins = token.seconds("nbf").or_else(|| token.seconds("iat"));
    if let Some(begins) = begins {
        let name = if token.seconds("nbf").is_some() { "nbf" } else { "iat" };
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

pub(super) fn issuer(token: &Token, config: &JwtConfig) -> Option<Claim> {
    if config.bound_issuer.is_empty() {
        return None;
    }
    let says = token.text("iss").unwrap_or_default();
    Some(Claim {
        name: "iss".to_owned(),
        token: quoted(says),
        demanded: quoted(&config.bound_issuer),
        by: By::Mount,
        met: says == config.bound_issuer,
        hint: near_miss(says, &config.bound_issuer),
        fix: format!("bound_issuer = {} on the mount", hcl::text(says)),
    })
}

/// A time as people read it.
fn instant(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}
