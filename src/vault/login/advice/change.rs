//! What an advice changes, each kind with what it takes. How it is done is said in `advice`, how it is told in `text`.

use serde_json::Value;

/// What is changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The token is asked for another audience: one that the role names.
    RequestAudience(String),
    /// The role's audiences; and with which of them the token is asked for, where that changes.
    Audiences {
        /// All of them.
        bound: Vec<String>,
        /// What the token is asked for.
        request: Option<String>,
    },
    /// A key of `bound_claims` that names no claim is replaced by where the claim is.
    RenameClaim {
        /// The key.
        from: String,
        /// A JSON pointer, or the name of a claim at the top.
        to: String,
    },
    /// A value of `bound_claims` that can never be met as it was meant is replaced by what was meant.
    ExactClaim {
        /// The key.
        claim: String,
        /// The value.
        written: Value,
        /// What the token says.
        exact: String,
    },
    /// A key of `bound_claims` that no token of a ServiceAccount has is replaced by whose token it is.
    ReplaceClaim(String),
    /// `bound_subject` that can never be met as it was meant is replaced by what was meant.
    ExactSubject(String),
    /// `bound_subject` is cleared, since `bound_claims` demand of `sub` what is meant.
    ClearSubject,
    /// A pattern in `bound_subject` goes to where patterns belong.
    MoveSubject,
    /// `bound_claims` are patterns.
    GlobClaims,
    /// The claim that names who logs in.
    UserClaim {
        /// Its name.
        claim: String,
        /// Is it a JSON pointer?
        pointer: bool,
    },
    /// The claim that holds the groups.
    GroupsClaim(String),
    /// No claim holds groups.
    ClearGroups,
    /// A claim that cannot become metadata does not.
    DropMapping(String),
    /// The role stays as it is, and who asks gets one of its own.
    OwnRole {
        /// What it is called.
        name: RoleName,
        /// Whose: `bound_subject`.
        subject: String,
        /// `bound_audiences`.
        audiences: Vec<String>,
        /// What else it is bound by, where the mount accepts other clusters: they may have a ServiceAccount of the same name.
        claims: Vec<(&'static str, String)>,
    },
    /// The mount's issuer.
    Issuer(String),
    /// The mount's algorithms.
    Algorithms(Vec<String>),
    /// The mount's keys become the cluster's own.
    ClusterKeys(Vec<String>),
    /// The mount stays as it is, and the cluster gets one of its own.
    OwnMount,
    /// There is no mount that could be kept: at this path, or at another where none is given.
    NewMount(Option<String>),
    /// The clocks.
    Clocks,
}

impl Change {
    /// Its name, for those that count.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::RequestAudience(_) => "RequestAudience",
            Self::Audiences { .. } => "Audiences",
            Self::RenameClaim { .. } => "RenameClaim",
            Self::ExactClaim { .. } => "ExactClaim",
            Self::ReplaceClaim(_) => "ReplaceClaim",
            Self::ExactSubject(_) => "ExactSubject",
            Self::ClearSubject => "ClearSubject",
            Self::MoveSubject => "MoveSubject",
            Self::GlobClaims => "GlobClaims",
            Self::UserClaim { .. } => "UserClaim",
            Self::GroupsClaim(_) => "GroupsClaim",
            Self::ClearGroups => "ClearGroups",
            Self::DropMapping(_) => "DropMapping",
            Self::OwnRole { .. } => "OwnRole",
            Self::Issuer(_) => "Issuer",
            Self::Algorithms(_) => "Algorithms",
            Self::ClusterKeys(_) => "ClusterKeys",
            Self::OwnMount => "OwnMount",
            Self::NewMount(_) => "NewMount",
            Self::Clocks => "Clocks",
        }
    }
}

/// What a role of its own is called.
#[derive(Clone, Debug, PartialEq)]
pub enum RoleName {
    /// Another than the role that is for somebody else.
    Another,
    /// Another than the role that is for people with a browser.
    NotOfPeople,
    /// That of the role that does not exist.
    Missing {
        /// The mount.
        path: String,
        /// Its name.
        name: String,
    },
}
