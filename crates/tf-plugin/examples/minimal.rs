//! A whole provider: one resource that lives in the state alone, and one function.

use std::process::ExitCode;

use async_trait::async_trait;
use tf_plugin::Program;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::registry::Registry;
use tf_plugin::framework::resource::{Change, Deletion, Outcome, Reading, Resource, State};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::{Datum, Value};

const PROGRAM: Program = Program {
    name: "minimal",
    version: "0.1.0",
    addresses: &["registry.terraform.io/example/minimal"],
    crates: &["minimal"],
};

tf_plugin::model! {
    /// The provider block.
    pub struct Block {
        /// What every greeting begins with.
        pub word: Value<String> => optional(),
    }
}

tf_plugin::model! {
    /// A greeting.
    pub struct Greeting {
        /// Who is greeted.
        pub name: Value<String> => required().requires_replace(),
        /// The greeting.
        pub text: Value<String> => computed().use_state_for_unknown(),
    }
}

struct Minimal;

#[async_trait]
impl Provider for Minimal {
    /// What every call gets: a client, most often.
    type Data = String;
    type Model = Block;

    fn registry(&self) -> Registry<String> {
        Registry::new().resource(Greetings).function(Shout)
    }

    async fn configure(&self, _: &Context<String>, config: Block, _: &str) -> Result<String, Diagnostics> {
        Ok(config.word.as_ref_option().cloned().unwrap_or_else(|| "Hello".to_owned()))
    }
}

struct Greetings;

#[async_trait]
impl Resource for Greetings {
    type Data = String;
    type Model = Greeting;

    const NAME: &'static str = "minimal_greeting";

    async fn create(&self, context: &Context<String>, change: Change<Greeting>) -> Outcome<Greeting> {
        let mut model = change.planned;
        match context.provider() {
            Ok(word) => {
                let name = model.name.as_ref_option().cloned().unwrap_or_default();
                model.text = Value::Value(format!("{word}, {name}"));
                Outcome::Done(State { model, private: change.private })
            }
            Err(diagnostic) => Outcome::Unchanged(diagnostic.into()),
        }
    }

    async fn read(&self, _: &Context<String>, state: State<Greeting>) -> Result<Reading<Greeting>, Diagnostics> {
        Ok(Reading::Present(state))
    }

    async fn update(&self, _: &Context<String>, change: Change<Greeting>) -> Outcome<Greeting> {
        Outcome::Done(State { model: change.planned, private: change.private })
    }

    async fn delete(&self, _: &Context<String>, _: State<Greeting>) -> Deletion {
        Deletion::Done
    }
}

struct Shout;

impl Function for Shout {
    fn name(&self) -> &'static str {
        "shout"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new("text", Type::String, "What is shouted.")],
            variadic: None,
            returns: Type::String,
            summary: "Shouts.",
            description: "The text in capitals.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        Ok(arguments.iter().filter_map(Datum::as_str).collect::<String>().to_uppercase().into())
    }
}

fn main() -> ExitCode {
    PROGRAM.run(|| Minimal)
}
