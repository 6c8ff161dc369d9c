//! A thousand role definitions, written, read back and planned again: no difference. The real provider on a real Vault, driven
//! as Terraform drives it but without Terraform, which writes its whole state after each object; `many` has Terraform do it
//! with 500 of them.

use std::sync::Arc;

use acceptance_tests::Testbed;
use acceptance_tests::plugin::Plugin;
use tazlab::environment::Environment;
use tazlab::provider::{Configuration, Tazlab};
use tf_plugin::framework::model::Model;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::Schema;
use tf_plugin::framework::value::Datum;
use tf_plugin::protocol::{from_wire, to_wire};
use tf_plugin::wire::tfplugin6 as wire;
use tokio::task::JoinSet;

use super::definitions::definition;
use super::*;

const COUNT: usize = 1000;
const TYPE: &str = "tazlab_vault_jwt_role";

/// How many roles are at work at the same time, as with Terraform's own `-parallelism`.
const WORKERS: usize = 10;

/// A value out of JSON, with null for every attribute that it leaves out.
fn datum(schema: &Schema, given: &Value) -> Datum {
    let whole: Value = schema
        .attributes
        .iter()
        .map(|attribute| (attribute.name.to_owned(), given[attribute.name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let message = wire::DynamicValue { json: whole.to_string().into_bytes().into(), ..Default::default() };
    from_wire::value(schema.object_type(), Some(&message)).unwrap()
}

/// The value with its sets in an order of their own, so that equal ones are equal.
fn ordered(value: Datum) -> Datum {
    match value {
        Datum::Set(items) => {
            let mut items: Vec<Datum> = items.into_iter().map(ordered).collect();
            items.sort_by_cached_key(|item| format!("{item:?}"));
            Datum::Set(items)
        }
        Datum::Map(entries) => Datum::Map(entries.into_iter().map(|(name, value)| (name, ordered(value))).collect()),
        Datum::Object(entries) => {
            Datum::Object(entries.into_iter().map(|(name, value)| (name, ordered(value))).collect())
        }
        other => other,
    }
}

/// What Terraform proposes: the configuration, and what is stored where only the provider has set it.
fn proposed(schema: &Schema, config: &Datum, prior: &Datum) -> Datum {
    Datum::object(schema.attributes.iter().map(|attribute| {
        let own = config.get(attribute.name);
        let kept = own.is_null() && attribute.is_computed();
        (attribute.name, if kept { prior.get(attribute.name).clone() } else { own.clone() })
    }))
}

/// The provider at work, and the type of what is driven.
struct Driven {
    plugin: Plugin,
    schema: Schema,
}

impl Driven {
    async fn on(vault: &Vault) -> Self {
        let plugin = Plugin::start(Testbed::provider()).await;
        let block = Schema::new("", Configuration::attributes());
        let settings = json!({
            "address": vault.address(), "ca_cert_file": vault.authority().to_str().unwrap(), "token": vault.token(),
        });
        let nested = block.attribute("vault").unwrap().kind.value_type();
        let tf_plugin::framework::types::Type::Object(names) = &nested else {
            panic!("vault is no object: {nested:?}")
        };
        let whole: Value =
            names.keys().map(|name| (name.clone(), settings[name].clone())).collect::<serde_json::Map<_, _>>().into();
        let config = to_wire::value(block.object_type(), &datum(&block, &json!({"vault": whole}))).unwrap();
        let configure = wire::configure_provider::Request { config: Some(config), ..Default::default() };
        let configured = plugin.provider().configure_provider(configure).await.unwrap().into_inner();
        assert!(configured.diagnostics.is_empty(), "{configured:?}");
        let schema = Tazlab::new(Environment::of(&[])).registry().resources[TYPE].schema().clone();
        Self { plugin, schema }
    }

    #[allow(clippy::unnecessary_wraps, reason = "messages hold it so")]
    fn sent(&self, value: &Datum) -> Option<wire::DynamicValue> {
        Some(to_wire::value(self.schema.object_type(), value).unwrap())
    }

    #[allow(clippy::needless_pass_by_value, reason = "answers are taken apart")]
    fn received(&self, message: Option<wire::DynamicValue>) -> Datum {
        from_wire::value(self.schema.object_type(), message.as_ref()).unwrap()
    }

    async fn plan(&self, config: &Datum, prior: &Datum) -> Datum {
        let request = wire::plan_resource_change::Request {
            type_name: TYPE.into(),
            prior_state: self.sent(prior),
            proposed_new_state: self.sent(&proposed(&self.schema, config, prior)),
            config: self.sent(config),
            ..Default::default()
        };
        let planned = self.plugin.provider().plan_resource_change(request).await.unwrap().into_inner();
        self.received(planned.planned_state)
    }

    async fn create(&self, config: &Datum, planned: &Datum) -> Datum {
        let request = wire::apply_resource_change::Request {
            type_name: TYPE.into(),
            prior_state: self.sent(&Datum::Null),
            planned_state: self.sent(planned),
            config: self.sent(config),
            ..Default::default()
        };
        let applied = self.plugin.provider().apply_resource_change(request).await.unwrap().into_inner();
        let errors: Vec<_> = applied.diagnostics.iter().filter(|told| told.severity == 1).collect();
        assert!(errors.is_empty(), "{errors:?} of {config:?}");
        self.received(applied.new_state)
    }

    async fn read(&self, state: &Datum) -> Datum {
        let request = wire::read_resource::Request {
            type_name: TYPE.into(),
            current_state: self.sent(state),
            ..Default::default()
        };
        let read = self.plugin.provider().read_resource(request).await.unwrap().into_inner();
        self.received(read.new_state)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_definitions_are_what_vault_gives_back() {
    let vault = Vault::shared();
    let path = Path::free(&vault, "thousand");
    vault.write(&format!("sys/auth/{}", path.name()), &json!({"type": "jwt"}));
    let driven = Arc::new(Driven::on(&vault).await);
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (driven, mount) = (Arc::clone(&driven), path.name().to_owned());
        workers.spawn(async move {
            for index in (worker..COUNT).step_by(WORKERS) {
                let mut role = definition(index);
                role["mount"] = json!(mount);
                let config = datum(&driven.schema, &role);
                let planned = driven.plan(&config, &Datum::Null).await;
                let created = driven.create(&config, &planned).await;
                let read = driven.read(&created).await;
                assert_eq!(ordered(read.clone()), ordered(created), "what Vault gives back of {role}");
                let again = driven.plan(&config, &read).await;
                assert_eq!(ordered(again), ordered(read), "a second plan of {role}");
            }
        });
    }
    while let Some(done) = workers.join_next().await {
        done.unwrap();
    }
    let (_, listed) = vault.ask("GET", &format!("auth/{}/role?list=true", path.name()), None);
    assert_eq!(listed["data"]["keys"].as_array().unwrap().len(), COUNT);
}
