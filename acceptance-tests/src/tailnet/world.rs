//! The tailnet itself: devices with their names, auth keys, and a clock.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Access, Rule};
use crate::canary;

type Loud = Box<dyn Fn(&str) + Send>;

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// The id that the API prefers.
    pub node_id: String,
    /// The older id.
    pub id: String,
    /// The name that it asked for.
    pub hostname: String,
    /// The first label of the name that it got.
    pub label: String,
    /// The rest of its name.
    pub domain: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it joined.
    pub created: Timestamp,
    /// Since when it has been away; `None` while it is connected.
    pub away_since: Option<Timestamp>,
    /// Is it shared in?
    pub external: bool,
    /// Does it go by itself?
    pub ephemeral: bool,
    /// Fields that stand in every answer instead of, or beside, the real ones; null takes one away.
    pub patch: Map<String, Value>,
    /// It is deleted, and will be in so many lists still.
    leaves_after: Option<usize>,
}

/// What a device joins with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Seed {
    /// The name that it asks for.
    pub hostname: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// For how long it has been away already; connected without it.
    pub away_seconds: Option<u64>,
    /// Is it shared in, from this tailnet?
    pub external: Option<String>,
    /// Does it go by itself?
    pub ephemeral: bool,
    /// An auth key.
    pub key: Option<String>,
    /// Fields that the API tells otherwise; null takes one away.
    pub patch: Map<String, Value>,
}

impl Seed {
    /// A connected device with a name and tags.
    #[must_use]
    pub fn named(hostname: &str, tags: &[&str]) -> Self {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Self { hostname: hostname.to_owned(), tags, ..Self::default() }
    }
}

/// An auth key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// The key.
    pub secret: String,
    /// What it allows.
    pub capabilities: Value,
    /// When it ends.
    pub ends: Timestamp,
    /// Did a device join with it?
    pub used: bool,
    /// Was it revoked?
    pub revoked: bool,
}

/// Everything that the tailnet is.
pub struct World {
    /// The devices.
    pub devices: Vec<Device>,
    /// Every auth key that was ever minted.
    pub keys: Vec<Key>,
    /// Who may ask.
    pub access: Access,
    /// What goes wrong.
    pub faults: Vec<Rule>,
    /// How long every answer takes.
    pub latency: Duration,
    /// How many lists a deleted device is still in.
    pub lingers: usize,
    /// How far the server's clock is from ours.
    pub clock: SignedDuration,
    /// The tailnet's domain.
    pub domain: String,
    /// Whether answers have fields that nobody knows, and repeat what was sent, at their top: Tailscale's own client stumbles there.
    pub echoes: bool,
    /// Is told every request.
    pub loud: Option<Loud>,
    serial: usize,
}

impl std::fmt::Debug for World {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("World").field("devices", &self.devices).finish_non_exhaustive()
    }
}

impl Default for World {
    fn default() -> Self {
        Self {
            devices: Vec::new(),
            keys: Vec::new(),
            access: Access::default(),
            faults: Vec::new(),
            latency: Duration::ZERO,
            lingers: 0,
            clock: SignedDuration::ZERO,
            domain: "magellanic-gondola.ts.net".to_owned(),
            echoes: true,
            loud: None,
            serial: 0,
        }
    }
}

