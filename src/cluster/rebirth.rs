//! What a changed `triggers` means for a plan: the cluster may be a new one under the same address, so what is stored
//! about its objects is not to be relied upon.

use std::collections::BTreeMap;

use tf_plugin::framework::value::Value;

/// The `triggers` argument.
pub type Triggers = Value<BTreeMap<String, String>>;

/// Has the cluster perhaps been recreated since `prior` was stored?
#[must_use]
pub fn is_announced(prior: &Triggers, planned: &Triggers) -> bool {
    planned.is_unknown() || prior.as_ref_option() != planned.as_ref_option()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_or_unknown_trigger_announces_a_rebirth() {
        let of = |value: &str| Value::Value([("cluster".to_owned(), value.to_owned())].into());
        assert!(!is_announced(&of("a"), &of("a")));
        assert!(is_announced(&of("a"), &of("b")));
        assert!(is_announced(&of("a"), &Value::Unknown));
        assert!(is_announced(&of("a"), &Value::Null));
        assert!(!is_announced(&Value::Null, &Value::Null));
    }
}
