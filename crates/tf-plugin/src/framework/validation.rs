//! Checks of configured values, declared beside the attribute. They see one value and never talk to anything.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use regex::Regex;

use super::AttributePath;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::duration;
use super::schema::{Attribute, AttributeConstraint, Kind, Nesting};
use super::types::Type;
use super::value::Datum;

type Predicate = dyn Fn(&Datum) -> Result<(), String> + Send + Sync;

/// A condition on a known value, and where in the value it applies.
#[derive(Clone)]
pub struct Check {
    scope: Scope,
    predicate: Arc<Predicate>,
}

#[derive(Clone, Copy, Debug)]
enum Scope {
    Value,
    Elements,
    Keys,
}

/// How an attribute goes together with its siblings in the same object. One that says what its default says anyway excludes none: so
/// says a configuration that a client generates from state.
#[derive(Clone, Debug)]
pub enum Relation {
    /// None of these beside it.
    ConflictsWith(&'static [&'static str]),
    /// All of these beside it.
    Requires(&'static [&'static str]),
    /// One of it and these.
    ExactlyOneWith(&'static [&'static str]),
    /// One or more of it and these.
    AtLeastOneWith(&'static [&'static str]),
}

impl fmt::Debug for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Check({:?})", self.scope)
    }
}

impl Check {
    /// A condition of one's own; the error says what is wrong and how to mend it.
    pub fn new(predicate: impl Fn(&Datum) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self { scope: Scope::Value, predicate: Arc::new(predicate) }
    }

    /// A condition on text.
    pub fn text(predicate: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self::new(move |value| value.as_str().map_or(Ok(()), &predicate))
    }

    /// The condition, of a text that is known: for checks that are made of others.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_text(&self, text: &str) -> Result<(), String> {
        (self.predicate)(&Datum::String(text.to_owned()))
    }

    /// The same condition for every element of a collection.
    #[must_use]
    pub fn each(mut self) -> Self {
        self.scope = Scope::Elements;
        self
    }

    /// The same condition for every key of a map.
    #[must_use]
    pub fn keys(mut self) -> Self {
        self.scope = Scope::Keys;
        self
    }

    fn run(&self, value: &Datum, path: &AttributePath, found: &mut Diagnostics) {
        let mut one = |value: &Datum, path: AttributePath| {
            if !value.is_unknown()
                && !value.is_null()
                && let Err(problem) = (self.predicate)(value)
            {
                found.push(Diagnostic::error(format!("Invalid value of {path}"), problem).at(path));
            }
        };
        match self.scope {
            Scope::Value => one(value, path.clone()),
            Scope::Elements => each_element(value, path, &mut one),
            Scope::Keys => {
                if let Datum::Map(entries) | Datum::Object(entries) = value {
                    for key in entries.keys() {
                        one(&Datum::String(key.clone()), path.clone().key(key.clone()));
                    }
                }
            }
        }
    }
}

fn each_element(value: &Datum, path: &AttributePath, one: &mut dyn FnMut(&Datum, AttributePath)) {
    match value {
        Datum::List(items) | Datum::Tuple(items) => {
            for (index, item) in items.iter().enumerate() {
                one(item, path.clone().index(i64::try_from(index).unwrap_or(i64::MAX)));
            }
        }
        // Terraform cannot point into a set: its path is as near as it gets.
        Datum::Set(items) => items.iter().for_each(|item| one(item, path.clone())),
        Datum::Map(entries) | Datum::Object(entries) => {
            for (key, item) in entries {
                one(item, path.clone().key(key.clone()));
            }
        }
        _ => {}
    }
}

/// One of `allowed`.
#[must_use]
pub fn one_of(allowed: &'static [&'static str]) -> Check {
    Check::text(move |text| {
        if allowed.contains(&text) {
            Ok(())
        } else {
            Err(format!(
                "{text:?} is not one of {}.",
                allowed.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ")
            ))
        }
    })
}

/// Text that matches `pattern`; `meaning` says in words what is expected.
///
/// A pattern that is no regular expression refuses every value and says so: the schema test finds it.
#[must_use]
pub fn matches(pattern: &'static str, meaning: &'static str) -> Check {
    let compiled = std::sync::LazyLock::new(move || Regex::new(pattern));
    Check::text(move |text| match &*compiled {
        Ok(regex) if regex.is_match(text) => Ok(()),
        Ok(_) => Err(format!("{text:?} is not {meaning}.")),
        Err(problem) => Err(format!("The provider's own pattern is wrong: {problem}")),
    })
}

