//! A small provider that uses everything that the host wires through, for the protocol tests: built like the real one
//! by `src/bin/notebook.rs`, and driven over its socket.

use async_trait::async_trait;
use tf_plugin::framework::action::Action;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::DataSource;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::ephemeral::{EphemeralResource, Opened};
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::list::{ListResource, Listed};
use tf_plugin::framework::private::Private;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::registry::Registry;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, MoveSource, Outcome, Reading, Resource, State};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::validation::not_empty;
use tf_plugin::framework::value::{Datum, Value};
use tokio::sync::mpsc;

tf_plugin::model! {
    /// A note.
    pub struct Note {
        /// Its title.
        pub title: Value<String> => required().requires_replace(),
        /// Its text.
        pub text: Value<String> => optional(),
        /// Its number.
        pub number: Value<String> => computed().use_state_for_unknown(),
    }
}

tf_plugin::model! {
    /// The provider block.
    pub struct Block {
        /// What the notes are written on.
        pub paper: Value<String> => optional().check(not_empty()),
    }
}

/// The provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notebook;

/// Everything that it offers under the name `test_note`.
struct Notes;

#[async_trait]
impl Resource for Notes {
    type Data = String;
    type Model = Note;

    const NAME: &'static str = "test_note";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::of_strings(&[("title", "Its title.")]))
    }

    fn identity(&self, model: &Note) -> Option<Datum> {
        Some(Datum::object([("title", tf_plugin::framework::model::AttributeValue::encode(&model.title))]))
    }

    async fn create(&self, context: &Context<String>, change: Change<Note>) -> Outcome<Note> {
        let mut model = change.planned;
        match model.text.as_ref_option().map(String::as_str) {
            Some("panic") => panic!("s3cret"),
            Some("wait") => {
                context.progress("waiting for the end of the world");
                let stopped = context.run(std::future::pending::<()>()).await;
                model.number = Value::Value("7".to_owned());
                let found = Diagnostic::error("Interrupted", stopped.unwrap_err().to_string());
                return Outcome::Partial(State { model, private: change.private }, found.into());
            }
            _ => {}
        }
        model.number = Value::Value("7".to_owned());
        Outcome::Done(State { model, private: change.private })
    }

    async fn read(&self, _: &Context<String>, state: State<Note>) -> Result<Reading<Note>, Diagnostics> {
        Ok(Reading::Present(state))
    }

    async fn update(&self, _: &Context<String>, change: Change<Note>) -> Outcome<Note> {
        Outcome::Done(State { model: change.planned, private: change.private })
    }

    async fn delete(&self, _: &Context<String>, _: State<Note>) -> Deletion {
        Deletion::Done
    }

    async fn import(&self, _: &Context<String>, id: ImportId) -> Result<State<Note>, Diagnostics> {
        let title = match id {
            ImportId::Id(id) => id,
            ImportId::Identity(identity) => identity.get("title").as_str().unwrap_or_default().to_owned(),
        };
        let model = Note { title: Value::Value(title), text: Value::Null, number: Value::Null };
        Ok(State { model, private: Private::default() })
    }

    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<State<Note>>, Diagnostics> {
        if source.type_name != "other_note" {
            return Ok(None);
        }
        let title = String::from_utf8_lossy(source.state).into_owned();
        let model = Note { title: Value::Value(title), text: Value::Null, number: Value::Null };
        Ok(Some(State { model, private: Private::default() }))
    }
}

#[async_trait]
impl DataSource for Notes {
    type Data = String;
    type Model = Note;

    const NAME: &'static str = "test_note";

    async fn read(&self, context: &Context<String>, mut config: Note) -> Result<Note, Diagnostics> {
        config.number = Value::Value(context.provider()?.as_ref().clone());
        config.text = Value::Null;
        Ok(config)
    }
}

#[async_trait]
impl EphemeralResource for Notes {
    type Data = String;
    type Model = Note;

    const NAME: &'static str = "test_note";

    async fn open(&self, _: &Context<String>, config: Note) -> Result<Opened<Note>, Diagnostics> {
        let model = Note { number: Value::Value("1".to_owned()), ..config };
        Ok(Opened { model, private: b"p".to_vec(), renew_at: Some(std::time::UNIX_EPOCH) })
    }

    async fn close(&self, _: &Context<String>, private: Vec<u8>) -> Result<(), Diagnostics> {
        if private == b"p" { Ok(()) } else { Err(Diagnostic::error("Lost", "The private data is another's.").into()) }
    }
}

#[async_trait]
impl ListResource for Notes {
    type Data = String;
    type Model = Block;

    const NAME: &'static str = "test_note";

    async fn list(
        &self,
        _: &Context<String>,
        _: Block,
        _: bool,
        _: usize,
        found: mpsc::Sender<Listed>,
    ) -> Result<(), Diagnostics> {
        for name in ["a", "b", "c"] {
            let identity = Datum::object([("title", Datum::from(name))]);
            let object = Listed { identity, display_name: name.into(), object: None, diagnostics: Diagnostics::new() };
            if found.send(object).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Action for Notes {
    type Data = String;
    type Model = Block;

    const NAME: &'static str = "test_note";

    async fn invoke(&self, _: &Context<String>, config: Block, lines: mpsc::Sender<String>) -> Result<(), Diagnostics> {
        assert!(config.paper.is_null(), "only blank paper");
        drop(lines.send("written".to_owned()).await);
        Ok(())
    }
}

struct Join;

impl Function for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new("first", Type::String, "First.")],
            variadic: Some(Parameter::new("more", Type::String, "More.")),
            returns: Type::String,
            summary: "Joins.",
            description: "Joins.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        Ok(arguments.iter().filter_map(Datum::as_str).collect::<String>().into())
    }
}

#[async_trait]
impl Provider for Notebook {
    type Data = String;
    type Model = Block;

    fn registry(&self) -> Registry<String> {
        Registry::new().resource(Notes).data_source(Notes).ephemeral(Notes).list(Notes).action(Notes).function(Join)
    }

    async fn configure(&self, _: &Context<String>, config: Block, _: &str) -> Result<String, Diagnostics> {
        Ok(config.paper.as_ref_option().cloned().unwrap_or_else(|| "none".to_owned()))
    }
}
