//! What an attribute is, declared once: type, constraint, plan rules, checks, documentation.
//!
//! The wire form of a schema is made by `protocol::to_wire`, its documentation by terraform-plugin-docs from that.

mod rules;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use rules::{Rules, computed, optional, optional_computed, required};
pub use tf_provider::schema::AttributeConstraint;

use super::types::Type;
use super::validation::Check;
use super::value::Datum;

/// The schema of a provider, resource, data source, ephemeral resource, list or action.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Version of the stored state; 0 for the first.
    pub version: i64,
    /// What the type is for, in Markdown.
    pub description: String,
    /// Why and in favour of what the whole type is deprecated.
    pub deprecation: Option<&'static str>,
    /// The attributes in the order of their declaration.
    pub attributes: Vec<Attribute>,
    object_type: OnceLock<Type>,
}

impl Schema {
    /// The schema of a type that is `description`, with the attributes of its model.
    pub fn new(description: impl Into<String>, attributes: Vec<Attribute>) -> Self {
        Self {
            version: 0,
            description: description.into(),
            deprecation: None,
            attributes,
            object_type: OnceLock::new(),
        }
    }

    /// The same schema at another version of the stored state.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// The type of a value of this schema; made once, since every call reads its values by it.
    #[must_use]
    pub fn object_type(&self) -> &Type {
        self.object_type.get_or_init(|| object_type(&self.attributes))
    }

    /// The attribute called `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

fn object_type(attributes: &[Attribute]) -> Type {
    Type::object(attributes.iter().map(|attribute| (attribute.name, attribute.kind.value_type())))
}

/// One attribute with everything that follows from it.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name in HCL.
    pub name: &'static str,
    /// Markdown: meaning, unit, default, source of a fact.
    pub description: String,
    /// Its type or nested attributes.
    pub kind: Kind,
    /// Constraint, marks and plan rules.
    pub rules: Rules,
}

impl Attribute {
    /// May the configuration set it?
    #[must_use]
    pub fn is_configurable(&self) -> bool {
        self.rules.constraint != AttributeConstraint::Computed
    }

    /// May the provider set it?
    #[must_use]
    pub fn is_computed(&self) -> bool {
        matches!(self.rules.constraint, AttributeConstraint::Computed | AttributeConstraint::OptionalComputed)
    }

    /// Everything that the configured value must satisfy.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.rules.checks
    }
}

/// The shape of an attribute's value.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A value of one type.
    Plain(Type),
    /// Attributes of their own inside this one.
    Nested(Nesting, Vec<Attribute>),
}

/// How often nested attributes appear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Distinct objects without order.
    Set,
    /// Objects by name.
    Map,
}

impl Kind {
    /// The type of a value of this kind.
    #[must_use]
    pub fn value_type(&self) -> Type {
        match self {
            Self::Plain(kind) => kind.clone(),
            Self::Nested(nesting, attributes) => {
                let object = object_type(attributes);
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }

    /// This kind as the element of a collection, where Terraform allows it: nested attributes nest in one collection.
    pub(super) fn collected(self, nesting: Nesting) -> Self {
        match self {
            Self::Nested(Nesting::Single, attributes) => Self::Nested(nesting, attributes),
            other => {
                let element = other.value_type();
                Self::Plain(match nesting {
                    Nesting::Single => element,
                    Nesting::List => Type::list(element),
                    Nesting::Set => Type::set(element),
                    Nesting::Map => Type::map(element),
                })
            }
        }
    }
}

/// An object with every attribute null: what a configuration without arguments is.
#[must_use]
pub fn all_null(attributes: &[Attribute]) -> Datum {
    Datum::Object(
        attributes.iter().map(|attribute| (attribute.name.to_owned(), Datum::Null)).collect::<BTreeMap<_, _>>(),
    )
}