/// A URL that matches `pattern`; `meaning` says in words what is expected. What was given is not repeated: a URL may hold a
/// password, also one in the wrong place.
#[must_use]
pub fn is_url(pattern: &'static str, meaning: &'static str) -> Check {
    let compiled = std::sync::LazyLock::new(move || Regex::new(pattern));
    Check::text(move |text| match &*compiled {
        Ok(regex) if regex.is_match(text) => Ok(()),
        Ok(_) => Err(format!("It is not {meaning}. (It is not repeated here, since a URL may hold a password.)")),
        Err(problem) => Err(format!("The provider's own pattern is wrong: {problem}")),
    })
}

/// A URL without a user name and password: what is not sensitive is kept in state and shown in plans.
#[must_use]
pub fn names_no_user() -> Check {
    Check::text(|url| {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?', '#']).next();
        if authority.is_some_and(|authority| authority.contains('@')) {
            let problem = "It must not contain a user name or password (https://user:password@host): it is kept in state and shown in plans.";
            return Err(problem.to_owned());
        }
        Ok(())
    })
}

/// Text or a collection with at least `least` and at most `most` characters or elements.
#[must_use]
pub fn length_between(least: usize, most: usize) -> Check {
    Check::new(move |value| {
        let (length, of) = match value {
            Datum::String(text) => (text.chars().count(), "characters"),
            Datum::List(items) | Datum::Set(items) | Datum::Tuple(items) => (items.len(), "elements"),
            Datum::Map(entries) | Datum::Object(entries) => (entries.len(), "elements"),
            _ => return Ok(()),
        };
        match (length < least, length > most) {
            (true, _) => Err(format!("It has {length} {of} and needs at least {least}.")),
            (_, true) => Err(format!("It has {length} {of} and may have at most {most}.")),
            _ => Ok(()),
        }
    })
}

/// Neither empty text nor an empty collection.
#[must_use]
pub fn not_empty() -> Check {
    Check::new(|value| match value {
        Datum::String(text) if text.is_empty() => {
            Err("It is empty. Leave the argument out, or give it a value.".into())
        }
        Datum::List(items) | Datum::Set(items) if items.is_empty() => {
            Err("It has no elements. Leave the argument out, or give it some.".into())
        }
        Datum::Map(entries) if entries.is_empty() => {
            Err("It has no elements. Leave the argument out, or give it some.".into())
        }
        _ => Ok(()),
    })
}

/// A whole number from `least` to `most`.
#[must_use]
pub fn integer_between(least: i64, most: i64) -> Check {
    Check::new(move |value| match value {
        Datum::Number(number) if number.as_i64().is_some_and(|whole| (least..=most).contains(&whole)) => Ok(()),
        Datum::Number(number) => Err(format!("{number} is not a whole number from {least} to {most}.")),
        _ => Ok(()),
    })
}

/// A duration such as `"10m"`.
#[must_use]
pub fn is_duration() -> Check {
    Check::text(|text| duration::parse(text).map(drop).map_err(|problem| format!("{problem}.")))
}

/// Runs every check of `attributes` on the configuration, at every depth.
#[must_use]
pub fn validate(attributes: &[Attribute], config: &Datum) -> Diagnostics {
    let mut found = Diagnostics::new();
    validate_object(attributes, config, &AttributePath::root(), &mut found);
    found
}

/// How an argument gets its present name.
fn renaming(former: &Attribute, name: &str, attributes: &[Attribute]) -> String {
    let is_list = |attribute: &Attribute| matches!(attribute.kind, Kind::Plain(Type::List(_)));
    let present = attributes.iter().find(|attribute| attribute.name == name);
    if present.is_some_and(is_list) && !is_list(former) {
        format!("write {name} = [...], a list of what {} has", former.name)
    } else {
        "rename the argument".to_owned()
    }
}

