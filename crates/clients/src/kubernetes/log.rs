//! What containers and controllers said: logs and events.

use k8s_openapi::api::core::v1::Event;

use super::error::Error;
use super::kind::{Kind, Target, escaped};
use super::live::Live;
use super::send::Verb;
use super::{Call, Client};

impl Client {
    /// The last lines that a container of a pod wrote. `previous` is the run before the present one.
    ///
    /// # Errors
    /// [`super::Cause::NotFound`] when the pod is gone, and the rest.
    pub async fn log(
        &self,
        call: &Call,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
        lines: u32,
    ) -> Result<String, Error> {
        let target =
            Target::named("read the log of", Kind::of::<k8s_openapi::api::core::v1::Pod>(), Some(namespace), pod);
        let path = format!(
            "{}/log?container={}&previous={previous}&tailLines={lines}&limitBytes=65536",
            target.path(),
            escaped(container)
        );
        let log = self.0.send(call, &target, Verb::Text, &path, None).await?.text();
        let scrubber = self.0.scrubber(None);
        Ok(log.split_inclusive('\n').map(|line| scrubber.scrub(line)).collect())
    }

    /// What went wrong with an object, in the words of its Warning events, the newest last.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn warnings_about(&self, call: &Call, namespace: &str, name: &str) -> Result<Vec<String>, Error> {
        self.warnings(call, namespace, &format!("involvedObject.name={name},type=Warning")).await
    }

    /// The same for the object with this uid, whose name others may have had before. Events of objects in no namespace
    /// are in `default`.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn warnings_about_uid(&self, call: &Call, namespace: &str, uid: &str) -> Result<Vec<String>, Error> {
        self.warnings(call, namespace, &format!("involvedObject.uid={uid},type=Warning")).await
    }

    async fn warnings(&self, call: &Call, namespace: &str, fields: &str) -> Result<Vec<String>, Error> {
        let mut events: Vec<Live<Event>> = self.list(call, namespace, fields, |_| true).await?;
        events.sort_by_key(|event| {
            let Event { last_timestamp, event_time, .. } = &event.object;
            last_timestamp.as_ref().map(|time| time.0).or(event_time.as_ref().map(|time| time.0))
        });
        let scrubber = self.0.scrubber(None);
        let told = events.into_iter().map(|event| {
            let Event { reason, message, .. } = event.object;
            scrubber.scrub(&format!("{}: {}", reason.unwrap_or_default(), message.unwrap_or_default()))
        });
        Ok(told.collect())
    }
}
