//! The one object that a resource keeps in a cluster, of whatever kind: looking at it, telling what differs, writing it
//! with its mark, taking it away. What stands in the object, and when it is as it should be, is the resource's.

mod claim;
mod drift;
mod error;
mod field;
mod refreshed;
mod remove;
mod sight;
mod wait;
mod withdraw;
mod write;

use std::fmt;

use tazlab_clients::kubernetes::{Call, Client, Error, Kind, Live, Untyped};
use tf_plugin::framework::context::Context;

use super::{Cluster, Failure};

pub(super) use claim::Written;
pub use claim::{Claim, is_untouched_import};
pub use drift::differences;
pub use error::ObjectError;
pub use field::put;
pub(super) use refreshed::Refreshed;
pub use remove::{Forced, Removal, forget, remove};
pub use sight::{Look, Review, Sight};
pub use wait::{ObjectVigil, Stalled, Standing, Step};
pub use withdraw::{Left, adopted, let_go, perhaps_changed, stays, withdraw};
pub use write::Writer;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its kind, at a version that the server serves.
    pub kind: Kind,
    /// Its namespace, where its kind has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Place {
    /// `Service tailscale/vault`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ", self.kind.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(out, "{namespace}/")?;
        }
        out.write_str(&self.name)
    }
}

impl Place {
    async fn get(&self, client: &Client, call: &Call) -> Result<Option<Live<Untyped>>, Error> {
        client.get_untyped(call, &self.kind, self.namespace.as_deref(), &self.name).await
    }
}

impl Cluster {
    /// The object, within `connect_timeout`; `None` when it does not exist.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn look_at<D>(&self, context: &Context<D>, place: &Place) -> Result<Option<Live<Untyped>>, Failure> {
        self.look(context, |client, call| async move { place.get(&client, &call).await }).await
    }
}
