//! Data sources: validate and read.

use async_trait::async_trait;

use super::validate_schema;
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
        let mut found = validate_schema(&self.schema.attributes, &config, capabilities);
        match decode(config) {
            Ok(model) if !found.has_error() => self.source.validate(&model, &mut found),
            Ok(_) => {}
            Err(error) => found.push(error.into()),
        }
        found
    }

    async fn read(&self, context: &Context<S::Data>, config: Datum) -> Result<Datum, Diagnostics> {
        let settled = rules::settle(&self.schema.attributes, &config, config.clone());
        let model = decode(settled).map_err(Diagnostic::from)?;
        let read = self.source.read(context, model).await?.encode();
        if read.is_wholly_known() {
            return Ok(read);
        }
        Err(Diagnostic::error("Bug in the provider", format!("{} left a value unknown. Please report this.", S::NAME))
            .into())
    }
}
