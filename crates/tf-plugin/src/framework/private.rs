//! Private state: what a provider remembers of an object and Terraform stores without showing it.
//! No secret belongs here: it is written to the state file like everything else.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Named values, stored as one JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, serde_json::Value>);

/// Private state that cannot be read or written.
#[derive(Debug, Error)]
pub enum PrivateError {
    /// The stored bytes are not ours.
    #[error("the private state is not a JSON object: {0}")]
    Read(#[source] serde_json::Error),
    /// One value has another form than expected.
    #[error("the private value {0:?} has an unexpected form: {1}")]
    Value(String, #[source] serde_json::Error),
}

impl Private {
    /// Reads stored bytes; none are an empty private state.
    ///
    /// # Errors
    /// [`PrivateError::Read`] when they are no JSON object.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PrivateError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(bytes).map(Self).map_err(PrivateError::Read)
    }

    /// The bytes to store; none where nothing is remembered.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        // String keys and JSON values only: serde_json cannot fail on them.
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// Is nothing remembered?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value called `name`, if it is remembered.
    ///
    /// # Errors
    /// [`PrivateError::Value`] when it has another form.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, PrivateError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        serde_json::from_value(value.clone()).map(Some).map_err(|error| PrivateError::Value(name.to_owned(), error))
    }

    /// Remembers `value` as `name`.
    ///
    /// # Errors
    /// [`PrivateError::Value`] when the value has no JSON form.
    pub fn set(&mut self, name: &str, value: impl Serialize) -> Result<(), PrivateError> {
        let value = serde_json::to_value(value).map_err(|error| PrivateError::Value(name.to_owned(), error))?;
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    /// Remembers `value` as `name`, or forgets what was remembered where there is none.
    ///
    /// # Errors
    /// As [`Private::set`].
    pub fn set_or_remove(&mut self, name: &str, value: Option<impl Serialize>) -> Result<(), PrivateError> {
        if let Some(value) = value {
            return self.set(name, value);
        }
        self.remove(name);
        Ok(())
    }

    /// Forgets the value called `name`.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        let mut private = Private::default();
        assert!(private.to_bytes().is_empty());
        private.set("instance", "abc").unwrap();
        private.set("count", 3).unwrap();
        let read = Private::from_bytes(&private.to_bytes()).unwrap();
        assert_eq!(read, private);
        assert_eq!(read.get::<String>("instance").unwrap().as_deref(), Some("abc"));
        assert_eq!(read.get::<String>("missing").unwrap(), None);
        assert!(read.get::<u8>("instance").is_err());
        assert!(Private::from_bytes(b"[1]").is_err());
    }
}
