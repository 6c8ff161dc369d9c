//! What may be changed so that a refused login works. An advice is a value: what it changes can be done by a machine, and its text
//! is made of what it changes, in one place.
//!
//! No advice widens who may log in. By one that changes a role nobody gets in but the ServiceAccount whose login was tried: where the
//! role's other bounds would let in more, a bound of that ServiceAccount and of its cluster comes along. By one that changes the mount
//! those get in whom the role's bounds name as they are written. What can be changed is in `change`, what an advice says in
//! `text`.

mod change;
mod text;

use serde_json::{Value, json};
use tazlab_clients::vault::{JwtConfig, JwtRole};
use tazlab_jwk::token::Token;

pub use self::change::{Change, RoleName};
use super::claims::UID;
use super::demands::{binds, identity, is_of_account, keeps_strangers_out, values};

/// How the tokens of this cluster are told from those of others at the same mount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clusters {
    /// The mount accepts no others.
    #[default]
    One,
    /// By `iss`, which the mount does not demand.
    ByIssuer,
    /// By what is unique in them only: the mount may accept others that name the same issuer.
    Mixed,
}

/// A login as it is set up: what can be changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Whose tokens the mount accepts.
    pub clusters: Clusters,
    /// The mount.
    pub config: JwtConfig,
    /// The role.
    pub role: JwtRole,
    /// Roles that are made beside it.
    pub beside: Vec<JwtRole>,
    /// The audiences that the token is asked for; none is the API server's own.
    pub audiences: Vec<String>,
}

/// An advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// What is changed.
    pub change: Change,
    /// What binds the role to who asks, where it would else let in strangers.
    pub pin: Vec<(Bound, String)>,
}

/// What a role is bound by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `bound_subject`.
    Subject,
    /// A key of `bound_claims`.
    Claim(&'static str),
}

impl Advice {
    /// One that changes no role.
    #[must_use]
    pub fn plain(change: Change) -> Self {
        Self { change, pin: Vec::new() }
    }

    /// One that changes the role of `setup`, so that nobody gets in by it but whose token it is.
    #[must_use]
    pub fn of_role(change: Change, setup: &Setup, token: &Token) -> Self {
        let advice = Self::plain(change);
        let is_replaced = matches!(advice.change, Change::ReplaceClaim(_));
        let is_cleared = advice.change == Change::ClearSubject;
        // What `bound_claims` say of `sub` stays when `bound_subject` goes, and is what was meant.
        let is_named = |role: &JwtRole| is_of_account(role, token) || (is_cleared && keeps_strangers_out(role, token));
        let Some(cluster) = cluster(setup, token) else { return Self::plain(Change::OwnMount) };
        let is_of_cluster = |role: &JwtRole| cluster.iter().all(|(name, value)| binds(role, token, name, value));
        let after = |advice: &Self| {
            let mut changed = setup.clone();
            advice.apply(&mut changed);
            changed.role
        };
        let alone = after(&advice);
        if !is_replaced && is_named(&alone) && is_of_cluster(&alone) {
            return advice;
        }
        // Whoever else logs in by this role today would be kept out.
        if is_for_others(&advice.change, &setup.role) {
            return Self::own_role(setup, token);
        }
        let subject = token.text("sub").filter(|subject| !subject.is_empty());
        let mut pin = match (subject, identity(token)) {
            _ if !is_replaced && is_named(&alone) => Vec::new(),
            (Some(subject), _) if setup.role.bound_subject.is_empty() => vec![(Bound::Subject, subject.to_owned())],
            (_, Some(claims)) if !is_cleared => {
                claims.into_iter().map(|(name, value)| (Bound::Claim(name), value.to_owned())).collect()
            }
            _ => return Self::own_role(setup, token),
        };
        pin.extend(cluster.iter().map(|(name, value)| (Bound::Claim(name), value.clone())));
        let pinned = Self { pin, ..advice };
        let role = after(&pinned);
        if is_named(&role) && is_of_cluster(&role) { pinned } else { Self::own_role(setup, token) }
    }

    /// The role is not for who logs in.
    #[must_use]
    pub fn own_role(setup: &Setup, token: &Token) -> Self {
        Self::role_called(RoleName::Another, setup, token)
    }

    /// A role for who logs in, and for nobody else.
    #[must_use]
    pub fn role_called(name: RoleName, setup: &Setup, token: &Token) -> Self {
        let Some(claims) = cluster(setup, token) else { return Self::plain(Change::OwnMount) };
        // A token for the API server itself is shown to nobody else, and one audience is enough.
        let named = setup.role.bound_audiences.iter().find(|one| !one.contains(','));
        let one = || vec![named.map_or(AUDIENCE, String::as_str).to_owned()];
        let audiences = if setup.audiences.is_empty() { one() } else { setup.audiences.clone() };
        let subject = token.text("sub").unwrap_or_default().to_owned();
        Self::plain(Change::OwnRole { name, subject, audiences, claims })
    }

