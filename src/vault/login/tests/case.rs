//! One role, one mount and one login, made of numbers that a property test draws.

use serde_json::json;
use tazlab_clients::vault::JwtRole;

use super::written::{accounts, namespaces, subjects};
use super::*;

/// A setup with slips in it, and what was meant.
pub struct Case {
    /// Who logs in.
    pub asks: Person,
    /// The setup.
    pub setup: Setup,
    /// Does the mount fetch its keys, and whose does it get?
    pub by_url: Option<bool>,
    /// Which keys the mount holds: this cluster's, another's.
    pub keys: (bool, bool),
    /// Each bound, as it was meant.
    pub meant: Vec<Meant>,
    /// `sub` as `bound_subject` means it, and as `bound_claims` do.
    pub subjects: (Option<Meant>, Option<Meant>),
}

impl std::fmt::Debug for Case {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let role = serde_json::to_string(&self.setup.role).unwrap_or_default();
        write!(
            out,
            "{:?} logs in with audiences {:?} at issuer {:?}, keys {:?} {:?}, algorithms {:?}, role {role}",
            self.asks.subject(),
            self.setup.audiences,
            self.setup.config.bound_issuer,
            self.keys,
            self.by_url,
            self.setup.config.jwt_supported_algs
        )
    }
}

/// Choices, of numbers that a generator gives.
struct Choice<'a>(std::slice::Iter<'a, usize>);

impl Choice<'_> {
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let number = self.0.next().copied().unwrap_or_default();
        all[number % all.len()].clone()
    }
}

/// How many numbers a case takes.
pub(super) const NUMBERS: usize = 32;

impl Case {
    /// The case of these numbers.
    #[must_use]
    pub fn of(numbers: &[usize]) -> Self {
        let mut choose = Choice(numbers.iter());
        let requested: Vec<String> = choose.of(&[vec!["vault".to_owned()], vec![], vec!["other".to_owned()]]);
        let issuer = choose.of(&[OURS, OURS, EVERYBODYS]).to_owned();
        let audiences = if requested.is_empty() { vec![issuer.clone()] } else { requested.clone() };
        let asks = Person {
            ours: true,
            issuer,
            namespace: choose.of(&["apps", "apps", "ops"]).to_owned(),
            name: choose.of(&["web", "web", "api"]).to_owned(),
            audiences,
            pod: choose.of(&[None, Some("web".to_owned())]),
        };
        let mut case = Self {
            asks,
            setup: Setup { audiences: requested, ..Setup::default() },
            by_url: None,
            keys: (true, false),
            meant: Vec::new(),
            subjects: (None, None),
        };
        case.role(&mut choose);
        case.mount(&mut choose);
        case
    }

