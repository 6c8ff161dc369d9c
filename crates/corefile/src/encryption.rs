//! Server blocks that share one encrypted listener: TLS is negotiated before CoreDNS knows the zone that is asked, so their
//! TLS settings must agree (`core/dnsserver/tlsconfig.go`, since `CoreDNS` 1.15).
//!
//! Knows what can be read in the file. Whether two files hold the same certificate, only the machine knows.

use std::collections::{BTreeSet, HashMap};

use tazlab_go::net;

use super::address::Listener;
use super::diagnostic::{Finding, Kind};
use super::transport::Transport;

/// TLS settings of a server block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// No `tls`.
    None,
    /// A `tls` that was refused: nothing can be said.
    Unknown,
    /// Certificate and key from files.
    Files {
        /// Their paths, as written.
        paths: Vec<String>,
        /// Path of the clients' authority, if there is one.
        authority: Option<String>,
        client_auth: String,
    },
    /// A certificate by ACME.
    Acme {
        domains: BTreeSet<String>,
        /// E-mail address, authority's URL and resolver, which CoreDNS compares as they are written.
        account: [String; 3],
        /// Folder and file of roots; two paths may be the same place.
        paths: [Option<String>; 2],
    },
}

/// What two blocks' settings mean for the listener that they share.
#[derive(Debug, PartialEq, Eq)]
enum Shared {
    Agrees,
    /// Why CoreDNS does not start.
    Refused(&'static str),
    /// What must be the same for it to start.
    Depends(&'static str),
}

fn shared(one: &Encryption, other: &Encryption) -> Shared {
    use Encryption::{Acme, Files, None, Unknown};
    match (one, other) {
        (Unknown, _) | (_, Unknown) | (None, None) => Shared::Agrees,
        (None, _) | (_, None) => Shared::Refused("only one of them has `tls`"),
        (Files { .. }, Acme { .. }) | (Acme { .. }, Files { .. }) => {
            Shared::Refused("one takes its certificate from a file, the other by ACME")
        }
        (
            Files { paths, authority, client_auth },
            Files { paths: other_paths, authority: other_authority, client_auth: other_client_auth },
        ) => {
            if client_auth != other_client_auth {
                Shared::Refused("their `client_auth` differs")
            } else if authority.is_some() != other_authority.is_some() {
                Shared::Refused("only one of them has an authority for clients")
            } else if paths != other_paths || authority != other_authority {
                Shared::Depends("the files hold the same certificates")
            } else {
                Shared::Agrees
            }
        }
        (
            Acme { domains, account, paths },
            Acme { domains: other_domains, account: other_account, paths: other_paths },
        ) => {
            if domains != other_domains {
                Shared::Refused("their ACME domains differ")
            } else if account != other_account {
                Shared::Refused("their ACME options differ")
            } else if paths != other_paths {
                Shared::Depends("the paths of their ACME options are the same places")
            } else {
                Shared::Agrees
            }
        }
    }
}

/// Finds blocks whose TLS settings do not fit those of the block that was first on the same listener.
pub(crate) fn conflicts(listeners: &[Listener], findings: &mut Vec<Finding>) {
    let mut first: HashMap<(Transport, String, Option<i64>), &Listener> = HashMap::new();
    for listener in listeners {
        let mut said = Vec::new();
        for zone in listener.zones {
            if matches!(zone.transport, Transport::Dns | Transport::Unix) {
                continue;
            }
            for host in listener.hosts {
                let host = net::parse_ip(host).map_or_else(|| host.clone(), |ip| ip.to_string());
                let earlier = *first.entry((zone.transport, host, zone.port)).or_insert(listener);
                let scheme = zone.transport.name();
                let finding = match shared(earlier.encryption, listener.encryption) {
                    Shared::Agrees => continue,
                    Shared::Refused(why) => {
                        let message =
                            format!("this block shares its {scheme}:// listener with an earlier one, and {why}");
                        Finding::error(Kind::Conflict, listener.span, message)
                    }
                    Shared::Depends(what) => {
                        let message = format!(
                            "this block shares its {scheme}:// listener with an earlier one: CoreDNS starts only if {what}"
                        );
                        Finding::warning(Kind::Conflict, listener.span, message)
                    }
                };
                let finding = finding.plugin("tls").fix("give both blocks the same `tls`, or give one another port");
                if !said.contains(&finding.message) {
                    said.push(finding.message.clone());
                    findings.push(finding);
                }
            }
        }
    }
}
