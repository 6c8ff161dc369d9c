//! A machine on the tailnet that is not in the cluster: a process of this machine, which changes nothing of its network.

use std::fs::File;
use std::process::Command;

use super::{Attached, ControlServer, part};

/// A machine that is connected. It goes with the value, without a farewell, and its device stays.
#[derive(Debug)]
pub struct TailnetNode {
    name: String,
    proxy: String,
    _process: Attached,
    _folder: tempfile::TempDir,
}

impl TailnetNode {
    /// Joins with these tags, and answers HTTP on port 8080 of its tailnet address with this text.
    #[must_use]
    pub fn join(control: &ControlServer, hostname: &str, tags: &[&str], answer: &str) -> Self {
        Self::join_as(control, hostname, tags, answer, false)
    }

    /// The same as an ephemeral device.
    #[must_use]
    pub fn join_ephemeral(control: &ControlServer, hostname: &str, tags: &[&str]) -> Self {
        Self::join_as(control, hostname, tags, "", true)
    }

    fn join_as(control: &ControlServer, hostname: &str, tags: &[&str], answer: &str, ephemeral: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(part("node"));
        command.args(["-control", control.url(), "-hostname", hostname, "-answer", answer, "-dir"]).arg(folder.path());
        command.env("TS_AUTHKEY", control.auth_key(tags, ephemeral)).stderr(log);
        let (process, said) = Attached::start(&mut command);
        let text = |field: &str| said[field].as_str().unwrap_or_else(|| panic!("no {field}: {said}")).to_owned();
        let name = text("name").trim_end_matches('.').to_owned();
        Self { name, proxy: text("proxy"), _process: process, _folder: folder }
    }

    /// Its whole name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The HTTP proxy through which a program of this machine reaches the tailnet as this node does, names included.
    #[must_use]
    pub fn proxy(&self) -> &str {
        &self.proxy
    }
}
