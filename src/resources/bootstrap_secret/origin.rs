//! Where the content of each key comes from, as the arguments say; which of several sources comes first. Nothing is read here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tazlab_redacted::SecretText;
use tf_plugin::framework::value::Value;

use super::model::BootstrapSecret;
use super::registries::{KEY, Registries};
use super::vault::Field;
use crate::environment::Environment;

/// The arguments that can stand in `first_of`.
pub(super) const ARGUMENTS: &[&str] = &["commands", "env", "files", "values", "values_wo", "values_wo_base64", "vault"];

/// Where the content of one key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    File(PathBuf),
    WriteOnly(SecretText),
    /// The same in base64.
    Binary(SecretText),
    Plain(String),
    Variable(String),
    Vault(Field),
    /// A program and its arguments.
    Command(Vec<String>),
    Registries(Registries),
    /// Something of this argument that says where is not known yet.
    Unknown(&'static str),
}

impl Origin {
    /// The argument that holds it.
    pub(super) fn argument(&self) -> &'static str {
        match self {
            Self::File(_) => "files",
            Self::WriteOnly(_) => "values_wo",
            Self::Binary(_) => "values_wo_base64",
            Self::Plain(_) => "values",
            Self::Variable(_) => "env",
            Self::Vault(_) => "vault",
            Self::Command(_) => "commands",
            Self::Registries(registries) => registries.argument,
            Self::Unknown(argument) => argument,
        }
    }
}

/// The sources of each key, in the order in which they are asked.
pub(super) type Origins = BTreeMap<String, Vec<Origin>>;

/// Where each key comes from. Write-only values stand in the configuration alone; arguments that are unknown have no
/// keys yet.
pub(super) fn origins(arguments: &BootstrapSecret, config: &BootstrapSecret, environment: &Environment) -> Origins {
    let mut all = Origins::new();
    // Which of several sources counts cannot be told before all of them are known.
    if is_undecided(arguments, config) {
        return all;
    }
    let mut add = |key: String, origin: Origin| all.entry(key).or_default().push(origin);
    entries(&arguments.files).for_each(|(key, path)| add(key, Origin::File(environment.path(&path))));
    entries(&arguments.values).for_each(|(key, text)| add(key, Origin::Plain(text)));
    entries(&arguments.env).for_each(|(key, name)| add(key, Origin::Variable(name)));
    entries(&arguments.vault)
        .for_each(|(key, field)| add(key, Field::of(&field).map_or(Origin::Unknown("vault"), Origin::Vault)));
    entries(&arguments.commands).for_each(|(key, command)| {
        add(key, command.as_ref_option().cloned().map_or(Origin::Unknown("commands"), Origin::Command));
    });
    entries(&config.values_wo).for_each(|(key, text)| add(key, Origin::WriteOnly(text)));
    entries(&config.values_wo_base64).for_each(|(key, text)| add(key, Origin::Binary(text)));
    if let Some(origin) = Registries::of(arguments, config, environment) {
        add(KEY.to_owned(), origin);
    }
    if let Some(order) = arguments.first_of.as_ref_option() {
        let place = |origin: &Origin| order.iter().position(|argument| argument == origin.argument());
        for sources in all.values_mut() {
            sources.sort_by_key(|origin| place(origin).unwrap_or(usize::MAX));
        }
    }
    all
}

fn entries<T: Clone>(map: &Value<BTreeMap<String, T>>) -> impl Iterator<Item = (String, T)> {
    map.as_ref_option().cloned().unwrap_or_default().into_iter()
}

/// Is an argument unknown as a whole? Its keys come with its value.
pub(super) fn has_unknown(arguments: &BootstrapSecret) -> bool {
    arguments.files.is_unknown()
        || arguments.values.is_unknown()
        || arguments.env.is_unknown()
        || arguments.vault.is_unknown()
        || arguments.commands.is_unknown()
        || arguments.docker_registries.is_unknown()
}

/// The same of what is never stored.
pub(super) fn has_unknown_write_only(config: &BootstrapSecret) -> bool {
    config.values_wo.is_unknown() || config.values_wo_base64.is_unknown() || config.docker_registries_wo.is_unknown()
}

/// Does the order let a write-only value stand beside this argument?
pub(super) fn may_be_write_only(arguments: &BootstrapSecret, argument: &str) -> bool {
    let order = arguments.first_of.as_deref_option().unwrap_or_default();
    let is_named = |name: &str| order.iter().any(|named| named == name);
    is_named(argument) && ["values_wo", "values_wo_base64"].into_iter().any(is_named)
}

fn is_undecided(arguments: &BootstrapSecret, config: &BootstrapSecret) -> bool {
    let ordered = !arguments.first_of.is_null();
    arguments.first_of.is_unknown() || ordered && (has_unknown(arguments) || has_unknown_write_only(config))
}

/// The argument in the state that names this key. What is write-only stands in no state.
pub(super) fn stored_argument(model: &BootstrapSecret, key: &str) -> Option<&'static str> {
    if key == KEY && !model.docker_registries.is_null() {
        return Some("docker_registries");
    }
    keys(model)
        .into_iter()
        .find(|(argument, named)| *named == key && !argument.starts_with("values_wo"))
        .map(|found| found.0)
}

/// Every key with an argument that names it.
pub(super) fn keys(model: &BootstrapSecret) -> Vec<(&'static str, &str)> {
    fn of<'a, T>(
        argument: &'static str,
        map: &'a Value<BTreeMap<String, T>>,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        map.as_ref_option().into_iter().flatten().map(move |(key, _)| (argument, key.as_str()))
    }
    let all = of("files", &model.files).chain(of("values", &model.values)).chain(of("env", &model.env));
    let all = all.chain(of("vault", &model.vault)).chain(of("commands", &model.commands));
    all.chain(of("values_wo", &model.values_wo)).chain(of("values_wo_base64", &model.values_wo_base64)).collect()
}
