//! Functions: called before any provider is configured.

use super::{Host, unknown_type};
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::function::FunctionError;
use crate::framework::provider::Provider;
use crate::protocol::{from_wire, to_wire};
use crate::wire::tfplugin6 as wire;

impl<P: Provider> Host<P> {
    pub(super) fn call(
        &self,
        request: &wire::call_function::Request,
    ) -> Result<wire::call_function::Response, Diagnostics> {
        let found = self.registry().functions.get(request.name.as_str());
        let function = found.ok_or_else(|| unknown_type("function", &request.name))?;
        let signature = function.signature();
        let given = request.arguments.len();
        let expected = signature.parameters.len();
        if given < expected || (given > expected && signature.variadic.is_none()) {
            let error = FunctionError::call(format!("{} takes {expected} arguments, not {given}.", request.name));
            return Ok(refused(error));
        }
        let parameters = signature.parameters.iter().chain(std::iter::repeat_with(|| &signature.variadic).flatten());
        let mut arguments = Vec::with_capacity(given);
        // Arguments lead: without a variadic parameter the parameters' side would search for ever.
        for ((index, argument), parameter) in request.arguments.iter().enumerate().zip(parameters) {
            match from_wire::value(&parameter.kind, Some(argument)) {
                Ok(datum) => arguments.push(datum),
                Err(error) => return Ok(refused(FunctionError::argument(index, format!("{error}.")))),
            }
        }
        match function.call(arguments) {
            Err(error) => Ok(refused(error)),
            Ok(result) => Ok(wire::call_function::Response {
                result: Some(to_wire::value(&signature.returns, &result).map_err(Diagnostic::from)?),
                error: None,
            }),
        }
    }
}

fn refused(error: FunctionError) -> wire::call_function::Response {
    wire::call_function::Response { result: None, error: Some(to_wire::function_error(error)) }
}
