//! `provider::tazlab::corefile_checked(text)`: the Corefile itself, or why CoreDNS would not start with it.

use tazlab_corefile::{COREDNS_VERSION, CheckOptions, Variable, check};
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

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
            description: "Checks a Corefile by the grammar of every plugin of CoreDNS 1.15.0 and returns it unchanged. Fails with every error that would keep CoreDNS from starting: line, column, plugin, and the fix. Variables of the environment (`{$NAME}`) and files that the Corefile imports are not known here: what depends on them is not checked. A Corefile that CoreDNS starts with is returned, even if its queries could come back to it (a function cannot warn): whether `127.0.0.1`, `127.0.0.11`, `127.0.0.53`, `::1` or a server of `/etc/resolv.conf` is another one, only the machine knows. `tazlab_coredns` refuses a loop that is certain in the cluster, and warns of the others.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        let [Datum::String(text)] = &arguments[..] else {
            return Err(FunctionError::argument(0, "The Corefile must be text."));
        };
        let options = CheckOptions { variables: &|_| Variable::Unknown, ..CheckOptions::default() };
        let report = check(text, &options);
        // Where its queries go is not known here: 127.0.0.11 is another server's in a container of Docker.
        let fatal = report.errors().filter(|error| error.kind.keeps_from_starting());
        let errors: Vec<String> = fatal.map(ToString::to_string).collect();
        if errors.is_empty() {
            return Ok(text.as_str().into());
        }
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
    fn what_only_the_machine_knows_is_no_error() {
        for text in [
            ".:{$LISTEN} {\n    forward . {$UPSTREAM}\n    cache 30\n}\n",
            ". {\n    forward . 127.0.0.11\n    errors\n}\n",
            ". {\n    loop\n    forward . 127.0.0.53 127.0.0.1\n}\n",
        ] {
            assert_eq!(call(text).unwrap(), Datum::from(text));
        }
    }

    #[test]
    fn its_page_names_the_version_that_it_knows() {
        assert!(CorefileChecked.signature().description.contains(&format!("CoreDNS {COREDNS_VERSION} ")));
    }

    #[test]
    fn every_error_is_told_with_its_place() {
        let error = call(".:53 {\n  health { lameduck 5s }\n  chace 30\n}\n").unwrap_err();
        assert_eq!(error.argument, Some(0));
        assert!(error.text.contains("Corefile:2:") && error.text.contains("Corefile:3:"), "{}", error.text);
        assert!(error.text.contains("cache"), "{}", error.text);
    }
}
