//! `provider::tazlab::tailnet_canonical_name(name)`: the name without the number that the tailnet appended.

use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

use crate::tailnet::name;

/// The function.
#[derive(Clone, Copy, Debug)]
pub struct TailnetCanonicalName;

impl Function for TailnetCanonicalName {
    fn name(&self) -> &'static str {
        "tailnet_canonical_name"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new("name", Type::String, "A MagicDNS name, or its first label.")],
            variadic: None,
            returns: Type::String,
            summary: "The canonical name behind a tailnet name.",
            description: "Returns the first label of a MagicDNS name in lower case, without the `-1`, `-2`, … that a tailnet appends when another device holds the name already. The function has only the name: whether a device *requested* the name `k8s-1` or got its number because `k8s` was held follows from its `hostname`, which `tazlab_tailnet_devices` and `tazlab_tailnet_cleanup` read and this function cannot.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        let [Datum::String(text)] = &arguments[..] else {
            return Err(FunctionError::argument(0, "The name must be text."));
        };
        let canonical = name::canonical(text);
        if canonical.is_empty() {
            return Err(FunctionError::argument(0, format!("{text:?} has no first label.")));
        }
        Ok(canonical.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_and_the_domain_are_cut() {
        let call = |text: &str| TailnetCanonicalName.call(vec![text.into()]);
        assert_eq!(call("lushycorp-k8s-2.magellanic-gondola.ts.net").unwrap(), Datum::from("lushycorp-k8s"));
        assert_eq!(call("Lushycorp-Vault").unwrap(), Datum::from("lushycorp-vault"));
        assert!(call("").is_err() && call(".ts.net").is_err());
    }
}
