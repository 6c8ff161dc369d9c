//! `ephemeral.tazlab_tailnet_auth_key`: a key that lives in memory while Terraform runs, and is revoked at its end.

mod model;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::clients::tailscale::{Call, Cause, Client, Error, Key, KeyRequest, Operation};
use crate::configured::Configured;
use crate::framework::AttributePath;
use crate::framework::context::Context;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::ephemeral::{EphemeralResource, Opened};
use crate::framework::value::Value;
use crate::tailnet::Failure;

/// How long each of open and close may take.
const LIMIT: Duration = Duration::from_mins(2);

/// What close needs: nothing of the key itself.
#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    id: String,
    revoke: bool,
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
                model.unopened();
                return Ok(Opened { model, private: Vec::new(), renew_at: None });
            }
            Err(failure) => return Err(failure.diagnostic("No auth key can be minted").into()),
        };
        let wanted = model.request();
        let key = client.mint_key(&call(context), &wanted).await.map_err(refused)?;
        promised(context, client, &key, &wanted).await?;
        let kept = Kept { id: key.id.clone(), revoke: model.revokes() };
        model.opened(&key);
        // Two plain fields always have a JSON form.
        Ok(Opened { model, private: serde_json::to_vec(&kept).unwrap_or_default(), renew_at: None::<SystemTime> })
    }

    async fn close(&self, context: &Context<Configured>, private: Vec<u8>) -> Result<(), Diagnostics> {
        if private.is_empty() {
            return Ok(());
        }
        let kept: Kept = serde_json::from_slice(&private).map_err(|_| {
            Diagnostic::error("The auth key cannot be closed", "Terraform gave something else back than it was given.")
        })?;
        if !kept.revoke {
            return Ok(());
        }
        let context = &context.within(LIMIT);
        let revoked = match context.provider()?.tailscale.client().await {
            Ok(client) => client.revoke_key(&call(context), &kept.id).await.map(drop).map_err(Failure::Api),
            Err(failure) => Err(failure),
        };
        revoked.map_err(|failure| {
            let detail = format!(
                "{} It stays valid until it expires, or until you revoke key {} on the Keys page of the admin console.",
                failure.explained(),
                kept.id
            );
            Diagnostic::error("The auth key could not be revoked", detail).into()
        })
    }
}

fn call(context: &Context<Configured>) -> Call {
    Call::new(context.stop().clone(), context.deadline())
}

/// A key that allows something else than what was asked for is worth nothing, and dangerous.
async fn promised(
    context: &Context<Configured>,
    client: &Client,
    key: &Key,
    wanted: &KeyRequest,
) -> Result<(), Diagnostics> {
    if key.capabilities.equal(&wanted.capabilities) {
        return Ok(());
    }
    let revoked = match client.revoke_key(&call(context), &key.id).await {
        Ok(_) => "it was revoked".to_owned(),
        Err(error) => format!("revoke key {} by hand ({error})", key.id),
    };
    let detail = format!("Asked for {:?}, the API answered {:?}; {revoked}.", wanted.capabilities, key.capabilities);
    Err(Diagnostic::error("The auth key is not what was asked for", detail).into())
}

fn refused(error: Error) -> Diagnostics {
    let about_tags = error.operation == Operation::MintKey && matches!(*error.cause, Cause::Api { code: 400, .. });
    let uncertain = error.uncertain;
    let mut told = Failure::Api(error).diagnostic("The auth key was not minted");
    if about_tags {
        told = told.at(AttributePath::new("tags"));
        told.detail.push_str(" An OAuth client can give a key only tags that it has itself, or that its own tags own in the tailnet's policy (tagOwners); and it must give one.");
    }
    if uncertain {
        told.detail.push_str(" The answer was lost, so a key may have been made that nobody knows; it ends by itself.");
    }
    told.into()
}

impl model::TailnetAuthKey {
    fn unopened(&mut self) {
        self.id = Value::Unknown;
        self.key = Value::Unknown;
        self.created = Value::Unknown;
        self.expires = Value::Unknown;
    }

    fn opened(&mut self, key: &Key) {
        self.id = Value::Value(key.id.clone());
        self.key = Value::Value(key.secret.clone());
        self.created = key.created.at().map(|time| time.to_string()).into();
        self.expires = key.expires.at().map(|time| time.to_string()).into();
    }
}
