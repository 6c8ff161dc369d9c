//! Objects of a kind that the user names, as JSON without what may be secret. What they mean is the rule's and the user's.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::Observed;
use crate::readiness::sighting::Sighting;
use crate::readiness::target::Target;

/// What holds the content of Secrets and `ConfigMaps`. It is not read.
pub(in crate::readiness) const CONTENT: [&str; 3] = ["data", "stringData", "binaryData"];

/// An object without its content.
#[derive(Clone, Debug)]
pub(in crate::readiness) struct Whole(pub(in crate::readiness) Json);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Fields).map(|fields| Self(Json::Object(fields)))
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Map<String, Json>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if CONTENT.contains(&name.as_str()) {
                entries.next_value::<IgnoredAny>()?;
            } else {
                fields.insert(name, entries.next_value()?);
            }
        }
        Ok(fields)
    }
}

impl Observed for Whole {
    fn sighting(self) -> Sighting {
        Target::default().sighting(&self.0)
    }

    fn judged(self, target: Option<&Target>) -> Sighting {
        match target {
            Some(target) => target.sighting(&self.0),
            None => self.sighting(),
        }
    }
}
