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
        self.0.inner.plan(context, self.checked(context, config)?).await
    }

    async fn invoke(
        &self,
        context: &Context<T::Data>,
        config: Datum,
        progress: Sender<String>,
    ) -> Result<(), Diagnostics> {
        self.0.inner.invoke(context, self.checked(context, config)?, progress).await
    }
}

impl<T: Action> ActionHost<T> {
    /// Terraform validates an action's configuration before variables are known, and not again: what became known since
    /// is checked here, before anything is done with it.
    fn checked(&self, context: &Context<T::Data>, config: Datum) -> Result<T::Model, Diagnostics> {
        let config = if config.is_null() { all_null(&self.0.schema.attributes) } else { config };
        let found = AnyAction::validate(self, config.clone(), context.capabilities);
        if found.has_error() {
            return Err(found);
        }
        found.into_iter().for_each(|warning| context.warn(warning));
        self.0.decode(config)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::framework::value::Value;

    crate::model! {
        /// A key.
        struct Key {
            /// Its name.
            name: Value<String> => required(),
            /// How long it lasts.
            life: Value<String> => optional().default("1h"),
            /// Its text.
            text: Value<String> => computed().sensitive(),
        }
    }

    /// Counts what has to be ended.
    #[derive(Default)]
    struct Keys(AtomicUsize);

    #[async_trait]
    impl EphemeralResource for Keys {
        type Data = ();
        type Model = Key;

        const NAME: &'static str = "test_key";

        fn validate(&self, config: &Key, found: &mut Diagnostics) {
            if config.name.as_deref_option() == Some("bad") {
                found.push(Diagnostic::error("Bad", "It is bad."));
            }
        }

        async fn open(&self, _: &Context<()>, config: Key) -> Result<Opened<Key>, Diagnostics> {
            if config.name.as_deref_option() == Some("later") {
                return Ok(Opened::not_yet(&config).map_err(Diagnostic::from)?);
            }
            let text = Value::Value(format!("for {}", config.life.as_deref_option().unwrap_or_default()));
            Ok(Opened { model: Key { text, ..config }, private: b"p".to_vec(), renew_at: None })
        }

        async fn close(&self, _: &Context<()>, _: Vec<u8>) -> Result<(), Diagnostics> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    fn key(name: Datum) -> Datum {
        Datum::object([("name", name), ("life", Datum::Null), ("text", Datum::Null)])
    }

    #[tokio::test]
    async fn what_could_not_be_made_yet_is_unknown_and_never_renewed_or_ended() {
        let (host, context) = (
            EphemeralHost::new(Keys::default()),
            Context::new(None, CancellationToken::new(), ClientCapabilities::default()),
        );
        let later = host.open(&context, key("later".into())).await.unwrap();
        assert!(later.model.get("text").is_unknown() && later.private.is_empty());
        assert_eq!(*later.model.get("life"), Datum::from("1h"));
        assert!(host.renew(&context, Vec::new()).await.unwrap().renew_at.is_none());
        host.close(&context, later.private).await.unwrap();
        assert_eq!(host.0.inner.0.load(Ordering::Relaxed), 0);

        let made = host.open(&context, key("now".into())).await.unwrap();
        assert_eq!(*made.model.get("text"), Datum::from("for 1h"), "defaults hold here too");
        host.close(&context, made.private).await.unwrap();
        assert_eq!(host.0.inner.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_configuration_that_is_not_known_yet_is_no_error_and_a_known_one_is_checked() {
        let validate = |name| EphemeralHost::new(Keys::default()).validate(key(name), ClientCapabilities::default());
        assert!(validate(Datum::unknown()).is_empty());
        assert!(validate("bad".into()).has_error() && validate(Datum::Null).has_error());
    }
}
