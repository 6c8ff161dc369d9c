//! Data sources: validate and read.

use async_trait::async_trait;

use super::validate;
use crate::framework::context::{ClientCapabilities, Context};
use crate::framework::data_source::DataSource;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::model::{AttributeValue, decode};
use crate::framework::plan as rules;
use crate::framework::schema::Schema;
use crate::framework::value::Datum;

/// A data source without its types.
#[async_trait]
pub trait AnyDataSource<D>: Send + Sync {
    /// The schema.
    fn schema(&self) -> &Schema;
    /// Checks a configuration.
    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics;
    /// Reads.
    async fn read(&self, context: &Context<D>, config: Datum) -> Result<Datum, Diagnostics>;
}

/// A data source with what follows from its declaration, made once.
#[derive(Debug)]
pub struct DataSourceHost<S> {
    source: S,
    schema: Schema,
}

impl<S: DataSource> DataSourceHost<S> {
    /// Hosts `source`.
    pub fn new(source: S) -> Self {
        Self { schema: source.schema(), source }
    }
}

#[async_trait]
impl<S: DataSource> AnyDataSource<S::Data> for DataSourceHost<S> {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics {
        validate(&self.schema.attributes, config, capabilities, |model, found| self.source.validate(model, found))
    }

    async fn read(&self, context: &Context<S::Data>, config: Datum) -> Result<Datum, Diagnostics> {
        let model = decode(rules::with_defaults(&self.schema.attributes, config)).map_err(Diagnostic::from)?;
        let read = self.source.read(context, model).await?.encode();
        if read.is_wholly_known() {
            return Ok(read);
        }
        Err(Diagnostic::error("Bug in the provider", format!("{} left a value unknown. Please report this.", S::NAME))
            .into())
    }
}
