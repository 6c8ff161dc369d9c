//! `ephemeral.tazlab_tailnet_auth_key`: a key that lives in memory while Terraform runs, and is revoked at its end.

mod model;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tazlab_clients::tailscale::{Call, Cause, Client, Error, Key, KeyRequest, Operation, Patience};
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::ephemeral::{EphemeralResource, Opened};
use tf_plugin::framework::value::Value;

use crate::configured::Configured;
use crate::tailnet::Failure;

/// How long each of open and close may take.
const LIMIT: Duration = Duration::from_mins(2);

/// How long the revocation of a key that is not what was asked for may take.
const REVOCATION: Duration = Duration::from_secs(30);

const NOT_MINTED: &str = "The auth key was not minted";

/// What close needs: nothing of the key itself.
#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    id: String,
    revoke: bool,
    /// Where it was minted: an id means nothing to another API or tailnet.
    minted_at: String,
}

/// The ephemeral resource.
#[derive(Clone, Copy, Debug)]
pub struct TailnetAuthKey;

#[async_trait]
impl EphemeralResource for TailnetAuthKey {
    type Data = Configured;
    type Model = model::TailnetAuthKey;

    const NAME: &'static str = "tazlab_tailnet_auth_key";

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        model::validate(config, found);
    }

    async fn open(
        &self,
        context: &Context<Configured>,
        config: Self::Model,
    ) -> Result<Opened<Self::Model>, Diagnostics> {
        let mut model = config;
        let context = &context.within(LIMIT);
        let client = match context.provider()?.tailscale.client().await {
            Ok(client) => client,
            // The settings come later in the same apply: it is opened again then.
            Err(failure) if failure.is_gap() => {
                context.note_missing_setting(true);
                return Ok(Opened::not_yet(&model).map_err(Diagnostic::from)?);
            }
            Err(failure) => return Err(failure.diagnostic("Cannot mint an auth key").into()),
        };
        let wanted = model.request();
        let key = match client.with(Patience::GLANCE).mint_key(&call(context), &wanted).await {
            Ok(key) => key,
            // A destroy opens it, too, and an API that is away must not keep the rest from being destroyed.
            Err(error) if error.may_pass() => {
                context.warn(not_yet(error));
                return Ok(Opened::not_yet(&model).map_err(Diagnostic::from)?);
            }
            Err(error) => return Err(refused(error).into()),
        };
        let secret = promised(client, &key, &wanted).await?;
        let kept = Kept { id: key.id.clone(), revoke: model.revokes(), minted_at: place(client) };
        model.opened(&key, secret);
        // Two plain fields always have a JSON form.
        Ok(Opened { model, private: serde_json::to_vec(&kept).unwrap_or_default(), renew_at: None::<SystemTime> })
    }

    async fn close(&self, context: &Context<Configured>, private: Vec<u8>) -> Result<(), Diagnostics> {
        if private.is_empty() {
            return Ok(());
        }
        let kept: Kept = serde_json::from_slice(&private).map_err(|_| {
            Diagnostic::error(
                "The auth key cannot be closed",
                "Terraform returned other private data than it was given. Please report this.",
            )
        })?;
        if !kept.revoke {
            return Ok(());
        }
        let context = &context.within(LIMIT);
        let revoked = match context.provider()?.tailscale.client().await {
            Ok(client) if place(client) != kept.minted_at => Err(format!(
                "The key was minted by {}, and the provider is now configured for {}.",
                kept.minted_at,
                place(client)
            )),
            Ok(client) => client
                .revoke_key(&call(context), &kept.id)
                .await
                .map(drop)
                .map_err(|error| Failure::Api(error).explained()),
            Err(failure) => Err(failure.explained()),
        };
        revoked.map_err(|why| {
            let detail = format!(
                "{why} It stays valid until it expires, or until you revoke key {} on the Keys page of the admin console.",
                kept.id
            );
            Diagnostic::error("The auth key could not be revoked", detail).into()
        })
    }
}

/// The API and the tailnet of a client, as its settings name them.
fn place(client: &Client) -> String {
    format!("{} (tailnet {})", client.server(), client.tailnet())
}

fn call(context: &Context<Configured>) -> Call {
    Call::new(context.stop().clone(), context.deadline())
}

/// The key itself, where it is what was asked for. One that allows something else is dangerous, and one of which nobody
/// knows what it allows may be: it is revoked, also when the user has stopped meanwhile.
async fn promised(client: &Client, key: &Key, wanted: &KeyRequest) -> Result<SecretText, Diagnostics> {
    let wrong = match (&key.secret, &key.capabilities) {
        (_, Some(allowed)) if allowed.differs(&wanted.capabilities) => {
            format!("The request was for {:?}, the API answered {allowed}", wanted.capabilities)
        }
        (Some(secret), Some(allowed)) if allowed.is_complete() => return Ok(secret.clone()),
        (None, _) => "The API's answer does not contain the key".to_owned(),
        (Some(_), _) => "The API's answer does not report what the key allows".to_owned(),
    };
    let after_all = Call::default().within(REVOCATION);
    let revoked = match client.revoke_key(&after_all, &key.id).await {
        Ok(_) => format!("key {} was revoked", key.id),
        Err(error) => format!("revoke key {} by hand ({error})", key.id),
    };
    Err(Diagnostic::error("The auth key differs from the request", format!("{wrong}; {revoked}.")).into())
}

fn not_yet(error: Error) -> Diagnostic {
    let mut told = refused(error).into_warning(NOT_MINTED);
    told.detail.push_str(" This is harmless during plan and destroy. During apply, Terraform also reports unknown values: apply again when the API answers.");
    told
}

fn refused(error: Error) -> Diagnostic {
    let about_tags = error.operation == Operation::MintKey && matches!(*error.cause, Cause::Api { code: 400, .. });
    let uncertain = error.uncertain;
    let mut told = Failure::Api(error).diagnostic(NOT_MINTED);
    if about_tags {
        told = told.at(AttributePath::new("tags"));
        told.detail.push_str(" An OAuth client can give a key only tags that it has itself, or that its own tags own in the tailnet's policy (tagOwners), and the key must have one.");
    }
    if uncertain {
        told.detail.push_str(" A key may have been created, and its id is unknown. Find it by its description on the Keys page of the admin console and revoke it there, or let it expire.");
    }
    told
}

impl model::TailnetAuthKey {
    fn opened(&mut self, key: &Key, secret: SecretText) {
        self.id = Value::Value(key.id.clone());
        self.key = Value::Value(secret);
        self.created = key.created.at().map(|time| time.to_string()).into();
        self.expires = key.expires.at().map(|time| time.to_string()).into();
    }
}
