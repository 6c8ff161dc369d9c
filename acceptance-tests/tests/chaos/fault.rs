//! What is done to a run, and how it is undone. What follows from it is the round's to find.

use std::process::Command;
use std::time::{Duration, Instant};

use acceptance_tests::started::Started;
use acceptance_tests::{Proxy, Vault, node, poll};

use crate::cluster;

/// How long what is halted stays so: longer than anybody's patience for one answer, shorter than the run's.
const HALT: Duration = Duration::from_secs(4);
const LATENCY: Duration = Duration::from_secs(2);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// SIGKILL to the provider.
    ProviderKilled,
    /// SIGKILL to Terraform alone.
    TerraformKilled,
    /// SIGKILL to both.
    BothKilled,
    /// SIGKILL to both while Terraform writes its state. It empties the file before it writes it anew, so nothing is in it.
    StateEmptied,
    /// Ctrl-C.
    Interrupted,
    /// SIGKILL to the API server, which the kubelet starts again.
    ApiServerKilled,
    /// SIGSTOP to the API server for a while.
    ApiServerHalted,
    /// Its serving certificate is made anew, and its connections are cut.
    ApiServerCertified,
    /// One of its answers ends in the middle.
    ApiServerCut,
    /// Everything that is said to it comes two seconds later.
    ApiServerSlow,
    /// etcd has an alarm for want of space: it reads, and writes nothing.
    EtcdReadOnly,
    /// SIGKILL to Vault, which is started and unsealed again.
    VaultKilled,
    /// SIGSTOP to Vault for a while.
    VaultHalted,
    /// Its certificate is made anew, and its connections are cut.
    VaultCertified,
    /// One of its answers ends in the middle.
    VaultCut,
    /// Everything that is said to it comes two seconds later.
    VaultSlow,
}

/// What a fault is done to.
pub(crate) struct Parts<'a> {
    pub(crate) vault: &'a mut Vault,
    pub(crate) before_api_server: &'a Proxy,
    pub(crate) before_vault: &'a Proxy,
}

impl Fault {
    /// All of them.
    pub(crate) const ALL: [Self; 16] = [
        Self::ProviderKilled,
        Self::TerraformKilled,
        Self::BothKilled,
        Self::StateEmptied,
        Self::Interrupted,
        Self::ApiServerKilled,
        Self::ApiServerHalted,
        Self::ApiServerCertified,
        Self::ApiServerCut,
        Self::ApiServerSlow,
        Self::EtcdReadOnly,
        Self::VaultKilled,
        Self::VaultHalted,
        Self::VaultCertified,
        Self::VaultCut,
        Self::VaultSlow,
    ];

    /// Is it done to what everybody uses?
    pub(crate) fn harms_the_cluster(self) -> bool {
        matches!(self, Self::ApiServerKilled | Self::ApiServerHalted | Self::ApiServerCertified | Self::EtcdReadOnly)
    }

    /// Does it to a run when so much time is over. Returns when it is undone, or lasts until [`Fault::end`]; the run may go on. Gives
    /// false where the run was over before.
    pub(crate) fn strike(self, run: &mut Started, parts: &mut Parts<'_>, moment: Duration) -> bool {
        if matches!(self, Self::ApiServerCut | Self::VaultCut) {
            // Armed before the run: see `arm`.
            return true;
        }
        let due = Instant::now() + moment;
        poll::until(Duration::from_mins(1), "moment of a fault", || {
            (Instant::now() >= due || run.has_ended()).then_some(())
        });
        if run.has_ended() {
            return false;
        }
        match self {
            Self::ProviderKilled => return kill_provider(run),
            Self::TerraformKilled => return kill_terraform(run),
            Self::BothKilled | Self::StateEmptied => run.signal("KILL"),
            Self::Interrupted => run.signal("INT"),
            Self::ApiServerKilled => {
                cluster::kill_api_server();
                node::until_ready();
            }
            Self::ApiServerHalted => drop(cluster::Halted::for_a(HALT)),
            Self::ApiServerCertified => {
                cluster::renew_certificate();
                parts.before_api_server.cut();
            }
            Self::EtcdReadOnly => drop(cluster::ReadOnly::for_a(HALT)),
            Self::ApiServerSlow => parts.before_api_server.slow_by(LATENCY),
            Self::VaultKilled => parts.vault.restart(),
            Self::VaultHalted => {
                parts.vault.signal("STOP");
                cluster::wait(HALT);
                parts.vault.signal("CONT");
            }
            Self::VaultCertified => {
                parts.vault.renew_certificate();
                parts.before_vault.cut();
            }
            Self::VaultSlow => parts.before_vault.slow_by(LATENCY),
            Self::ApiServerCut | Self::VaultCut => {}
        }
        true
    }

    /// Prepares what happens at a place in the answers and not at a time: `share` of what they are in an undisturbed run.
    pub(crate) fn arm(self, parts: &Parts<'_>, share: f64, answers: Answers) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place"
        )]
        let at = |bytes: usize| ((bytes as f64 * share) as usize).max(1);
        match self {
            Self::ApiServerCut => parts.before_api_server.cut_in_answer(at(answers.api_server)),
            Self::VaultCut => parts.before_vault.cut_in_answer(at(answers.vault)),
            _ => {}
        }
    }

    /// May Terraform have left a state that is none? Else it is a loss.
    pub(crate) fn may_break_the_state(self) -> bool {
        matches!(self, Self::TerraformKilled | Self::BothKilled | Self::StateEmptied)
    }

    /// Undoes what lasts until the end of the run.
    pub(crate) fn end(parts: &Parts<'_>) {
        for proxy in [parts.before_api_server, parts.before_vault] {
            proxy.slow_by(Duration::ZERO);
            proxy.cut_in_answer(0);
        }
        node::until_ready();
    }
}

/// Bytes that servers answer in a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) api_server: usize,
    pub(crate) vault: usize,
}

fn kill(process: u32) {
    // It may have ended a moment ago.
    drop(Command::new("kill").args(["-s", "KILL", &process.to_string()]).output().expect("kill runs"));
}

/// Between one provider and the next there is none.
fn kill_provider(run: &mut Started) -> bool {
    let found = poll::until(Duration::from_mins(1), "provider, or end of the run", || match run.provider() {
        Some(provider) => Some(Some(provider)),
        None => run.has_ended().then_some(None),
    });
    found.map(kill).is_some()
}

/// The provider must not stay behind.
fn kill_terraform(run: &Started) -> bool {
    let provider = run.provider();
    kill(run.terraform());
    if let Some(provider) = provider {
        let stat = format!("/proc/{provider}/stat");
        poll::until(Duration::from_secs(20), "end of a provider whose Terraform was killed", || {
            // A process that nobody has waited for yet has ended, too.
            std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z ")).then_some(())
        });
    }
    true
}
