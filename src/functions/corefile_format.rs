//! `provider::tazlab::corefile_format(text)`: a Corefile laid out as everybody lays it out.

use tazlab_corefile::format;
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

/// The function.
#[derive(Clone, Copy, Debug)]
pub struct CorefileFormat;

impl Function for CorefileFormat {
    fn name(&self) -> &'static str {
        "corefile_format"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new("text", Type::String, "The Corefile.")],
            variadic: None,
            returns: Type::String,
            summary: "Formats a Corefile.",
            description: "Formats a Corefile: four spaces for each level, one space between words, comments kept. Its meaning does not change, and formatting the result gives the same text. It does not check anything: see `corefile_checked`.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        match &arguments[..] {
            [Datum::String(text)] => Ok(format(text).into()),
            _ => Err(FunctionError::argument(0, "The Corefile must be text.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_is_stable() {
        let once = CorefileFormat.call(vec![". {\nerrors\n  cache   30\n}".into()]).unwrap();
        assert_eq!(once, Datum::from(". {\n    errors\n    cache 30\n}\n"));
        assert_eq!(CorefileFormat.call(vec![once.clone()]).unwrap(), once);
    }
}
