//! Which tailnet a list of devices shows, and whether it is the one that is meant. Decides nothing about a device.
//!
//! A tailnet is known by its `MagicDNS` suffix, and by the address of the API. No endpoint of the public API names the suffix:
//! it is what the names of the tailnet's own devices end with. A tailnet without devices has none to show; then the server's
//! time is recorded, since a tailnet with an older device cannot be the one that was empty at that time.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tazlab_clients::tailscale::{Device, Listing};
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::validation::{Check, matches};
use thiserror::Error;

use super::name::suffix;

/// Where the record is in the private state. The suffix itself is an attribute.
const RECORD: &str = "tailnet";

/// A `MagicDNS` suffix.
#[must_use]
pub fn is_suffix() -> Check {
    matches(
        r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$",
        "the MagicDNS suffix of a tailnet in lower case, such as \"tail1234.ts.net\"",
    )
}

/// A tailnet, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tailnet {
    /// The address of the API.
    pub server: String,
    /// The `MagicDNS` suffix; `None` while the tailnet has no device of its own.
    pub suffix: Option<String>,
}

impl fmt::Display for Tailnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.suffix {
            Some(suffix) => write!(f, "{suffix} at {}", self.server),
            None => write!(f, "without devices at {}", self.server),
        }
    }
}

/// What the private state holds of a tailnet: nothing secret, and nothing derived from the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The address of the API.
    pub base_url: String,
    /// When the tailnet had no device of its own, by the server's clock (RFC 3339); only where its suffix is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_at: Option<String>,
}

impl Record {
    /// The one that is recorded.
    ///
    /// # Errors
    /// [`PrivateError`] when it has another form.
    pub fn read(private: &Private) -> Result<Option<Self>, PrivateError> {
        private.get(RECORD)
    }

    /// Records `tailnet`, as a list of the time `now` showed it.
    ///
    /// # Errors
    /// [`PrivateError`] when it has no JSON form.
    pub fn write(private: &mut Private, tailnet: &Tailnet, now: Timestamp) -> Result<(), PrivateError> {
        let empty_at = tailnet.suffix.is_none().then(|| now.to_string());
        private.set(RECORD, Self { base_url: tailnet.server.clone(), empty_at })
    }
}

/// The tailnet that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// The one that the credential names, whichever that is: what is created records it.
    Credentials,
    /// The one whose suffix the configuration names.
    Named(String),
    /// The one that was recorded, and its suffix.
    Recorded(Record, Option<String>),
    /// The one of a state that records none.
    Unrecorded,
}

/// Why a tailnet is not the one that is meant.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Mismatch {
    /// The configuration names another.
    #[error("the provider is configured for the tailnet {found}, and tailnet is \"{named}\"")]
    Named {
        /// The suffix in the configuration.
        named: String,
        /// What the credential names.
        found: Tailnet,
    },
    /// Another was recorded.
    #[error(
        "the provider is configured for the tailnet {found}, and this resource was created for the tailnet {recorded}"
    )]
    Recorded {
        /// What the state records.
        recorded: Tailnet,
        /// What the credential names.
        found: Tailnet,
    },
    /// The tailnet was empty once, and has a device that is older.
    #[error(
        "the provider is configured for the tailnet {found}, where {device} joined before {empty_at}: the tailnet that this resource was created for, {recorded}, had no devices then"
    )]
    Older {
        /// What the state records.
        recorded: Tailnet,
        /// When it was empty.
        empty_at: String,
        /// The device that joined before.
        device: String,
        /// What the credential names.
        found: Box<Tailnet>,
    },
    /// None was recorded.
    #[error(
        "the provider is configured for the tailnet {0}, and the state does not record for which one this resource was created"
    )]
    Unrecorded(Tailnet),
    /// The list shows several.
    #[error("the devices at {server} have names of several tailnets: {}", suffixes.join(", "))]
    Several {
        /// The address of the API.
        server: String,
        /// The suffixes.
        suffixes: Vec<String>,
    },
}

