//! The ways of asking Vault: looking, which ends soon; asking, which has the time of the whole operation; and changing,
//! whose outcome is always known.

use std::future::Future;

use tazlab_clients::vault::{Call, Cause, Client, Error};
use tf_plugin::framework::context::Context;

use super::{Failure, Vault};

impl Vault {
    /// What is missing of the way to Vault, if anything is.
    ///
    /// # Errors
    /// [`Failure::Gap`] with the names of the arguments, [`Failure::Contradiction`], or [`Failure::NotConfigured`].
    pub fn is_named(&self) -> Result<(), Failure> {
        if !self.access.gaps.is_empty() {
            return Err(Failure::Gap(self.access.gaps.join(", ")));
        }
        if !self.access.contradictions.is_empty() {
            return Err(Failure::Contradiction(self.access.contradictions.clone()));
        }
        if self.access.address.is_none() { Err(Failure::NotConfigured) } else { Ok(()) }
    }

    /// The client, which all calls share; made when it is first needed. Who needs it first is told what its settings expose.
    ///
    /// # Errors
    /// [`Failure`] when settings are missing or a file cannot be read.
    async fn client<D>(&self, context: &Context<D>) -> Result<&Client, Failure> {
        self.is_named()?;
        let made = self.client.get_or_try_init(|| async {
            let access = self.access.clone();
            let settings = tokio::task::spawn_blocking(move || access.resolve())
                .await
                .map_err(|_| Failure::Gap("a credential".to_owned()))??;
            Ok::<_, Failure>(Client::new(settings))
        });
        let client = made.await?;
        self.warn_once(context, client);
        Ok(client)
    }

    /// Asks within `connect_timeout`: for refresh, plan and the beginning of a delete.
    ///
    /// # Errors
    /// [`Failure`]; at once where Vault was found unreachable a moment ago.
    pub async fn look<D, T, F>(&self, context: &Context<D>, ask: impl FnOnce(Client, Call) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let client =
            self.client(context).await.inspect_err(|failure| context.note_missing_setting(failure.is_gap()))?;
        if let Some(failure) = self.outage.lately() {
            return Err(failure);
        }
        let call = Call::new(context.stop().clone(), context.deadline()).within(self.connect_timeout);
        let answer = ask(client.clone(), call).await.map_err(|error| match *error.cause {
            Cause::TimedOut { last: None } => {
                Failure::NoAnswer { address: client.address(), limit: self.connect_timeout }
            }
            _ => Failure::from(error),
        });
        if let Err(failure) = &answer
            && failure.is_unreachable()
        {
            self.outage.remember(failure.clone());
        }
        answer
    }

    /// One question of a piece of work, until the context's own deadline.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask<D, T, F>(&self, context: &Context<D>, ask: impl FnOnce(Client, Call) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let client =
            self.client(context).await.inspect_err(|failure| context.note_missing_setting(failure.is_gap()))?;
        Ok(ask(client.clone(), Call::new(context.stop().clone(), context.deadline())).await?)
    }

    /// One request that changes something, see [`Context::finish`].
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn change<D, T, F>(&self, context: &Context<D>, ask: impl FnOnce(Client, Call) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let client = self.client(context).await?;
        let request = |end| ask(client.clone(), Call::new(end, context.deadline()));
        let not_begun = |why| Failure::Interrupted { what: "nothing was changed".to_owned(), why };
        Ok(context.finish(request).await.map_err(not_begun)??)
    }
}
