//! Our own rules: what Talos takes in silence, and what a cluster does not survive. Each has a name, so that whoever means
//! it can allow it.

mod admission;
mod audit;
mod flags;
mod kubelet;
mod names;
mod pods;
mod removed;
mod scheduler;
mod shape;
#[cfg(test)]
mod tests;

use flags::texts;
use tazlab_yaml::{Kind, Node};

use tazlab_go::{strconv, url};

use super::problem::{Objection, Problem};
use super::schema::LEGACY;
use super::validate::Document;
use super::value::Value;

/// The names of the rules, each with the reason that it gives.
pub const ALLOWABLE: &[&str] = &[
    CERT_SANS,
    ANONYMOUS,
    ISSUER,
    AUDIENCES,
    COREDNS,
    "cluster.apiServer.extraArgs",
    "cluster.controllerManager.extraArgs",
    "cluster.scheduler.extraArgs",
    "cluster.proxy.extraArgs",
    "cluster.etcd.extraArgs",
    "machine.kubelet.extraArgs",
    kubelet::KUBELET,
    scheduler::SCHEDULER,
    admission::ADMISSION,
    audit::AUDIT,
    pods::AUTHORIZERS,
    pods::VOLUMES[0],
    pods::VOLUMES[1],
    pods::VOLUMES[2],
    SERVICE_ACCOUNT_KEY,
    SECRETBOX,
];

const CERT_SANS: &str = "machine.certSANs";
const ANONYMOUS: &str = "anonymous-auth";
const ISSUER: &str = "service-account-issuer";
const AUDIENCES: &str = "api-audiences";
const COREDNS: &str = "cluster.coreDNS.disabled";
const SERVICE_ACCOUNT_KEY: &str = "cluster.serviceAccount.key";
const SECRETBOX: &str = "cluster.secretboxEncryptionSecret";

const JSON_PATCH: &str = "json-patch";

/// Talos reads the first document of a JSON patch and drops what follows.
pub(super) const DROPPED_DOCUMENTS: Objection = Objection::Rule(JSON_PATCH);

struct Rules<'a> {
    allow: &'a [&'a str],
    found: Vec<Problem>,
}

impl Rules<'_> {
    fn refuse(&mut self, rule: &'static str, value: &Value, path: &str, text: impl Into<String>) {
        // Only what the patch itself says is objected to.
        if !self.allow.contains(&rule) && value.at.is_some() {
            let objection = Objection::Rule(rule);
            self.found.push(Problem { at: value.at, path: path.to_owned(), text: text.into(), objection });
        }
    }
}

/// What the rules object to in a configuration with a patch applied.
pub(super) fn object(documents: &[Document], patch: &str, allow: &[&str]) -> Vec<Problem> {
    let Some((_, config)) = documents.iter().find(|(kind, _)| kind == LEGACY) else { return Vec::new() };
    let mut rules = Rules { allow, found: Vec::new() };
    cert_sans(&mut rules, config);
    keys(&mut rules, config.get("cluster"));
    tokens(&mut rules, config);
    flags::components(&mut rules, config);
    let server = config.at_path("cluster.apiServer");
    admission::pod_security(&mut rules, server);
    audit::policy(&mut rules, server);
    pods::authorizers(&mut rules, server);
    pods::volumes(&mut rules, config);
    kubelet::configuration(&mut rules, config);
    scheduler::configuration(&mut rules, config);
    core_dns(&mut rules, config.get("cluster"), patch);
    rules.found
}

/// Documents that nobody would read.
pub(super) fn dropped_documents(documents: &[Node]) -> Option<Problem> {
    let (first, rest) = documents.split_first()?;
    let dropped = rest.first().filter(|_| matches!(first.kind, Kind::Sequence(_)))?;
    let text =
        "a JSON patch must be one document: Talos drops this one and all that follow without an error".to_owned();
    Some(Problem { at: Some(dropped.at), path: String::new(), text, objection: DROPPED_DOCUMENTS })
}

fn cert_sans(rules: &mut Rules<'_>, config: &Value) {
    let names = config.at_path("machine.certSANs");
    let first = names.items().iter().find(|name| name.at.is_some());
    if let Some(name) = first {
        let text = "machine.certSANs names Talos' own API (port 50000). Kubernetes' API server (port 6443) has its names in \
                    cluster.apiServer.certSANs, which is nearly always what is meant. If talosctl must reach this machine \
                    by that name, allow \"machine.certSANs\"";
        rules.refuse(CERT_SANS, name, "machine.certSANs", text);
    }
}

fn keys(rules: &mut Rules<'_>, cluster: &Value) {
    let key = cluster.at_path("serviceAccount.key");
    let text = "another key makes every ServiceAccount token of a running cluster worthless at once; the key comes from the \
                cluster's secrets, not from a patch";
    rules.refuse(SERVICE_ACCOUNT_KEY, key, SERVICE_ACCOUNT_KEY, text);
    let key = cluster.get("secretboxEncryptionSecret");
    let text = "another key makes every Secret that etcd holds unreadable; the key comes from the cluster's secrets, not \
                from a patch";
    rules.refuse(SECRETBOX, key, SECRETBOX, text);
}

