//! The trait of a managed resource and what goes in and out of its operations.

use async_trait::async_trait;
use serde::de::DeserializeOwned;

use super::AttributePath;
use super::context::Context;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::identity::IdentitySchema;
use super::model::Model;
use super::private::Private;
use super::schema::Schema;
use super::upgrade;
use super::value::Datum;

/// What Terraform stores of an object.
#[derive(Clone, Debug)]
pub struct State<M> {
    /// The attributes.
    pub model: M,
    /// What only the provider sees.
    pub private: Private,
}

/// A plan in the making. The host has applied the schema's rules to `planned`; the resource adds what only it knows.
#[derive(Debug)]
pub struct Plan<M> {
    /// What the user wrote, write-only values included.
    pub config: M,
    /// What is stored; `None` for a create, also for the create half of a replacement.
    pub prior: Option<M>,
    /// What will be. Only attributes that the resource changes here are taken over.
    pub planned: M,
    /// The private state, to be handed to apply.
    pub private: Private,
    /// In the plan at apply, the private state of the plan that the user approved: what it did not announce must not be done, and
    /// it goes to apply as it is, whatever `private` becomes. `None` in the first plan, and where the client does not give it
    /// (Terraform 1.16 and newer do).
    pub approved: Option<Private>,
    /// Attributes whose change makes the object anew, beyond those that the schema names.
    pub requires_replace: Vec<AttributePath>,
    /// Will there be an update (or create) because of what the user wrote?
    pub changed: bool,
    /// Set by the resource to say that an update is needed: computed attributes become unknown.
    pub needs_update: bool,
    /// Set by the resource to say that what the user wrote means the same as what is stored: all of that stays, and nothing
    /// will happen. Terraform allows it for an optional attribute, whose planned value may be the stored one as a whole.
    pub unchanged: bool,
}

/// What apply works from.
#[derive(Debug)]
pub struct Change<M> {
    /// What the user wrote, for write-only values only: `ignore_changes` does not reach it.
    pub config: M,
    /// What is stored; equals `planned` in its meaning for a create.
    pub prior: Option<M>,
    /// What was promised.
    pub planned: M,
    /// The private state from the plan.
    pub private: Private,
}

/// How an operation that writes ended. There is no way to say "failed" without saying what exists now.
#[derive(Debug)]
pub enum Outcome<M> {
    /// It is done; this is stored.
    Done(State<M>),
    /// It failed; this exists and is stored. After a create Terraform marks it tainted.
    Partial(State<M>, Diagnostics),
    /// It failed; what was stored before stays stored (nothing, after a create).
    Unchanged(Diagnostics),
}

/// How a delete ended.
#[derive(Debug)]
pub enum Deletion {
    /// The object is gone, or not ours to delete.
    Done,
    /// It failed; what was stored stays stored.
    Kept(Diagnostics),
}

impl<E: Into<Diagnostics>> From<Result<(), E>> for Deletion {
    fn from(deleted: Result<(), E>) -> Self {
        match deleted {
            Ok(()) => Self::Done,
            Err(error) => Self::Kept(error.into()),
        }
    }
}

/// What a look at the remote object found.
#[derive(Debug)]
pub enum Reading<M> {
    /// It exists.
    Present(State<M>),
    /// It is gone: Terraform will plan to create it.
    Gone,
    /// It could not be seen and the stored state is kept; why stands in the warnings.
    Unseen,
}

/// What the user gave to import by.
#[derive(Clone, Debug)]
pub enum ImportId {
    /// The text of `terraform import` or an `import` block.
    Id(String),
    /// An `identity` block.
    Identity(Datum),
}

/// State of another resource type, offered by a `moved` block.
#[derive(Clone, Debug)]
pub struct MoveSource<'a> {
    /// Address of the provider, for example `registry.terraform.io/hashicorp/kubernetes`.
    pub provider: &'a str,
    /// The resource type.
    pub type_name: &'a str,
    /// Version of its schema.
    pub schema_version: i64,
    /// Its state as JSON.
    pub state: &'a [u8],
}

impl MoveSource<'_> {
    /// Is it of a provider of this name, `hashicorp/kubernetes`, and of one of these types? Registries and mirrors differ,
    /// so the host name does not count. `OpenTofu` 1.11.0 to 1.12.3 send the last part alone (`kubernetes`).
    #[must_use]
    pub fn is_one_of(&self, provider: &str, types: &[&str]) -> bool {
        let is_named = match self.provider.split_once('/') {
            Some((_, name)) => name == provider,
            None => provider.rsplit('/').next() == Some(self.provider),
        };
        is_named && types.contains(&self.type_name)
    }

    /// Reads of the stored state what `T` has: whatever else is in it, secrets above all, stays behind.
    ///
    /// # Errors
    /// A diagnostic, without the state's content, when it is not of that form.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Diagnostic> {
        serde_json::from_slice(self.state).map_err(|error| {
            let detail = format!(
                "The stored state of {} (schema version {}) is not of the form that {} writes: see line {}, column {}.",
                self.type_name,
                self.schema_version,
                self.provider,
                error.line(),
                error.column()
            );
            Diagnostic::error("State cannot be moved", detail)
        })
    }
}

