//! From untyped calls to typed methods: decodes the values, applies the schema's rules, encodes the answer.
//! The gRPC host calls these; nothing here knows the wire.

mod data_source;
mod others;
mod resource;

pub use data_source::{AnyDataSource, DataSourceHost};
pub use others::{ActionHost, AnyAction, AnyEphemeralResource, AnyListResource, EphemeralHost, ListHost};
pub use resource::{
    AnyResource, Applied, ApplyRequest, Imported, PlanRequest, Planned, ReadResult, ResourceHost, Stored,
};

use super::context::ClientCapabilities;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::model::{AttributeValue, decode};
use super::schema::{Attribute, Kind, Nesting};
use super::value::Datum;
use super::{AttributePath, validation};

/// The checks that follow from a schema, and then those of the type's own, which see only what passed the first.
fn validate<M: AttributeValue>(
    attributes: &[Attribute],
    config: Datum,
    capabilities: ClientCapabilities,
    own: impl FnOnce(&M, &mut Diagnostics),
) -> Diagnostics {
    let mut found = validation::validate(attributes, &config);
    if !capabilities.write_only_attributes_allowed {
        refuse_write_only(attributes, &config, &AttributePath::root(), &mut found);
    }
    match decode(config) {
        Ok(model) if !found.has_error() => own(&model, &mut found),
        Ok(_) => {}
        Err(error) => found.push(error.into()),
    }
    found
}

fn refuse_write_only(attributes: &[Attribute], object: &Datum, path: &AttributePath, found: &mut Diagnostics) {
    for attribute in attributes {
        let value = object.get(attribute.name);
        let path = path.clone().attribute(attribute.name);
        if attribute.rules.write_only && !value.is_null() {
            let detail = format!(
                "{path} is write-only: its value is never stored. This client does not support that; Terraform 1.11 and OpenTofu 1.11 do."
            );
            found.push(Diagnostic::error("Write-only argument is not supported", detail).at(path.clone()));
        }
        if let Kind::Nested(nesting, nested) = &attribute.kind {
            match (nesting, value) {
                (Nesting::Single, value) => refuse_write_only(nested, value, &path, found),
                (_, Datum::List(items) | Datum::Set(items)) => {
                    for item in items {
                        refuse_write_only(nested, item, &path, found);
                    }
                }
                (_, Datum::Map(entries)) => {
                    for (key, item) in entries {
                        refuse_write_only(nested, item, &path.clone().key(key.clone()), found);
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
