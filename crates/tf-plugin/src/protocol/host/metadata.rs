//! What the provider offers: `GetMetadata`, `GetProviderSchema`, `GetResourceIdentitySchemas`, `GetFunctions`.

use super::Host;
use crate::framework::provider::Provider;
use crate::framework::schema::Schema;
use crate::protocol::to_wire::{self, named};
use crate::wire::tfplugin6 as wire;

/// The truth about this server.
fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    }
}

impl<P: Provider> Host<P> {
    pub(super) fn metadata(&self) -> wire::get_metadata::Response {
        use wire::get_metadata as names;
        let registry = self.registry();
        let of = |name: &&str| (*name).to_owned();
        self.0
            .metadata
            .get_or_init(|| names::Response {
                server_capabilities: Some(capabilities()),
                resources: registry.resources.keys().map(|n| names::ResourceMetadata { type_name: of(n) }).collect(),
                data_sources: registry
                    .data_sources
                    .keys()
                    .map(|n| names::DataSourceMetadata { type_name: of(n) })
                    .collect(),
                functions: registry.functions.keys().map(|n| names::FunctionMetadata { name: of(n) }).collect(),
                ephemeral_resources: registry
                    .ephemeral_resources
                    .keys()
                    .map(|n| names::EphemeralMetadata { type_name: of(n) })
                    .collect(),
                list_resources: registry
                    .list_resources
                    .keys()
                    .map(|n| names::ListResourceMetadata { type_name: of(n) })
                    .collect(),
                actions: registry.actions.keys().map(|n| names::ActionMetadata { type_name: of(n) }).collect(),
                ..Default::default()
            })
            .clone()
    }

    pub(super) fn schemas(&self) -> wire::get_provider_schema::Response {
        let registry = self.registry();
        let action = |schema: &Schema| wire::ActionSchema { schema: Some(to_wire::schema(schema)) };
        self.0
            .schemas
            .get_or_init(|| wire::get_provider_schema::Response {
                provider: Some(to_wire::schema(self.provider_schema())),
                resource_schemas: named(registry.resources.iter().map(|(n, t)| (*n, to_wire::schema(t.schema())))),
                data_source_schemas: named(
                    registry.data_sources.iter().map(|(n, t)| (*n, to_wire::schema(t.schema()))),
                ),
                functions: self.functions().functions,
                ephemeral_resource_schemas: named(
                    registry.ephemeral_resources.iter().map(|(n, t)| (*n, to_wire::schema(t.schema()))),
                ),
                list_resource_schemas: named(
                    registry.list_resources.iter().map(|(n, t)| (*n, to_wire::schema(t.schema()))),
                ),
                action_schemas: named(registry.actions.iter().map(|(n, t)| (*n, action(t.schema())))),
                server_capabilities: Some(capabilities()),
                ..Default::default()
            })
            .clone()
    }

    pub(super) fn provider_schema(&self) -> &Schema {
        self.0.schema.get_or_init(|| self.0.provider.schema())
    }

    pub(super) fn identity_schemas(&self) -> wire::get_resource_identity_schemas::Response {
        let identities = self.registry().resources.iter().filter_map(|(name, resource)| {
            resource.identity_schema().map(|schema| (*name, to_wire::identity_schema(schema)))
        });
        wire::get_resource_identity_schemas::Response { identity_schemas: named(identities), diagnostics: Vec::new() }
    }

    pub(super) fn functions(&self) -> wire::get_functions::Response {
        let of = self.registry().functions.iter();
        wire::get_functions::Response {
            functions: named(of.map(|(name, function)| (*name, to_wire::function(&function.signature())))),
            diagnostics: Vec::new(),
        }
    }
}
