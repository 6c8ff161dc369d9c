//! Why Vault refuses a token: each thing that it looks at, what the token says and what mount or role demand, and the HCL that
//! would make them meet. Pure. What may be advised at all is `vault::login::advice`'s.
//!
//! The order is Vault's own (vault-plugin-auth-jwt `path_login.go`, v0.26; hashicorp/cap `jwt.go`, v0.13): signature, times,
//! issuer, subject, audience, then what the role demands of other claims.

use super::evidence::{Evidence, Seen};
use super::{bound, keys, mount, role};
use crate::vault::checks_jwts;
use crate::vault::login::advice::{Advice, Change, RoleName, Setup};
use crate::vault::login::hcl;

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
#[derive(Clone, Debug, PartialEq)]
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
    pub(super) advice: Option<Advice>,
    /// The same in words.
    pub(super) fix: String,
}

impl Claim {
    pub(super) fn of(name: &str, token: String, demanded: String, by: By, met: bool) -> Self {
        Self { name: name.to_owned(), token, demanded, by, met, hint: None, advice: None, fix: String::new() }
    }

    pub(super) fn hinted(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// Where nothing is missed there is nothing to advise.
    pub(super) fn advised(self, advice: Advice) -> Self {
        Self { advice: Some(advice).filter(|_| !self.met), ..self }
    }

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

/// What keeps a token out before any claim of it is compared, or hides what is demanded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Obstacle {
    /// What it is: a sentence without a full stop.
    problem: String,
    /// What would remove it.
    pub(super) advice: Option<Advice>,
    /// What that is for.
    purpose: &'static str,
    /// The advice in words.
    fix: String,
}

impl Obstacle {
    fn of(problem: String) -> Self {
        Self { problem, advice: None, purpose: "", fix: String::new() }
    }

    fn advised(self, purpose: &'static str, advice: Advice) -> Self {
        Self { purpose, advice: Some(advice), ..self }
    }

    /// One line.
    pub(super) fn line(&self) -> String {
        if self.fix.is_empty() {
            self.problem.clone()
        } else {
            format!("{}. {}: {}", self.problem, self.purpose, self.fix)
        }
    }
}

/// Why a login is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Explanation {
    pub(super) obstacles: Vec<Obstacle>,
    /// What was compared of the token; what could not be read is not in it.
    pub(super) claims: Vec<Claim>,
}

impl Explanation {
    /// Everything that is advised.
    pub(super) fn proposals(&self) -> impl Iterator<Item = &Advice> {
        let obstacles = self.obstacles.iter().filter_map(|obstacle| obstacle.advice.as_ref());
        obstacles.chain(self.claims.iter().filter_map(|claim| claim.advice.as_ref()))
    }

    /// A line for each thing that is wrong.
    pub(super) fn problems(&self) -> Vec<String> {
        let missed = self.claims.iter().filter(|claim| !claim.met).map(Claim::line);
        let all: Vec<String> = self.obstacles.iter().map(Obstacle::line).chain(missed).collect();
        if all.is_empty() { vec![REMAINDER.to_owned()] } else { all }
    }
}

pub(super) fn explain(evidence: &Evidence) -> Explanation {
    let (setup, token) = (mount::setup(evidence), &evidence.token);
    let obstacles = obstacles(evidence, &setup);
    let mut claims = Vec::new();
    if let Some(config) = evidence.config.there() {
        claims.extend(keys::signature(evidence, config));
        claims.push(mount::algorithm(evidence, config));
    }
    if let Some(now) = evidence.now {
        claims.extend(mount::times(token, now, setup.role.clock_skew_leeway));
    }
    claims.extend(evidence.config.there().and_then(|config| mount::issuer(evidence, config)));
    if evidence.role.there().is_some() {
        claims.extend(role::subject(token, &setup));
        claims.push(role::audience(token, &setup));
        claims.extend(role::needed(token, &setup));
        claims.extend(bound::bound(token, &setup));
    }
    if obstacles.is_empty() && claims.iter().all(|claim| claim.met) {
        claims.extend(evidence.config.there().and_then(|config| keys::by_elimination(evidence, config)));
    }
    let mut explanation = Explanation { obstacles, claims };
    // An argument is given as it is when all is done that is advised: one line must not take back what another says.
    let mut together = setup.clone();
    for advice in explanation.proposals() {
        advice.apply(&mut together);
    }
    let text =
        |advice: &Option<Advice>| advice.as_ref().map(|advice| advice.text(&setup, &together)).unwrap_or_default();
    for obstacle in &mut explanation.obstacles {
        obstacle.fix = text(&obstacle.advice);
    }
    for claim in &mut explanation.claims {
        claim.fix = text(&claim.advice);
    }
    explanation
}

