//! A model of who gets in at Vault, written from its source and not from the code that explains refusals: roles and mounts with the
//! slips that people make, what was meant by them, the tokens of the neighbourhood, and the rule that no advice widens who may log in.
//! Who advises (the data source and the role's warnings) is held to it in tests of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

mod case;
mod vault;
mod written;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};

use super::advice::{Advice, Setup};
pub use case::Case;
use case::NUMBERS;
pub use vault::{accepts, bounds_name, glob, other_key, role_accepts};

/// The issuer of the cluster that is asked, that of another, and the one that all clusters have by default.
pub const OURS: &str = "https://k8s:6443";
/// Another cluster's.
pub const THEIRS: &str = "https://k8s:6444";
/// What most installers leave.
pub const EVERYBODYS: &str = "https://kubernetes.default.svc.cluster.local";

/// Whose token it is, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Is it of the cluster that is asked? It says which key signed.
    pub ours: bool,
    /// `iss`.
    pub issuer: String,
    /// The namespace.
    pub namespace: String,
    /// The ServiceAccount.
    pub name: String,
    /// `aud`.
    pub audiences: Vec<String>,
    /// The pod that it is bound to.
    pub pod: Option<String>,
}

impl Person {
    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }

    /// What Kubernetes writes into a bound token.
    #[must_use]
    pub fn claims(&self) -> Value {
        let mut kubernetes = json!({
            "namespace": self.namespace,
            "serviceaccount": {"name": self.name, "uid": format!("uid-{}-{}-{}", self.ours, self.namespace, self.name)},
        });
        if let Some(pod) = &self.pod {
            kubernetes["pod"] = json!({"name": pod, "uid": "uid-of-a-pod"});
        }
        json!({"iss": self.issuer, "sub": self.subject(), "aud": self.audiences, "kubernetes.io": kubernetes})
    }

    /// The key says which cluster it is, whatever that calls itself, and so does an issuer of its own: who may use its name is a
    /// matter of the keys that the mount trusts for it. The issuer that most clusters have says nothing.
    #[must_use]
    pub fn is_same_cluster(&self, other: &Self) -> bool {
        self.ours == other.ours || (self.issuer == other.issuer && self.issuer != EVERYBODYS)
    }

    fn is_same_account(&self, other: &Self) -> bool {
        self.is_same_cluster(other) && (&self.namespace, &self.name) == (&other.namespace, &other.name)
    }
}

/// The tokens that may get in by mistake: of other clusters, namespaces, ServiceAccounts, for other audiences, of pods that are
/// called like somebody else.
#[must_use]
pub fn neighbours() -> Vec<Person> {
    let mut all = Vec::new();
    for (ours, issuer) in [(true, OURS), (true, EVERYBODYS), (false, THEIRS), (false, OURS), (false, EVERYBODYS)] {
        for namespace in ["apps", "ops", "zz9"] {
            for name in ["web", "api", "zz9"] {
                for audiences in [vec!["vault"], vec![issuer], vec!["other"], vec!["vault", "other"]] {
                    for pod in [None, Some("web"), Some("apps")] {
                        all.push(Person {
                            ours,
                            issuer: issuer.to_owned(),
                            namespace: namespace.to_owned(),
                            name: name.to_owned(),
                            audiences: audiences.iter().map(|one| (*one).to_owned()).collect(),
                            pod: pod.map(ToOwned::to_owned),
                        });
                    }
                }
            }
        }
    }
    all
}

type Meant = Box<dyn Fn(&Person) -> bool>;

/// Does everything that is advised.
#[must_use]
pub fn done<'a>(setup: &Setup, proposals: impl IntoIterator<Item = &'a Advice>) -> Setup {
    let mut after = setup.clone();
    for advice in proposals {
        advice.apply(&mut after);
    }
    after
}

/// What a property test has met.
#[derive(Debug, Default)]
pub struct Counts {
    /// Setups.
    pub cases: usize,
    /// Of which the login was refused.
    pub refused: usize,
    /// Refused ones that work after all that was advised, again and again.
    pub mended: usize,
    /// Tokens that came in by an advice, as they should.
    pub let_in: usize,
    /// Proposals by kind.
    pub proposals: BTreeMap<&'static str, usize>,
}

/// Checks so many cases, the same ones in each run, beside all neighbours; gives and prints what was met.
///
/// # Panics
/// When a case fails.
pub fn drawn(cases: u32, check: impl Fn(&mut Case, &[Person], &mut Counts) -> Result<(), TestCaseError>) -> Counts {
    let counts = RefCell::new(Counts::default());
    let all = neighbours();
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let numbers = proptest::collection::vec(0_usize..2520, NUMBERS);
    runner
        .run(&numbers, |numbers| check(&mut Case::of(&numbers), &all, &mut counts.borrow_mut()))
        .unwrap_or_else(|failure| panic!("{failure}"));
    let counts = counts.into_inner();
    println!("{} neighbours: {counts:?}", all.len());
    counts
}
