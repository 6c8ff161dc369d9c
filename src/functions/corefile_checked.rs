//! `provider::tazlab::corefile_checked(text)`: the Corefile itself, or why CoreDNS would not start with it.

use crate::corefile::{COREDNS_VERSION, CheckOptions, check};
use crate::framework::function::{Function, FunctionError, Parameter, Signature};
use crate::framework::types::Type;
use crate::framework::value::Datum;

/// The function.
#[derive(Clone, Copy, Debug)]
pub struct CorefileChecked;

impl Function for CorefileChecked {
    fn name(&self) -> &'static str {
        "corefile_checked"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new("text", Type::String, "The Corefile.")],
            variadic: None,
            returns: Type::String,
            summary: "Returns a Corefile unchanged, or fails where CoreDNS would.",
            description: "Checks a Corefile by the grammar of every plugin of CoreDNS 1.14.7 and returns it unchanged. Fails with every error that would keep CoreDNS from starting: line, column, plugin, and how to mend it. Files that the Corefile imports and variables of its environment are not looked at.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        let [Datum::String(text)] = &arguments[..] else {
            return Err(FunctionError::argument(0, "The Corefile must be text."));
        };
        let report = check(text, &CheckOptions::default());
        if report.is_ok() {
            return Ok(text.as_str().into());
        }
        let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
        let problem =
            format!("CoreDNS {COREDNS_VERSION} would not start with this Corefile:\n\n{}", errors.join("\n\n"));
        Err(FunctionError::argument(0, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Result<Datum, FunctionError> {
        CorefileChecked.call(vec![text.into()])
    }

    #[test]
    fn a_good_corefile_comes_back_as_it_is() {
        let text = ".:53 {\n  errors\n  health {\n    lameduck 5s\n  }\n}\n";
        assert_eq!(call(text).unwrap(), Datum::from(text));
    }

    #[test]
    fn every_error_is_told_with_its_place() {
        let error = call(".:53 {\n  health { lameduck 5s }\n  chace 30\n}\n").unwrap_err();
        assert_eq!(error.argument, Some(0));
        assert!(error.text.contains("Corefile:2:") && error.text.contains("Corefile:3:"), "{}", error.text);
        assert!(error.text.contains("cache"), "{}", error.text);
    }
}
