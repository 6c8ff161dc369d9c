//! Managed resources: validate, plan, apply, read, import, upgrade, move.

use async_trait::async_trait;

use super::validate;
use crate::framework::AttributePath;
use crate::framework::context::{ClientCapabilities, Context};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::generate;
use crate::framework::identity::IdentitySchema;
use crate::framework::model::{AttributeValue, decode};
use crate::framework::plan as rules;
use crate::framework::private::{Private, PrivateError};
use crate::framework::resource::{Change, Deletion, ImportId, MoveSource, Outcome, Plan, Reading, Resource, State};
use crate::framework::schema::Schema;
use crate::framework::upgrade;
use crate::framework::value::Datum;

/// What Terraform stores of an object, untyped.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The attributes; null when there is no object.
    pub state: Datum,
    /// The private state.
    pub private: Vec<u8>,
    /// The identity.
    pub identity: Option<Datum>,
}

/// A request to plan. `proposed` is null for a destroy.
#[derive(Debug)]
pub struct PlanRequest {
    /// What the user wrote.
    pub config: Datum,
    /// What is stored; its state is null for a create.
    pub prior: Stored,
    /// Terraform's own merge of the two.
    pub proposed: Datum,
    /// The private state of the plan that the user approved, in the plan at apply; empty elsewhere.
    pub approved: Vec<u8>,
}

/// A plan.
#[derive(Debug, Default)]
pub struct Planned {
    /// What will be stored.
    pub stored: Stored,
    /// Attributes whose change forces replacement.
    pub requires_replace: Vec<AttributePath>,
}

/// A request to apply. `planned.state` is null for a delete, `prior` is null for a create.
#[derive(Debug)]
pub struct ApplyRequest {
    /// What the user wrote.
    pub config: Datum,
    /// What is stored.
    pub prior: Datum,
    /// What was promised.
    pub planned: Stored,
}

/// What exists after apply.
#[derive(Debug, Default)]
pub struct Applied {
    /// What is to be stored.
    pub stored: Stored,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// What a read found; a null state means that the object is gone.
pub type ReadResult = Result<Stored, Diagnostics>;

/// An imported object.
pub type Imported = Result<Stored, Diagnostics>;

/// A managed resource without its types.
#[async_trait]
pub trait AnyResource<D>: Send + Sync {
    /// The schema.
    fn schema(&self) -> &Schema;
    /// The identity, if it has one.
    fn identity_schema(&self) -> Option<&IdentitySchema>;
    /// Checks a configuration.
    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics;
    /// Plans a create, update or destroy.
    async fn plan(&self, context: &Context<D>, request: PlanRequest) -> Result<Planned, Diagnostics>;
    /// Creates, updates or deletes.
    async fn apply(&self, context: &Context<D>, request: ApplyRequest) -> Applied;
    /// Looks at the object.
    async fn read(&self, context: &Context<D>, stored: Stored) -> ReadResult;
    /// Takes an existing object in.
    async fn import(&self, context: &Context<D>, id: ImportId) -> Imported;
    /// The configuration of an object that is stored, and what is to be said of it.
    fn generate(&self, state: Datum) -> Result<(Datum, Diagnostics), Diagnostics>;
    /// Reads state of an older version.
    fn upgrade(&self, version: i64, state: &[u8]) -> Result<Vec<u8>, Diagnostics>;
    /// Reads an identity of an older version.
    fn upgrade_identity(&self, version: i64, identity: &[u8]) -> Result<Vec<u8>, Diagnostics>;
    /// Takes over another type's state; `None` when it cannot.
    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<Stored>, Diagnostics>;
}

/// A resource with what follows from its declaration, made once.
#[derive(Debug)]
pub struct ResourceHost<R> {
    resource: R,
    schema: Schema,
    identity: Option<IdentitySchema>,
}

impl<R: Resource> ResourceHost<R> {
    /// Hosts `resource`.
    pub fn new(resource: R) -> Self {
        Self { schema: resource.schema(), identity: resource.identity_schema(), resource }
    }

    fn store(&self, state: &State<R::Model>) -> Stored {
        let datum = rules::without_write_only(&self.schema.attributes, state.model.encode());
        Stored { state: datum, private: state.private.to_bytes(), identity: self.complete_identity(&state.model) }
    }

    fn complete_identity(&self, model: &R::Model) -> Option<Datum> {
        let schema = self.identity.as_ref()?;
        self.resource.identity(model).filter(|identity| schema.is_complete(identity))
    }