/// A managed resource.
///
/// Every method gets a [`Context`]; remote calls in it end with [`Context::run`]. Errors are the resource's own typed
/// errors, which become [`Diagnostics`] when they leave a method.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Data: Send + Sync + 'static;
    /// The attributes.
    type Model: Model;

    /// The name in HCL, for example `random_pet`.
    const NAME: &'static str;

    /// The schema; most resources need no more than their model.
    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes())
    }

    /// The identity of the remote object, if it is one.
    fn identity_schema(&self) -> Option<IdentitySchema> {
        None
    }

    /// The identity of the object that `model` describes; unknown attributes stay unknown.
    fn identity(&self, _model: &Self::Model) -> Option<Datum> {
        None
    }

    /// Checks that need several attributes. Values may be unknown; nothing remote may be asked.
    fn validate(&self, _config: &Self::Model, _found: &mut Diagnostics) {}

    /// Sets, in what is proposed, the defaults that depend on other arguments. Before it is compared with what is stored.
    fn settle(&self, _config: &Self::Model, _proposed: &mut Datum) {}

    /// Completes a plan for create or update.
    async fn plan(&self, _context: &Context<Self::Data>, _plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        Ok(())
    }

    /// Looks at the planned destroy of `prior`: an error refuses it. What it puts into the private state reaches the delete.
    async fn plan_destroy(
        &self,
        _context: &Context<Self::Data>,
        _prior: &mut State<Self::Model>,
    ) -> Result<(), Diagnostics> {
        Ok(())
    }

    /// Makes the object, or adopts it.
    async fn create(&self, context: &Context<Self::Data>, change: Change<Self::Model>) -> Outcome<Self::Model>;

    /// Looks at the object.
    async fn read(
        &self,
        context: &Context<Self::Data>,
        state: State<Self::Model>,
    ) -> Result<Reading<Self::Model>, Diagnostics>;

    /// Changes the object.
    async fn update(&self, context: &Context<Self::Data>, change: Change<Self::Model>) -> Outcome<Self::Model>;

    /// Removes the object. Already gone is success.
    async fn delete(&self, context: &Context<Self::Data>, state: State<Self::Model>) -> Deletion;

    /// The first state of an object that exists already; a read follows at once.
    async fn import(&self, _context: &Context<Self::Data>, _id: ImportId) -> Result<State<Self::Model>, Diagnostics> {
        Err(Diagnostic::error(
            "Import is not possible",
            format!("{} is not a remote object: there is nothing to import.", Self::NAME),
        )
        .into())
    }

    /// Changes what is generated as the configuration of an object that is stored, where the schema alone does not say what a
    /// configuration must say and what it may leave out: it must be valid and plan no change. Terraform 1.14 and newer take it; older
    /// clients and `OpenTofu` write every argument as it is stored.
    fn generate(&self, _state: &Self::Model, _config: &mut Self::Model, _found: &mut Diagnostics) {}

    /// Brings stored state of an older schema version to the present one.
    fn upgrade(&self, version: i64, _state: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        Err(upgrade::unknown_version("state", Self::NAME, version).into())
    }

    /// Brings a stored identity of an older version to the present one.
    fn upgrade_identity(&self, version: i64, _identity: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        Err(upgrade::unknown_version("identity", Self::NAME, version).into())
    }

    /// Takes over the state of another resource type; `None` when it cannot.
    fn move_state(&self, _source: &MoveSource<'_>) -> Result<Option<State<Self::Model>>, Diagnostics> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_known_by_its_name_whatever_its_registry_is() {
        let is = |provider: &str, type_name: &str| {
            let source = MoveSource { provider, type_name, schema_version: 0, state: b"{}" };
            source.is_one_of("hashicorp/kubernetes", &["kubernetes_secret"])
        };
        for address in
            ["registry.terraform.io/hashicorp/kubernetes", "mirror.example/hashicorp/kubernetes", "kubernetes"]
        {
            assert!(is(address, "kubernetes_secret"), "{address}");
            assert!(!is(address, "kubernetes_pod"), "{address}");
        }
        for address in
            ["", "hashicorp/kubernetes", "registry.terraform.io/other/kubernetes", "kubernetes2", "hashicorp"]
        {
            assert!(!is(address, "kubernetes_secret"), "{address}");
        }
    }
}