    fn role(&mut self, choose: &mut Choice<'_>) {
        let kind = choose.of(&["string", "glob"]);
        let mut role = JwtRole {
            role_type: choose.of(&["jwt", "jwt", "jwt", "jwt", "jwt", "oidc"]).to_owned(),
            bound_claims_type: kind.to_owned(),
            user_claim: "sub".to_owned(),
            ..JwtRole::default()
        };
        if choose.of(&[false, true]) {
            let (written, meant) = choose.of(&subjects());
            role.bound_subject = written.to_owned();
            self.subjects.0 = Some(Box::new(move |person| meant(&person.subject())));
        }
        if choose.of(&[false, false, true]) {
            let (written, meant) = choose.of(&subjects());
            role.bound_claims.insert(choose.of(&["sub", "sub", "/sub"]).to_owned(), json!([written]));
            self.subjects.1 = Some(Box::new(move |person| meant(&person.subject())));
        }
        if choose.of(&[false, true, true]) {
            let key = choose.of(&[
                "/kubernetes.io/namespace",
                "kubernetes.io/namespace",
                "kubernetes.io.namespace",
                "/kubernetes/io/namespace",
                "namespace",
                "kubernetes.io/serviceaccount/namespace",
                "/kubernetes.io/serviceaccount/namespace",
                "/metadata/namespace",
                "/kubernetes.io",
            ]);
            let (written, meant) = choose.of(&namespaces());
            role.bound_claims.insert(key.to_owned(), written);
            self.meant.push(Box::new(move |person| meant(&person.namespace)));
        }
        if choose.of(&[false, false, true]) {
            let key = choose.of(&[
                "/kubernetes.io/serviceaccount/name",
                "kubernetes.io/serviceaccount/service-account.name",
                "kubernetes.io.serviceaccount.name",
                "name",
                "/kubernetes.io/serviceaccount",
            ]);
            let (written, meant) = choose.of(&accounts());
            role.bound_claims.insert(key.to_owned(), written);
            self.meant.push(Box::new(move |person| meant(&person.name)));
        }
        if choose.of(&[false, false, false, true]) {
            // Two ways to write one claim: both are demanded.
            role.bound_claims.insert("namespace".to_owned(), json!(["apps", "zz9"]));
            self.meant.push(Box::new(|person| matches!(person.namespace.as_str(), "apps" | "zz9")));
        }
        if choose.of(&[false, false, false, true]) {
            let (name, value) =
                choose.of(&[("team", json!("a")), ("level", json!("5")), ("iss", json!(["https://*"]))]);
            self.meant.push(Box::new(move |_| name == "iss"));
            role.bound_claims.insert(name.to_owned(), value);
        }
        let audiences = choose.of(&[
            vec!["vault"],
            vec!["vault"],
            vec![],
            vec!["vault,other"],
            vec!["third"],
            vec!["third", "other"],
        ]);
        role.bound_audiences = audiences.iter().map(|one| (*one).to_owned()).collect();
        let (claim, pointer) = choose.of(&[
            ("sub", false),
            ("sub", false),
            ("email", false),
            ("/kubernetes.io/serviceaccount/uid", false),
            ("kubernetes.io/serviceaccount/name", true),
        ]);
        (role.user_claim, role.user_claim_json_pointer) = (claim.to_owned(), pointer);
        role.groups_claim = choose.of(&["", "", "", "groups", "kubernetes.io/namespace"]).to_owned();
        role.claim_mappings = choose.of(&[
            BTreeMap::new(),
            BTreeMap::from([("sub".to_owned(), "who".to_owned())]),
            BTreeMap::from([("/kubernetes.io/serviceaccount".to_owned(), "account".to_owned())]),
        ]);
        self.setup.role = role;
    }

    fn mount(&mut self, choose: &mut Choice<'_>) {
        self.keys = choose.of(&[(true, false), (true, false), (true, true), (false, true), (false, false)]);
        // A URL serves one cluster's keys.
        self.by_url = (self.keys == (false, false)).then(|| choose.of(&[true, false]));
        let listed = format!("{OURS},{THEIRS}");
        let (slash, of_all) = (format!("{OURS}/"), format!("{EVERYBODYS}/"));
        let issuers = ["", OURS, OURS, EVERYBODYS, slash.as_str(), listed.as_str(), THEIRS, of_all.as_str()];
        let issuer = choose.of(&issuers).to_owned();
        self.setup.config.jwt_supported_algs =
            choose.of(&[vec![], vec![], vec!["ES256".to_owned()], vec!["RS256".to_owned()]]);
        let (keys, by_url, bound) = (self.keys, self.by_url, issuer.clone());
        self.setup.config.bound_issuer = issuer;
        self.meant.push(Box::new(move |person| {
            let named = |issuer: &str| bound.split(',').any(|one| one.trim_end_matches('/') == issuer);
            // Whose mount it is: of whom it trusts, or, where an issuer tells clusters apart, of whom that names.
            let trusted = by_url.map_or(if person.ours { keys.0 } else { keys.1 }, |ours| ours == person.ours);
            let is_named = person.ours && person.issuer == OURS && named(OURS);
            // A mount that trusts this cluster alone is for its tokens, whatever their issuer is called.
            let alone = keys == (true, false) && person.ours;
            (trusted || is_named) && (bound.is_empty() || named(&person.issuer) || alone)
        }));
    }

