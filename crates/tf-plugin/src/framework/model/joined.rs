//! Two models as one: arguments that several types share are declared once, beside what is each type's own.

use std::collections::BTreeMap;

use super::{AttributeValue, DecodeError, Model};
use crate::framework::AttributePath;
use crate::framework::schema::{Attribute, Kind, Nesting};
use crate::framework::value::Datum;

/// The attributes of both, side by side in one object. No name may be in both.
#[derive(Clone, Debug)]
pub struct Joined<Own, Shared> {
    /// What is this type's own; its description is the type's.
    pub own: Own,
    /// What other types have too.
    pub shared: Shared,
}

impl<Own: Model, Shared: Model> Model for Joined<Own, Shared> {
    fn about() -> String {
        Own::about()
    }

    fn attributes() -> Vec<Attribute> {
        let mut all = Shared::attributes();
        all.extend(Own::attributes());
        all
    }
}

impl<Own: Model, Shared: Model> AttributeValue for Joined<Own, Shared> {
    fn kind() -> Kind {
        Kind::Nested(Nesting::Single, Self::attributes())
    }

    fn decode(datum: Datum, path: &AttributePath) -> Result<Self, DecodeError> {
        Ok(Self { own: Own::decode(datum.clone(), path)?, shared: Shared::decode(datum, path)? })
    }

    fn encode(&self) -> Datum {
        let mut all = BTreeMap::new();
        for part in [self.shared.encode(), self.own.encode()] {
            if let Datum::Object(entries) = part {
                all.extend(entries);
            }
        }
        Datum::Object(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::model::decode;
    use crate::framework::value::Value;

    crate::model! {
        /// Its own.
        struct Own {
            /// One.
            one: Value<String> => required(),
        }
    }

    crate::model! {
        /// Shared.
        struct Shared {
            /// Two.
            two: Value<bool> => optional(),
        }
    }

    #[test]
    fn both_are_one_object() {
        let datum = Datum::object([("one", Datum::from("a")), ("two", Datum::from(true))]);
        let read: Joined<Own, Shared> = decode(datum.clone()).unwrap();
        assert_eq!((read.own.one.as_deref_option(), read.shared.two.as_ref_option()), (Some("a"), Some(&true)));
        assert_eq!(read.encode(), datum);
        assert_eq!(Joined::<Own, Shared>::about(), "Its own.");
        let error = decode::<Joined<Own, Shared>>(Datum::object([("one", Datum::Null)])).unwrap_err();
        assert_eq!(error.path.to_string(), "two");
    }
}
