//! The rules that stand beside an attribute in its declaration: `required().requires_replace().check(…)`.

use tf_provider::schema::AttributeConstraint;

use crate::framework::validation::{Check, Relation};
use crate::framework::value::Datum;

/// Constraint, marks, default, plan rules and checks of one attribute.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a mark of its own in Terraform's schema")]
pub struct Rules {
    /// Who may set it.
    pub constraint: AttributeConstraint,
    /// Hidden in Terraform's output.
    pub sensitive: bool,
    /// Never stored in plan or state (Terraform 1.11 and newer).
    pub write_only: bool,
    /// A change forces replacement.
    pub requires_replace: bool,
    /// Keeps its value through an update instead of becoming unknown.
    pub keeps_state: bool,
    /// What holds when the configuration says nothing.
    pub default: Option<Datum>,
    /// Why and in favour of what it is deprecated.
    pub deprecation: Option<&'static str>,
    /// The name that it has now; it is there to say so.
    pub replaced_by: Option<&'static str>,
    /// What a configured value must satisfy.
    pub checks: Vec<Check>,
    /// How it goes together with its siblings.
    pub relations: Vec<Relation>,
}

fn with(constraint: AttributeConstraint) -> Rules {
    Rules {
        constraint,
        sensitive: false,
        write_only: false,
        requires_replace: false,
        keeps_state: false,
        default: None,
        deprecation: None,
        replaced_by: None,
        checks: Vec::new(),
        relations: Vec::new(),
    }
}

/// The configuration must set it.
#[must_use]
pub fn required() -> Rules {
    with(AttributeConstraint::Required)
}

/// The configuration may set it.
#[must_use]
pub fn optional() -> Rules {
    with(AttributeConstraint::Optional)
}

/// Only the provider sets it.
#[must_use]
pub fn computed() -> Rules {
    with(AttributeConstraint::Computed)
}

/// The configuration may set it, else the provider does.
#[must_use]
pub fn optional_computed() -> Rules {
    with(AttributeConstraint::OptionalComputed)
}

impl Rules {
    /// Hides the value in Terraform's output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Keeps the value out of plan and state. The host nulls it; resources read it from the configuration.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// A change of the value forces replacement.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.requires_replace = true;
        self
    }

    /// The value of a computed attribute stays through updates, unless the resource says otherwise.
    #[must_use]
    pub fn use_state_for_unknown(mut self) -> Self {
        self.keeps_state = true;
        self
    }

    /// What holds when the configuration says nothing. Makes an optional attribute optional and computed, since
    /// Terraform lets a provider fill nothing else.
    #[must_use]
    pub fn default(mut self, value: impl Into<Datum>) -> Self {
        self.default = Some(value.into());
        if self.constraint == AttributeConstraint::Optional {
            self.constraint = AttributeConstraint::OptionalComputed;
        }
        self
    }

    /// Warns whoever sets it: why, and what to set instead.
    #[must_use]
    pub fn deprecated(mut self, message: &'static str) -> Self {
        self.deprecation = Some(message);
        self
    }

    /// It has another name now: whoever sets it is told which, and it is an error.
    #[must_use]
    pub fn replaced_by(mut self, name: &'static str) -> Self {
        self.replaced_by = Some(name);
        self.deprecation = Some("It has another name.");
        self
    }

    /// Adds a check of the configured value.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// None of `siblings` may be set beside it.
    #[must_use]
    pub fn conflicts_with(mut self, siblings: &'static [&'static str]) -> Self {
        self.relations.push(Relation::ConflictsWith(siblings));
        self
    }

    /// All of `siblings` must be set beside it.
    #[must_use]
    pub fn requires(mut self, siblings: &'static [&'static str]) -> Self {
        self.relations.push(Relation::Requires(siblings));
        self
    }

    /// Of this attribute and `siblings`, exactly one must be set.
    #[must_use]
    pub fn exactly_one_with(mut self, siblings: &'static [&'static str]) -> Self {
        self.relations.push(Relation::ExactlyOneWith(siblings));
        self
    }

    /// Of this attribute and `siblings`, at least one must be set.
    #[must_use]
    pub fn at_least_one_with(mut self, siblings: &'static [&'static str]) -> Self {
        self.relations.push(Relation::AtLeastOneWith(siblings));
        self
    }
}
