//! Fields of objects that are JSON.

use serde_json::{Map, Value as Json};

/// Sets the field at `path`; whatever is no object on the way there becomes one.
pub fn put(object: &mut Json, path: &[&str], value: impl Into<Json>) {
    let mut at = object;
    for name in path {
        if !at.is_object() {
            *at = Json::Object(Map::new());
        }
        let Some(fields) = at.as_object_mut() else { return };
        at = fields.entry((*name).to_owned()).or_insert(Json::Null);
    }
    *at = value.into();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_set_wherever_it_stands() {
        let mut object = json!({"metadata": {"labels": {"a": "b"}}, "spec": 1});
        put(&mut object, &["metadata", "labels", "c"], "d");
        put(&mut object, &["metadata", "annotations", "e/f"], "g");
        put(&mut object, &["spec", "port"], 1);
        let expected =
            json!({"metadata": {"labels": {"a": "b", "c": "d"}, "annotations": {"e/f": "g"}}, "spec": {"port": 1}});
        assert_eq!(object, expected);
    }
}