fn obstacles(evidence: &Evidence, setup: &Setup) -> Vec<Obstacle> {
    let Evidence { mount, role_name, token, .. } = evidence;
    let mut found = Vec::new();
    match &evidence.config {
        Seen::Missing => return vec![no_mount(evidence)],
        Seen::Hidden(why) => {
            found.push(Obstacle::of(format!(
                "Cannot read the configuration of the auth method, so what it demands is not known: {why}"
            )));
        }
        Seen::There(_) => {}
    }
    match &evidence.role {
        Seen::Missing => {
            let others = match evidence.roles.as_deref() {
                None => String::new(),
                Some([]) => ", which has no roles".to_owned(),
                Some(names) => format!(", which has {}", names.join(", ")),
            };
            let name = RoleName::Missing { path: mount.clone(), name: role_name.clone() };
            let missing = Obstacle::of(format!("Role {role_name} does not exist at auth/{mount}{others}"));
            found.push(missing.advised("To create it", Advice::role_called(name, setup, token)));
        }
        Seen::Hidden(why) => {
            found.push(Obstacle::of(format!("Cannot read the role, so what it demands is not known: {why}")));
        }
        Seen::There(role) if role.role_type == "oidc" => {
            let people = Obstacle::of(format!(
                "Role {role_name} is of type \"oidc\", which is for people with a browser, and with role_type = \"jwt\" its bounds would apply to both"
            ));
            let advice = Advice::role_called(RoleName::NotOfPeople, setup, token);
            found.push(people.advised("To log in with a token", advice));
        }
        // Vault checks this before it reads the token, and answers it in no other way (`path_login.go`): after any other answer the
        // network was right.
        Seen::There(role) if evidence.is_denied && !role.token_bound_cidrs.is_empty() => {
            found.push(Obstacle::of(format!(
                "Role {role_name} accepts logins from {} only (token_bound_cidrs), and Vault answers \"permission denied\" to a login from elsewhere: this one came from where Terraform runs",
                role.token_bound_cidrs.join(", ")
            )));
        }
        Seen::There(_) => {}
    }
    found
}

fn no_mount(evidence: &Evidence) -> Obstacle {
    let mount = &evidence.mount;
    let here = Some(mount.clone());
    let (there, path) = match evidence.mounted.as_deref() {
        // Configured, it would open the roles that it has already to every token of this cluster.
        Some(kind) if checks_jwts(kind) && evidence.roles.as_ref().is_none_or(|roles| !roles.is_empty()) => {
            ("the auth method exists, was never configured, and may have roles that are not for this cluster", None)
        }
        Some(kind) if checks_jwts(kind) => ("the auth method exists and was never configured", here),
        Some(other) => {
            let problem = format!("Nothing accepts JWTs at auth/{mount}: the auth method there is of type {other}");
            return Obstacle::of(problem).advised("To create one", Advice::plain(Change::NewMount(None)));
        }
        None => ("no auth method is mounted there", here),
    };
    let problem = format!("Nothing accepts JWTs at auth/{mount}: {there}");
    Obstacle::of(problem).advised("To create one", Advice::plain(Change::NewMount(path)))
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
const REMAINDER: &str = "Everything that could be read fulfils the requirements. See Vault's server log for the cause";
