//! One round: what happens in it is decided by its seed.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use acceptance_tests::{Namespace, Run, Vault, poll};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::audit::{self, Listed};
use crate::bystanders::Bystanders;
use crate::estate::{Estate, Generation};
use crate::fault::{Answers, Fault, Parts};

/// What is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The first apply.
    Create,
    /// The apply of the second generation.
    Change,
    /// The destroy.
    Destroy,
}

const STEPS: [Step; 3] = [Step::Create, Step::Change, Step::Destroy];

/// What will happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) fault: Fault,
    step: Step,
    /// When, as a share of an undisturbed run. Not at its very ends: before, nothing is done yet, and after it all is over.
    share: f64,
}

/// What happened.
#[allow(clippy::struct_excessive_bools, reason = "each is a thing that happened")]
pub(crate) struct Told {
    /// The disturbed run did not end well.
    pub(crate) failed: bool,
    /// The fault came before the run's end.
    pub(crate) struck: bool,
    took: Duration,
    /// The state was broken, and had again from its backup if there was one.
    pub(crate) restored: bool,
    tainted: usize,
    /// Did it warn of the namespace that it leaves?
    pub(crate) warned_of_namespace: bool,
}

/// How undisturbed runs are.
#[derive(Debug, Default)]
pub(crate) struct Lengths(BTreeMap<Step, (Duration, Answers)>);

impl Lengths {
    /// Runs each step twice: what is run for the first time takes longer.
    pub(crate) fn measured(vault: &Vault) -> Self {
        let mut lengths = Self::default();
        let mut estate = Estate::new(vault);
        for step in STEPS.into_iter().cycle().take(2 * STEPS.len()) {
            let since = Instant::now();
            prepare(&mut estate, step);
            estate.before_api_server.cut_in_answer(0);
            estate.before_vault.cut_in_answer(0);
            start(&estate, step).end().succeeds();
            let answers =
                Answers { api_server: estate.before_api_server.answered(), vault: estate.before_vault.answered() };
            lengths.0.insert(step, (since.elapsed(), answers));
        }
        println!("undisturbed: {:?}", lengths.0);
        lengths
    }
}

fn prepare(estate: &mut Estate, step: Step) {
    estate.haunt();
    match step {
        Step::Create => estate.configure(Generation::First),
        Step::Change => estate.configure(Generation::Second),
        Step::Destroy => {}
    }
}

fn start(estate: &Estate, step: Step) -> acceptance_tests::started::Started {
    let command = if step == Step::Destroy { "destroy" } else { "apply" };
    estate.workspace.start(&[command, "-json", "-auto-approve"])
}

impl Round {
    /// The round of a seed. Consecutive ones have every fault in turn.
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let fault = Fault::ALL[usize::try_from(seed % Fault::ALL.len() as u64).unwrap()];
        Self { fault, step: STEPS[random.random_range(0..STEPS.len())], share: random.random_range(0.15..0.9) }
    }

    /// Goes through it; gives what happened, and what was lost.
    pub(crate) fn run(self, vault: &mut Vault, lengths: &Lengths) -> (Told, Vec<String>) {
        let mut estate = Estate::new(vault);
        let bystanders = Bystanders::among(&estate, vault);
        for step in STEPS.into_iter().take_while(|step| *step != self.step) {
            prepare(&mut estate, step);
            start(&estate, step).end().succeeds();
        }
        prepare(&mut estate, self.step);
        let before = uids(&estate);
        let mut told = self.disturb(&estate, vault, lengths);
        told.restored = self.fault.may_break_the_state() && audit::restore(&estate);

        let mut losses = Vec::new();
        let listed = if self.step == Step::Create { Listed::of_a_beginning(&estate) } else { Listed::of(&estate) };
        match listed {
            Ok(listed) => {
                // Ours are whole or not there: none is to be made anew for an answer that was lost.
                let secrets = listed.tainted.iter().filter(|address| address.starts_with("tazlab_bootstrap_secret "));
                losses.extend(secrets.map(|address| format!("{address} is tainted")));
                told.tainted = listed.tainted.len();
            }
            Err(broken) => losses.push(broken),
        }
        let between = uids(&estate);
        converge(&estate, vault, self.step, told.warned_of_namespace, &mut losses);
        let after = uids(&estate);
        if self.step != Step::Destroy {
            let remade =
                |(name, uid): (&String, &String)| after.get(name).is_some_and(|now| now != uid).then(|| name.clone());
            let both = before.iter().chain(&between);
            losses.extend(both.filter_map(remade).map(|name| format!("the Secret {name} was made anew")));
            losses.extend(differing(&estate));
            end(&estate, vault, &mut losses);
        }
        losses.extend(bystanders.losses(&estate, vault));
        bystanders.leave(vault);
        (told, losses)
    }

    /// Runs the step, and does the fault to it.
    fn disturb(self, estate: &Estate, vault: &mut Vault, lengths: &Lengths) -> Told {
        let (length, answers) = lengths.0[&self.step];
        let mut parts =
            Parts { vault, before_api_server: &estate.before_api_server, before_vault: &estate.before_vault };
        self.fault.arm(&parts, self.share, answers);
        let began = SystemTime::now();
        let mut run = start(estate, self.step);
        let struck = self.fault.strike(&mut run, &mut parts, length.mul_f64(self.share));
        let ended = run.end();
        let struck = struck && estate.before_api_server.is_cut() && estate.before_vault.is_cut();
        Fault::end(&parts);
        if self.fault == Fault::StateEmptied {
            audit::empty(estate, began);
        }
        let warned_of_namespace = ended.warnings().iter().any(|warning| warning.contains(estate.born.name()));
        Told {
            failed: ended.code != Some(0),
            struck,
            took: ended.took,
            restored: false,
            tainted: 0,
            warned_of_namespace,
        }
    }
}

