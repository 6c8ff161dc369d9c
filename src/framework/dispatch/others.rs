//! Ephemeral resources, list resources and actions.

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;

use super::validate_schema;
use crate::framework::action::Action;
use crate::framework::context::{ClientCapabilities, Context};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::ephemeral::{EphemeralResource, Opened, Renewed};
use crate::framework::list::{ListResource, Listed};
use crate::framework::model::{AttributeValue, decode};
use crate::framework::schema::{Schema, all_null};
use crate::framework::value::Datum;

/// An ephemeral resource without its types.
#[async_trait]
pub trait AnyEphemeralResource<D>: Send + Sync {
    /// The schema.
    fn schema(&self) -> &Schema;
    /// Checks a configuration.
    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics;
    /// Makes it.
    async fn open(&self, context: &Context<D>, config: Datum) -> Result<Opened<Datum>, Diagnostics>;
    /// Makes it last longer.
    async fn renew(&self, context: &Context<D>, private: Vec<u8>) -> Result<Renewed, Diagnostics>;
    /// Ends it.
    async fn close(&self, context: &Context<D>, private: Vec<u8>) -> Result<(), Diagnostics>;
}

/// A list resource without its types.
#[async_trait]
pub trait AnyListResource<D>: Send + Sync {
    /// The schema of the filter.
    fn schema(&self) -> &Schema;
    /// Checks a filter.
    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics;
    /// Sends what is found.
    async fn list(
        &self,
        context: &Context<D>,
        filter: Datum,
        with_objects: bool,
        limit: usize,
        found: Sender<Listed>,
    ) -> Result<(), Diagnostics>;
}

/// An action without its types.
#[async_trait]
pub trait AnyAction<D>: Send + Sync {
    /// The schema.
    fn schema(&self) -> &Schema;
    /// Checks a configuration.
    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics;
    /// Looks at what would be done.
    async fn plan(&self, context: &Context<D>, config: Datum) -> Result<(), Diagnostics>;
    /// Does it.
    async fn invoke(&self, context: &Context<D>, config: Datum, progress: Sender<String>) -> Result<(), Diagnostics>;
}

/// An implementation with what follows from its declaration, made once.
#[derive(Debug)]
struct Host<T> {
    inner: T,
    schema: Schema,
}

/// An ephemeral resource with its schema.
#[derive(Debug)]
pub struct EphemeralHost<T>(Host<T>);
/// A list resource with its schema.
#[derive(Debug)]
pub struct ListHost<T>(Host<T>);
/// An action with its schema.
#[derive(Debug)]
pub struct ActionHost<T>(Host<T>);

impl<T: EphemeralResource> EphemeralHost<T> {
    /// Hosts `inner`.
    pub fn new(inner: T) -> Self {
        Self(Host { schema: inner.schema(), inner })
    }
}

impl<T: ListResource> ListHost<T> {
    /// Hosts `inner`.
    pub fn new(inner: T) -> Self {
        Self(Host { schema: inner.schema(), inner })
    }
}

impl<T: Action> ActionHost<T> {
    /// Hosts `inner`.
    pub fn new(inner: T) -> Self {
        Self(Host { schema: inner.schema(), inner })
    }
}

impl<T> Host<T> {
    fn validate<M: AttributeValue>(
        &self,
        config: Datum,
        capabilities: ClientCapabilities,
        more: impl Fn(&T, &M, &mut Diagnostics),
    ) -> Diagnostics {
        let mut found = validate_schema(&self.schema.attributes, &config, capabilities);
        match decode(config) {
            Ok(model) if !found.has_error() => more(&self.inner, &model, &mut found),
            Ok(_) => {}
            Err(error) => found.push(error.into()),
        }
        found
    }

    /// An omitted `config` block arrives as a null object, which means: no argument is set.
    fn decode<M: AttributeValue>(&self, config: Datum) -> Result<M, Diagnostics> {
        let config = if config.is_null() { all_null(&self.schema.attributes) } else { config };
        let settled = crate::framework::plan::settle(&writable(&self.schema), &config, config.clone());
        Ok(decode(settled).map_err(Diagnostic::from)?)
    }
}

/// The attributes as what is not stored sees them: write-only values stay.
fn writable(schema: &Schema) -> Vec<crate::framework::schema::Attribute> {
    let mut attributes = schema.attributes.clone();
    for attribute in &mut attributes {
        attribute.rules.write_only = false;
    }
    attributes
}

#[async_trait]
impl<T: EphemeralResource> AnyEphemeralResource<T::Data> for EphemeralHost<T> {
    fn schema(&self) -> &Schema {
        &self.0.schema
    }

    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics {
        self.0.validate(config, capabilities, EphemeralResource::validate)
    }

    async fn open(&self, context: &Context<T::Data>, config: Datum) -> Result<Opened<Datum>, Diagnostics> {
        let opened = self.0.inner.open(context, self.0.decode(config)?).await?;
        Ok(Opened { model: opened.model.encode(), private: opened.private, renew_at: opened.renew_at })
    }

    async fn renew(&self, context: &Context<T::Data>, private: Vec<u8>) -> Result<Renewed, Diagnostics> {
        self.0.inner.renew(context, private).await
    }

    async fn close(&self, context: &Context<T::Data>, private: Vec<u8>) -> Result<(), Diagnostics> {
        self.0.inner.close(context, private).await
    }
}

#[async_trait]
impl<T: ListResource> AnyListResource<T::Data> for ListHost<T> {
    fn schema(&self) -> &Schema {
        &self.0.schema
    }

    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics {
        self.0.validate(config, capabilities, ListResource::validate)
    }

    async fn list(
        &self,
        context: &Context<T::Data>,
        filter: Datum,
        with_objects: bool,
        limit: usize,
        found: Sender<Listed>,
    ) -> Result<(), Diagnostics> {
        self.0.inner.list(context, self.0.decode(filter)?, with_objects, limit, found).await
    }
}

#[async_trait]
impl<T: Action> AnyAction<T::Data> for ActionHost<T> {
    fn schema(&self) -> &Schema {
        &self.0.schema
    }

    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics {
        self.0.validate(config, capabilities, Action::validate)
    }

    async fn plan(&self, context: &Context<T::Data>, config: Datum) -> Result<(), Diagnostics> {
        self.0.inner.plan(context, self.0.decode(config)?).await
    }

    async fn invoke(
        &self,
        context: &Context<T::Data>,
        config: Datum,
        progress: Sender<String>,
    ) -> Result<(), Diagnostics> {
        self.0.inner.invoke(context, self.0.decode(config)?, progress).await
    }
}
