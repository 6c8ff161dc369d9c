//! Managed resources. Whatever happens in here, an answer never forgets private state or identity that it was given.

use super::{Host, guarded, unknown_type};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::dispatch::{AnyResource, ApplyRequest, PlanRequest, Stored};
use crate::framework::provider::Provider;
use crate::framework::resource::{ImportId, MoveSource};
use crate::framework::value::Datum;
use crate::protocol::{from_wire, to_wire};
use crate::wire::tfplugin6 as wire;

type Resource<'a, P> = &'a dyn AnyResource<<P as Provider>::Data>;

fn read_value<D>(resource: &dyn AnyResource<D>, message: Option<&wire::DynamicValue>) -> Result<Datum, Diagnostic> {
    Ok(from_wire::value(resource.schema().object_type(), message)?)
}

fn write_value<D>(resource: &dyn AnyResource<D>, datum: &Datum) -> Result<Option<wire::DynamicValue>, Diagnostic> {
    Ok(Some(to_wire::value(resource.schema().object_type(), datum)?))
}

fn write_identity<D>(
    resource: &dyn AnyResource<D>,
    identity: Option<&Datum>,
) -> Result<Option<wire::ResourceIdentityData>, Diagnostic> {
    Ok(to_wire::identity(resource.identity_schema(), identity)?)
}