    fn stored_after_error(&self, state: &State<R::Model>) -> Stored {
        let mut stored = self.store(state);
        stored.state = rules::forget_unknowns(stored.state);
        stored
    }

    fn done(&self, state: &State<R::Model>) -> Applied {
        let stored = self.store(state);
        if stored.state.is_wholly_known() {
            return Applied { stored, diagnostics: Diagnostics::new() };
        }
        let bug = Diagnostic::error(
            "Bug in the provider",
            format!("{} left a value unknown after apply. Please report this.", R::NAME),
        );
        Applied { stored: self.stored_after_error(state), diagnostics: bug.into() }
    }

    fn finish(&self, outcome: Outcome<R::Model>, before: Stored) -> Applied {
        match outcome {
            Outcome::Done(state) => self.done(&state),
            Outcome::Partial(state, diagnostics) => Applied { stored: self.stored_after_error(&state), diagnostics },
            Outcome::Unchanged(diagnostics) => Applied { stored: before, diagnostics },
        }
    }

    async fn create_or_update(&self, context: &Context<R::Data>, request: ApplyRequest) -> Applied {
        // After a failed create nothing exists; after a failed update what was stored stays.
        let creates = request.prior.is_null();
        let before = if creates {
            Stored::default()
        } else {
            Stored {
                state: request.prior.clone(),
                private: request.planned.private.clone(),
                identity: request.planned.identity.clone(),
            }
        };
        let change = match change(request) {
            Ok(change) => change,
            Err(diagnostics) => return Applied { stored: before, diagnostics },
        };
        let outcome = if creates {
            self.resource.create(context, change).await
        } else {
            self.resource.update(context, change).await
        };
        self.finish(outcome, before)
    }

    async fn delete(&self, context: &Context<R::Data>, request: ApplyRequest) -> Applied {
        let ApplyRequest { prior, planned, .. } = request;
        let kept = Stored { state: prior.clone(), private: planned.private.clone(), identity: planned.identity };
        let state = match state::<R::Model>(prior, &planned.private) {
            Ok(state) => state,
            Err(diagnostics) => return Applied { stored: kept, diagnostics },
        };
        match self.resource.delete(context, state).await {
            Deletion::Done => Applied::default(),
            Deletion::Kept(diagnostics) => Applied { stored: kept, diagnostics },
        }
    }

    async fn plan_change(&self, context: &Context<R::Data>, request: PlanRequest) -> Result<Planned, Diagnostics> {
        let PlanRequest { config, prior, proposed, approved } = request;
        let attributes = &self.schema.attributes;
        let configured: R::Model = decode(config.clone()).map_err(Diagnostic::from)?;
        let mut settled = rules::settle(attributes, &config, proposed);
        self.resource.settle(&configured, &mut settled);
        let changed = settled != prior.state;
        let mut planned =
            if changed { rules::expect_changes(attributes, &config, &prior.state, settled) } else { settled };

        let known_before = decode::<R::Model>(planned.clone()).map_err(Diagnostic::from)?;
        let before = known_before.encode();
        let mut plan = Plan {
            config: configured,
            prior: if prior.state.is_null() {
                None
            } else {
                Some(decode(prior.state.clone()).map_err(Diagnostic::from)?)
            },
            planned: known_before,
            private: private(&prior.private)?,
            approved: if approved.is_empty() { None } else { Some(private(&approved)?) },
            requires_replace: Vec::new(),
            changed,
            needs_update: false,
            unchanged: false,
        };
        self.resource.plan(context, &mut plan).await?;

        let private = if approved.is_empty() { plan.private.to_bytes() } else { approved };
        if plan.unchanged && !prior.state.is_null() {
            let stored = Stored { state: prior.state, private, identity: prior.identity };
            return Ok(Planned { stored, requires_replace: Vec::new() });
        }
        if plan.needs_update && !changed {
            planned = rules::expect_changes(attributes, &config, &prior.state, planned);
        }
        let planned = rules::without_write_only(attributes, rules::merge(planned, &before, plan.planned.encode()));
        let mut requires_replace = rules::requires_replace(attributes, &prior.state, &planned);
        requires_replace.append(&mut plan.requires_replace);
        let replaced = prior.state.is_null() || !requires_replace.is_empty();
        let identity = if replaced {
            self.complete_identity(&plan.planned)
        } else {
            self.complete_identity(&plan.planned).or(prior.identity)
        };
        Ok(Planned { stored: Stored { state: planned, private, identity }, requires_replace })
    }
}

#[async_trait]
impl<R: Resource> AnyResource<R::Data> for ResourceHost<R> {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn identity_schema(&self) -> Option<&IdentitySchema> {
        self.identity.as_ref()
    }

