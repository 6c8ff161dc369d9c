//! Answers that can say no: every response with diagnostics.

use crate::framework::diagnostics::Diagnostics;
use crate::framework::function::FunctionError;
use crate::protocol::to_wire;
use crate::wire::tfplugin6 as wire;

/// A response that carries errors and nothing else.
pub(super) trait Refusal {
    /// The response to a call that failed.
    fn refusal(found: Diagnostics) -> Self;
}

macro_rules! with_diagnostics {
    ($($message:ident),* $(,)?) => {$(
        #[allow(clippy::needless_update, reason = "some of the messages have no other field")]
        impl Refusal for wire::$message::Response {
            fn refusal(found: Diagnostics) -> Self {
                Self { diagnostics: to_wire::diagnostics(found), ..Default::default() }
            }
        }
    )*};
}

with_diagnostics!(
    apply_resource_change,
    close_ephemeral_resource,
    configure_provider,
    configure_state_store,
    delete_state,
    generate_resource_config,
    get_states,
    import_resource_state,
    lock_state,
    move_resource_state,
    open_ephemeral_resource,
    plan_action,
    plan_resource_change,
    read_data_source,
    read_resource,
    read_state_bytes,
    renew_ephemeral_resource,
    unlock_state,
    upgrade_resource_identity,
    upgrade_resource_state,
    validate_action_config,
    validate_data_resource_config,
    validate_ephemeral_resource_config,
    validate_list_resource_config,
    validate_provider_config,
    validate_resource_config,
    validate_state_store,
    write_state_bytes,
);

impl Refusal for wire::call_function::Response {
    fn refusal(found: Diagnostics) -> Self {
        let text = found.iter().map(|message| message.detail.clone()).collect::<Vec<_>>().join(" ");
        Self { result: None, error: Some(to_wire::function_error(FunctionError::call(text))) }
    }
}