    /// Does what it says.
    pub fn apply(&self, to: &mut Setup) {
        let role = &mut to.role;
        match &self.change {
            Change::RequestAudience(audience) => to.audiences = vec![audience.clone()],
            Change::Audiences { bound, request } => {
                role.bound_audiences.clone_from(bound);
                if let Some(audience) = request {
                    to.audiences = vec![audience.clone()];
                }
            }
            Change::RenameClaim { from, to } => rename(role, from, to),
            Change::ExactClaim { claim, written, exact } => {
                if let Some(demanded) = role.bound_claims.get_mut(claim) {
                    let exact = |value: &Value| if value == written { json!(exact) } else { value.clone() };
                    *demanded = match &*demanded {
                        Value::Array(all) => all.iter().map(exact).collect(),
                        one => exact(one),
                    };
                }
            }
            Change::ReplaceClaim(claim) => drop(role.bound_claims.remove(claim)),
            Change::ExactSubject(subject) => role.bound_subject.clone_from(subject),
            Change::ClearSubject => role.bound_subject.clear(),
            Change::MoveSubject => {
                let pattern = std::mem::take(&mut role.bound_subject);
                role.bound_claims.insert("sub".to_owned(), json!([pattern]));
                "glob".clone_into(&mut role.bound_claims_type);
            }
            Change::GlobClaims => "glob".clone_into(&mut role.bound_claims_type),
            Change::UserClaim { claim, pointer } => {
                role.user_claim.clone_from(claim);
                role.user_claim_json_pointer = *pointer;
            }
            Change::GroupsClaim(claim) => role.groups_claim.clone_from(claim),
            Change::ClearGroups => role.groups_claim.clear(),
            Change::DropMapping(claim) => drop(role.claim_mappings.remove(claim)),
            // Bound to nothing it would let in everybody.
            Change::OwnRole { subject, .. } if subject.is_empty() => {}
            Change::OwnRole { subject, audiences, claims, .. } => {
                let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), json!([value])));
                to.beside.push(JwtRole {
                    bound_claims: claims.collect(),
                    role_type: "jwt".to_owned(),
                    user_claim: "sub".to_owned(),
                    bound_subject: subject.clone(),
                    bound_audiences: audiences.clone(),
                    ..JwtRole::default()
                });
                if to.audiences.is_empty() {
                    to.audiences.extend(audiences.first().cloned());
                }
            }
            Change::Issuer(issuer) => to.config.bound_issuer.clone_from(issuer),
            Change::Algorithms(all) => to.config.jwt_supported_algs.clone_from(all),
            Change::ClusterKeys(keys) => {
                let config = JwtConfig { jwt_validation_pubkeys: keys.clone(), ..to.config.clone() };
                let (jwks_url, oidc_discovery_url, jwks_pairs) = Default::default();
                to.config = JwtConfig { jwks_url, oidc_discovery_url, jwks_pairs, ..config };
            }
            Change::OwnMount | Change::NewMount(_) | Change::Clocks => {}
        }
        for (bound, value) in &self.pin {
            match bound {
                Bound::Subject => to.role.bound_subject.clone_from(value),
                Bound::Claim(name) => drop(to.role.bound_claims.insert((*name).to_owned(), json!([value]))),
            }
        }
    }
}

/// What tells this cluster's tokens from those of others at the mount; `None` where nothing does.
fn cluster(setup: &Setup, token: &Token) -> Option<Vec<(&'static str, String)>> {
    let by = |name: &'static str| Some(vec![(name, token.text(name)?.to_owned())]);
    match setup.clusters {
        Clusters::One => Some(Vec::new()),
        Clusters::ByIssuer => by("iss"),
        Clusters::Mixed => by(UID),
    }
}

/// Does the role name others beside what is changed, who may log in by it today? What else is changed refuses every ServiceAccount.
fn is_for_others(change: &Change, role: &JwtRole) -> bool {
    match change {
        Change::ExactClaim { claim, .. } => {
            role.bound_claims.get(claim).and_then(values).is_some_and(|demanded| demanded.len() > 1)
        }
        Change::Audiences { .. } => role.bound_audiences.len() > 1,
        _ => false,
    }
}

/// Moves a bound to another key. Where that is bound already both demands stay: what they have in common.
fn rename(role: &mut JwtRole, from: &str, to: &str) {
    let Some(demanded) = role.bound_claims.get(from) else { return };
    let joined = match role.bound_claims.get(to) {
        None => demanded.clone(),
        Some(other) => {
            let others = values(other).unwrap_or_default();
            let common = values(demanded).unwrap_or_default().into_iter().filter(|value| others.contains(value));
            json!(common.collect::<Vec<_>>())
        }
    };
    // Two patterns may have texts in common and no way to write them.
    if joined.as_array().is_none_or(|all| !all.is_empty()) {
        role.bound_claims.remove(from);
        role.bound_claims.insert(to.to_owned(), joined);
    }
}

/// The audience that is proposed where nobody has named one.
pub const AUDIENCE: &str = "vault";