fn validate_object(attributes: &[Attribute], object: &Datum, path: &AttributePath, found: &mut Diagnostics) {
    if !matches!(object, Datum::Object(_)) {
        return;
    }
    for attribute in attributes {
        let value = object.get(attribute.name);
        let path = path.clone().attribute(attribute.name);
        for relation in &attribute.rules.relations {
            relation.check(attributes, attribute.name, object, &path, found);
        }
        if value.is_null() {
            // Terraform itself asks for required arguments, but not inside every dynamic construction.
            if attribute.rules.constraint == AttributeConstraint::Required {
                found.push(Diagnostic::error("Missing argument", format!("The argument {path} is required.")).at(path));
            }
            continue;
        }
        if let Some(name) = attribute.rules.replaced_by {
            let detail = format!(
                "{path} is called {name} now. Its meaning is the same: {}.",
                renaming(attribute, name, attributes)
            );
            found.push(Diagnostic::error(format!("{} has another name", attribute.name), detail).at(path));
            continue;
        }
        if let Some(message) = attribute.rules.deprecation {
            found.push(Diagnostic::warning("Argument is deprecated", format!("{path}: {message}")).at(path.clone()));
        }
        for check in attribute.checks() {
            check.run(value, &path, found);
        }
        if let Kind::Nested(nesting, nested) = &attribute.kind {
            match nesting {
                Nesting::Single => validate_object(nested, value, &path, found),
                _ => each_element(value, &path, &mut |item, path| validate_object(nested, item, &path, found)),
            }
        }
    }
}

impl Relation {
    fn check(
        &self,
        attributes: &[Attribute],
        name: &str,
        object: &Datum,
        path: &AttributePath,
        found: &mut Diagnostics,
    ) {
        let Datum::Object(entries) = object else { return };
        let said = |name: &str| is_said(attributes, entries, name);
        let set = |sibling: &&&'static str| !object.get(sibling).is_null();
        let unknown = |siblings: &[&str]| siblings.iter().any(|sibling| object.get(sibling).is_unknown());
        let own = object.get(name);
        let problem = match self {
            Self::ConflictsWith(siblings) => {
                // An unknown sibling may turn out to be null.
                let known = |sibling: &&&'static str| said(sibling) && !object.get(sibling).is_unknown();
                siblings.iter().find(known).filter(|_| said(name) && !own.is_unknown()).map(|other| {
                    (
                        format!("{name} conflicts with {other}"),
                        format!("Only one of {name} and {other} can be set: remove one of them."),
                    )
                })
            }
            Self::Requires(siblings) => {
                siblings.iter().find(|sibling| !set(sibling)).filter(|_| said(name)).map(|other| {
                    (format!("{name} needs {other}"), format!("{name} is set and {other} is not: set {other} too."))
                })
            }
            Self::ExactlyOneWith(siblings) | Self::AtLeastOneWith(siblings) => {
                let known = siblings.iter().filter(set).count() + usize::from(!own.is_null());
                let too_many = siblings.iter().chain([&name]).filter(|one| said(one)).count() > 1;
                let names = listed(name, siblings);
                let maybe_null = unknown(siblings) || own.is_unknown();
                match self {
                    _ if known == 0 => Some((format!("One of {names} is needed"), format!("Set one of {names}."))),
                    Self::ExactlyOneWith(_) if too_many && !maybe_null => {
                        Some((format!("Only one of {names} can be set"), format!("Set exactly one of {names}.")))
                    }
                    _ => None,
                }
            }
        };
        if let Some((summary, detail)) = problem {
            found.push(Diagnostic::error(summary, detail).at(if own.is_null() { parent(path) } else { path.clone() }));
        }
    }
}

/// Does the configuration say something of this argument that its default does not say by itself?
pub(super) fn is_said(attributes: &[Attribute], object: &BTreeMap<String, Datum>, name: &str) -> bool {
    let default = || attributes.iter().find(|one| one.name == name).and_then(|one| one.rules.default.as_ref());
    object.get(name).is_some_and(|value| !value.is_null() && default() != Some(value))
}

fn listed(name: &str, siblings: &[&str]) -> String {
    let mut names: Vec<&str> = siblings.iter().copied().chain([name]).collect();
    names.sort_unstable();
    names.join(", ")
}

fn parent(path: &AttributePath) -> AttributePath {
    let mut parent = path.clone();
    parent.steps.pop();
    parent
}
