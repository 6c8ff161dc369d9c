//! Which kinds a server serves: custom ones come with their definition, and some time after it.

use super::error::Error;
use super::kind::{Kind, Target};
use super::send::Verb;
use super::{Call, Client};

impl Client {
    /// Does the server serve this kind, at this version? One small request for its objects, in no namespace.
    ///
    /// # Errors
    /// [`super::Cause::Forbidden`] where the user may not list them, and the rest.
    pub async fn serves(&self, call: &Call, kind: &Kind) -> Result<bool, Error> {
        let target = Target::all(kind.clone(), None);
        let path = format!("{}?limit=1", target.path());
        match self.0.send(call, &target, Verb::Metadata, &path, None).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
