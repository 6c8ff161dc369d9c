//! What a refresh and a plan make of a look at the object, also where the cluster cannot be seen.

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Live, Untyped};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::Plan;

use super::super::{Cluster, Failure, instance};
use super::{ObjectError, differences, is_untouched_import};

/// What a look came to.
pub type Look = Result<Option<Live<Untyped>>, Failure>;

/// What a refresh goes on with.
#[derive(Debug)]
pub enum Sight {
    /// The object.
    Present(Box<Live<Untyped>>),
    /// It does not exist.
    Gone,
    /// Nobody knows: what is stored is kept.
    Unseen,
}

impl Sight {
    /// What a look means for a refresh of the object called `title`; where it was seen is recorded in `private`. The user is
    /// told where that is not obvious.
    ///
    /// # Errors
    /// [`ObjectError::Look`] where the refresh may not go on.
    pub async fn of<D>(
        cluster: &Cluster,
        context: &Context<D>,
        title: String,
        look: Look,
        private: &mut Private,
    ) -> Result<Self, Diagnostics> {
        let failure = match look {
            Ok(Some(live)) => {
                cluster.record_origin(context, private).await.map_err(Diagnostic::from)?;
                return Ok(Self::Present(Box::new(live)));
            }
            Ok(None) => {
                cluster.warn_if_elsewhere(context, &title, private).await;
                return Ok(Self::Gone);
            }
            Err(failure) => failure,
        };
        // The way to the cluster is not known (yet, or any more): what is stored is all there is.
        if failure.is_gap() {
            return Ok(Self::Unseen);
        }
        match cluster.is_gone(failure, private).await {
            Ok(failure) => {
                cluster.tell_kept(context, &title, &failure);
                Ok(Self::Unseen)
            }
            Err(failure) => Err(ObjectError::Look { title, failure }.diagnostics(|_| AttributePath::new("name"))),
        }
    }
}

/// The plan of an object that is stored, by a look at it.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// Kind and name, for people.
    pub title: &'a str,
    /// May the cluster be a new one?
    pub announced: bool,
    /// The argument that a field of the object comes from.
    pub argument: fn(&str) -> AttributePath,
}

impl Review<'_> {
    /// Says in `plan` whether there is something to write, and tells the user what differs from what was applied;
    /// gives the live object where it was seen. `desired` is what would be written on it.
    ///
    /// # Errors
    /// What refuses the plan.
    pub async fn of<D, M>(
        self,
        cluster: &Cluster,
        context: &Context<D>,
        plan: &mut Plan<M>,
        look: Look,
        desired: impl Fn(&Untyped) -> Json,
    ) -> Result<Option<Live<Untyped>>, Diagnostics> {
        let title = self.title;
        let live = match look {
            Ok(live) => live,
            Err(failure) => {
                let expected = failure.is_gap() || (self.announced && failure.is_unreachable());
                let gone = if expected { Ok(failure) } else { cluster.is_gone(failure, &plan.private).await };
                let failure = gone.map_err(|failure| {
                    ObjectError::Look { title: title.to_owned(), failure }.diagnostics(self.argument)
                })?;
                let detail = format!("{title}: {failure}. The object is read during apply.");
                context.warn(Diagnostic::warning("Cannot read the cluster during plan", detail));
                plan.needs_update |= expected;
                return Ok(None);
            }
        };
        let Some(live) = live else {
            // Gone since the refresh: whatever is missing is made again.
            plan.needs_update = true;
            return Ok(None);
        };
        let kept = instance::kept(&plan.private).map_err(Diagnostic::from)?;
        let marked = kept.is_some() && instance::on(&live.object.metadata) == kept.as_deref()
            || is_untouched_import(&plan.private).map_err(Diagnostic::from)?;
        let differing = differences(&desired(&live.object), &live.object.value);
        plan.needs_update |= !marked || !differing.is_empty();
        // What the configuration changes, and what the refresh found, show by themselves.
        if !plan.changed && !differing.is_empty() {
            let detail =
                format!("{title} differs from what was applied in {}. Apply reverts it.", differing.join(", "));
            let at = differing.first().map_or_else(|| AttributePath::new("name"), |field| (self.argument)(field));
            context.warn(Diagnostic::warning("The object will be repaired", detail).at(at));
        }
        Ok(Some(live))
    }
}
