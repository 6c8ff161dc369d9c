//! A real ACME server (Pebble, Let's Encrypt's own for tests), and a DNS server that takes the records of its challenges by
//! RFC 2136. Both hold everything in memory, and end with the value.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use serde_json::json;

use crate::{Proxy, poll, programs};

/// An ACME server that issues for names of one zone.
#[derive(Debug)]
pub struct Acme {
    folder: tempfile::TempDir,
    directory: String,
    authority: String,
    dns: String,
    processes: Vec<Child>,
}

impl Acme {
    /// One that is up.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(zone: &str) -> Self {
        let (folder, programs) = (tempfile::tempdir().unwrap(), programs::program("pebble"));
        let mut dns =
            Command::new(programs.join("dns")).arg(zone).stdout(Stdio::piped()).spawn().expect("a DNS server");
        let mut address = String::new();
        BufReader::new(dns.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "the DNS server says {address:?}");

        let (port, key) = (Proxy::free_port(), KeyPair::generate().unwrap());
        let names = vec!["127.0.0.1".to_owned()];
        let authority = CertificateParams::new(names).unwrap().self_signed(&key).unwrap().pem();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("server.pem"), &authority).unwrap();
        fs::write(place("server.key"), key.serialize_pem()).unwrap();
        let listens = format!("127.0.0.1:{port}");
        let settings = json!({"pebble": {
            "listenAddress": listens, "managementListenAddress": "", "keyAlgorithm": "ecdsa",
            "certificate": place("server.pem"), "privateKey": place("server.key"),
            // Nobody answers there: names are proven by DNS.
            "httpPort": Proxy::free_port(), "tlsPort": Proxy::free_port(),
            "retryAfter": {"authz": 1, "order": 1},
            "profiles": {"default": {"description": "as Let's Encrypt", "validityPeriod": 7_776_000}},
        }});
        fs::write(place("pebble.json"), settings.to_string()).unwrap();
        let log = File::create(place("log")).unwrap();
        let pebble = Command::new(programs.join("pebble"))
            .args(["-config", place("pebble.json").to_str().unwrap(), "-dnsserver", &address])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "0")
            // A name is proven once: cert-manager waits a minute for each proof.
            .env("PEBBLE_AUTHZREUSE", "100")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("Pebble starts");
        let directory = format!("https://{listens}/dir");
        let acme = Self { folder, directory, authority, dns: address, processes: vec![pebble, dns] };
        poll::until(Duration::from_secs(30), "ACME server", || std::net::TcpStream::connect(&listens).ok().map(drop));
        acme
    }

    /// The address of its directory.
    #[must_use]
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// The certificate that it shows, PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The DNS server, `127.0.0.1:port`.
    #[must_use]
    pub fn dns(&self) -> &str {
        &self.dns
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn count(&self, words: &str) -> usize {
        fs::read_to_string(self.log()).unwrap().lines().filter(|line| line.contains(words)).count()
    }

    /// How many orders it was given.
    #[must_use]
    pub fn orders(&self) -> usize {
        self.count("Added order")
    }

    /// How many certificates it has issued.
    #[must_use]
    pub fn issued(&self) -> usize {
        self.count("Issued certificate serial")
    }

    /// How many accounts were made.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.count("accounts in memory")
    }
}

impl Drop for Acme {
    fn drop(&mut self) {
        for process in &mut self.processes {
            drop(process.kill());
            drop(process.wait());
        }
    }
}
