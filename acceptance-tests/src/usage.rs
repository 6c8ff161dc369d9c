//! What a provider under Terraform uses, read from `/proc` while it runs.

use std::fs;
use std::time::{Duration, Instant};

/// Ticks a second in `/proc/<pid>/stat`; Linux has 100 everywhere (`USER_HZ`).
const TICKS: f64 = 100.0;

/// How often a provider is searched for while none is seen.
const SEARCH: Duration = Duration::from_millis(100);

/// Memory and time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// The largest resident set, in KiB.
    pub peak: u64,
    /// Time on the processors, in seconds.
    pub cpu: f64,
    /// Terraform's own time on the processors, in seconds.
    pub terraform: f64,
}

/// Watches Terraform (the process `terraform`) and the providers that it starts, until it has ended.
#[must_use]
pub fn watch(terraform: u32) -> Usage {
    let (mut usage, mut provider, mut searched) = (Usage::default(), None, Instant::now());
    let deadline = Instant::now() + Duration::from_mins(5);
    while let Some(own) = look(terraform).filter(|_| Instant::now() < deadline) {
        usage.terraform = own.cpu;
        // One provider follows another. A search costs more than a look, and must not show in the figures.
        if provider.is_none_or(|pid| !is_provider(pid)) && searched.elapsed() > SEARCH {
            (provider, searched) = (provider_of(terraform), Instant::now());
        }
        if let Some(seen) = provider.and_then(look) {
            usage = Usage { peak: usage.peak.max(seen.peak), cpu: usage.cpu.max(seen.cpu), ..usage };
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    usage
}

pub(crate) fn provider_of(parent: u32) -> Option<u32> {
    // Each thread lists the children that it started itself.
    let threads = fs::read_dir(format!("/proc/{parent}/task")).ok()?.flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let children: Vec<u32> =
        lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect();
    children.into_iter().find(|pid| is_provider(*pid))
}

fn is_provider(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.starts_with("terraform-provi"))
}

/// The fields of `/proc/<pid>/stat` after the name, which may hold spaces.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(ToOwned::to_owned).collect())
}

fn look(pid: u32) -> Option<Usage> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()?;
    let stat = stat(pid)?;
    let ticks = |at: usize| stat.get(at)?.parse::<f64>().ok();
    Some(Usage { peak, cpu: (ticks(11)? + ticks(12)?) / TICKS, terraform: 0.0 })
}