/// The devices that surely are the tailnet's own.
fn own(listing: &Listing) -> impl Iterator<Item = &Device> {
    listing.devices.iter().filter(|device| device.is_external == Some(false) && suffix(&device.name).is_some())
}

/// The tailnet that `listing` of `server` shows, where it is the one that is meant.
///
/// # Errors
/// [`Mismatch`]: nothing may be deleted.
pub fn identify(meant: &Meant, server: &str, listing: &Listing) -> Result<Tailnet, Mismatch> {
    let suffixes: BTreeSet<String> = own(listing).filter_map(|device| suffix(&device.name)).collect();
    let with = |suffix: Option<String>| Tailnet { server: server.to_owned(), suffix };
    let several = || Mismatch::Several { server: server.to_owned(), suffixes: suffixes.iter().cloned().collect() };
    let only = || if suffixes.len() > 1 { Err(several()) } else { Ok(with(suffixes.first().cloned())) };
    // What a message names: all of them, where there are several.
    let shown = || with((!suffixes.is_empty()).then(|| suffixes.iter().cloned().collect::<Vec<_>>().join(", ")));
    let fits = |suffix: &String| suffixes.is_empty() || suffixes.contains(suffix);
    match meant {
        Meant::Credentials => only(),
        Meant::Named(named) if fits(named) => Ok(with(Some(named.clone()))),
        Meant::Named(named) => Err(Mismatch::Named { named: named.clone(), found: shown() }),
        Meant::Unrecorded => Err(Mismatch::Unrecorded(shown())),
        Meant::Recorded(record, suffix) => {
            let recorded = Tailnet { server: record.base_url.clone(), suffix: suffix.clone() };
            if record.base_url != server {
                return Err(Mismatch::Recorded { recorded, found: shown() });
            }
            match (suffix, &record.empty_at) {
                (Some(suffix), _) if fits(suffix) => Ok(with(Some(suffix.clone()))),
                (Some(_), _) => Err(Mismatch::Recorded { recorded, found: shown() }),
                (None, Some(empty_at)) => match older(listing, empty_at) {
                    None => only(),
                    Some(device) => {
                        let device = device.name.clone();
                        Err(Mismatch::Older { recorded, empty_at: empty_at.clone(), device, found: Box::new(shown()) })
                    }
                },
                (None, None) => Err(Mismatch::Unrecorded(shown())),
            }
        }
    }
}

