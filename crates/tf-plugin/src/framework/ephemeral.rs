//! The trait of an ephemeral resource: a value that lives in memory while Terraform runs and is stored nowhere.

use std::time::SystemTime;

use async_trait::async_trait;

use super::context::Context;
use super::diagnostics::Diagnostics;
use super::model::{DecodeError, Model, decode};
use super::plan;
use super::schema::Schema;
use super::value::Datum;

/// An opened ephemeral resource.
#[derive(Debug)]
pub struct Opened<M> {
    /// The result; what the configuration set is repeated.
    pub model: M,
    /// What renew and close need. Terraform keeps it in memory; it may hold secrets. Where it is empty there is nothing to
    /// renew or to end, and neither is called.
    pub private: Vec<u8>,
    /// When it must be renewed, if at all.
    pub renew_at: Option<SystemTime>,
}

impl<M: Model> Opened<M> {
    /// The answer where the provider's settings are not known yet: whatever the provider would set is unknown, and nothing
    /// was made that would have to be ended.
    ///
    /// # Errors
    /// [`DecodeError`] when the model has a computed attribute that cannot be unknown, which is a bug.
    pub fn not_yet(config: &M) -> Result<Self, DecodeError> {
        let config = config.encode();
        let model = decode(plan::expect_changes(&M::attributes(), &config, &Datum::Null, config.clone()))?;
        Ok(Self { model, private: Vec::new(), renew_at: None })
    }
}

/// A renewed ephemeral resource.
#[derive(Debug, Default)]
pub struct Renewed {
    /// What the next renew needs. Close gets what open returned, not this.
    pub private: Vec<u8>,
    /// When it must be renewed again, if at all.
    pub renew_at: Option<SystemTime>,
}

/// A value that is made at each plan and each apply and ends with it.
#[async_trait]
pub trait EphemeralResource: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Data: Send + Sync + 'static;
    /// The attributes.
    type Model: Model;

    /// The name in HCL.
    const NAME: &'static str;

    /// The schema.
    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes())
    }

    /// Checks that need several attributes.
    fn validate(&self, _config: &Self::Model, _found: &mut Diagnostics) {}

    /// Makes it, at each plan and again at each apply. Unknown attributes of the configuration never come here; unknown
    /// settings of the provider do: [`Opened::not_yet`] is the answer to them.
    async fn open(
        &self,
        context: &Context<Self::Data>,
        config: Self::Model,
    ) -> Result<Opened<Self::Model>, Diagnostics>;

    /// Makes it last longer.
    async fn renew(&self, _context: &Context<Self::Data>, private: Vec<u8>) -> Result<Renewed, Diagnostics> {
        Ok(Renewed { private, renew_at: None })
    }

    /// Ends it.
    async fn close(&self, context: &Context<Self::Data>, private: Vec<u8>) -> Result<(), Diagnostics>;
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn what_cannot_be_made_yet_is_unknown_and_leaves_nothing_to_end() {
        let config = Key { name: "a".to_owned().into(), life: "2h".to_owned().into(), text: Value::Null };
        let opened = Opened::not_yet(&config).unwrap();
        assert!(opened.model.text.is_unknown() && opened.private.is_empty() && opened.renew_at.is_none());
        assert_eq!(opened.model.life.as_deref_option(), Some("2h"));
    }
}
