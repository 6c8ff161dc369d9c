//! Which argument has given the live content of each key: kept in private state, by the names of arguments alone. A versioned write-only
//! value may rest only where the live content is its own.

use std::collections::BTreeMap;

use tf_plugin::framework::private::{Private, PrivateError};

/// The name of the record in private state.
const PRIVATE: &str = "key_sources";

/// The argument by key. A key that is missing here got its content from nobody knows where.
pub(super) type Provided = BTreeMap<String, String>;

/// The record; `None` where nothing has been recorded, as in the state of an earlier version or of an import.
pub(super) fn kept(private: &Private) -> Result<Option<Provided>, PrivateError> {
    private.get(PRIVATE)
}

/// Records what a write has done.
pub(super) fn keep(private: &mut Private, provided: &Provided) -> Result<(), PrivateError> {
    private.set(PRIVATE, provided)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_kept_and_its_want_is_told_from_an_empty_one() {
        let mut private = Private::default();
        assert_eq!(kept(&private).unwrap(), None);
        keep(&mut private, &Provided::new()).unwrap();
        assert_eq!(kept(&private).unwrap(), Some(Provided::new()));
        let record = Provided::from([("k".to_owned(), "files".to_owned())]);
        keep(&mut private, &record).unwrap();
        assert_eq!(kept(&private).unwrap(), Some(record));
    }
}
