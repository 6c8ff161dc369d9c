//! For random tailnets and random configurations: no device outside the selection is ever deleted, and what a sweep says
//! that it removed is exactly what the journal says.
//!
//! The sweep runs in this process against the fake, over HTTP. The expectation below is written from the contract and
//! shares no code with the rules.

use std::collections::BTreeSet;

use acceptance_tests::tailnet::{Device, Fault, Rule, Seed};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, json};
use tazlab::tailnet::arguments::Arguments;
use tazlab::tailnet::identity::Meant;
use tazlab::tailnet::sweep::{Occasion, Orders, Sweep, SweepError, Swept, Voice};
use tazlab_clients::tailscale::{Client, Credential, Patience, Settings};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::plan::with_defaults;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Datum;
use tokio_util::sync::CancellationToken;

use super::*;

const CASES: u32 = 2000;
const HOSTNAMES: &[&str] = &["a", "a-1", "A", "b", "ab", "k8s.local", "k8s"];
const TAGS: &[&str] = &["tag:a", "tag:b", "tag:ab"];
/// Patterns, and what they mean for the whole of a name.
type Pattern = (&'static str, fn(&str) -> bool);
const PATTERNS: &[Pattern] = &[
    ("a.*", |name| name.starts_with('a')),
    ("b", |name| name == "b"),
    ("a(-1)?|k8s", |name| matches!(name, "a" | "a-1" | "k8s")),
];

#[derive(Clone, Debug)]
struct One {
    hostname: usize,
    tags: BTreeSet<usize>,
    /// Minutes, and half of one; connected without.
    away: Option<u64>,
    external: bool,
    oddity: u8,
    renamed: bool,
    protected: u8,
    wakes: bool,
}

#[derive(Clone, Debug)]
struct Case {
    devices: Vec<One>,
    tags: BTreeSet<usize>,
    names: BTreeSet<usize>,
    pattern: Option<usize>,
    offline_minutes: u64,
    connected: usize,
    most: i64,
    dry_run: bool,
    fault: u8,
}

fn one() -> impl Strategy<Value = One> {
    let away = prop_oneof![1 => Just(None), 3 => (0_u64..8).prop_map(Some)];
    let tags = proptest::collection::btree_set(0..TAGS.len(), 0..3);
    (0..HOSTNAMES.len(), tags, away, 0_u8..12, 0_u8..10, 0_u8..8, 0_u8..12, 0_u8..10).prop_map(
        |(hostname, tags, away, external, oddity, renamed, protected, wakes)| One {
            hostname,
            tags,
            away,
            external: external == 0,
            oddity,
            renamed: renamed == 0,
            protected,
            wakes: wakes == 0,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let few = |most| proptest::collection::btree_set(0..most, 0..2);
    (
        proptest::collection::vec(one(), 0..14),
        (few(TAGS.len()), few(4), proptest::option::weighted(0.3, 0..PATTERNS.len())),
        (0_u64..6, 0_usize..3, prop_oneof![4 => Just(25_i64), 1 => 0_i64..4]),
        (prop::bool::weighted(0.05), 0_u8..100),
    )
        .prop_filter("a selector", |(_, (tags, names, pattern), ..)| {
            !tags.is_empty() || !names.is_empty() || pattern.is_some()
        })
        .prop_map(|(devices, (tags, names, pattern), (offline_minutes, connected, most), (dry_run, fault))| Case {
            devices,
            tags,
            names,
            pattern,
            offline_minutes,
            connected,
            most,
            dry_run,
            fault,
        })
}

/// The names that a configuration may ask for.
const NAMES: &[&str] = &["a", "a-1", "b", "k8s"];
const CONNECTED: &[&str] = &["keep", "wait", "delete"];

impl Case {
    fn orders(&self, protect: &[String]) -> Orders {
        let attributes = Arguments::attributes();
        let Datum::Object(mut all) = all_null(&attributes) else { panic!("no object") };
        let set = |items: Vec<&str>| Datum::Set(items.into_iter().map(Datum::from).collect());
        let mut put = |name: &str, value: Datum| assert!(all.insert(name.to_owned(), value).is_some());
        if !self.tags.is_empty() {
            put("tags", set(self.tags.iter().map(|index| TAGS[*index]).collect()));
        }
        if !self.names.is_empty() {
            put("hostnames", set(self.names.iter().map(|index| NAMES[*index]).collect()));
        }
        if let Some(pattern) = self.pattern {
            put("hostname_regex", PATTERNS[pattern].0.into());
        }
        put("offline_for", format!("{}m", self.offline_minutes).into());
        put("connected", CONNECTED[self.connected].into());
        put("wait_timeout", "0s".into());
        put("max_deletions", Datum::from(self.most));
        put("dry_run", self.dry_run.into());
        put("protect", set(protect.iter().map(String::as_str).collect()));
        decode::<Arguments>(with_defaults(&attributes, Datum::Object(all))).unwrap().orders(Meant::Credentials).unwrap()
    }
}

/// Fields that the API may tell in an odd way.
fn oddity(kind: u8) -> Map<String, Value> {
    let patch = match kind {
        0 => json!({ "lastSeen": null }),
        1 => json!({ "lastSeen": null, "connectedToControl": null }),
        2 => json!({ "connectedToControl": null }),
        3 => json!({ "lastSeen": null, "created": "" }),
        4 => json!({ "lastSeen": "soon" }),
        5 => json!({ "nodeId": null }),
        _ => json!({}),
    };
    let Value::Object(patch) = patch else { panic!("no object") };
    patch
}

/// The canonical name by the contract, for the few names that this test uses.
fn canonical(device: &Device) -> String {
    let asked = device.hostname.to_lowercase().replace(".local", "");
    let numbered = device.label.strip_prefix(&format!("{asked}-"));
    if numbered.is_some_and(|rest| rest.parse::<u32>().is_ok_and(|number| number > 0)) {
        asked
    } else {
        device.label.clone()
    }
}

/// May this device go, by the contract?
fn may_go(case: &Case, device: &Device, one: &One, protect: &[String]) -> bool {
    let name = canonical(device);
    let selected = case.tags.iter().all(|index| device.tags.iter().any(|tag| tag == TAGS[*index]))
        && (case.names.is_empty() || case.names.iter().any(|index| NAMES[*index] == name))
        && case.pattern.is_none_or(|pattern| (PATTERNS[pattern].1)(&name));
    // Oddities are told of devices that are away; what the API does not tell cannot protect.
    let hides_node_id = one.oddity == 5 && one.away.is_some();
    let protected = [device.label.clone(), device.name(), device.id.clone(), device.node_id.clone()]
        .iter()
        .any(|own| protect.contains(own) && !(hides_node_id && *own == device.node_id));
    if !selected || protected || device.external {
        return false;
    }
    let delete = CONNECTED[case.connected] == "delete";
    // What the API tells: is it connected, and if not, for how many half minutes has it been away?
    let away = one.away.map(|minutes| minutes * 2 + 1);
    let told = match (one.oddity, away) {
        (1, _) | (_, None) => None,
        // Its age counts from its birth, an hour before it went.
        (0, Some(away)) => Some(away + 120),
        // Since when it is away is not known, or whether it is.
        (2..=4, Some(_)) => return false,
        (_, Some(away)) => Some(away),
    };
    // An unreadable time of a device that is connected is still a connected device.
    match told {
        None => delete,
        Some(away) => away >= case.offline_minutes * 2,
    }
}

/// What is protected and, by node id, what goes; or too many may go, and so many.
struct Arranged {
    protect: Vec<String>,
    expected: BTreeSet<String>,
    too_many: Option<usize>,
}

/// Puts the case's devices into the tailnet.
fn arrange(tailnet: &Tailnet, case: &Case) -> Arranged {
    let mut world = tailnet.world();
    (world.devices, world.faults) = (Vec::new(), Vec::new());
    let mut protect = Vec::new();
    for one in &case.devices {
        let tags: Vec<&str> = one.tags.iter().map(|index| TAGS[*index]).collect();
        let away_seconds = one.away.map(|minutes| minutes * 60 + 30);
        let external = one.external.then(|| "other.ts.net".to_owned());
        let patch = if one.away.is_some() || one.oddity == 2 { oddity(one.oddity) } else { Map::new() };
        let seed = Seed { away_seconds, external, patch, ..Seed::named(HOSTNAMES[one.hostname], &tags) };
        let device = world.join(&seed);
        if one.renamed {
            device.label = format!("{}-renamed-1", device.label);
        }
        match one.protected {
            0 => protect.push(device.label.clone()),
            1 => protect.push(device.name()),
            2 => protect.push(device.node_id.clone()),
            _ => {}
        }
    }
    let pairs = || world.devices.iter().zip(&case.devices);
    let delete = CONNECTED[case.connected] == "delete";
    let mut expected: BTreeSet<String> = pairs()
        .filter(|(device, one)| may_go(case, device, one, &protect))
        .map(|(device, _)| device.node_id.clone())
        .collect();
    // What is waited for counts against the limit, too. A dry run waits for nobody.
    let asked = Case { connected: 2, ..case.clone() };
    assert_eq!(CONNECTED[asked.connected], "delete");
    let connected =
        |(device, one): &(&Device, &One)| may_go(&asked, device, one, &protect) && !may_go(case, device, one, &protect);
    let waits = CONNECTED[case.connected] == "wait" && !case.dry_run;
    let count = expected.len() + if waits { pairs().filter(connected).count() } else { 0 };
    let too_many = (count > usize::try_from(case.most).unwrap()).then_some(count);
    let wakes: Vec<String> =
        pairs().filter(|(_, one)| one.wakes && one.oddity > 5).map(|(device, _)| device.node_id.clone()).collect();
    if !delete && !wakes.is_empty() {
        expected.retain(|id| !wakes.contains(id));
        world.faults.push(Rule::once("GET", "/api/v2/device/", Fault::Wake { node_ids: wakes }));
    }
    if too_many.is_some() || case.dry_run {
        expected.clear();
    }
    let busy = Fault::Answer { code: 429, retry_after: Some("0".into()), body: String::new() };
    match case.fault {
        0 => world.faults.push(Rule::at_delete(Fault::DoneAndReset)),
        1 => world.faults.push(Rule::at_delete(Fault::DoneAndAnswer { code: 502 }).after(1)),
        2 => world.faults.push(Rule::at_delete(busy).times(3)),
        _ => {}
    }
    Arranged { protect, expected, too_many }
}

fn ids_of(devices: &[tazlab_clients::tailscale::Device], tailnet: &Tailnet, before: &[Device]) -> BTreeSet<String> {
    assert!(tailnet.world().devices.len() <= before.len());
    let found = |key: &str| before.iter().find(|device| device.node_id == key || device.id == key).unwrap();
    devices.iter().map(|device| found(device.key().unwrap()).node_id.clone()).collect()
}

#[test]
fn nothing_outside_the_selection_is_ever_deleted_and_the_account_is_the_journal() {
    let tailnet = Tailnet::start();
    tailnet.world().access.key("key");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let settings =
        Settings { base_url: tailnet.url().into(), tailnet: "-".into(), credential: Credential::ApiKey("key".into()) };
    let client = Client::new(settings).unwrap();
    let (deletions, refusals) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let tried = runner.run(&case(), |case| {
        let Arranged { protect, expected, too_many } = arrange(&tailnet, &case);
        let before = tailnet.world().devices.clone();
        tailnet.forget_journal();
        let orders = case.orders(&protect);
        let context: Context<()> =
            Context::new(None, CancellationToken::new(), tf_plugin::framework::context::ClientCapabilities::default());
        let context = context.within(Duration::from_mins(1));
        let occasion = Occasion { deletes: true, names: None };
        let (opening, voice) = (Patience::WORK, Voice::default());
        let sweep = Sweep { context: &context, client: &client, orders: &orders, occasion, opening, voice };
        let swept: Swept = runtime.block_on(sweep.run());
        let journal: BTreeSet<String> = tailnet.deleted().into_iter().collect();
        prop_assert_eq!(tailnet.deleted().len(), journal.len(), "a device was deleted twice");
        prop_assert_eq!(&ids_of(&swept.removed, &tailnet, &before), &journal);
        let refused = match &swept.problem {
            Some(SweepError::TooMany { count, .. }) => Some(*count),
            _ => None,
        };
        prop_assert_eq!(refused, too_many);
        let still = matches!(swept.problem, Some(SweepError::StillConnected { .. }));
        prop_assert!(swept.problem.is_none() || refused.is_some() || still, "{:?}", swept.problem);
        prop_assert_eq!(journal, expected);
        prop_assert_eq!(tailnet.count("GET", "/api/v2/tailnet/"), 1, "one list");
        deletions.set(deletions.get() + swept.removed.len());
        refusals.set(refusals.get() + usize::from(refused.is_some()));
        Ok(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
    println!("{CASES} cases, {} deletions, {} refusals", deletions.get(), refusals.get());
    assert!(deletions.get() > CASES as usize / 8 && refusals.get() > 10, "the cases are worth something");
}
