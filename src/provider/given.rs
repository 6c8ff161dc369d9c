//! How arguments of the provider block are taken: what is unknown or empty is noted by name, and never a value.

use tazlab_redacted::SecretText;
use tf_plugin::framework::value::Value;

use crate::credential::Credential;
use crate::environment::Environment;

/// The arguments of one block, with what was found missing on the way.
pub(super) struct Given<'a> {
    block: &'static str,
    environment: &'a Environment,
    pub(super) unknown: Vec<String>,
    pub(super) empty: Vec<String>,
}

impl<'a> Given<'a> {
    pub(super) fn new(block: &'static str, environment: &'a Environment) -> Self {
        Self { block, environment, unknown: Vec::new(), empty: Vec::new() }
    }

    fn setting(&self, name: &str) -> String {
        format!("{}.{name}", self.block)
    }

    /// A value that is there; an unknown one is noted.
    pub(super) fn known<T: Clone>(&mut self, name: &str, value: &Value<T>) -> Option<T> {
        if value.is_unknown() {
            self.unknown.push(self.setting(name));
        }
        value.as_ref_option().cloned()
    }

    /// A text that is there; an unknown or empty one is noted.
    pub(super) fn text(&mut self, name: &str, value: &Value<String>) -> Option<String> {
        let text = self.known(name, value)?;
        if text.is_empty() {
            self.empty.push(self.setting(name));
            return None;
        }
        Some(text)
    }

    /// A secret text that is there; an unknown or empty one is noted.
    pub(super) fn secret(&mut self, name: &str, value: &Value<SecretText>) -> Option<SecretText> {
        let text = self.known(name, value)?;
        if text.is_empty() {
            self.empty.push(self.setting(name));
            return None;
        }
        Some(text)
    }

    /// A path, with `~` expanded.
    pub(super) fn path(&mut self, name: &str, value: &Value<String>) -> Option<std::path::PathBuf> {
        let environment = self.environment;
        self.text(name, value).map(|text| environment.path(&text))
    }

    /// A credential in its three forms: value, file, environment.
    pub(super) fn credential(
        &mut self,
        name: &str,
        value: &Value<SecretText>,
        file: &Value<String>,
        variable: Option<&str>,
    ) -> Option<Credential> {
        let file_name = format!("{name}_file");
        if let Some(path) = self.path(&file_name, file) {
            return Some(Credential::File { setting: self.setting(&file_name), path });
        }
        if let Some(text) = self.known(name, value) {
            if text.is_empty() {
                self.empty.push(self.setting(name));
                return None;
            }
            return Some(Credential::Text(text));
        }
        if !value.is_null() || !file.is_null() {
            return None;
        }
        self.environment.get(variable?).map(|text| Credential::Text(SecretText::new(text)))
    }

    /// Everything that is missing.
    pub(super) fn gaps(self) -> Vec<String> {
        self.unknown.into_iter().chain(self.empty).collect()
    }
}

/// A certificate is no secret, but has the same three forms.
pub(super) fn as_secret(value: &Value<String>) -> Value<SecretText> {
    match value {
        Value::Value(text) => Value::Value(SecretText::from(text.as_str())),
        Value::Null => Value::Null,
        Value::Unknown => Value::Unknown,
    }
}
