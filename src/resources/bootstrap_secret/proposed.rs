//! Where an import says that the contents of a Secret come from: nobody knows, so each key has a file by its name. That stands in the
//! state, and with it in the configuration that a client generates, which then is valid and plans no change. Until an apply has read
//! a source, it says nothing of the live contents.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::Live;
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::value::Value;

use super::disclosure::Contents;
use super::model::BootstrapSecret as Model;

/// The name in private state of the mark that the sources are proposed.
const PRIVATE: &str = "sources_proposed";

/// The folder of the files.
const FOLDER: &str = "secrets";

/// A file for each key, but for keys that repeat what the Secret contains.
pub(super) fn files(live: &Live<Secret>, contents: &Contents) -> Value<BTreeMap<String, String>> {
    let keys = live.object.data.iter().flatten().map(|(key, _)| key);
    let told = keys.filter(|key| !contents.are_disclosed_by(key));
    Value::Value(told.map(|key| (key.clone(), format!("{FOLDER}/{key}"))).collect())
}

/// Notes that the sources of the state are proposed.
pub(super) fn note(private: &mut Private) -> Result<(), PrivateError> {
    private.set(PRIVATE, true)
}

/// Forgets that: an apply has read the sources.
pub(super) fn forget(private: &mut Private) {
    private.remove(PRIVATE);
}

/// What a stored Secret says of its sources: nothing, while they are proposed.
pub(super) fn without(prior: &Model, private: &Private) -> Result<Model, PrivateError> {
    let mut prior = prior.clone();
    if private.get::<bool>(PRIVATE)?.unwrap_or_default() {
        prior.files = Value::Null;
    }
    Ok(prior)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;

    use super::*;
    use crate::resources::bootstrap_secret::read::named;

    fn live(data: &[(&str, &str)]) -> Live<Secret> {
        let data = data.iter().map(|(key, content)| ((*key).to_owned(), ByteString(content.as_bytes().to_vec())));
        Live { object: Secret { data: Some(data.collect()), ..Secret::default() }, managers: Vec::new() }
    }

    #[test]
    fn each_key_has_a_file_by_its_name_unless_the_name_tells_a_content() {
        let live = live(&[("tls.crt", "a certificate"), ("hunter2", "hunter2")]);
        let files = files(&live, &Contents::of(live.object.data.as_ref()));
        let expected = BTreeMap::from([("tls.crt".to_owned(), "secrets/tls.crt".to_owned())]);
        assert_eq!(files.as_ref_option(), Some(&expected));
    }

    #[test]
    fn what_is_proposed_says_nothing_of_the_last_apply() {
        let mut model = named("a", "b").unwrap();
        model.files = files(&live(&[("k", "content")]), &Contents::of(None));
        let mut private = Private::default();
        note(&mut private).unwrap();
        assert!(without(&model, &private).unwrap().files.is_null());
        forget(&mut private);
        assert!(!without(&model, &private).unwrap().files.is_null(), "an apply has read them");
    }
}
