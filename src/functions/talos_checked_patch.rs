//! `provider::tazlab::talos_checked_patch(yaml, allow...)`: the patch itself, or why it would take a cluster down.

use tazlab_talos::{ALLOWABLE, Objection, Problem, TALOS_VERSION, check, secrets};
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

/// Rules about what is secret: such a patch is refused in any case.
const SECRET: &[&str] = &["cluster.serviceAccount.key", "cluster.secretboxEncryptionSecret"];

fn allowable() -> Vec<&'static str> {
    ALLOWABLE.iter().copied().filter(|rule| !SECRET.contains(rule)).collect()
}

/// A problem, with the name of the rule where it can be allowed and does not say so itself.
fn told(problem: &Problem) -> String {
    match problem.objection {
        Objection::Rule(rule) if allowable().contains(&rule) && !problem.text.contains("allow \"") => {
            format!("{problem} (rule \"{rule}\")")
        }
        _ => problem.to_string(),
    }
}

/// The function.
#[derive(Clone, Copy, Debug)]
pub struct TalosCheckedPatch;

impl Function for TalosCheckedPatch {
    fn name(&self) -> &'static str {
        "talos_checked_patch"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new(
                "yaml",
                Type::String,
                "The patch: a strategic merge patch of one or more documents in YAML, or a JSON patch (RFC 6902) in JSON or YAML.",
            )],
            variadic: Some(Parameter::new(
                "allow",
                Type::String,
                "Names of rules to ignore, as in the error; for example `\"machine.certSANs\"`.",
            )),
            returns: Type::String,
            summary: "Returns a Talos patch unchanged, or fails where Talos or the cluster would.",
            description: "Applies a machine configuration patch to a control plane's configuration by the rules of Talos 1.13 and returns it unchanged. Fails with line and path when Talos would refuse it (keys that do not exist in that place, values of another type, documents that contradict each other), and when Talos would accept it without a warning and the cluster would fail: `machine.certSANs` where `cluster.apiServer.certSANs` is meant, an issuer that no verifier accepts, audiences that lock controllers out, anonymous access, flags that Talos keeps for itself or that the component no longer has, a PodSecurity exemption that Talos' own list has already, an audit policy, kubelet or scheduler configuration that is not read, a CoreDNS that is disabled with nothing in its place. Fails also, without quoting it, when the patch holds a secret: keys and tokens of the cluster (`cluster.secret`, `cluster.token`, `cluster.ca.key` and every other CA's `key`, `cluster.serviceAccount.key`, the encryption secrets, `machine.token`, `machine.ca.key`), credentials of registries, WireGuard keys, passphrases, private keys in files, Secrets among the inline manifests. These belong to the cluster's secrets, or to a patch that does not pass through a function.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        let Some((Datum::String(patch), rest)) = arguments.split_first() else {
            return Err(FunctionError::argument(0, "The patch must be text."));
        };
        let mut allow = Vec::new();
        for (index, name) in rest.iter().enumerate() {
            let Some(name) = name.as_str().filter(|name| allowable().contains(name)) else {
                let text = format!("This rule does not exist. The rules are {}.", allowable().join(", "));
                return Err(FunctionError::argument(index + 1, text));
            };
            allow.push(name);
        }
        // First and alone: what else is wrong may be told with words of the patch.
        let secret = secrets(patch);
        if !secret.is_empty() {
            let places: Vec<String> = secret.iter().map(Problem::to_string).collect();
            let text = format!(
                "This patch holds secrets, and Terraform writes a hash of each provider function's arguments into the plan file:\n\n{}",
                places.join("\n\n")
            );
            return Err(FunctionError::argument(0, text));
        }
        let problems: Vec<String> = check(patch, &allow).iter().map(told).collect();
        if problems.is_empty() {
            return Ok(patch.as_str().into());
        }
        let text = format!("This patch must not reach a Talos {TALOS_VERSION} machine:\n\n{}", problems.join("\n\n"));
        Err(FunctionError::argument(0, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(arguments: &[&str]) -> Result<Datum, FunctionError> {
        TalosCheckedPatch.call(arguments.iter().map(|text| Datum::from(*text)).collect())
    }

    #[test]
    fn a_good_patch_comes_back_as_it_is() {
        let patch = "cluster:\n  apiServer:\n    certSANs: [a.example]\n";
        assert_eq!(call(&[patch]).unwrap(), Datum::from(patch));
    }

    #[test]
    fn a_patch_with_secrets_is_refused_and_not_quoted() {
        // There is another mistake in it, whose message would quote.
        let patch = "machine:\n  token: canary0\n  typo: canary1\ncluster:\n  serviceAccount: {key: canary2}\n";
        let error = call(&[patch]).unwrap_err();
        assert_eq!(error.argument, Some(0));
        for words in ["line 2", "machine.token", "cluster.serviceAccount.key", "talos_machine_secrets", "plan file"] {
            assert!(error.text.contains(words), "{}", error.text);
        }
        assert!(!error.text.contains("canary"), "{}", error.text);
        let error = call(&["machine: {}", "cluster.serviceAccount.key"]).unwrap_err();
        assert!(error.argument == Some(1) && !error.text.contains("secretbox"), "{}", error.text);
    }

    #[test]
    fn what_talos_takes_in_silence_is_told_with_its_rule() {
        let patch = "cluster:\n  apiServer:\n    admissionControl:\n      - name: PodSecurity\n        configuration:\n          exemptions:\n            namespaces:\n              - kube-system\n              - storage\n";
        let error = call(&[patch]).unwrap_err();
        for words in ["line 8, column 17", "exemptions.namespaces[1]", "rule \"cluster.apiServer.admissionControl\""] {
            assert!(error.text.contains(words), "{}", error.text);
        }
        assert_eq!(call(&[patch, "cluster.apiServer.admissionControl"]).unwrap(), Datum::from(patch));
    }

    #[test]
    fn the_accident_is_told_with_its_place_and_can_be_allowed() {
        let patch = "machine:\n  certSANs: [a.example]\n";
        let error = call(&[patch]).unwrap_err();
        assert_eq!(error.argument, Some(0));
        assert!(error.text.contains("line 2") && error.text.contains("cluster.apiServer.certSANs"), "{}", error.text);
        assert_eq!(call(&[patch, "machine.certSANs"]).unwrap(), Datum::from(patch));
        let error = call(&[patch, "certSANs"]).unwrap_err();
        assert_eq!(error.argument, Some(1));
        assert!(error.text.contains("machine.certSANs"), "{}", error.text);
    }
}
