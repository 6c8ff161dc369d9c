//! The trait of a list resource: what `terraform query` finds of a managed resource (Terraform 1.14 and newer).

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;

use super::context::Context;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::model::{AttributeValue, Model};
use super::resource::Resource;
use super::schema::Schema;
use super::value::Datum;

/// One object that was found.
#[derive(Debug)]
pub struct Listed {
    /// Its identity, complete.
    pub identity: Datum,
    /// How the user recognises it.
    pub display_name: String,
    /// Its state, if it was asked for.
    pub object: Option<Datum>,
    /// Warnings about this object.
    pub diagnostics: Diagnostics,
}

impl Listed {
    /// The object that `model` describes, called `display_name`, whole where it was asked for.
    ///
    /// # Errors
    /// A diagnostic when the resource gives it no identity: a bug.
    pub fn of<R: Resource>(
        resource: &R,
        model: &R::Model,
        display_name: String,
        with_object: bool,
    ) -> Result<Self, Diagnostic> {
        let bug = || {
            let detail = format!("{display_name}, a {}, has no identity. Please report this.", R::NAME);
            Diagnostic::error("Bug in the provider", detail)
        };
        Ok(Self {
            identity: resource.identity(model).ok_or_else(bug)?,
            display_name,
            object: with_object.then(|| model.encode()),
            diagnostics: Diagnostics::new(),
        })
    }
}

/// Finds the objects of the managed resource of the same name, which must have an identity.
#[async_trait]
pub trait ListResource: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Data: Send + Sync + 'static;
    /// The filter's attributes.
    type Model: Model;

    /// The name in HCL: that of the managed resource.
    const NAME: &'static str;

    /// The schema of the filter.
    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes())
    }

    /// Checks that need several attributes.
    fn validate(&self, _config: &Self::Model, _found: &mut Diagnostics) {}

    /// Sends what is found, up to `limit` objects. A closed channel means that nobody listens any more: stop.
    async fn list(
        &self,
        context: &Context<Self::Data>,
        filter: Self::Model,
        with_objects: bool,
        limit: usize,
        found: Sender<Listed>,
    ) -> Result<(), Diagnostics>;
}
