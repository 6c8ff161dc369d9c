//! The arguments and attributes of `tazlab_bootstrap_secret`.

use std::collections::BTreeMap;

use tazlab_redacted::SecretText;
use tf_plugin::framework::duration;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, integer_between, is_duration, matches, not_empty, one_of};
use tf_plugin::framework::value::{Datum, Value};

use super::{origin, sources};
use crate::cluster::name::is_not_ours;
use crate::cluster::rebirth::Triggers;

/// Names of Secrets: a DNS subdomain (RFC 1123).
fn is_subdomain() -> Check {
    matches(
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "a Kubernetes name: lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
    )
}

/// Names of namespaces: a DNS label (RFC 1123).
pub(super) fn is_label() -> Check {
    matches(
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "a namespace's name: at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit",
    )
}

/// Keys of a Secret's data, as the API server checks them.
fn is_key() -> Check {
    Check::text(|key| match key {
        "" | "." | ".." => Err("A key of a Secret cannot be empty, \".\" or \"..\".".to_owned()),
        _ if key.len() > 253 => Err("A key of a Secret has at most 253 characters.".to_owned()),
        _ if key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) => Ok(()),
        _ => Err(format!("{key:?} is not a key of a Secret. Use letters, digits, '-', '_' and '.'.")),
    })
    .keys()
}

/// A content is not repeated, whatever is wrong with it.
fn is_base64() -> Check {
    Check::text(|text| match sources::decoded(text) {
        Some(_) => Ok(()),
        None => {
            Err("The value is not base64 with padding (RFC 4648, section 4), as filebase64 and base64encode give it."
                .to_owned())
        }
    })
}

/// A program and its arguments.
fn is_command() -> Check {
    Check::new(|command| match command {
        Datum::List(words) if words.first().is_none_or(|program| program.as_str() == Some("")) => {
            Err("A command begins with a program: [\"gopass\", \"show\", \"-o\", \"infra/github\"].".to_owned())
        }
        _ => Ok(()),
    })
}

fn is_positive() -> Check {
    Check::text(|text| match duration::parse(text) {
        Ok(limit) if limit.is_zero() => Err("A command needs some time: \"30s\" is the default.".to_owned()),
        // What is not a duration is reported by another check.
        _ => Ok(()),
    })
}

/// A registry as kubelets find it by an image's name: a host, perhaps with a port and a path, or a URL of that.
fn is_server() -> Check {
    Check::text(|server| {
        if server.is_empty() || server.contains(char::is_whitespace) || server.contains('@') {
            return Err("The key must be a registry's server, such as \"ghcr.io\" or \"registry.example.com:5000\", without a user name.".to_owned());
        }
        Ok(())
    })
}

/// The user name ends at the first colon in what a registry is sent.
fn is_username() -> Check {
    Check::text(|name| if name.contains(':') { Err("A user name must not contain \":\".".to_owned()) } else { Ok(()) })
}

