use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::framework::context::Context;
use crate::framework::private::Private;
use crate::framework::resource::{Change, Deletion, Outcome, Plan, Reading, Resource, State};
use crate::framework::value::Value;

crate::model! {
    /// A note.
    struct Note {
        /// Its text.
        text: Value<String> => required(),
        /// Its seal.
        seal: Value<String> => optional().write_only(),
        /// Its number.
        number: Value<String> => computed(),
    }
}

/// Writes notes; the text says how it goes.
struct Notes;

#[async_trait]
impl Resource for Notes {
    type Data = ();
    type Model = Note;

    const NAME: &'static str = "test_note";

    async fn plan(&self, _: &Context<()>, plan: &mut Plan<Note>) -> Result<(), Diagnostics> {
        plan.needs_update = plan.config.text.as_ref_option().is_some_and(|text| text == "drifted");
        plan.unchanged = plan.config.text.as_ref_option().is_some_and(|text| text == "CALM");
        if let Ok(Some(count)) = plan.private.get::<u8>("count") {
            let approved = plan.approved.as_ref().and_then(|approved| approved.get("count").ok().flatten());
            if approved.is_some_and(|approved: u8| count + 1 > approved) {
                return Err(Diagnostic::error("Too many", "There are more than was said.").into());
            }
            plan.private.set("count", count + 1).map_err(Diagnostic::from)?;
        }
        Ok(())
    }

    async fn create(&self, _: &Context<()>, change: Change<Note>) -> Outcome<Note> {
        let mut model = change.planned;
        let failure = Diagnostic::error("No paper", "There is none left.");
        match model.text.as_ref_option().map(String::as_str) {
            Some("nothing") => Outcome::Unchanged(failure.into()),
            Some("half") => Outcome::Partial(State { model, private: change.private }, failure.into()),
            Some("forgetful") => Outcome::Done(State { model, private: change.private }),
            _ => {
                model.number = Value::Value("1".to_owned());
                model.seal = change.config.seal;
                Outcome::Done(State { model, private: change.private })
            }
        }
    }

    async fn read(&self, _: &Context<()>, state: State<Note>) -> Result<Reading<Note>, Diagnostics> {
        Ok(Reading::Present(state))
    }

    async fn update(&self, _: &Context<()>, _: Change<Note>) -> Outcome<Note> {
        Outcome::Unchanged(Diagnostic::error("No pen", "There is none.").into())
    }

    async fn delete(&self, _: &Context<()>, _: State<Note>) -> Deletion {
        Deletion::Done
    }
}

fn context() -> Context<()> {
    Context::new(
        None,
        CancellationToken::new(),
        ClientCapabilities { write_only_attributes_allowed: true, ..Default::default() },
    )
}

fn note(text: &str, seal: Datum, number: Datum) -> Datum {
    Datum::object([("text", Datum::from(text)), ("seal", seal), ("number", number)])
}

async fn create(text: &str) -> Applied {
    let config = note(text, "s3cret".into(), Datum::Null);
    let planned = Stored { state: note(text, Datum::Null, Datum::unknown()), ..Stored::default() };
    ResourceHost::new(Notes).apply(&context(), ApplyRequest { config, prior: Datum::Null, planned }).await
}

#[tokio::test]
async fn write_only_values_never_leave_apply() {
    let applied = create("hello").await;
    assert_eq!(applied.stored.state, note("hello", Datum::Null, "1".into()));
    assert!(applied.diagnostics.is_empty());
}

#[tokio::test]
async fn a_failed_create_stores_what_exists_and_nothing_else() {
    let applied = create("nothing").await;
    assert!(applied.stored.state.is_null() && applied.diagnostics.has_error());
    let applied = create("half").await;
    assert_eq!(applied.stored.state, note("half", Datum::Null, Datum::Null));
    assert!(applied.diagnostics.has_error());
}

#[tokio::test]
async fn an_unknown_left_behind_is_a_named_bug_and_loses_nothing() {
    let applied = create("forgetful").await;
    assert!(applied.diagnostics.has_error());
    assert_eq!(*applied.stored.state.get("text"), Datum::from("forgetful"));
}

