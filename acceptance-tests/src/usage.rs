//! What a provider under Terraform uses, read from `/proc` while it runs.

use std::fs;
use std::time::{Duration, Instant};

/// Ticks a second in `/proc/<pid>/stat`; Linux has 100 everywhere (`USER_HZ`).
const TICKS: f64 = 100.0;

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

/// Watches the provider that the process `parent` starts, until both have ended.
#[must_use]
pub fn watch(parent: u32) -> Usage {
    let mut usage = Usage::default();
    let deadline = Instant::now() + Duration::from_mins(5);
    while fs::metadata(format!("/proc/{parent}")).is_ok() && Instant::now() < deadline {
        if let Some(seen) = provider_of(parent).and_then(look) {
            usage.peak = usage.peak.max(seen.peak);
            usage.cpu = usage.cpu.max(seen.cpu);
        }
        usage.terraform = usage.terraform.max(look(parent).unwrap_or_default().cpu);
        std::thread::park_timeout(Duration::from_millis(10));
    }
    usage
}

fn provider_of(parent: u32) -> Option<u32> {
    // A kernel without this list is asked the long way, which costs so much that it would show in the figures.
    if let Ok(children) = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")) {
        return children.split_whitespace().filter_map(|pid| pid.parse().ok()).find(|pid| is_provider(*pid));
    }
    let all = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.find(|pid| is_provider(*pid) && stat(*pid).and_then(|stat| stat.get(1)?.parse().ok()) == Some(parent))
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
