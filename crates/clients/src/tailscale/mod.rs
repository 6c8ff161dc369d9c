//! The Tailscale API: devices and auth keys of one tailnet, over HTTP, with typed errors.
//!
//! A [`Client`] logs in when it first must (API key, OAuth client, identity token), keeps the token, and renews it before
//! it ends. Every call takes a [`Call`], which bounds it, retries included; what a 429 asks
//! for is waited for by all calls of the client. Nothing here knows Terraform, nothing here decides which device goes,
//! and no type of the underlying library appears in a signature.

mod course;
mod date;
mod device;
mod error;
mod gate;
mod key;
mod part;
mod refusal;
mod request;
mod secrets;
mod send;
mod settings;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::Method;
use tokio::time::Instant;

pub use super::call::Call;
pub use super::reach::Unreachable;
pub use course::Patience;
pub use device::{Device, Moment};
pub use error::{Cause, Error, Operation};
pub use key::{Allowed, Capabilities, Key, KeyRequest};
pub use settings::{Credential, Settings};

use request::{Answer, Body, Request};
use send::Wire;

/// All devices of the tailnet, and what the server's clock said when it listed them.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The devices, in the server's order.
    pub devices: Vec<Device>,
    /// The server's time: ages are counted from it, never from the clock of this machine.
    pub now: Timestamp,
}

/// One device, and what the server's clock said.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The device.
    pub device: Device,
    /// The server's time.
    pub now: Timestamp,
}

/// How a delete ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// The device is gone by this call.
    Now,
    /// It was gone already.
    Before,
}

/// A tailnet. Clones share the connections, the token, and what the server asks all to wait for.
#[derive(Clone)]
pub struct Client {
    wire: Arc<Wire>,
    patience: Patience,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.wire.address()).finish()
    }
}

impl Client {
    /// A client for these settings. Dials nothing yet.
    ///
    /// # Errors
    /// [`Cause::Request`] when the address is no URL, or TLS cannot be set up on this machine.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        Ok(Self { wire: Arc::new(Wire::new(settings)?), patience: Patience::WORK })
    }

    /// The same client, which waits for an absent server as long as `patience` says.
    #[must_use]
    pub fn with(&self, patience: Patience) -> Self {
        Self { wire: Arc::clone(&self.wire), patience }
    }

    /// The address of the API, without user information and without a slash at its end.
    #[must_use]
    pub fn server(&self) -> String {
        self.wire.address()
    }

    /// The tailnet as the settings name it; `-` is the credential's own.
    #[must_use]
    pub fn tailnet(&self) -> &str {
        &self.wire.settings.tailnet
    }

    /// How long this client waits for an absent server.
    #[must_use]
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// Lists all devices, in one request.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn devices(&self, call: &Call) -> Result<Listing, Error> {
        let tailnet = &self.wire.settings.tailnet;
        let request =
            Request::new(Operation::ListDevices, Method::GET, &["tailnet", tailnet, "devices"]).query("fields", "all");
        let answer = self.wire.send(call, self.patience, &request).await?;
        let (devices, more) =
            Device::list(answer.body.expose()).map_err(|error| request.fail(Cause::answer(&error)))?;
        if more || answer.is_part {
            return Err(request.fail(Cause::Partial));
        }
        told(&request, &answer, &devices)?;
        let now = answer.date.ok_or_else(|| request.fail(Cause::NoDate))?;
        Ok(Listing { devices, now })
    }

    /// Looks at one device; `None` when it does not exist.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn device(&self, call: &Call, id: &str) -> Result<Option<Sighting>, Error> {
        let request = Request::new(Operation::LookAtDevice(id.to_owned()), Method::GET, &["device", id]);
        let answer = match self.wire.send(call, self.patience, &request).await {
            Ok(answer) => answer,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let device = Device::one(answer.body.expose()).map_err(|error| request.fail(Cause::answer(&error)))?;
        told(&request, &answer, std::slice::from_ref(&device))?;
        if ![&device.node_id, &device.id].into_iter().any(|named| named == id) {
            return Err(request.fail(Cause::OtherDevice));
        }
        let now = answer.date.ok_or_else(|| request.fail(Cause::NoDate))?;
        Ok(Some(Sighting { device, now }))
    }

    /// Deletes a device, by a look at it that is good until `justified`: no try begins later. A request that is under way
    /// when the user stops is let finish, so that its outcome is known.
    ///
    /// # Errors
    /// [`Cause::Outdated`] when the look became old before the server took the request, [`Cause::Outside`] for a device
    /// that is shared in from another tailnet, and the rest. See [`Error::uncertain`].
    pub async fn delete_device(&self, call: &Call, id: &str, justified: Instant) -> Result<Deleted, Error> {
        let request = Request::new(Operation::DeleteDevice(id.to_owned()), Method::DELETE, &["device", id])
            .justified_until(justified);
        match self.wire.send(call, self.patience, &request).await {
            Ok(answer) => done(&request, &answer).map(|()| Deleted::Now),
            // A try whose answer was lost did it.
            Err(error) if error.is_not_found() && error.uncertain => Ok(Deleted::Now),
            Err(error) if error.is_not_found() => Ok(Deleted::Before),
            Err(error) => Err(error),
        }
    }

    /// Mints an auth key. It is not tried again where the first try may have made one. What the answer does not say is
    /// missing in the key: who cannot use it like that has its id to revoke it.
    ///
    /// # Errors
    /// [`Error`]; where it is uncertain, a key may exist whose id nobody knows.
    pub async fn mint_key(&self, call: &Call, wanted: &KeyRequest) -> Result<Key, Error> {
        let tailnet = &self.wire.settings.tailnet;
        let request = Request::new(Operation::MintKey, Method::POST, &["tailnet", tailnet, "keys"])
            .body(Body::Json(wanted.to_json()));
        let answer = self.wire.send(call, self.patience, &request).await?;
        let uncertain = |cause| Error { uncertain: true, ..request.fail(cause) };
        let key = Key::read(answer.body.expose()).map_err(|error| uncertain(Cause::answer(&error)))?;
        // Its id is printed.
        if answer.shown.are_in_text(&key.id) { Err(uncertain(Cause::Repeats)) } else { Ok(key) }
    }

    /// Revokes an auth key. `false` when it was gone already.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn revoke_key(&self, call: &Call, id: &str) -> Result<bool, Error> {
        let tailnet = &self.wire.settings.tailnet;
        let path = ["tailnet", tailnet, "keys", id];
        let request = Request::new(Operation::RevokeKey(id.to_owned()), Method::DELETE, &path);
        match self.wire.send(call, self.patience, &request).await {
            Ok(answer) => done(&request, &answer).map(|()| true),
            Err(error) if error.is_not_found() => Ok(error.uncertain),
            Err(error) => Err(error),
        }
    }
}

/// What is told of devices is stored and shown: where a credential is repeated in it, it is not used.
fn told(request: &Request, answer: &Answer, devices: &[Device]) -> Result<(), Error> {
    let repeats = |text: &String| answer.shown.are_in_text(text);
    if devices.iter().any(|device| device.texts().any(repeats)) { Err(request.fail(Cause::Repeats)) } else { Ok(()) }
}

/// A deletion answers with nothing, or with JSON. A page that says 200 is a proxy's, and nothing was deleted.
fn done(request: &Request, answer: &Answer) -> Result<(), Error> {
    let body = answer.body.expose();
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(body).map(drop);
    read.map_err(|error| Error { uncertain: true, ..request.fail(Cause::answer(&error)) })
}