#[tokio::test]
async fn a_failed_update_keeps_what_is_stored() {
    let mut private = Private::default();
    private.set("instance", "x").unwrap();
    let prior = note("old", Datum::Null, "1".into());
    let planned =
        Stored { state: note("new", Datum::Null, Datum::unknown()), private: private.to_bytes(), identity: None };
    let config = note("new", Datum::Null, Datum::Null);
    let applied =
        ResourceHost::new(Notes).apply(&context(), ApplyRequest { config, prior: prior.clone(), planned }).await;
    assert_eq!(applied.stored.state, prior);
    assert_eq!(applied.stored.private, private.to_bytes());
    assert!(applied.diagnostics.has_error());
}

#[tokio::test]
async fn a_resource_can_ask_for_an_update() {
    let plan = |text: &'static str| async move {
        let state = note(text, Datum::Null, "1".into());
        let prior = Stored { state: state.clone(), ..Stored::default() };
        let request =
            PlanRequest { config: note(text, Datum::Null, Datum::Null), prior, proposed: state, approved: Vec::new() };
        ResourceHost::new(Notes).plan(&context(), request).await.unwrap().stored.state
    };
    assert_eq!(plan("calm").await, note("calm", Datum::Null, "1".into()));
    assert!(plan("drifted").await.get("number").is_unknown());
}

#[tokio::test]
async fn what_means_the_same_leaves_everything_as_it_is_stored() {
    let plan = |text: &'static str, state: Datum| async move {
        let prior = Stored { state, private: b"{\"instance\":\"x\"}".to_vec(), identity: None };
        let proposed = note(text, Datum::Null, "1".into());
        let config = note(text, Datum::Null, Datum::Null);
        let request = PlanRequest { config, prior, proposed, approved: Vec::new() };
        ResourceHost::new(Notes).plan(&context(), request).await.unwrap().stored
    };
    let stored = note("calm", Datum::Null, "1".into());
    let planned = plan("CALM", stored.clone()).await;
    assert_eq!((planned.state, planned.private.as_slice()), (stored.clone(), &b"{\"instance\":\"x\"}"[..]));
    let planned = plan("other", stored).await.state;
    assert_eq!(*planned.get("text"), Datum::from("other"));
    assert!(planned.get("number").is_unknown(), "the control");
    assert_eq!(*plan("CALM", Datum::Null).await.state.get("text"), Datum::from("CALM"), "a create is a change");
}

#[tokio::test]
async fn what_was_approved_is_seen_in_the_plan_at_apply_and_goes_on_as_it_is() {
    let plan = |approved: &'static [u8]| async move {
        let prior = Stored {
            state: note("count", Datum::Null, "1".into()),
            private: b"{\"count\":1}".to_vec(),
            identity: None,
        };
        let (config, proposed) = (note("count", Datum::Null, Datum::Null), note("count", Datum::Null, "1".into()));
        let request = PlanRequest { config, prior, proposed, approved: approved.to_vec() };
        ResourceHost::new(Notes).plan(&context(), request).await.map(|planned| planned.stored.private)
    };
    assert_eq!(plan(b"").await.unwrap(), b"{\"count\":2}", "the first plan");
    let approved = b"{\"count\": 2, \"more\":0}";
    assert_eq!(plan(approved).await.unwrap(), approved, "the bytes are the client's");
    assert!(plan(b"{\"count\":1}").await.is_err(), "more than was approved");
}

#[tokio::test]
async fn a_planned_destroy_is_null() {
    let prior =
        Stored { state: note("a", Datum::Null, "1".into()), private: b"{\"instance\":\"x\"}".to_vec(), identity: None };
    let request = PlanRequest { config: Datum::Null, prior, proposed: Datum::Null, approved: Vec::new() };
    let planned = ResourceHost::new(Notes).plan(&context(), request).await.unwrap();
    assert!(planned.stored.state.is_null());
    assert_eq!(planned.stored.private, b"{\"instance\":\"x\"}");
}

#[test]
fn write_only_values_need_a_client_that_knows_them() {
    let config = note("a", "s3cret".into(), Datum::Null);
    let found = ResourceHost::new(Notes).validate(config, ClientCapabilities::default());
    assert_eq!(found.iter().next().unwrap().attribute.to_string(), "seal");
}

#[test]
fn missing_arguments_are_named() {
    let config = Datum::object([("text", Datum::Null), ("seal", Datum::Null), ("number", Datum::Null)]);
    let found = ResourceHost::new(Notes).validate(config, ClientCapabilities::default());
    assert_eq!(found.iter().next().unwrap().detail, "The argument text is required.");
}