tf_plugin::model! {
    /// A Kubernetes Secret from sources that exist before the cluster does: files, write-only values, environment
    /// variables, fields in Vault, the output of programs such as gopass, pass, op or sops.
    ///
    /// No secret, and nothing derived from one, is kept in state or plan. Each plan compares the sources with the live
    /// Secret in memory, and shows which keys would change, never their values. A Secret that exists already is
    /// adopted, with a warning; a destroy removes from it what this resource set, and does not delete it. The same
    /// applies when others own keys of the Secret by then. A controller that owns it later (External Secrets, Flux, …)
    /// can adopt it: see `hand_over_to`. An import reads labels, unless they disclose what the Secret contains, and the
    /// names of the keys, but no annotations: those of the configuration are recorded by the first apply.
    pub struct BootstrapSecret {
        /// The namespace. Changing this forces replacement.
        pub namespace: Value<String> => required().requires_replace().check(is_label()),
        /// The name. Changing this forces replacement.
        pub name: Value<String> => required().requires_replace().check(is_subdomain()),
        /// Whether to create the namespace when it does not exist. Defaults to `false`. A namespace that was created
        /// this way is deleted with the last Secret of this resource type in it, if it is empty by then.
        pub create_namespace: Value<bool> => optional().default(false),
        /// Labels of the namespace, such as `pod-security.kubernetes.io/enforce`. Needs `create_namespace = true`.
        /// Labels are set and never removed.
        pub namespace_labels: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// Labels of the Secret. Labels that others set are kept.
        pub labels: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// Annotations of the Secret. Annotations that others set are kept.
        pub annotations: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// The type of the Secret. Defaults to `Opaque`, with registries to `kubernetes.io/dockerconfigjson`. Changing this
        /// forces replacement.
        pub r#type: Value<String> => optional().default("Opaque").requires_replace().check(not_empty()),
        /// Whether to forbid later changes of the data. Defaults to `false`. While it is `true`, a change of the data
        /// forces replacement.
        pub immutable: Value<bool> => optional().default(false),
        /// Keys, and the files that have their contents. `~` is the home directory. Exactly one newline at the end of a
        /// file is removed: see `keep_newline`.
        pub files: Value<BTreeMap<String, String>> => optional().check(is_key())
            .at_least_one_with(&[
                "values",
                "values_wo",
                "values_wo_base64",
                "env",
                "vault",
                "commands",
                "docker_registries",
                "docker_registries_wo",
            ]),
        /// Keys and contents that are never stored, such as ephemeral values. Needs Terraform 1.11 or newer.
        pub values_wo: Value<BTreeMap<String, SecretText>> => optional().sensitive().write_only().check(is_key()),
        /// Keys and binary contents in base64 that are never stored, for example `filebase64` of a keystore. Needs
        /// Terraform 1.11 or newer.
        pub values_wo_base64: Value<BTreeMap<String, SecretText>> => optional().sensitive().write_only().check(is_key())
            .check(is_base64().each()),
        /// When set, `values_wo` and `values_wo_base64` are written at create, when this number changes, and when a key
        /// is missing from the live Secret. Otherwise they are compared with the live Secret at every plan, and values
        /// that are new in every run are a change in every plan.
        pub values_wo_version: Value<i64> => optional().check(integer_between(0, i64::MAX)),
        /// Keys and contents that are not secret, such as user names: kept in state.
        pub values: Value<BTreeMap<String, String>> => optional().check(is_key()),
        /// Keys, and the environment variables that have their contents.
        pub env: Value<BTreeMap<String, String>> => optional().check(is_key()).check(not_empty().each()),
        /// Keys, and the fields of Vault's KV version 2 that have their contents. A field that is not a string is
        /// written as JSON.
        pub vault: Value<BTreeMap<String, VaultField>> => optional().check(is_key()),
        /// Keys, and the commands whose standard output is their content: a program and its arguments, such as
        /// `["gopass", "show", "-o", "infra/github"]`. There is no shell and no terminal; the program must exit with
        /// status 0 and print something, at most 1 MiB. Exactly one newline at the end is removed: see `keep_newline`.
        /// Each distinct command runs once in a plan, once more in an apply, and once in a destroy; it does not run
        /// in `terraform validate`, during a refresh, or while one of its elements is unknown. The arguments are kept
        /// in state and are visible in the process list: they must not contain a secret. The output is never shown.
        pub commands: Value<BTreeMap<String, Value<Vec<String>>>> => optional().check(is_key()).check(is_command().each()),
        /// How long a command may run before it is ended. Defaults to `"30s"`.
        pub command_timeout: Value<String> => optional().check(is_duration()).check(is_positive()),
        /// Whether to show the last lines that a failed command prints to standard error. Defaults to `false`, since a
        /// secret that a program prints only there cannot be recognised and would be shown.
        pub show_stderr: Value<bool> => optional(),
        /// Exit statuses by which a command says that it does not have the secret, such as `[10]` for gopass. See
        /// `first_of`.
        pub absent_exit_codes: Value<Set<i64>> => optional().check(not_empty()).check(integer_between(1, 255).each()),
        /// The order of the arguments when a key has several sources, such as `["vault", "commands", "files"]`: the
        /// first source that has the key provides its content, and a warning names the sources that were passed over.
        /// A source is passed over only if it certainly does not have the key: there is no such file, variable, path
        /// or field in Vault, or a command exits with one of `absent_exit_codes`. A source that cannot be reached,
        /// denies access or fails is not passed over: the key keeps its content in the live Secret, and it is an error
        /// when the key must be written. Without `first_of`, a key has exactly one source.
        pub first_of: Value<Vec<String>> => optional().check(not_empty()).check(one_of(origin::ARGUMENTS).each()),
        /// Logins to container registries by server, such as `"ghcr.io"`: they become the key `.dockerconfigjson`, and
        /// the type of the Secret defaults to `kubernetes.io/dockerconfigjson`. User names and emails are kept in state.
        pub docker_registries: Value<BTreeMap<String, DockerRegistry>> => optional().check(not_empty())
            .check(is_server().keys()).conflicts_with(&["docker_registries_wo"]),
        /// The same, never stored: all of a login is write-only. Needs Terraform 1.11 or newer.
        pub docker_registries_wo: Value<BTreeMap<String, DockerLogin>> => optional().sensitive().write_only()
            .check(is_server().keys()),
        /// When set, `docker_registries_wo` is written at create, when this number changes, and when the key is missing
        /// from the live Secret. Otherwise it is compared with the live Secret at every plan.
        pub docker_registries_wo_version: Value<i64> => optional().requires(&["docker_registries_wo"])
            .check(integer_between(0, i64::MAX)),
        /// Whether to keep the newline at the end of `files` and of what `commands` print. Defaults to `false`.
        pub keep_newline: Value<bool> => optional().default(false),
        /// What happens when a source is missing or cannot be read: `"keep"` keeps the key of the live Secret, with a
        /// warning, where nothing must be written; `"error"` always fails, also in the plan before a destroy. Defaults
        /// to `"keep"`.
        pub on_missing_source: Value<String> => optional().default("keep").check(one_of(&["keep", "error"])),
        /// How long before the end of a certificate in a source a plan warns about it. Defaults to `"240h"`. Of several
        /// certificates in one content the first counts.
        pub warn_before: Value<String> => optional().check(is_duration()),
        /// Keys whose contents are tokens of the provider's Vault: a plan looks them up (`update` on `auth/token/lookup`), and
        /// warns when one expires within `warn_before`. The provider's own token is looked up, too, if it was given and is not
        /// a login; this takes one use of a token whose uses are limited. Only tokens that were issued for longer than
        /// `warn_before` are reported.
        pub check_vault_tokens: Value<Set<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// Who may adopt the Secret later: `"external-secrets"`, `"vault-secrets-operator"`, `"kustomize-controller"`,
        /// `"helm-controller"`, the exact name of a field manager, or `"kind:<Kind>"` of an owner. Once one of them
        /// owns the data, nothing is written any more, and a destroy leaves the Secret.
        pub hand_over_to: Value<Set<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// Take ownership of fields from other field managers instead of failing. Defaults to `false`.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place and create whatever is missing in the
        /// cluster. Set something that changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long operations may take. `create` and `update` default to `"10m"`, `delete` to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The uid of the Secret.
        pub uid: Value<String> => computed(),
        /// The keys that the last apply wrote, in one text such as `"clientId, clientSecret"`.
        pub changed_keys: Value<String> => computed(),
        /// Who has adopted the Secret (see `hand_over_to`). Null until somebody has.
        pub owner: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// One field of a secret in Vault.
    pub struct VaultField {
        /// Where the KV engine is mounted.
        pub mount: Value<String> => required().check(not_empty()),
        /// The secret's path below the mount.
        pub path: Value<String> => required().check(not_empty()),
        /// The field.
        pub field: Value<String> => required().check(not_empty()),
        /// The version. Defaults to the newest.
        pub version: Value<i64> => optional().check(integer_between(1, i64::MAX)),
    }
}

tf_plugin::model! {
    /// The login to one registry.
    pub struct DockerRegistry {
        /// The user name.
        pub username: Value<String> => required().check(not_empty()).check(is_username()),
        /// The email address, which few registries use.
        pub email: Value<String> => optional().check(not_empty()),
        /// The file that contains the password. One newline at its end is cut off.
        pub password_file: Value<String> => optional().check(not_empty()).exactly_one_with(&["password_command"]),
        /// The command that prints the password, as in `commands`. Its arguments must not contain a secret.
        pub password_command: Value<Vec<String>> => optional().check(is_command()),
    }
}

tf_plugin::model! {
    /// The login to one registry, never stored.
    pub struct DockerLogin {
        /// The user name.
        pub username: Value<SecretText> => required().sensitive().write_only().check(not_empty()).check(is_username()),
        /// The password or token.
        pub password: Value<SecretText> => required().sensitive().write_only().check(not_empty()),
        /// The email address, which few registries use.
        pub email: Value<SecretText> => optional().sensitive().write_only().check(not_empty()),
    }
}

impl BootstrapSecret {
    /// `namespace/name`, as far as it is known.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.namespace_name(), self.secret_name())
    }

    pub(super) fn namespace_name(&self) -> &str {
        self.namespace.as_deref_option().unwrap_or_default()
    }

    pub(super) fn secret_name(&self) -> &str {
        self.name.as_deref_option().unwrap_or_default()
    }

    pub(super) fn creates_namespace(&self) -> bool {
        self.create_namespace.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn is_strict(&self) -> bool {
        self.on_missing_source.as_deref_option() == Some("error")
    }

    /// Are there write-only values that are written only when their version changes?
    pub(super) fn has_versioned_values(&self) -> bool {
        [&self.values_wo_version, &self.docker_registries_wo_version]
            .iter()
            .any(|version| version.as_ref_option().is_some())
    }

    pub(super) fn takers(&self) -> &[String] {
        self.hand_over_to.as_ref_option().map(|set| set.0.as_slice()).unwrap_or_default()
    }
}
