//! The action `tazlab_tailnet_cleanup`: the sweep of the resource of that name, on request.

use std::time::Duration;

use async_trait::async_trait;
use tazlab_clients::tailscale::{Call, Patience};
use tf_plugin::framework::action::Action;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::model::Joined;
use tf_plugin::framework::value::Value;
use tokio::sync::mpsc::Sender;

use crate::configured::Configured;
use crate::tailnet::LOOK;
use crate::tailnet::arguments::Arguments;
use crate::tailnet::holders::Allowed;
use crate::tailnet::identity::{Meant, is_suffix};
use crate::tailnet::report::{Then, outcome, warn_of_forecast, warn_of_mismatch};
use crate::tailnet::sweep::{Occasion, Orders, Sweep, Voice};

/// How long the deletions may take beside the wait.
const DELETIONS: Duration = Duration::from_mins(30);

/// A connected device of ours may hold a required name: an action is no birth.
const OCCASION: Occasion = Occasion { deletes: true, names: Some(Allowed::OurConnected) };

tf_plugin::model! {
    /// Deletes devices that are not connected any more, on request or before or after another resource changes, with
    /// one line of progress for each device. The rules are those of the resource of the same name.
    pub struct Own {
        /// The MagicDNS suffix of the tailnet, such as `tail1234.ts.net`. Where the provider's credential belongs to
        /// another one, nothing is deleted and it is an error. Without it, the credential alone decides.
        pub tailnet: Value<String> => optional().check(is_suffix()),
    }
}

/// What is invoked acts on the tailnet of the credential, which the configuration may name.
fn meant(own: &Own) -> Meant {
    own.tailnet.as_deref_option().map_or(Meant::Credentials, |suffix| Meant::Named(suffix.to_owned()))
}

/// The action.
#[derive(Clone, Copy, Debug)]
pub struct TailnetCleanupAction;

#[async_trait]
impl Action for TailnetCleanupAction {
    type Data = Configured;
    type Model = Joined<Own, Arguments>;

    const NAME: &'static str = "tazlab_tailnet_cleanup";

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        config.shared.validate(found);
    }

    async fn plan(&self, context: &Context<Configured>, config: Self::Model) -> Result<(), Diagnostics> {
        if config.own.tailnet.is_unknown() {
            return Ok(());
        }
        let Ok(orders) = config.shared.orders(meant(&config.own)) else { return Ok(()) };
        let provider = context.provider()?;
        let client = match provider.tailscale.client().await {
            Ok(client) => client,
            Err(failure) => {
                context.note_missing_setting(failure.is_gap());
                return Ok(());
            }
        };
        let call = Call::new(context.stop().clone(), context.deadline()).within(LOOK);
        // What cannot be seen now is told when it is done.
        if let Ok(listing) = client.with(Patience::GLANCE).devices(&call).await {
            match orders.forecast(&client.server(), &listing, OCCASION) {
                Ok(forecast) => warn_of_forecast(context, &forecast, &orders),
                Err(mismatch) => warn_of_mismatch(context, mismatch),
            }
        }
        Ok(())
    }

    async fn invoke(
        &self,
        context: &Context<Configured>,
        config: Self::Model,
        progress: Sender<String>,
    ) -> Result<(), Diagnostics> {
        let orders: Orders = config.shared.orders(meant(&config.own)).map_err(|unknown| {
            Diagnostic::error("Unknown arguments", format!("{} is not known.", unknown.join(", ")))
        })?;
        let client = context.provider()?.tailscale.client().await;
        let client = client.map_err(|failure| failure.diagnostic("The tailnet cannot be reached"))?;
        let context = &context.within(DELETIONS + orders.wait_timeout);
        let voice = Voice(Some(progress));
        let (occasion, opening) = (OCCASION, Patience::WORK);
        let swept = Sweep { context, client, orders: &orders, occasion, opening, voice: voice.clone() }.run().await;
        outcome(context, &swept, &config.shared, Then::Invocation)?;
        voice.say(context, swept.summary()).await;
        Ok(())
    }
}