    /// Did anybody mean to let this one in? With these audiences the token is asked for.
    fn is_meant(&self, person: &Person, asked: &[String]) -> bool {
        let (bound, audiences) = (&self.setup.role.bound_audiences, &person.audiences);
        let named = bound.iter().flat_map(|one| one.split(',')).any(|one| audiences.iter().any(|own| own == one));
        let asked = |own: &String| asked.contains(own);
        let audience = if bound.is_empty() { audiences.iter().any(asked) } else { named };
        audience && self.meant.iter().all(|meant| meant(person)) && self.is_subject(person)
    }

    /// Two bounds of one claim that cannot both be right: what `bound_claims` say is meant, where they name anybody at all.
    fn is_subject(&self, person: &Person) -> bool {
        let by = |meant: &Option<Meant>, person: &Person| meant.as_ref().is_none_or(|meant| meant(person));
        let stranger = Person { namespace: "zz9".to_owned(), name: "zz9".to_owned(), ..self.asks.clone() };
        let both = by(&self.subjects.0, person) && by(&self.subjects.1, person);
        let disagree = !self.setup.role.bound_subject.contains('*')
            && !by(&self.subjects.0, &self.asks)
            && self.subjects.1.is_some()
            && by(&self.subjects.1, &self.asks)
            && !by(&self.subjects.1, &stranger);
        both || (disagree && by(&self.subjects.1, person))
    }

    /// Who gets in after a change, did not before, and is not the ServiceAccount of the same cluster whose login was tried.
    ///
    /// One exception is in the nature of what is changed: a mount that is put right is so for everybody of this cluster whom the role
    /// named already, by Vault's own reading of it; and so is a role of which `bound_subject` contradicts what `bound_claims` say of
    /// `sub`, where these name somebody.
    #[must_use]
    pub fn intruders<'a>(&self, after: &Setup, neighbours: &'a [Person]) -> Vec<&'a Person> {
        let role = &self.setup.role;
        let cleared = JwtRole { bound_subject: String::new(), ..role.clone() };
        let of_subject =
            ["sub", "/sub"].iter().find_map(|name| Some(((*name).to_owned(), role.bound_claims.get(*name)?.clone())));
        let by_claims = JwtRole { bound_claims: of_subject.into_iter().collect(), ..cleared.clone() };
        let stranger = Person { namespace: "zz9".to_owned(), name: "zz9".to_owned(), ..self.asks.clone() };
        let is_contradiction = after.role.bound_subject.is_empty()
            && bounds_name(&by_claims, &self.asks)
            && !bounds_name(&by_claims, &stranger);
        let is_named =
            |person: &Person| role_accepts(role, person) || (is_contradiction && role_accepts(&cleared, person));
        self.newcomers(after, neighbours)
            .filter(|person| !(person.is_same_cluster(&self.asks) && is_named(person)))
            .collect()
    }

    /// The same where it is not known who will log in: who gets in must be who was meant by what was written.
    #[must_use]
    pub fn unmeant<'a>(&self, after: &Setup, neighbours: &'a [Person]) -> Vec<&'a Person> {
        let asked = self.requested(after);
        self.newcomers(after, neighbours).filter(|person| !self.is_meant(person, &asked)).collect()
    }

    /// What the token is requested for, or is after the change; the API server's own audience only where it is never another.
    fn requested(&self, after: &Setup) -> Vec<String> {
        let mut asked: Vec<String> = self.setup.audiences.iter().chain(&after.audiences).cloned().collect();
        if asked.is_empty() {
            asked.push(self.asks.issuer.clone());
        }
        asked
    }

    fn newcomers<'a>(&self, after: &Setup, neighbours: &'a [Person]) -> impl Iterator<Item = &'a Person> {
        // And for what the role is for, however it is written.
        let written = self.setup.role.bound_audiences.iter().flat_map(|one| one.split(',')).map(ToOwned::to_owned);
        let asked: Vec<String> = self.requested(after).into_iter().chain(written).collect();
        let is_asked = move |person: &Person| {
            person.is_same_account(&self.asks) && person.audiences.iter().any(|audience| asked.contains(audience))
        };
        neighbours.iter().filter(move |person| {
            accepts(self, after, person) && !accepts(self, &self.setup, person) && !is_asked(person)
        })
    }
}
