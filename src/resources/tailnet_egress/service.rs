//! The Service: what is applied, and what of a live one is stored in state.

use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::Untyped;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::resource::Plan;
use tf_plugin::framework::value::Value;

use super::model::{Model, NAMESPACE, Own};
use crate::cluster::object::{Place, is_untouched_import, put};
use crate::cluster::tailscale_operator::life::Exposed;
use crate::cluster::tailscale_operator::{HOSTNAME, Shared, TAILNET_FQDN, annotation, metadata, service};

/// What `externalName` is until the operator puts its proxy's name there.
const PLACEHOLDER: &str = "unused";

/// The longest label of DNS. What the hostname is made of has no other characters than a label may have.
const LONGEST: usize = 63;

impl Exposed for Model {
    const EXAMPLE: &'static str = "tailscale/vault";

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn place(&self) -> Place {
        let text = |value: &Value<String>| value.as_deref_option().unwrap_or_default().to_owned();
        service(&text(&self.own.namespace), &text(&self.own.name))
    }

    fn put(&mut self, namespace: String, name: String) {
        self.own.namespace = Value::Value(namespace);
        self.own.name = Value::Value(name);
    }

    /// The operator rewrites `externalName`, so what it has put there is not spoken of.
    fn desired(&self, live: Option<&Untyped>) -> Json {
        let Own { fqdn, hostname, .. } = &self.own;
        let mut metadata = metadata(hostname.as_deref_option(), &self.shared);
        put(&mut metadata, &["annotations", TAILNET_FQDN], fqdn.as_deref_option());
        let mut spec = json!({"type": "ExternalName"});
        let there = live.and_then(|live| live.value.pointer("/spec/externalName")).and_then(Json::as_str);
        if there.is_none_or(|there| there == PLACEHOLDER) {
            put(&mut spec, &["externalName"], PLACEHOLDER);
        }
        json!({"metadata": metadata, "spec": spec})
    }

    fn observe(&mut self, live: &Untyped) {
        let text = |name: &str| Value::from(annotation(live, name).map(ToOwned::to_owned));
        self.own.fqdn = text(TAILNET_FQDN);
        self.own.hostname = text(HOSTNAME);
        self.shared.observe(live);
    }
}

/// The name that the operator gives a device that asks for none, as far as it is known.
fn by_itself(own: &Own) -> Option<String> {
    let (Value::Value(namespace), Value::Value(name)) = (&own.namespace, &own.name) else { return None };
    Some(format!("{namespace}-{name}"))
}

/// Leaves out of a configuration the hostname that it would have without.
pub(super) fn leave_out(config: &mut Model) {
    let own = &mut config.own;
    let namespace = own.namespace.as_deref_option().unwrap_or(NAMESPACE).to_owned();
    let hostname = by_itself(&Own { namespace: Value::Value(namespace), ..own.clone() });
    if own.hostname.as_ref_option() == hostname.as_ref() {
        own.hostname = Value::Null;
    }
}

/// Promises the hostname, where it follows from what is known.
pub(super) fn settle_hostname(plan: &mut Plan<Model>) -> Result<(), Diagnostic> {
    if !plan.config.own.hostname.is_null() {
        return Ok(());
    }
    // One that asks for no name keeps it: the operator gives it the same.
    let asks_for_none = plan.prior.as_ref().is_some_and(|prior| prior.own.hostname.is_null());
    if asks_for_none && is_untouched_import(&plan.private)? {
        plan.planned.own.hostname = Value::Null;
        return Ok(());
    }
    let own = &mut plan.planned.own;
    let Some(hostname) = by_itself(own) else {
        own.hostname = Value::Unknown;
        return Ok(());
    };
    if hostname.len() > LONGEST {
        let detail = format!("{hostname} (namespace and name) is too long for the name of a device: set hostname.");
        return Err(Diagnostic::error("The hostname is too long", detail).at(AttributePath::new("hostname")));
    }
    own.hostname = Value::Value(hostname);
    Ok(())
}
