//! The kinds of findings. Each has an id that people write into `allow`, and a rank: what explains others comes first.

use std::fmt;

use tazlab_yaml::Mark;

use super::glob;

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Id {
    // The order is that of the report: a cause stands before what follows from it.
    /// The check stopped at a bound, or could not read the repository.
    Limit,
    /// An entry is not a folder of the repository.
    MissingEntry,
    /// A file is not YAML as Go's libraries read it.
    InvalidYaml,
    /// A kustomization file that kustomize refuses.
    InvalidKustomization,
    /// A file or folder is named and does not exist.
    MissingFile,
    /// Folders include each other.
    Cycle,
    /// A document in a build is not a Kubernetes object.
    NotAnObject,
    /// An object is twice in one build.
    Duplicate,
    /// A generator that kustomize refuses.
    Generator,
    /// A patch that does not apply, or whose target does not exist.
    Patch,
    /// A replacement that does not apply.
    Replacement,
    /// `helmCharts`, which kustomize-controller never renders.
    HelmCharts,
    /// The `spec.path` of a Flux Kustomization does not exist.
    MissingPath,
    /// The chart or source of a `HelmRelease` does not exist.
    MissingChart,
    /// Nothing makes the `ConfigMap` or Secret of `postBuild.substituteFrom`.
    MissingVariables,
    /// Flux cannot fill in a variable, or the text is not one that its substitution reads.
    Substitution,
    /// A `dependsOn` that nobody fulfils.
    MissingDependency,
    /// A `dependsOn` that leads back.
    DependencyCycle,
    /// A namespace is made by what waits for objects in that namespace.
    NamespaceOrder,
    /// Two Flux Kustomizations apply one object.
    ClaimedTwice,
    /// A custom resource comes before its CRD.
    CrdOrder,
    /// Nothing applies a manifest.
    Orphan,
    /// An `allow` pattern that is not one.
    InvalidPattern,
}

impl Id {
    /// Every id, in the order of the report.
    pub const ALL: &'static [Self] = &[
        Self::Limit,
        Self::MissingEntry,
        Self::InvalidYaml,
        Self::InvalidKustomization,
        Self::MissingFile,
        Self::Cycle,
        Self::NotAnObject,
        Self::Duplicate,
        Self::Generator,
        Self::Patch,
        Self::Replacement,
        Self::HelmCharts,
        Self::MissingPath,
        Self::MissingChart,
        Self::MissingVariables,
        Self::Substitution,
        Self::MissingDependency,
        Self::DependencyCycle,
        Self::NamespaceOrder,
        Self::ClaimedTwice,
        Self::CrdOrder,
        Self::Orphan,
        Self::InvalidPattern,
    ];

    /// As people write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::MissingEntry => "missing-entry",
            Self::InvalidYaml => "invalid-yaml",
            Self::InvalidKustomization => "invalid-kustomization",
            Self::MissingFile => "missing-file",
            Self::Cycle => "cycle",
            Self::NotAnObject => "not-an-object",
            Self::Duplicate => "duplicate",
            Self::Generator => "generator",
            Self::Patch => "patch",
            Self::Replacement => "replacement",
            Self::HelmCharts => "helm-charts",
            Self::MissingPath => "missing-path",
            Self::MissingChart => "missing-chart",
            Self::MissingVariables => "missing-variables",
            Self::Substitution => "substitution",
            Self::MissingDependency => "missing-dependency",
            Self::DependencyCycle => "dependency-cycle",
            Self::NamespaceOrder => "namespace-order",
            Self::ClaimedTwice => "claimed-twice",
            Self::CrdOrder => "crd-order",
            Self::Orphan => "orphan",
            Self::InvalidPattern => "invalid-pattern",
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Something that is wrong, or worth knowing, at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// What kind of thing.
    pub id: Id,
    /// The file, from the root of the repository.
    pub file: String,
    /// The line, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub text: String,
}

impl Finding {
    /// One at a place of a file.
    pub fn new(id: Id, file: &str, at: Mark, text: impl Into<String>) -> Self {
        let text = text.into().replace(super::substitute::UNKNOWN, "…");
        Self { id, file: file.to_owned(), line: Some(at.line).filter(|line| *line > 0), text }
    }

    /// One of a whole file.
    pub fn of_file(id: Id, file: &str, text: impl Into<String>) -> Self {
        Self::new(id, file, Mark::default(), text)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {} [{}]", self.file, self.text, self.id),
            None => write!(out, "{}: {} [{}]", self.file, self.text, self.id),
        }
    }
}

/// Problems that a repository lives with: an id, and a pattern of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    id: Id,
    files: String,
}

impl Allowed {
    /// Reads `orphan:apps/old/**`, or `orphan` for all files.
    ///
    /// # Errors
    /// The text itself where its id is not one of [`Id::ALL`], or where no pattern follows the colon.
    pub fn read(text: &str) -> Result<Self, String> {
        let (id, files) = text.split_once(':').unwrap_or((text, "**"));
        let id = Id::ALL.iter().find(|known| known.as_str() == id.trim() && **known != Id::Limit);
        match id {
            Some(id) if !files.trim().is_empty() => Ok(Self { id: *id, files: files.trim().to_owned() }),
            _ => Err(text.to_owned()),
        }
    }

    pub(crate) fn covers(&self, finding: &Finding) -> bool {
        self.id == finding.id && glob::matches(&self.files, &finding.file)
    }
}
