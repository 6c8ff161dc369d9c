//! The Vault Secrets Operator's kinds. Its versions say it in three ways, the newest of which counts: from 1.3 the condition Ready,
//! from 1.0 Healthy and `SecretSynced`, before that fields of the status. An empty status was not seen by its controller yet.

use serde_json::Value as Json;

use super::view::UNSEEN;
use super::{Judgement, Link, Rule, View};
use crate::readiness::sighting::Reason;

const GROUP: &str = "secrets.hashicorp.com";
const SECRET: &str = "condition Ready is True (from 1.3), Healthy and SecretSynced are True (from 1.0), or `lastGeneration` is the latest and the \
     secret was written (before)";

pub(super) const RULES: &[Rule] = &[
    secret("VaultStaticSecret", "vaultstaticsecrets", "VaultStaticSecrets Synced", |object| {
        // With `hmacSecretData: false` no MAC is ever kept.
        let keeps_none = object.at("/spec/hmacSecretData").and_then(Json::as_bool) == Some(false);
        written(object, keeps_none || has_mac(object))
    }),
    secret("VaultDynamicSecret", "vaultdynamicsecrets", "VaultDynamicSecrets Synced", |object| {
        // Static credentials have no lease, and only they have a MAC.
        written(object, !object.text("/status/secretLease/id").is_empty() || has_mac(object))
    }),
    secret("VaultPKISecret", "vaultpkisecrets", "VaultPKISecrets Synced", |object| {
        written(object, object.is_set("/status/valid"))
    }),
    secret("HCPVaultSecretsApp", "hcpvaultsecretsapps", "HCPVaultSecretsApps Synced", |object| {
        written(object, has_mac(object))
    }),
    access("VaultAuth", "vaultauths", "VaultAuths valid", |object| {
        let (namespace, name) = named(object.text("/spec/vaultConnectionRef"));
        valid(object).waiting_for([Link::to("VaultConnection", GROUP, object, namespace, name)])
    }),
    access("VaultConnection", "vaultconnections", "VaultConnections valid", valid),
    Rule {
        ready: "`status.valid` is true, or condition Ready is True",
        ..access("VaultAuthGlobal", "vaultauthglobals", "VaultAuthGlobals valid", valid)
    },
];

const fn secret(
    kind: &'static str,
    plural: &'static str,
    counted: &'static str,
    judge: fn(View<'_>) -> Judgement,
) -> Rule {
    Rule {
        kind,
        group: GROUP,
        plural,
        version: None,
        namespaced: true,
        counted,
        ready: SECRET,
        source: "github.com/hashicorp/vault-secrets-operator v1.3.0 `controllers/common.go:369`, `api/v1beta1/` (the reason is \
                 `Ready` also where it is False)",
        judge,
    }
}

const fn access(
    kind: &'static str,
    plural: &'static str,
    counted: &'static str,
    judge: fn(View<'_>) -> Judgement,
) -> Rule {
    Rule {
        ready: "condition Ready is True (from 1.3), Healthy is True (from 1.0), or `status.valid` is true (before)",
        source: "github.com/hashicorp/vault-secrets-operator v1.3.0 `controllers/vaultauth_controller.go`, `updateStatus`",
        ..secret(kind, plural, counted, judge)
    }
}

fn has_mac(object: View<'_>) -> bool {
    !object.text("/status/secretMAC").is_empty()
}

/// `namespace/name` or `name`; without one it is the operator's own `default`, wherever the operator is.
fn named(reference: &str) -> (&str, &str) {
    reference.split_once('/').unwrap_or(("", reference))
}

fn by_conditions(object: View<'_>, before: &[&str]) -> Option<Result<(), Reason>> {
    let has = |kind: &str| object.condition(kind).is_some();
    if has("Ready") {
        return Some(object.expects("Ready", "True"));
    }
    before.iter().any(|kind| has(kind)).then(|| object.all(before))
}

/// A secret; `is_written` is what versions without conditions say.
fn written(object: View<'_>, is_written: bool) -> Judgement {
    let (namespace, name) = named(object.text("/spec/vaultAuthRef"));
    let link = Link::to("VaultAuth", GROUP, object, namespace, name);
    let found = by_conditions(object, &["Healthy", "SecretSynced"]).unwrap_or_else(|| {
        let error = object.text("/status/error");
        match object.number("/status/lastGeneration").filter(|last| *last != 0) {
            None => Err(Reason::seen(if error.is_empty() { UNSEEN } else { error })),
            Some(last) if !object.is_current(Some(last)) => {
                Err(Reason::seen("its controller has not observed its latest change yet"))
            }
            Some(_) if !is_written => {
                Err(Reason::seen(if error.is_empty() { "its Secret was not written yet" } else { error }))
            }
            Some(_) => Ok(()),
        }
    });
    Judgement::from(found).waiting_for([link])
}

fn valid(object: View<'_>) -> Judgement {
    let found = by_conditions(object, &["Healthy"]).unwrap_or_else(|| {
        let error = object.text("/status/error");
        match object.at("/status/valid") {
            None => Err(Reason::seen(UNSEEN)),
            Some(valid) if valid.as_bool() == Some(true) => Ok(()),
            Some(_) => Err(Reason::seen(if error.is_empty() { "its controller calls it not valid" } else { error })),
        }
    });
    found.map_err(|reason| with_error(object, reason)).into()
}

/// The controller's own words, which are in no condition.
fn with_error(object: View<'_>, reason: Reason) -> Reason {
    let error = object.text("/status/error");
    if error.is_empty() || reason.message.contains(error) {
        return reason;
    }
    Reason { message: format!("{}; {error}", reason.message), ..reason }
}
