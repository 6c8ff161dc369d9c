//! From `framework` to the protocol's messages. One direction only; the other is `from_wire`.

use std::collections::HashMap;

use prost_types::Timestamp;

use super::codec::{CodecError, encode};
use crate::framework::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::framework::function::{FunctionError, Parameter, Signature};
use crate::framework::identity::IdentitySchema;
use crate::framework::schema::{Attribute, AttributeConstraint, Kind, Nesting, Schema};
use crate::framework::types::Type;
use crate::framework::value::Datum;
use crate::framework::{AttributePath, AttributePathStep};
use crate::wire::tfplugin6 as wire;

/// A value.
///
/// # Errors
/// [`CodecError`] when it is not of its type, which is a bug of the provider.
pub fn value(kind: &Type, datum: &Datum) -> Result<wire::DynamicValue, CodecError> {
    Ok(wire::DynamicValue { msgpack: encode(kind, datum)?.into(), json: Vec::new().into() })
}

/// An identity.
///
/// # Errors
/// [`CodecError`] when it is not of its type, which is a bug of the provider.
pub fn identity(
    schema: Option<&IdentitySchema>,
    datum: Option<&Datum>,
) -> Result<Option<wire::ResourceIdentityData>, CodecError> {
    let (Some(schema), Some(datum)) = (schema, datum) else { return Ok(None) };
    Ok(Some(wire::ResourceIdentityData { identity_data: Some(value(&schema.object_type(), datum)?) }))
}

/// Messages to the user.
pub fn diagnostics(messages: Diagnostics) -> Vec<wire::Diagnostic> {
    messages.into_iter().map(diagnostic).collect()
}

/// One message to the user.
#[must_use]
pub fn diagnostic(message: Diagnostic) -> wire::Diagnostic {
    let severity = match message.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    let path = message.attribute;
    wire::Diagnostic {
        severity: severity.into(),
        summary: printable(message.summary),
        detail: printable(message.detail),
        // An empty path points at nothing, which Terraform shows as the whole block.
        attribute: if path.steps.is_empty() { None } else { Some(attribute_path(path)) },
    }
}

/// Messages quote names that others chose, those of devices above all: a terminal must not take one for a command that moves the
/// cursor or hides a line.
#[must_use]
pub fn printable(text: String) -> String {
    let harmless = |one: char| !one.is_control() || matches!(one, '\n' | '\t');
    if text.chars().all(harmless) {
        return text;
    }
    text.chars().map(|one| if harmless(one) { one } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// A path to an attribute.
#[must_use]
pub fn attribute_path(path: AttributePath) -> wire::AttributePath {
    use wire::attribute_path::{Step, step::Selector};
    let steps = path.steps.into_iter().map(|step| Step {
        selector: Some(match step {
            AttributePathStep::Attribute(name) => Selector::AttributeName(name.into_owned()),
            AttributePathStep::Key(key) => Selector::ElementKeyString(key.into_owned()),
            AttributePathStep::Index(index) => Selector::ElementKeyInt(index),
        }),
    });
    wire::AttributePath { steps: steps.collect() }
}

/// A schema.
#[must_use]
pub fn schema(schema: &Schema) -> wire::Schema {
    let block = wire::schema::Block {
        version: schema.version,
        attributes: schema.attributes.iter().map(attribute).collect(),
        description: schema.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecated: schema.deprecation.is_some(),
        deprecation_message: schema.deprecation.unwrap_or_default().to_owned(),
        ..Default::default()
    };
    wire::Schema { version: schema.version, block: Some(block) }
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    let rules = &attribute.rules;
    let (kind, nested_type) = match &attribute.kind {
        Kind::Plain(kind) => (kind.to_json(), None),
        Kind::Nested(nesting, attributes) => (Vec::new(), Some(nested(*nesting, attributes))),
    };
    wire::schema::Attribute {
        name: attribute.name.to_owned(),
        r#type: kind.into(),
        nested_type,
        description: attribute.description.clone(),
        required: rules.constraint == AttributeConstraint::Required,
        optional: matches!(rules.constraint, AttributeConstraint::Optional | AttributeConstraint::OptionalComputed),
        computed: attribute.is_computed(),
        sensitive: rules.sensitive,
        description_kind: wire::StringKind::Markdown.into(),
        deprecated: rules.deprecation.is_some(),
        write_only: rules.write_only,
        deprecation_message: rules.deprecation.unwrap_or_default().to_owned(),
    }
}

fn nested(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    use wire::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..Default::default()
    }
}

/// The schema of an identity.
#[must_use]
pub fn identity_schema(schema: &IdentitySchema) -> wire::ResourceIdentitySchema {
    let attributes = schema.attributes.iter().map(|attribute| wire::resource_identity_schema::IdentityAttribute {
        name: attribute.name.to_owned(),
        r#type: attribute.kind.to_json().into(),
        required_for_import: attribute.required_for_import,
        optional_for_import: !attribute.required_for_import,
        description: attribute.description.to_owned(),
    });
    wire::ResourceIdentitySchema { version: schema.version, identity_attributes: attributes.collect() }
}

/// The signature of a function.
#[must_use]
pub fn function(signature: &Signature) -> wire::Function {
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: signature.returns.to_json().into() }),
        summary: signature.summary.to_owned(),
        description: signature.page(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: signature.deprecation.unwrap_or_default().to_owned(),
    }
}

fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.to_owned(),
        r#type: parameter.kind.to_json().into(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
    }
}

/// Why a function has no result. Terraform puts a full stop behind it (`hclsyntax/expression.go`: "Invalid value for %q parameter: %s.").
#[must_use]
pub fn function_error(error: FunctionError) -> wire::FunctionError {
    let argument = error.argument.and_then(|index| i64::try_from(index).ok());
    let text = printable(error.text);
    wire::FunctionError { text: text.trim_end_matches('.').to_owned(), function_argument: argument }
}

/// A time.
#[must_use]
pub fn timestamp(time: std::time::SystemTime) -> Timestamp {
    Timestamp::from(time)
}

/// Entries by name, as the protocol's maps want them.
pub fn named<T>(entries: impl Iterator<Item = (&'static str, T)>) -> HashMap<String, T> {
    entries.map(|(name, entry)| (name.to_owned(), entry)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_commands_a_terminal() {
        let told = diagnostic(Diagnostic::warning("a\u{1b}[2Kb", "c\rd\n\te\u{9b}1Af é"));
        assert_eq!((told.summary.as_str(), told.detail.as_str()), ("a\u{fffd}[2Kb", "c\u{fffd}d\n\te\u{fffd}1Af é"));
        let told = function_error(FunctionError::argument(0, "a\u{7f}b"));
        assert_eq!(told.text, "a\u{fffd}b");
        assert_eq!(function_error(FunctionError::call("It is late. Go.")).text, "It is late. Go");
    }
}