    fn validate(&self, config: Datum, capabilities: ClientCapabilities) -> Diagnostics {
        validate(&self.schema.attributes, config, capabilities, |model, found| self.resource.validate(model, found))
    }

    async fn plan(&self, context: &Context<R::Data>, request: PlanRequest) -> Result<Planned, Diagnostics> {
        if !request.proposed.is_null() {
            return self.plan_change(context, request).await;
        }
        let mut prior = request.prior;
        if !prior.state.is_null() {
            let mut state = state::<R::Model>(prior.state, &prior.private)?;
            self.resource.plan_destroy(context, &mut state).await?;
            prior.private = state.private.to_bytes();
        }
        // The identity of what is destroyed stays known until it is.
        let stored = Stored { state: Datum::Null, private: prior.private, identity: prior.identity };
        Ok(Planned { stored, requires_replace: Vec::new() })
    }

    async fn apply(&self, context: &Context<R::Data>, request: ApplyRequest) -> Applied {
        if request.planned.state.is_null() {
            self.delete(context, request).await
        } else {
            self.create_or_update(context, request).await
        }
    }

    async fn read(&self, context: &Context<R::Data>, stored: Stored) -> ReadResult {
        let state = state::<R::Model>(stored.state.clone(), &stored.private)?;
        match self.resource.read(context, state).await? {
            Reading::Present(state) => Ok(self.stored_after_error(&state)),
            Reading::Gone => Ok(Stored::default()),
            Reading::Unseen => Ok(stored),
        }
    }

    async fn import(&self, context: &Context<R::Data>, id: ImportId) -> Imported {
        let state = self.resource.import(context, id).await?;
        Ok(self.stored_after_error(&state))
    }

    fn generate(&self, state: Datum) -> Result<(Datum, Diagnostics), Diagnostics> {
        let stored: R::Model = decode(state.clone()).map_err(Diagnostic::from)?;
        let config = generate::configuration(&self.schema.attributes, state);
        let mut config: R::Model = decode(config).map_err(Diagnostic::from)?;
        let mut found = Diagnostics::new();
        self.resource.generate(&stored, &mut config, &mut found);
        Ok((config.encode(), found))
    }

    fn upgrade(&self, version: i64, state: &[u8]) -> Result<Vec<u8>, Diagnostics> {
        let mut stored = upgrade::read(R::NAME, state)?;
        self.resource.upgrade(version, &mut stored)?;
        Ok(serde_json::Value::Object(stored).to_string().into_bytes())
    }

    fn upgrade_identity(&self, version: i64, identity: &[u8]) -> Result<Vec<u8>, Diagnostics> {
        let mut stored = upgrade::read(R::NAME, identity)?;
        self.resource.upgrade_identity(version, &mut stored)?;
        Ok(serde_json::Value::Object(stored).to_string().into_bytes())
    }

    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<Stored>, Diagnostics> {
        Ok(self.resource.move_state(source)?.map(|state| self.stored_after_error(&state)))
    }
}

fn private(bytes: &[u8]) -> Result<Private, Diagnostic> {
    Private::from_bytes(bytes).map_err(Diagnostic::from)
}

fn state<M: AttributeValue>(datum: Datum, bytes: &[u8]) -> Result<State<M>, Diagnostics> {
    Ok(State { model: decode(datum).map_err(Diagnostic::from)?, private: private(bytes)? })
}

fn change<M: AttributeValue>(request: ApplyRequest) -> Result<Change<M>, Diagnostics> {
    let ApplyRequest { config, prior, planned } = request;
    Ok(Change {
        config: decode(config).map_err(Diagnostic::from)?,
        prior: if prior.is_null() { None } else { Some(decode(prior).map_err(Diagnostic::from)?) },
        planned: decode(planned.state).map_err(Diagnostic::from)?,
        private: private(&planned.private)?,
    })
}

impl From<PrivateError> for Diagnostic {
    fn from(error: PrivateError) -> Self {
        Diagnostic::error(
            "Unreadable private state",
            format!("{error}. The state file was written by something else than this provider."),
        )
    }
}
