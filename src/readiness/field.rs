//! A dotted path into an object, `status.phase`, and what is expected there. Pure.

use serde_json::Value as Json;

use super::objects::CONTENT;

/// The part of objects that a message may quote: what a controller writes for users to read. An annotation may hold the whole object,
/// as the one of `kubectl apply` does.
const QUOTED: [&str; 1] = ["status"];

/// A path; a dot that belongs to a name is written `\.`, an element of a list by its number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Field {
    text: String,
    names: Vec<String>,
}

impl Field {
    /// # Errors
    /// What is wrong, for the user.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut names = vec![String::new()];
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match (letter, names.last_mut()) {
                ('.', _) => names.push(String::new()),
                ('\\', Some(name)) => name.extend(letters.next()),
                (letter, Some(name)) => name.push(letter),
                (_, None) => {}
            }
        }
        if names.iter().any(String::is_empty) {
            return Err(format!(
                "{text:?} is not a dotted path such as \"status.phase\". Write a dot that belongs to a name as \"\\\\.\"."
            ));
        }
        if names.first().is_some_and(|first| CONTENT.contains(&first.as_str())) {
            return Err(format!(
                "{text:?} is the content of a Secret or ConfigMap, which is not read. Use a field of metadata, spec or status."
            ));
        }
        Ok(Self { text: text.to_owned(), names })
    }

    /// Is this text there?
    ///
    /// # Errors
    /// What is there instead.
    pub(super) fn expects(&self, object: &Json, text: &str) -> Result<(), String> {
        let found = match self.names.iter().try_fold(object, |place, name| step(place, name)) {
            None | Some(Json::Null) => return Err(format!("{} is not set yet, and must be {text:?}", self.text)),
            Some(Json::String(found)) => found.clone(),
            Some(Json::Bool(found)) => found.to_string(),
            Some(Json::Number(found)) => found.to_string(),
            Some(Json::Array(_) | Json::Object(_)) => {
                return Err(format!("{} is not a single value, and must be {text:?}", self.text));
            }
        };
        if found == text {
            return Ok(());
        }
        if self.names.first().is_some_and(|first| QUOTED.contains(&first.as_str())) {
            return Err(format!("{} is {found:?}, and must be {text:?}", self.text));
        }
        Err(format!("{} has another value, and must be {text:?}", self.text))
    }
}

fn step<'a>(place: &'a Json, name: &str) -> Option<&'a Json> {
    match place {
        Json::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    }
}