impl<P: Provider> Host<P> {
    fn resource(&self, name: &str) -> Result<Resource<'_, P>, Diagnostics> {
        self.registry().resources.get(name).map(AsRef::as_ref).ok_or_else(|| unknown_type("resource type", name))
    }

    pub(super) fn validate_resource(
        &self,
        request: &wire::validate_resource_config::Request,
    ) -> Result<wire::validate_resource_config::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let config = read_value(resource, request.config.as_ref())?;
        let found = resource.validate(config, from_wire::capabilities(request.client_capabilities));
        Ok(wire::validate_resource_config::Response { diagnostics: to_wire::diagnostics(found) })
    }

    /// State of the present version goes back as it came: reading and writing it could only change it.
    pub(super) fn upgrade_resource(
        &self,
        request: wire::upgrade_resource_state::Request,
    ) -> Result<wire::upgrade_resource_state::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let raw = request.raw_state.unwrap_or_default();
        if raw.json.is_empty() && !raw.flatmap.is_empty() {
            let detail =
                "The stored state is in the form of Terraform 0.11 and older, which this provider never wrote.";
            return Err(Diagnostic::error("State from another version", detail).into());
        }
        let json = if request.version == resource.schema().version {
            raw.json
        } else {
            resource.upgrade(request.version, &raw.json)?.into()
        };
        let upgraded_state = Some(wire::DynamicValue { json, ..Default::default() });
        Ok(wire::upgrade_resource_state::Response { upgraded_state, diagnostics: Vec::new() })
    }

    pub(super) fn upgrade_identity(
        &self,
        request: wire::upgrade_resource_identity::Request,
    ) -> Result<wire::upgrade_resource_identity::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let Some(schema) = resource.identity_schema() else {
            let detail = format!("{} has no identity.", request.type_name);
            return Err(Diagnostic::error("Resource without identity", detail).into());
        };
        let mut json = request.raw_identity.unwrap_or_default().json;
        // An object that was stored before it had an identity gets one with its next read.
        if matches!(json.trim_ascii(), b"" | b"{}" | b"null") {
            return Ok(wire::upgrade_resource_identity::Response::default());
        }
        if request.version != schema.version {
            json = resource.upgrade_identity(request.version, &json)?.into();
        }
        let identity_data = Some(wire::DynamicValue { json, ..Default::default() });
        Ok(wire::upgrade_resource_identity::Response {
            upgraded_identity: Some(wire::ResourceIdentityData { identity_data }),
            diagnostics: Vec::new(),
        })
    }

    pub(super) async fn refresh_resource(
        &self,
        request: wire::read_resource::Request,
    ) -> Result<wire::read_resource::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let identity = from_wire::identity(resource.identity_schema(), request.current_identity.as_ref())?;
        let stored = Stored {
            state: read_value(resource, request.current_state.as_ref())?,
            private: request.private.into(),
            identity: identity.clone(),
        };
        let context = self.context(request.client_capabilities);
        let read = resource.read(&context, stored).await?;
        // Private state and identity replace the stored ones even when they are empty.
        let identity = read.identity.or(identity).filter(|_| !read.state.is_null());
        Ok(wire::read_resource::Response {
            new_state: write_value(resource, &read.state)?,
            diagnostics: to_wire::diagnostics(context.take_warnings()),
            private: read.private.into(),
            deferred: self.deferred(&context),
            new_identity: write_identity(resource, identity.as_ref())?,
        })
    }

    pub(super) async fn plan_resource(
        &self,
        request: wire::plan_resource_change::Request,
    ) -> Result<wire::plan_resource_change::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let prior = Stored {
            state: read_value(resource, request.prior_state.as_ref())?,
            private: request.prior_private.into(),
            identity: from_wire::identity(resource.identity_schema(), request.prior_identity.as_ref())?,
        };
        let change = PlanRequest {
            config: read_value(resource, request.config.as_ref())?,
            prior,
            proposed: read_value(resource, request.proposed_new_state.as_ref())?,
            approved: request.planned_private.into(),
        };
        let context = self.context(request.client_capabilities);
        let planned = resource.plan(&context, change).await?;
        Ok(wire::plan_resource_change::Response {
            planned_state: write_value(resource, &planned.stored.state)?,
            requires_replace: planned.requires_replace.into_iter().map(to_wire::attribute_path).collect(),
            planned_private: planned.stored.private.into(),
            diagnostics: to_wire::diagnostics(context.take_warnings()),
            planned_identity: write_identity(resource, planned.stored.identity.as_ref())?,
            ..Default::default()
        })
    }

    /// Errors of an apply that got nowhere keep what was stored. For a create that is nothing.
    pub(super) async fn apply_resource(
        &self,
        request: wire::apply_resource_change::Request,
    ) -> wire::apply_resource_change::Response {
        let prior = request.prior_state.clone();
        let private = request.planned_private.clone();
        let identity = request.planned_identity.clone();
        let mut answer = guarded("ApplyResourceChange", self.try_apply(request)).await;
        if answer.new_state.is_none() {
            answer.new_state = prior;
            answer.private = private;
            answer.new_identity = identity;
        }
        answer
    }

    async fn try_apply(
        &self,
        request: wire::apply_resource_change::Request,
    ) -> Result<wire::apply_resource_change::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let planned_identity = from_wire::identity(resource.identity_schema(), request.planned_identity.as_ref())?;
        let change = ApplyRequest {
            config: read_value(resource, request.config.as_ref())?,
            prior: read_value(resource, request.prior_state.as_ref())?,
            planned: Stored {
                state: read_value(resource, request.planned_state.as_ref())?,
                private: request.planned_private.into(),
                identity: planned_identity,
            },
        };
        // Apply brings no capabilities: nothing in it depends on them.
        let context = self.context(None);
        let applied = resource.apply(&context, change).await;
        let mut found = context.take_warnings();
        found.extend(applied.diagnostics);
        Ok(wire::apply_resource_change::Response {
            new_state: write_value(resource, &applied.stored.state)?,
            private: applied.stored.private.into(),
            diagnostics: to_wire::diagnostics(found),
            legacy_type_system: false,
            new_identity: write_identity(resource, applied.stored.identity.as_ref())?,
        })
    }

    pub(super) async fn import_resource(
        &self,
        request: wire::import_resource_state::Request,
    ) -> Result<wire::import_resource_state::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let id = match from_wire::identity(resource.identity_schema(), request.identity.as_ref())? {
            Some(identity) => ImportId::Identity(identity),
            None => ImportId::Id(request.id),
        };
        let context = self.context(request.client_capabilities);
        let imported = match resource.import(&context, id).await {
            Ok(imported) => imported,
            Err(found) => {
                let deferred = self.deferred(&context).ok_or(found)?;
                return Ok(wire::import_resource_state::Response { deferred: Some(deferred), ..Default::default() });
            }
        };
        Ok(wire::import_resource_state::Response {
            imported_resources: vec![wire::import_resource_state::ImportedResource {
                type_name: request.type_name.clone(),
                state: write_value(resource, &imported.state)?,
                private: imported.private.into(),
                identity: write_identity(resource, imported.identity.as_ref())?,
            }],
            diagnostics: to_wire::diagnostics(context.take_warnings()),
            deferred: self.deferred(&context),
        })
    }

    pub(super) fn move_resource(
        &self,
        request: &wire::move_resource_state::Request,
    ) -> Result<wire::move_resource_state::Response, Diagnostics> {
        let resource = self.resource(&request.target_type_name)?;
        let state = request.source_state.as_ref().map(|raw| raw.json.as_ref()).unwrap_or_default();
        let source = MoveSource {
            provider: &request.source_provider_address,
            type_name: &request.source_type_name,
            schema_version: request.source_schema_version,
            state,
        };
        let Some(moved) = resource.move_state(&source)? else {
            let detail = format!(
                "{} cannot adopt the state of {} of {}. Remove the moved block, and import the object or remove it from the state instead.",
                request.target_type_name, request.source_type_name, request.source_provider_address
            );
            return Err(Diagnostic::error("State cannot be moved", detail).into());
        };
        Ok(wire::move_resource_state::Response {
            target_state: write_value(resource, &moved.state)?,
            diagnostics: Vec::new(),
            target_private: moved.private.into(),
            target_identity: write_identity(resource, moved.identity.as_ref())?,
        })
    }

    pub(super) fn generate_config(
        &self,
        request: &wire::generate_resource_config::Request,
    ) -> Result<wire::generate_resource_config::Response, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let (config, found) = resource.generate(read_value(resource, request.state.as_ref())?)?;
        let diagnostics = to_wire::diagnostics(found);
        Ok(wire::generate_resource_config::Response { config: write_value(resource, &config)?, diagnostics })
    }
}
