//! Waiting until the object is as it should be, by what its controller says of it.

use std::time::Duration;

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Call, Client, Part, Seen};
use tf_plugin::framework::context::Context;
use tokio::time::Instant;

use super::super::vigil::{Vigil, named};
use super::super::{Cluster, Failure};
use super::Place;

/// How long a verdict that nothing will come of it must stand: the controller may yet have to see what was written.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a look at the object means for whoever waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is as it should be.
    Done,
    /// Not yet: why, in words.
    Waiting(String),
    /// It will not be, whatever happens: why, in words.
    Hopeless(String),
}

/// Why a wait ended without what it waited for.
#[derive(Debug)]
pub enum Stalled {
    /// Waiting cannot help.
    Hopeless(String),
    /// The time is over, the user stopped, or the API says no.
    Ended(Failure),
}

impl From<Failure> for Stalled {
    fn from(failure: Failure) -> Self {
        Self::Ended(failure)
    }
}

/// What a wait came to.
#[derive(Debug)]
pub enum Step {
    /// The object is as it should be; this is it.
    Done(Json),
    /// It is not, and the moment has come that the caller wanted to be told of.
    NotYet,
}

/// A wait for an object.
#[derive(Debug)]
pub struct ObjectVigil<'a, D> {
    vigil: Vigil<'a, D, Part<Json>>,
    place: Place,
    /// The object as it was seen last.
    last: Option<Json>,
    /// Since when there is no hope.
    hopeless_since: Option<Instant>,
}

impl Cluster {
    /// A wait for the object, until the context's deadline.
    ///
    /// # Errors
    /// [`Failure`] when there is no way to the cluster.
    pub async fn wait_at<'a, D>(&self, context: &'a Context<D>, place: &Place) -> Result<ObjectVigil<'a, D>, Failure> {
        let of = named(&place.name);
        let watch = |client: Client, call: Call| async move {
            Ok(client.watch_parts(&call, &place.kind, place.namespace.as_deref(), Some(&of), None))
        };
        let vigil = Vigil::new(context, self.ask(context, watch).await?);
        Ok(ObjectVigil { vigil, place: place.clone(), last: None, hopeless_since: None })
    }
}

impl<D> ObjectVigil<'_, D> {
    /// Waits until `judge` finds the object as it should be, or until `tick`.
    ///
    /// # Errors
    /// [`Stalled`].
    pub async fn until(
        &mut self,
        mut judge: impl FnMut(&Json) -> Standing,
        tick: Option<Instant>,
    ) -> Result<Step, Stalled> {
        loop {
            if let Some(step) = self.judged(&mut judge)? {
                return Ok(step);
            }
            if tick.is_some_and(|tick| tick <= Instant::now()) {
                return Ok(Step::NotYet);
            }
            let certain = self.hopeless_since.map(|since| since + PATIENCE);
            let patience = [tick, certain].into_iter().flatten().min();
            match self.vigil.next(patience).await? {
                Some(Seen::All(all)) => self.last = all.into_iter().next().map(|live| live.object.0),
                Some(Seen::Changed(live)) => self.last = Some(live.object.0),
                Some(Seen::Gone(_)) => {
                    self.last = None;
                    self.vigil.tell(format!("{} does not exist", self.place));
                }
                Some(Seen::Lost(_)) | None => {}
            }
        }
    }

    fn judged(&mut self, judge: &mut impl FnMut(&Json) -> Standing) -> Result<Option<Step>, Stalled> {
        let Some(object) = &self.last else { return Ok(None) };
        match judge(object) {
            Standing::Done => return Ok(Some(Step::Done(object.clone()))),
            Standing::Waiting(what) => {
                self.hopeless_since = None;
                self.vigil.tell(what);
            }
            Standing::Hopeless(why) => {
                if self.hopeless_since.get_or_insert_with(Instant::now).elapsed() >= PATIENCE {
                    return Err(Stalled::Hopeless(why));
                }
                self.vigil.tell(why);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};
    use k8s_openapi::api::core::v1::Service;
    use serde_json::json;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use tazlab_clients::kubernetes::{Kind, Live};
    use tf_plugin::framework::context::{ClientCapabilities, Interrupted};

    fn context() -> Context<()> {
        Context::new(None, CancellationToken::new(), ClientCapabilities::default()).within(Duration::from_mins(1))
    }

    fn vigil(context: &Context<()>, seen: Vec<Json>) -> ObjectVigil<'_, ()> {
        let live = |object| Live { object: Part(object), managers: Vec::new() };
        let changes = stream::iter(seen).map(move |object| Ok(Seen::Changed(Box::new(live(object)))));
        let place = Place { kind: Kind::of::<Service>(), namespace: Some("a".into()), name: "b".into() };
        let vigil = Vigil::new(context, changes.chain(stream::pending()).boxed());
        ObjectVigil { vigil, place, last: None, hopeless_since: None }
    }

    fn judge(object: &Json) -> Standing {
        match object.as_str() {
            Some("done") => Standing::Done,
            Some("never") => Standing::Hopeless("the name is taken".to_owned()),
            _ => Standing::Waiting("it is young".to_owned()),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_verdict_without_hope_must_stand_a_while() {
        let context = context();
        let mut young = vigil(&context, vec![json!("never"), json!("done")]);
        assert!(matches!(young.until(judge, None).await, Ok(Step::Done(object)) if object == json!("done")));
        let began = Instant::now();
        let mut dead = vigil(&context, vec![json!("young"), json!("never")]);
        assert!(matches!(dead.until(judge, None).await, Err(Stalled::Hopeless(why)) if why == "the name is taken"));
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_tells_at_its_end_what_it_waited_for() {
        let context = context();
        let mut vigil = vigil(&context, vec![json!("young")]);
        let tick = Instant::now() + Duration::from_secs(30);
        assert!(matches!(vigil.until(judge, Some(tick)).await, Ok(Step::NotYet)));
        let Err(Stalled::Ended(Failure::Interrupted { what, why })) = vigil.until(judge, None).await else { panic!() };
        assert_eq!((what.as_str(), why), ("it is young", Interrupted::TimedOut));
    }
}