impl World {
    /// The server's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + self.clock
    }

    /// The server's time in so long, as HTTP headers have it.
    ///
    /// # Panics
    /// Beyond the year 9999.
    #[must_use]
    pub fn date_in(&self, time: Duration) -> String {
        let then = self.now() + SignedDuration::try_from(time).unwrap();
        DateTimePrinter::new().timestamp_to_rfc9110_string(&then).unwrap()
    }

    /// Every secret that was given out: access tokens and auth keys.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let keys = self.keys.iter().map(|key| key.secret.clone());
        keys.chain(self.access.given.iter().cloned()).collect()
    }

    /// A device joins; the name that it asks for gets a number where another device holds it.
    ///
    /// # Panics
    /// Never: it was pushed the line before.
    pub fn join(&mut self, seed: &Seed) -> &mut Device {
        self.serial += 1;
        let (serial, now) = (self.serial, self.now());
        let base = label(&seed.hostname);
        let domain = seed.external.clone().unwrap_or_else(|| self.domain.clone());
        let taken = |label: &str| self.devices.iter().any(|one| one.label == label && one.domain == domain);
        let numbered = |number: usize| if number == 0 { base.clone() } else { format!("{base}-{number}") };
        let label = (0..=self.devices.len()).map(numbered).find(|label| !taken(label)).unwrap();
        let away = seed.away_seconds.map(|seconds| SignedDuration::from_secs(i64::try_from(seconds).unwrap()));
        // Who is away was there for an hour; who is connected joins now.
        let created = away.map_or(now, |away| now - away - SignedDuration::from_hours(1));
        self.devices.push(Device {
            node_id: format!("n{serial}CNTRL"),
            id: format!("{}", 10_000 + serial),
            hostname: seed.hostname.clone(),
            label,
            domain,
            tags: seed.tags.clone(),
            created,
            away_since: away.map(|away| now - away),
            external: seed.external.is_some(),
            ephemeral: seed.ephemeral,
            patch: seed.patch.clone(),
            leaves_after: None,
        });
        self.devices.last_mut().unwrap()
    }

    /// A device joins with an auth key.
    ///
    /// # Errors
    /// Why the key does not let it in.
    pub fn join_with_key(&mut self, seed: &Seed, secret: &str) -> Result<&mut Device, &'static str> {
        let now = self.now();
        let key = self.keys.iter_mut().find(|key| key.secret == secret).ok_or("no such key")?;
        let create = &key.capabilities["devices"]["create"];
        if key.revoked || now >= key.ends || (key.used && create["reusable"] != true) {
            return Err("the key is not valid any more");
        }
        let tags =
            create["tags"].as_array().into_iter().flatten().filter_map(|tag| tag.as_str().map(Into::into)).collect();
        let seed = Seed { tags, ephemeral: create["ephemeral"] == true, ..seed.clone() };
        key.used = true;
        Ok(self.join(&seed))
    }

    /// These devices are connected again.
    pub fn wake(&mut self, node_ids: &[String]) {
        for device in self.devices.iter_mut().filter(|device| node_ids.contains(&device.node_id)) {
            device.away_since = None;
        }
    }

    /// This device has been away for so long.
    ///
    /// # Panics
    /// When there is none.
    pub fn leaves(&mut self, node_id: &str, ago: Duration) {
        let since = self.now() - SignedDuration::try_from(ago).unwrap();
        let device = self.devices.iter_mut().find(|device| device.node_id == node_id).expect("a device of that id");
        device.away_since = Some(since);
    }

    pub(super) fn find(&self, id: &str) -> Option<&Device> {
        self.devices.iter().find(|device| (device.node_id == id || device.id == id) && device.leaves_after.is_none())
    }

    /// Deletes a device; gives its node id.
    pub(super) fn delete(&mut self, id: &str) -> Option<String> {
        let node_id = self.find(id)?.node_id.clone();
        if self.lingers == 0 {
            self.devices.retain(|device| device.node_id != node_id);
        } else if let Some(device) = self.devices.iter_mut().find(|device| device.node_id == node_id) {
            device.leaves_after = Some(self.lingers);
        }
        Some(node_id)
    }

    /// All devices as a list shows them. Deleted ones disappear some lists later.
    pub(super) fn list(&mut self) -> Vec<Device> {
        let shown = self.devices.clone();
        for device in &mut self.devices {
            device.leaves_after = device.leaves_after.map(|lists| lists.saturating_sub(1));
        }
        self.devices.retain(|device| device.leaves_after != Some(0));
        shown
    }

    /// Mints a key.
    pub(super) fn mint(&mut self, capabilities: Value, expiry: SignedDuration) -> Key {
        self.serial += 1;
        let id = format!("k{}CNTRL", self.serial);
        let secret = format!("tskey-auth-{id}-{}", canary::plant());
        let key = Key { id, secret, capabilities, ends: self.now() + expiry, used: false, revoked: false };
        self.keys.push(key.clone());
        key
    }
}

impl Device {
    /// Its whole name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.label, self.domain)
    }

    /// The device as the API tells it.
    pub(super) fn to_json(&self, all: bool) -> Value {
        let mut told = json!({
            "name": self.name(), "hostname": self.hostname, "id": self.id, "nodeId": self.node_id,
            "user": "admin@example.com", "os": "linux", "clientVersion": "1.80.0",
            "addresses": ["100.64.0.1", "fd7a:115c:a1e0::1"], "machineKey": "", "nodeKey": "nodekey:0",
            "authorized": true, "keyExpiryDisabled": true, "blocksIncomingConnections": false,
            "isEphemeral": self.ephemeral, "isExternal": self.external, "updateAvailable": false,
            "connectedToControl": self.away_since.is_none(), "tailnetLockError": "", "tailnetLockKey": "",
            "created": self.created.to_string(), "expires": "0001-01-01T00:00:00Z",
            "unheardOf": { "since": [1, 2.5, null] },
        });
        let fields = told.as_object_mut().unwrap();
        if let Some(since) = self.away_since {
            fields.insert("lastSeen".into(), since.to_string().into());
        }
        if !self.tags.is_empty() {
            fields.insert("tags".into(), self.tags.clone().into());
        }
        if all {
            let more = json!({ "sshEnabled": false, "advertisedRoutes": [], "enabledRoutes": [],
                "distro": { "name": "talos", "version": "1.12", "codeName": "" } });
            fields.extend(more.as_object().unwrap().clone());
        }
        for (name, value) in &self.patch {
            fields.remove(name);
            if !value.is_null() {
                fields.insert(name.clone(), value.clone());
            }
        }
        told
    }
}

/// The label that a host name asks for.
fn label(hostname: &str) -> String {
    let lower = hostname.to_lowercase();
    lower
        .chars()
        .map(|one| if one.is_ascii_alphanumeric() { one } else { '-' })
        .collect::<String>()
        .trim_matches('-')
        .into()
}