/// Flags of the API server about who may log in, and with what.
fn tokens(rules: &mut Rules<'_>, config: &Value) {
    let flags = config.at_path("cluster.apiServer.extraArgs");
    let path = |flag: &str| format!("cluster.apiServer.extraArgs.{flag}");
    let anonymous = flags.get(ANONYMOUS);
    // Of a flag that is given several times, the last one counts.
    let given = texts(anonymous);
    if given.last().and_then(|text| strconv::parse_bool(text)) == Some(true) {
        let text = "this lets everybody who reaches port 6443 query the API server without logging in, with all permissions of system:anonymous and system:unauthenticated. If Vault must read the signing keys, use \
                    tazlab_vault_jwt_auth with keys = \"cluster\", which needs no anonymous access";
        rules.refuse(ANONYMOUS, anonymous, &path(ANONYMOUS), text);
    }
    let issuer = flags.get(ISSUER);
    for value in if issuer.items().is_empty() { std::slice::from_ref(issuer) } else { issuer.items() } {
        if !value.is_nil()
            && let Some(reason) = issuer_problem(value.text())
        {
            rules.refuse(ISSUER, value, &path(ISSUER), reason);
        }
    }
    let domain = Some(config.at_path("cluster.network.dnsDomain").text()).filter(|domain| !domain.is_empty());
    audiences(rules, flags, domain.unwrap_or("cluster.local"));
}

/// Why a text cannot be the issuer of ServiceAccount tokens.
pub(super) fn issuer_problem(issuer: &str) -> Option<String> {
    if issuer.contains(',') {
        return Some(
            "an issuer with a comma is one issuer with a comma in its name, and no token would be issued by what you meant: \
             from 1.13 on Talos accepts a list here, before that one value"
                .to_owned(),
        );
    }
    if issuer.ends_with('/') {
        return Some(
            "the issuer must not end with /: verifiers compare it exactly, and look for keys under //".to_owned(),
        );
    }
    let url = url::parse(issuer).filter(|url| url.scheme == "https" && !url.hostname().is_empty() && !url.tail);
    url.is_none()
        .then(|| "the issuer must be an https URL without query and fragment: discovery accepts no other".to_owned())
}

/// Audiences that pods' tokens have by default: a list without one of them locks out what holds such a token. Where the
/// issuer is named as an audience, all is as it is without the flag.
pub(super) fn lacks_default_audience(audiences: &[&str], issuer: &str, domain: &str) -> bool {
    let default = format!("https://kubernetes.default.svc.{domain}");
    let defaults = [default.as_str(), "https://kubernetes.default.svc", issuer];
    !audiences.iter().any(|audience| !audience.is_empty() && defaults.contains(audience))
}

fn audiences(rules: &mut Rules<'_>, flags: &Value, domain: &str) {
    let audiences = flags.get(AUDIENCES);
    if audiences.is_nil() {
        return;
    }
    let list: Vec<&str> = texts(audiences).into_iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    // The first issuer is the one that signs.
    let issuer = texts(flags.get(ISSUER)).into_iter().next().unwrap_or_default();
    if lacks_default_audience(&list, issuer, domain) {
        let text = format!(
            "api-audiences must keep https://kubernetes.default.svc.{domain}: without it the API server refuses tokens that \
             were made for it, and controllers are locked out. An audience of another service (Vault's) does not belong here at all: the pod requests it"
        );
        rules.refuse(AUDIENCES, audiences, "cluster.apiServer.extraArgs.api-audiences", text);
    }
}

fn core_dns(rules: &mut Rules<'_>, cluster: &Value, patch: &str) {
    let disabled = cluster.at_path("coreDNS.disabled");
    if !disabled.is_true() {
        return;
    }
    let named = |value: &Value| value.text().to_lowercase().contains("dns");
    let manifests = cluster.get("inlineManifests").items().iter();
    let inline = manifests.flat_map(|manifest| [manifest.get("name"), manifest.get("contents")]).any(named);
    let extra = cluster.get("extraManifests").items().iter().any(named);
    // A comment on the line, or on the one above it, says what stands in its place.
    let line = disabled.at.map_or(0, |at| at.line);
    let said = patch.lines().enumerate().any(|(index, text)| {
        (index + 1 == line || index + 2 == line)
            && text.split_once('#').is_some_and(|(_, comment)| comment.to_lowercase().contains("replaced by "))
    });
    if !inline && !extra && !said {
        let text = "with CoreDNS disabled and nothing in its place, no name resolves in the cluster and nothing starts. If \
                    tazlab_coredns (or something else) runs the DNS, say so: a comment `# replaced by tazlab_coredns` on \
                    this line, or allow \"cluster.coreDNS.disabled\"";
        rules.refuse(COREDNS, disabled, "cluster.coreDNS.disabled", text);
    }
}
