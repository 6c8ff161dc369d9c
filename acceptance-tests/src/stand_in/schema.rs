//! The schema of a provider as `terraform providers schema -json` prints it: attributes, nested attributes and blocks, and
//! beside them which attributes force replacement. From it come the protocol's messages and the types of values.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use tf_plugin::framework::types::Type;
use tf_plugin::wire::tfplugin6 as wire;
use wire::schema::nested_block::NestingMode as BlockNesting;
use wire::schema::object::NestingMode as ObjectNesting;

/// What a provider offers.
#[derive(Debug, Deserialize)]
pub struct Schemas {
    /// The provider block.
    pub provider: Schema,
    /// Managed resources.
    pub resource_schemas: BTreeMap<String, Schema>,
    /// Data sources.
    #[serde(default)]
    pub data_source_schemas: BTreeMap<String, Schema>,
    /// Ephemeral resources: they are validated, and none is opened.
    #[serde(default)]
    pub ephemeral_resource_schemas: BTreeMap<String, Schema>,
}

/// A type.
#[derive(Debug, Deserialize)]
pub struct Schema {
    /// What it has.
    pub block: Block,
    /// The attributes that force replacement when they change; `terraform providers schema` does not know them.
    #[serde(default)]
    pub requires_replace: Vec<String>,
}

/// Attributes and blocks.
#[derive(Debug, Deserialize)]
pub struct Block {
    /// By name.
    #[serde(default)]
    pub attributes: BTreeMap<String, Attribute>,
    /// By name.
    #[serde(default)]
    pub block_types: BTreeMap<String, NestedBlock>,
}

/// An attribute, of a type or with attributes of its own.
#[derive(Debug, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "Terraform's own notation")]
pub struct Attribute {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Option<Type>,
    /// Or its attributes.
    pub nested_type: Option<NestedType>,
    /// Must it be set?
    #[serde(default)]
    pub required: bool,
    /// May it be set?
    #[serde(default)]
    pub optional: bool,
    /// May the provider set it?
    #[serde(default)]
    pub computed: bool,
    /// Is it shown?
    #[serde(default)]
    pub sensitive: bool,
    /// Is it in no state?
    #[serde(default)]
    pub write_only: bool,
}

/// How often something is there.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nesting {
    /// Once.
    Single,
    /// In order.
    List,
    /// Without order.
    Set,
    /// By name.
    Map,
}

/// An attribute's own attributes.
#[derive(Debug, Deserialize)]
pub struct NestedType {
    /// By name.
    pub attributes: BTreeMap<String, Attribute>,
    /// How often.
    pub nesting_mode: Nesting,
}

/// A block in a block.
#[derive(Debug, Deserialize)]
pub struct NestedBlock {
    /// What it has.
    pub block: Block,
    /// How often.
    pub nesting_mode: Nesting,
    /// How many at most; 0 for any number.
    #[serde(default)]
    pub max_items: i64,
}

impl Nesting {
    fn of(self, element: Type) -> Type {
        match self {
            Self::Single => element,
            Self::List => Type::list(element),
            Self::Set => Type::set(element),
            Self::Map => Type::map(element),
        }
    }
}

impl Attribute {
    fn value_type(&self) -> Type {
        match (&self.nested_type, &self.kind) {
            (Some(nested), _) => nested.nesting_mode.of(object(&nested.attributes)),
            (None, Some(kind)) => kind.clone(),
            (None, None) => Type::Dynamic,
        }
    }

    fn message(&self, name: &str) -> wire::schema::Attribute {
        let nested_type = self.nested_type.as_ref().map(|nested| {
            let nesting = match nested.nesting_mode {
                Nesting::Single => ObjectNesting::Single,
                Nesting::List => ObjectNesting::List,
                Nesting::Set => ObjectNesting::Set,
                Nesting::Map => ObjectNesting::Map,
            };
            let attributes = nested.attributes.iter().map(|(name, attribute)| attribute.message(name)).collect();
            wire::schema::Object { attributes, nesting: nesting.into(), ..Default::default() }
        });
        let kind = if nested_type.is_some() { Vec::new() } else { self.value_type().to_json() };
        wire::schema::Attribute {
            name: name.to_owned(),
            r#type: kind.into(),
            nested_type,
            required: self.required,
            optional: self.optional,
            computed: self.computed,
            sensitive: self.sensitive,
            write_only: self.write_only,
            ..Default::default()
        }
    }
}

fn object(attributes: &BTreeMap<String, Attribute>) -> Type {
    Type::object(attributes.iter().map(|(name, attribute)| (name.clone(), attribute.value_type())))
}

impl Block {
    /// The type of its values.
    #[must_use]
    pub fn value_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.value_type()));
        let blocks = self.block_types.iter();
        let blocks = blocks.map(|(name, nested)| (name.clone(), nested.nesting_mode.of(nested.block.value_type())));
        Type::object(attributes.chain(blocks))
    }

    fn message(&self) -> wire::schema::Block {
        let blocks = self.block_types.iter().map(|(name, nested)| {
            let nesting = match nested.nesting_mode {
                Nesting::Single => BlockNesting::Single,
                Nesting::List => BlockNesting::List,
                Nesting::Set => BlockNesting::Set,
                Nesting::Map => BlockNesting::Map,
            };
            wire::schema::NestedBlock {
                type_name: name.clone(),
                block: Some(nested.block.message()),
                nesting: nesting.into(),
                min_items: 0,
                max_items: nested.max_items,
            }
        });
        wire::schema::Block {
            attributes: self.attributes.iter().map(|(name, attribute)| attribute.message(name)).collect(),
            block_types: blocks.collect(),
            ..Default::default()
        }
    }
}

impl Schema {
    fn message(&self) -> wire::Schema {
        wire::Schema { version: 0, block: Some(self.block.message()) }
    }
}

impl Schemas {
    /// As Terraform asks for it.
    #[must_use]
    pub fn message(&self) -> wire::get_provider_schema::Response {
        let all = |schemas: &BTreeMap<String, Schema>| -> HashMap<String, wire::Schema> {
            schemas.iter().map(|(name, schema)| (name.clone(), schema.message())).collect()
        };
        wire::get_provider_schema::Response {
            provider: Some(self.provider.message()),
            resource_schemas: all(&self.resource_schemas),
            data_source_schemas: all(&self.data_source_schemas),
            ephemeral_resource_schemas: all(&self.ephemeral_resource_schemas),
            server_capabilities: Some(wire::ServerCapabilities {
                get_provider_schema_optional: true,
                ..Default::default()
            }),
            ..Default::default()
        }
    }
}
