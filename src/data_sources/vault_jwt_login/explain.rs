//! Why Vault refuses a token: each thing that it looks at, what the token says and what mount or role demand, and the HCL that
//! would make them meet. Pure.
//!
//! The order is Vault's own (vault-plugin-auth-jwt `path_login.go`, v0.23; hashicorp/cap `jwt.go`, v0.8): signature, times,
//! issuer, subject, audience, then what the role demands of other claims.

use super::evidence::{Evidence, Seen};
use super::{hcl, keys, mount, role};
use crate::vault::checks_jwts;

/// Whose demand it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Mount,
    Role,
    Clock,
}

impl By {
    /// The word of the attribute `by`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Mount => "mount",
            Self::Role => "role",
            Self::Clock => "clock",
        }
    }
}

/// One thing that Vault looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// The claim, `iss`; `kid` and `alg` are the header's.
    pub(super) name: String,
    /// What the token says.
    pub(super) token: String,
    /// What is demanded.
    pub(super) demanded: String,
    /// By whom.
    pub(super) by: By,
    /// Do they meet?
    pub(super) met: bool,
    /// How they miss each other, where that is plain.
    pub(super) hint: Option<String>,
    /// What would make them meet.
    pub(super) fix: String,
}

impl Claim {
    /// One line.
    pub(super) fn line(&self) -> String {
        let demands = match self.by {
            By::Mount => "the mount demands",
            By::Role => "the role demands",
            By::Clock => "Vault's clock says",
        };
        let hint = self.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        let fix = if self.fix.is_empty() { String::new() } else { format!(" To make them meet: {}", self.fix) };
        format!("{}: the token has {}, {demands} {}{hint}.{fix}", self.name, self.token, self.demanded)
    }
}

/// What was looked at of a token; what nobody could see is not in it.
pub(super) fn claims(evidence: &Evidence) -> Vec<Claim> {
    let mut found = Vec::new();
    if let Some(config) = evidence.config.there() {
        found.extend(keys::signature(evidence, config));
        found.push(mount::algorithm(&evidence.token, config));
    }
    if let Some(now) = evidence.now {
        let leeway = evidence.role.there().map_or(0, |role| role.clock_skew_leeway);
        found.extend(mount::times(&evidence.token, now, leeway));
    }
    found.extend(evidence.config.there().and_then(|config| mount::issuer(&evidence.token, config)));
    if let Some(demands) = evidence.role.there() {
        found.extend(role::subject(&evidence.token, demands));
        found.push(role::audience(&evidence.token, demands));
        found.extend(role::needed(&evidence.token, demands));
        found.extend(role::bound(&evidence.token, demands));
    }
    if obstacles(evidence).is_empty() && found.iter().all(|claim| claim.met) {
        found.extend(evidence.config.there().and_then(|config| keys::by_elimination(evidence, config)));
    }
    found
}

/// What keeps a token out before any claim of it is looked at.
pub(super) fn obstacles(evidence: &Evidence) -> Vec<String> {
    let Evidence { mount, role_name, .. } = evidence;
    let mut found = Vec::new();
    match &evidence.config {
        Seen::Missing => {
            let there = match evidence.mounted.as_deref() {
                Some(kind) if checks_jwts(kind) => "the auth method exists and was never configured".to_owned(),
                Some(other) => format!("the auth method there is of type {other}"),
                None => "no auth method is mounted there".to_owned(),
            };
            found.push(format!(
                "Nothing accepts JWTs at auth/{mount}: {there}. To make it so: resource \"tazlab_vault_jwt_auth\" with path = {} and keys = \"cluster\"",
                hcl::text(mount)
            ));
            return found;
        }
        Seen::Hidden(why) => found.push(format!("What the mount demands is not known: {why}")),
        Seen::There(_) => {}
    }
    match &evidence.role {
        Seen::Missing => {
            let others = match evidence.roles.as_deref() {
                None => String::new(),
                Some([]) => ", which has no role at all".to_owned(),
                Some(names) => format!(", which has {}", names.join(", ")),
            };
            found.push(format!(
                "Role {role_name} does not exist at auth/{mount}{others}. To make it: resource \"tazlab_vault_jwt_role\" with path = {} and name = {}",
                hcl::text(mount),
                hcl::text(role_name)
            ));
        }
        Seen::Hidden(why) => found.push(format!("What the role demands is not known: {why}")),
        Seen::There(role) if role.role_type == "oidc" => found.push(format!(
            "Role {role_name} is of type \"oidc\", which is for people with a browser. To make it accept tokens: role_type = \"jwt\""
        )),
        Seen::There(role) if !role.token_bound_cidrs.is_empty() => found.push(format!(
            "Role {role_name} accepts logins from {} only (token_bound_cidrs), and this one came from where Terraform runs",
            role.token_bound_cidrs.join(", ")
        )),
        Seen::There(_) => {}
    }
    found
}

pub(super) fn quoted(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { hcl::text(text) }
}

pub(super) fn one_of(texts: &[&str]) -> String {
    match texts {
        [one] => hcl::text(one),
        several => format!("one of {}", hcl::list(several.iter().copied())),
    }
}

/// What is said where everything that could be looked at meets.
pub(super) const REMAINDER: &str =
    "Everything that could be read fulfils the requirements. See Vault's server log for the cause";
