//! Everything that a provider offers, by name. A new type is one line in the provider's `registry()`.

use std::collections::BTreeMap;

use super::action::Action;
use super::data_source::DataSource;
use super::dispatch::{
    ActionHost, AnyAction, AnyDataSource, AnyEphemeralResource, AnyListResource, AnyResource, DataSourceHost,
    EphemeralHost, ListHost, ResourceHost,
};
use super::ephemeral::EphemeralResource;
use super::function::Function;
use super::list::ListResource;
use super::resource::Resource;

/// The types of one provider whose data is `D`.
pub struct Registry<D> {
    /// Managed resources.
    pub resources: BTreeMap<&'static str, Box<dyn AnyResource<D>>>,
    /// Data sources.
    pub data_sources: BTreeMap<&'static str, Box<dyn AnyDataSource<D>>>,
    /// Ephemeral resources.
    pub ephemeral_resources: BTreeMap<&'static str, Box<dyn AnyEphemeralResource<D>>>,
    /// List resources.
    pub list_resources: BTreeMap<&'static str, Box<dyn AnyListResource<D>>>,
    /// Actions.
    pub actions: BTreeMap<&'static str, Box<dyn AnyAction<D>>>,
    /// Functions.
    pub functions: BTreeMap<&'static str, Box<dyn Function>>,
}

impl<D> Default for Registry<D> {
    fn default() -> Self {
        Self {
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            ephemeral_resources: BTreeMap::new(),
            list_resources: BTreeMap::new(),
            actions: BTreeMap::new(),
            functions: BTreeMap::new(),
        }
    }
}

impl<D: Send + Sync + 'static> Registry<D> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a managed resource.
    #[must_use]
    pub fn resource<R: Resource<Data = D>>(mut self, resource: R) -> Self {
        self.resources.insert(R::NAME, Box::new(ResourceHost::new(resource)));
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data_source<R: DataSource<Data = D>>(mut self, source: R) -> Self {
        self.data_sources.insert(R::NAME, Box::new(DataSourceHost::new(source)));
        self
    }

    /// Adds an ephemeral resource.
    #[must_use]
    pub fn ephemeral<R: EphemeralResource<Data = D>>(mut self, resource: R) -> Self {
        self.ephemeral_resources.insert(R::NAME, Box::new(EphemeralHost::new(resource)));
        self
    }

    /// Adds a list resource.
    #[must_use]
    pub fn list<R: ListResource<Data = D>>(mut self, resource: R) -> Self {
        self.list_resources.insert(R::NAME, Box::new(ListHost::new(resource)));
        self
    }

    /// Adds an action.
    #[must_use]
    pub fn action<R: Action<Data = D>>(mut self, action: R) -> Self {
        self.actions.insert(R::NAME, Box::new(ActionHost::new(action)));
        self
    }

    /// Adds a function.
    #[must_use]
    pub fn function(mut self, function: impl Function) -> Self {
        self.functions.insert(function.name(), Box::new(function));
        self
    }
}
