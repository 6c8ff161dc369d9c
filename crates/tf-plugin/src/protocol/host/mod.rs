//! The provider as a gRPC service: one file a group of RPCs, and here what they share: the configured data, the stop
//! signal, and the wall that a panicking handler does not pass.

mod action;
mod answer;
mod data_source;
mod ephemeral;
mod function;
mod list;
mod metadata;
mod provider;
mod resource;
mod service;
mod state_store;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use answer::Refusal;
use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use super::from_wire;
use crate::framework::context::Context;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::provider::Provider;
use crate::framework::registry::Registry;
use crate::wire::tfplugin6 as wire;

/// Hosts a provider for one plugin process. Copies share everything.
pub struct Host<P: Provider>(Arc<Shared<P>>);

struct Shared<P: Provider> {
    provider: P,
    registry: Registry<P::Data>,
    data: RwLock<Option<Arc<P::Data>>>,
    stop: Mutex<CancellationToken>,
    /// Something in the provider block was not known when it was configured.
    settings_unknown: AtomicBool,
    schema: OnceLock<crate::framework::schema::Schema>,
    schemas: OnceLock<wire::get_provider_schema::Response>,
    metadata: OnceLock<wire::get_metadata::Response>,
}

impl<P: Provider> std::fmt::Debug for Host<P> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Host").finish_non_exhaustive()
    }
}

impl<P: Provider> Clone for Host<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Provider> Host<P> {
    /// Hosts `provider`.
    pub fn new(provider: P) -> Self {
        Self(Arc::new(Shared {
            registry: provider.registry(),
            provider,
            data: RwLock::default(),
            stop: Mutex::default(),
            settings_unknown: AtomicBool::default(),
            schema: OnceLock::new(),
            schemas: OnceLock::new(),
            metadata: OnceLock::new(),
        }))
    }

    fn registry(&self) -> &Registry<P::Data> {
        &self.0.registry
    }

    /// The surroundings of a call that begins now.
    fn context(&self, capabilities: Option<wire::ClientCapabilities>) -> Context<P::Data> {
        let data = self.0.data.read().unwrap_or_else(PoisonError::into_inner).clone();
        let stop = self.0.stop.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Context::new(data, stop, from_wire::capabilities(capabilities))
    }

    /// Where a call's answer had to do without a setting that is not known yet, and the client can wait for it: that it is to
    /// be asked again. Plans of creates and updates are never put off: what they leave open is unknown in them.
    fn deferred(&self, context: &Context<P::Data>) -> Option<wire::Deferred> {
        let unknown = self.0.settings_unknown.load(Ordering::Relaxed) && context.lacks_settings();
        (unknown && context.capabilities.deferral_allowed)
            .then(|| wire::Deferred { reason: wire::deferred::Reason::ProviderConfigUnknown.into() })
    }

    /// Ends what is in flight. Calls that come later run: Terraform closes what it opened after a stop.
    pub fn stop(&self) {
        let mut stop = self.0.stop.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *stop).cancel();
    }
}

/// What a call came to; where it failed, its warnings go with the errors.
fn with_warnings<D, T>(context: &Context<D>, outcome: Result<T, Diagnostics>) -> Result<T, Diagnostics> {
    outcome.map_err(|errors| {
        let mut found = context.take_warnings();
        found.extend(errors);
        found
    })
}

/// Runs one call: an error becomes an answer with diagnostics, and so does a panic, which costs this call only.
async fn guarded<A: Refusal>(call: &'static str, work: impl Future<Output = Result<A, Diagnostics>>) -> A {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(found)) => A::refusal(found),
        Err(_) => A::refusal(crashed(call).into()),
    }
}

/// The panic's own words may hold a secret: they are not repeated.
fn crashed(call: &'static str) -> Diagnostic {
    Diagnostic::error(
        "The provider crashed in this call",
        format!(
            "{call} hit a bug in the provider and was abandoned. Other calls continue. Please report this with the log of a run with TF_LOG_PROVIDER=DEBUG."
        ),
    )
}

/// A type name that the provider does not offer.
fn unknown_type(what: &str, name: &str) -> Diagnostics {
    Diagnostic::error(format!("{what} not found"), format!("This version of the provider has no {what} {name:?}."))
        .into()
}
