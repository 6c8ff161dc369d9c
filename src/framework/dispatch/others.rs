//! Ephemeral resources, list resources and actions.

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;

use super::validate;
use crate::framework::action::Action;
use crate::framework::context::{ClientCapabilities, Context};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::ephemeral::{EphemeralResource, Opened, Renewed};
use crate::framework::list::{ListResource, Listed};
use crate::framework::model::{AttributeValue, decode};
use crate::framework::plan as rules;
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
    /// An omitted `config` block arrives as a null object, which means: no argument is set.
    fn decode<M: AttributeValue>(&self, config: Datum) -> Result<M, Diagnostics> {
        let config = if config.is_null() { all_null(&self.schema.attributes) } else { config };
        Ok(decode(rules::with_defaults(&self.schema.attributes, config)).map_err(Diagnostic::from)?)
    }
}

#[async_trait]
impl<T: EphemeralResource> AnyEphemeralResource<T::Data> for EphemeralHost<T> {
    fn schema(&self) -> &Schema {
        &self.0.schema
    }

    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics {
        validate(&self.0.schema.attributes, config, capabilities, |model, found| self.0.inner.validate(model, found))
    }

    async fn open(&self, context: &Context<T::Data>, config: Datum) -> Result<Opened<Datum>, Diagnostics> {
        let opened = self.0.inner.open(context, self.0.decode(config)?).await?;
        Ok(Opened { model: opened.model.encode(), private: opened.private, renew_at: opened.renew_at })
    }

    async fn renew(&self, context: &Context<T::Data>, private: Vec<u8>) -> Result<Renewed, Diagnostics> {
        if private.is_empty() {
            return Ok(Renewed::default());
        }
        self.0.inner.renew(context, private).await
    }

    async fn close(&self, context: &Context<T::Data>, private: Vec<u8>) -> Result<(), Diagnostics> {
        if private.is_empty() {
            return Ok(());
        }
        self.0.inner.close(context, private).await
    }
}

#[async_trait]
impl<T: ListResource> AnyListResource<T::Data> for ListHost<T> {
    fn schema(&self) -> &Schema {
        &self.0.schema
    }

    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics {
        validate(&self.0.schema.attributes, config, capabilities, |model, found| self.0.inner.validate(model, found))
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
        validate(&self.0.schema.attributes, config, capabilities, |model, found| self.0.inner.validate(model, found))
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