/// The next run of the same step ends well, and then there is nothing to do and nothing to find.
fn converge(estate: &Estate, vault: &Vault, step: Step, warned_of_namespace: bool, losses: &mut Vec<String>) {
    let again = start(estate, step).end();
    if again.code != Some(0) {
        losses.push(format!("the next run failed: {:#?}", again.errors()));
        return;
    }
    let before = losses.len();
    if step == Step::Destroy {
        gone(estate, vault, warned_of_namespace, losses);
    } else {
        match Listed::of(estate) {
            Ok(listed) => losses.extend(audit::differences(&listed.all, &audit::existing(estate, vault))),
            Err(broken) => losses.push(broken),
        }
        let planned = estate.workspace.plan();
        if planned.code != Some(0) {
            losses.push(format!(
                "afterwards a plan ends with {:?}: {:?} {:#?}",
                planned.code,
                planned.changes(),
                planned.errors()
            ));
        }
        // A destroy is not held up by what is left of a sweep: it warns.
        losses.extend(estate.ghosts().into_iter().map(|ghost| format!("the ghost {ghost} is left")));
    }
    if losses.len() > before {
        losses.push(format!("the next run had warned: {:#?}", again.warnings()));
    }
}

/// What of the contents is not as the sources say.
fn differing(estate: &Estate) -> Vec<String> {
    let mut losses = Vec::new();
    for (name, content) in estate.contents() {
        let live = estate.namespace.secret(&name).map(|_| estate.namespace.contents(&name));
        if live.as_ref().and_then(|live| live.get("key")).map(Vec::as_slice) != Some(content.as_bytes()) {
            losses.push(format!("the Secret {name} has not what its source has"));
        }
    }
    let adopted = estate.namespace.contents("adopted");
    if adopted.get("theirs").map(Vec::as_slice) != Some(b"somebody's") {
        losses.push("somebody's key in an adopted Secret is gone".to_owned());
    }
    losses
}

/// Undisturbed, everything goes again.
fn end(estate: &Estate, vault: &Vault, losses: &mut Vec<String>) {
    let destroyed: Run = start(estate, Step::Destroy).end();
    if destroyed.code != Some(0) {
        losses.push(format!("the destroy at the end failed: {:#?}", destroyed.errors()));
    }
    gone(estate, vault, false, losses);
}

/// Nothing of ours is left, but for a namespace of which a disturbed destroy warned: it could not be seen to be empty.
fn gone(estate: &Estate, vault: &Vault, warned_of_namespace: bool, losses: &mut Vec<String>) {
    losses.extend(audit::existing(estate, vault).into_iter().map(|object| format!("{object} is left")));
    match Listed::of(estate) {
        Ok(listed) => losses.extend(listed.all.into_iter().map(|address| format!("{address} is left in the state"))),
        Err(broken) => losses.push(broken),
    }
    // The cluster takes its time to empty a namespace.
    let since = Instant::now();
    let exists = poll::until(Duration::from_secs(40), "answer", || {
        let exists = estate.born.exists();
        (!exists || since.elapsed() > Duration::from_secs(20)).then_some(exists)
    });
    if exists && !warned_of_namespace {
        losses.push(format!("the namespace {} is left", estate.born.name()));
    }
}

/// The uids of our Secrets.
fn uids(estate: &Estate) -> BTreeMap<String, String> {
    let of = |namespace: &Namespace| {
        let secrets = audit::secrets(namespace).into_iter();
        secrets.map(|(name, uid)| (format!("{}/{name}", namespace.name()), uid)).collect::<Vec<_>>()
    };
    [&estate.namespace, &estate.born].into_iter().flat_map(of).collect()
}

impl fmt::Display for Round {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}, {:?} at {:.0} %", self.step, self.fault, self.share * 100.0)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.failed { "failed" } else { "succeeded" };
        write!(out, "{how} after {:.1} s", self.took.as_secs_f64())?;
        if !self.struck {
            write!(out, " (over before the fault)")?;
        }
        if self.restored {
            write!(out, ", with a broken state")?;
        }
        if self.tainted > 0 {
            write!(out, ", {} tainted", self.tainted)?;
        }
        Ok(())
    }
}

#[test]
fn a_seed_is_a_round_and_consecutive_ones_have_every_fault() {
    let told = |seed| Round::of(seed).to_string();
    assert_eq!(told(7), told(7));
    let faults: std::collections::BTreeSet<Fault> = (100..116).map(|seed| Round::of(seed).fault).collect();
    assert_eq!(faults.len(), Fault::ALL.len());
    let steps: std::collections::BTreeSet<Step> = (0..30).map(|seed| Round::of(seed).step).collect();
    assert_eq!(steps.len(), STEPS.len());
}