/// A device of the tailnet that had joined by then, or of which nobody knows when it joined.
fn older<'a>(listing: &'a Listing, then: &str) -> Option<&'a Device> {
    let then = then.parse::<Timestamp>().unwrap_or(Timestamp::MAX);
    own(listing).find(|device| device.created.at().is_none_or(|created| created <= then))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tazlab_clients::tailscale::Moment;

    const SERVER: &str = "https://api.example";
    const THEN: &str = "2026-11-24T10:00:00Z";

    fn device(name: &str, external: Option<bool>, created: &str) -> Device {
        let created = Moment::At(created.parse().unwrap());
        Device { name: name.into(), is_external: external, created, ..Device::default() }
    }

    fn listing(devices: &[Device]) -> Listing {
        Listing { devices: devices.to_vec(), now: THEN.parse().unwrap() }
    }

    fn home() -> Device {
        device("K8s.Home.ts.net.", Some(false), "2026-01-01T00:00:00Z")
    }

    fn recorded(base_url: &str, suffix: Option<&str>, empty_at: Option<&str>) -> Meant {
        let record = Record { base_url: base_url.into(), empty_at: empty_at.map(Into::into) };
        Meant::Recorded(record, suffix.map(Into::into))
    }

    fn found(meant: &Meant, devices: &[Device]) -> Result<Option<String>, Mismatch> {
        identify(meant, SERVER, &listing(devices)).map(|tailnet| tailnet.suffix)
    }

    #[test]
    fn the_suffix_is_that_of_the_tailnets_own_devices() {
        let shared = device("nas.work.ts.net", Some(true), THEN);
        let unsaid = device("tv.work.ts.net", None, THEN);
        let suffix = found(&Meant::Credentials, &[shared.clone(), home(), unsaid.clone()]).unwrap();
        assert_eq!(suffix.as_deref(), Some("home.ts.net"));
        assert_eq!(found(&Meant::Credentials, &[shared, unsaid]), Ok(None), "nothing of its own is to be seen");
        let other = device("a.work.ts.net", Some(false), THEN);
        assert!(matches!(found(&Meant::Credentials, &[home(), other.clone()]), Err(Mismatch::Several { .. })));
        let named = Meant::Named("home.ts.net".into());
        assert_eq!(found(&named, &[home(), other.clone()]).unwrap().as_deref(), Some("home.ts.net"));
        assert_eq!(found(&named, &[]).unwrap().as_deref(), Some("home.ts.net"));
        let told = found(&named, &[other]).unwrap_err().to_string();
        assert!(told.contains("work.ts.net at https://api.example") && told.contains("\"home.ts.net\""), "{told}");
    }

    #[test]
    fn another_address_or_suffix_is_another_tailnet() {
        assert!(found(&recorded(SERVER, Some("home.ts.net"), None), &[home()]).is_ok());
        assert!(found(&recorded(SERVER, Some("home.ts.net"), None), &[]).is_ok(), "nothing is there to be deleted");
        for meant in
            [recorded("https://b.example", Some("home.ts.net"), None), recorded(SERVER, Some("work.ts.net"), None)]
        {
            let told = found(&meant, &[home()]).unwrap_err().to_string();
            assert!(told.contains("home.ts.net at https://api.example"), "{told}");
            assert!(told.contains("b.example") || told.contains("work.ts.net"), "{told}");
        }
        assert!(found(&recorded("https://b.example", Some("home.ts.net"), None), &[]).is_err());
        assert!(matches!(found(&Meant::Unrecorded, &[home()]), Err(Mismatch::Unrecorded(_))));
        assert!(found(&Meant::Unrecorded, &[]).is_err());
        assert!(found(&recorded(SERVER, None, None), &[home()]).is_err(), "a record of nothing");
    }

    #[test]
    fn a_tailnet_that_was_empty_has_no_older_device() {
        let meant = recorded(SERVER, None, Some(THEN));
        let younger = device("k8s.home.ts.net", Some(false), "2026-11-24T10:00:01Z");
        assert_eq!(found(&meant, std::slice::from_ref(&younger)).unwrap().as_deref(), Some("home.ts.net"));
        assert_eq!(found(&meant, &[]), Ok(None));
        let ageless = Device { created: Moment::Absent, ..younger.clone() };
        let same_time = device("nas.home.ts.net", Some(false), THEN);
        for other in [home(), ageless, same_time] {
            let told = found(&meant, &[younger.clone(), other]).unwrap_err();
            assert!(matches!(told, Mismatch::Older { .. }), "{told}");
        }
        assert!(found(&recorded(SERVER, None, Some("yesterday")), &[younger]).is_err());
    }

    #[test]
    fn the_record_comes_back() {
        let mut private = Private::default();
        let tailnet = Tailnet { server: SERVER.into(), suffix: None };
        assert_eq!(Record::read(&private).unwrap(), None);
        Record::write(&mut private, &tailnet, THEN.parse().unwrap()).unwrap();
        let expected = Record { base_url: SERVER.into(), empty_at: Some(THEN.into()) };
        assert_eq!(Record::read(&private).unwrap(), Some(expected));
        Record::write(&mut private, &Tailnet { suffix: Some("a.b".into()), ..tailnet }, THEN.parse().unwrap()).unwrap();
        assert_eq!(Record::read(&private).unwrap().unwrap().empty_at, None);
    }
}
