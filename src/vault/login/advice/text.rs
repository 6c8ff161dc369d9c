//! What an advice says, so that it can be pasted. It belongs to no advice what it changes: that is in `super`.

use tazlab_clients::vault::JwtRole;

use super::{Advice, Change, RoleName, Setup};
use crate::vault::login::hcl;

impl Advice {
    /// The bounds of a role of its own.
    fn bounds(&self) -> String {
        let mut made = Setup::default();
        self.apply(&mut made);
        let bounds = made.beside.first().map(|role| {
            let all = arguments(&JwtRole::default(), role).into_iter().filter(|(name, _)| name.starts_with("bound_"));
            all.map(|(name, value)| format!("{name} = {}", value.unwrap_or_default())).collect::<Vec<_>>().join(" and ")
        });
        bounds.unwrap_or_default()
    }

    /// What it says, so that it can be pasted: an argument is given whole, as it is when everything else that is advised is done too.
    #[must_use]
    pub fn text(&self, setup: &Setup, together: &Setup) -> String {
        let ask = |audience: &str| format!("audiences = [{}] where the token is requested", hcl::text(audience));
        match &self.change {
            Change::RequestAudience(audience) => ask(audience),
            Change::OwnRole { subject, .. } if subject.is_empty() => "log in as one that the role names".to_owned(),
            Change::OwnRole { name, audiences, .. } => {
                let role = |called: &str| format!("resource \"tazlab_vault_jwt_role\" with {called}{}", self.bounds());
                let role = match name {
                    RoleName::Another => format!(
                        "log in as one that the role names, or leave that role as it is and give this one its own: {}",
                        role("")
                    ),
                    RoleName::NotOfPeople => format!("{} under another name", role("")),
                    RoleName::Missing { path, name } => {
                        role(&format!("mount = {} and name = {} and ", hcl::text(path), hcl::text(name)))
                    }
                };
                match audiences.first().filter(|_| setup.audiences.is_empty()) {
                    Some(audience) => format!("{role}, and {}", ask(audience)),
                    None => role,
                }
            }
            Change::Issuer(issuer) => format!("bound_issuer = {} on the mount", hcl::text(issuer)),
            Change::Algorithms(all) => {
                format!("jwt_supported_algs = {} on the mount", hcl::list(all.iter().map(String::as_str)))
            }
            Change::ClusterKeys(_) => {
                "keys = \"cluster\" on the mount, which uses the cluster's own keys and follows their rotation".to_owned()
            }
            Change::OwnMount => "this mount may be another cluster's, whose roles are not for this one: a mount of this cluster's own, resource \"tazlab_vault_jwt_auth\" with another path and keys = \"cluster\"".to_owned(),
            Change::NewMount(path) => {
                let path = path.as_ref().map_or_else(|| "another path".to_owned(), |path| format!("mount = {}", hcl::text(path)));
                format!("resource \"tazlab_vault_jwt_auth\" with {path} and keys = \"cluster\"")
            }
            Change::Clocks => "set the clocks of Vault and of the control plane by NTP".to_owned(),
            change => {
                let mut alone = setup.clone();
                self.apply(&mut alone);
                let touched: Vec<&str> = arguments(&setup.role, &alone.role).into_iter().map(|(name, _)| name).collect();
                let whole = arguments(&setup.role, &together.role).into_iter();
                let role = written(whole.filter(|(name, _)| touched.contains(name)).collect());
                match change {
                    Change::ReplaceClaim(claim) => format!("bind the role by what the token has, in place of {}: {role}", hcl::text(claim)),
                    Change::Audiences { request: Some(audience), .. } => format!("{role}, and {}", ask(audience)),
                    _ => role,
                }
            }
        }
    }
}

/// The arguments of `tazlab_vault_jwt_role` that differ, with their new value; none where it is cleared.
fn arguments(before: &JwtRole, after: &JwtRole) -> Vec<(&'static str, Option<String>)> {
    let text = |text: &String| Some(hcl::text(text)).filter(|_| !text.is_empty());
    let list = |list: &Vec<String>| Some(hcl::list(list.iter().map(String::as_str))).filter(|_| !list.is_empty());
    let claims = |role: &JwtRole| Some(hcl::claims(&role.bound_claims)).filter(|_| !role.bound_claims.is_empty());
    let mappings = |role: &JwtRole| {
        let each = role.claim_mappings.iter().map(|(from, to)| format!("{} = {}", hcl::text(from), hcl::text(to)));
        Some(format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))).filter(|_| !role.claim_mappings.is_empty())
    };
    let pointer = |role: &JwtRole| role.user_claim_json_pointer.then(|| "true".to_owned());
    let all = [
        ("user_claim", text(&before.user_claim), text(&after.user_claim)),
        ("user_claim_json_pointer", pointer(before), pointer(after)),
        ("bound_audiences", list(&before.bound_audiences), list(&after.bound_audiences)),
        ("bound_subject", text(&before.bound_subject), text(&after.bound_subject)),
        ("bound_claims", claims(before), claims(after)),
        ("bound_claims_type", text(&before.bound_claims_type), text(&after.bound_claims_type)),
        ("groups_claim", text(&before.groups_claim), text(&after.groups_claim)),
        ("claim_mappings", mappings(before), mappings(after)),
    ];
    all.into_iter().filter(|(_, before, after)| before != after).map(|(name, _, after)| (name, after)).collect()
}

/// Arguments as a line.
fn written(arguments: Vec<(&'static str, Option<String>)>) -> String {
    let (set, cleared): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|(_, value)| value.is_some());
    let set: Vec<String> =
        set.into_iter().map(|(name, value)| format!("{name} = {}", value.unwrap_or_default())).collect();
    let cleared: Vec<&str> = cleared.into_iter().map(|(name, _)| name).collect();
    match (set.is_empty(), cleared.is_empty()) {
        (false, true) => format!("{} in the role", set.join(" and ")),
        (true, _) => format!("remove {} from the role", cleared.join(" and ")),
        (false, false) => format!("{} in the role, and remove {} from it", set.join(" and "), cleared.join(" and ")),
    }
}
