//! The provider block.

use std::collections::BTreeMap;

use tazlab_redacted::SecretText;
use tf_plugin::framework::validation::{Check, is_duration, is_url, not_empty, one_of};
use tf_plugin::framework::value::Value;

fn is_api() -> Check {
    is_url("^https?://[^/?#]+", "a URL such as \"https://api.tailscale.com\"")
}

/// Headers that the provider itself sets, or that belong to the connection.
const OUR_HEADERS: &[&str] = &[
    "x-vault-token",
    "x-vault-namespace",
    "x-vault-request",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "host",
];

fn is_header() -> Check {
    Check::text(|name| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || !name.bytes().all(is_part) {
            return Err(format!("{name:?} is not the name of a header, such as \"X-Gateway-Key\"."));
        }
        if OUR_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(format!("The header {name} is set by the provider itself."));
        }
        Ok(())
    })
}

tf_plugin::model! {
    /// The provider for the bootstrap of a Kubernetes cluster: the first secrets, cluster DNS, Vault's trust in the
    /// cluster, a clean tailnet.
    ///
    /// Each block is needed only by what uses it. Every credential has three forms: the value, a `*_file` that holds
    /// it, and an environment variable; two of the first two at once are an error.
    ///
    /// Values may be unknown while Terraform plans, and the cluster need not exist yet: whatever needs it waits until
    /// apply. Nothing is dialled because a setting is empty.
    pub struct Configuration {
        /// The Kubernetes cluster.
        pub kubernetes: Value<Kubernetes> => optional(),
        /// HashiCorp Vault.
        pub vault: Value<Vault> => optional(),
        /// The tailnet.
        pub tailscale: Value<Tailscale> => optional(),
        /// What happens when the cluster of a stored object cannot be reached: `"error"`, or `"forget"`: a refresh keeps
        /// what is stored, and a destroy drops the object from the state with a warning. Defaults to `"error"`. Only for
        /// objects that live in the cluster, and only where nothing answers at the address at which the object was last
        /// read: the connection is refused, there is no route, the time runs out, or the host name does not exist. A
        /// network or VPN that is off looks the same. Another address, a certificate that is not trusted, credentials
        /// that are refused and files that cannot be read are errors: use the old address, or a `removed` block with
        /// `lifecycle { destroy = false }`.
        pub on_unreachable: Value<String> => optional().default("error").check(one_of(&["error", "forget"])),
        /// How long refresh, plan and destroy wait for the cluster to answer. Defaults to `"5s"`. Create and update wait
        /// for the time of their own `timeouts`.
        pub connect_timeout: Value<String> => optional().default("5s").check(is_duration()),
    }
}

tf_plugin::model! {
    /// How to reach the cluster. The environment fills in what the block leaves out, with the variables of
    /// `hashicorp/kubernetes`. Without `config_path`, `config_paths` and `host`, in the block or as `KUBE_HOST`, the kubeconfig of
    /// `KUBE_CONFIG_PATH`, then of `KUBE_CONFIG_PATHS`, then of `KUBECONFIG` is used; never `~/.kube/config`, and never
    /// localhost.
    pub struct Kubernetes {
        /// Whether to use the ServiceAccount of the pod that Terraform runs in, and nothing of the environment but
        /// `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. Defaults to `false`. It is an error outside a pod.
        pub in_cluster: Value<bool> => optional(),
        /// A kubeconfig file. `~` is the home directory. Environment: `KUBE_CONFIG_PATH`, where the block names no cluster.
        pub config_path: Value<String> => optional().conflicts_with(&["config_paths"]),
        /// Several kubeconfig files, merged as kubectl does: the first that sets a value wins. Environment:
        /// `KUBE_CONFIG_PATHS`, separated as `PATH` is, where the block names no cluster and `KUBE_CONFIG_PATH` is not set.
        pub config_paths: Value<Vec<String>> => optional().check(not_empty()),
        /// The context of the kubeconfig. Environment: `KUBE_CTX`. Defaults to its `current-context`.
        pub config_context: Value<String> => optional(),
        /// The cluster of the kubeconfig, in place of the context's. Environment: `KUBE_CTX_CLUSTER`.
        pub config_context_cluster: Value<String> => optional(),
        /// The user of the kubeconfig, in place of the context's. Environment: `KUBE_CTX_AUTH_INFO`.
        pub config_context_auth_info: Value<String> => optional(),
        /// The API server's address, such as `"https://10.0.0.1:6443"`. Environment: `KUBE_HOST`, which also replaces the address
        /// of a kubeconfig that the block names; each run then warns.
        pub host: Value<String> => optional(),
        /// A bearer token. Environment: `KUBE_TOKEN`, where a host is set and the block has no credential.
        pub token: Value<SecretText> => optional().sensitive().conflicts_with(&["token_file", "exec"]),
        /// A file with a bearer token.
        pub token_file: Value<String> => optional().conflicts_with(&["exec"]),
        /// The client certificate, PEM. Environment: `KUBE_CLIENT_CERT_DATA`, where a host is set and the block
        /// has no credential.
        pub client_certificate: Value<String> => optional().conflicts_with(&["client_certificate_file"]),
        /// A file with the client certificate.
        pub client_certificate_file: Value<String> => optional(),
        /// The client certificate's key, PEM. Environment: `KUBE_CLIENT_KEY_DATA`, where a host is set and the
        /// block has no credential.
        pub client_key: Value<SecretText> => optional().sensitive().conflicts_with(&["client_key_file"]),
        /// A file with the client certificate's key.
        pub client_key_file: Value<String> => optional(),
        /// The authorities that may sign the API server's certificate, PEM. Environment:
        /// `KUBE_CLUSTER_CA_CERT_DATA`, where a host is set.
        pub cluster_ca_certificate: Value<String> => optional().conflicts_with(&["cluster_ca_certificate_file", "insecure"]),
        /// A file with the authorities that may sign the API server's certificate, PEM. `~` is the home folder.
        pub cluster_ca_certificate_file: Value<String> => optional().conflicts_with(&["insecure"]),
        /// Whether not to verify the API server's certificate. Environment: `KUBE_INSECURE`, where the block has no
        /// `cluster_ca_certificate` either. Defaults to what the kubeconfig says, else to `false`. Each run warns while
        /// verification is off. For experiments only.
        pub insecure: Value<bool> => optional(),
        /// The name that the API server's certificate must have, where it is not the host. Environment:
        /// `KUBE_TLS_SERVER_NAME`.
        pub tls_server_name: Value<String> => optional(),
        /// A proxy: `http://`, `https://` or `socks5://`, with its user and password if it needs them. Environment:
        /// `KUBE_PROXY_URL`. Defaults to the kubeconfig's `proxy-url`, then to `HTTPS_PROXY` where a kubeconfig is used and the API server is not on this machine.
        pub proxy_url: Value<SecretText> => optional().sensitive(),
        /// A command that prints credentials, as in a kubeconfig.
        pub exec: Value<Exec> => optional(),
    }
}

tf_plugin::model! {
    /// A credential plugin.
    pub struct Exec {
        /// The version of the credential API: `client.authentication.k8s.io/v1` or
        /// `client.authentication.k8s.io/v1beta1`. Defaults to `client.authentication.k8s.io/v1`.
        pub api_version: Value<String> => optional().default("client.authentication.k8s.io/v1")
            .check(one_of(&["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"])),
        /// The program, found in `PATH` unless it is a path.
        pub command: Value<String> => required().check(not_empty()),
        /// Its arguments.
        pub args: Value<Vec<String>> => optional(),
        /// Variables that are added to its environment.
        pub env: Value<BTreeMap<String, SecretText>> => optional().sensitive(),
    }
}

tf_plugin::model! {
    /// How to reach Vault or OpenBao. An environment variable fills in what the block leaves out, and weakens nothing that it
    /// says. Each has two names, such as `VAULT_ADDR` and `BAO_ADDR`; where both are set and differ, it is an error as soon as
    /// Vault is needed. No other variables are read. Vault on this machine is never reached through a proxy.
    pub struct Vault {
        /// Vault's address, such as `"https://vault.example.net:8200"`. Environment: `VAULT_ADDR`, `BAO_ADDR`. A redirect of a standby node
        /// is followed to the active node that Vault itself names, never out of TLS. An `http://` address that is not on this
        /// machine is a warning where a token is configured.
        pub address: Value<String> => optional(),
        /// A token. Environment: `VAULT_TOKEN`, `BAO_TOKEN`, then the file `~/.vault-token`.
        pub token: Value<SecretText> => optional().sensitive()
            .conflicts_with(&["token_file", "auth_jwt", "auth_kubernetes", "auth_cert", "auth_approle"]),
        /// A file with a token. `~` is the home folder.
        pub token_file: Value<String> => optional()
            .conflicts_with(&["auth_jwt", "auth_kubernetes", "auth_cert", "auth_approle"]),
        /// The namespace (Vault Enterprise, OpenBao). Environment: `VAULT_NAMESPACE`, `BAO_NAMESPACE`.
        pub namespace: Value<String> => optional(),
        /// A file with the authorities that may sign Vault's certificate. Environment: `VAULT_CACERT`, `BAO_CACERT`, where the
        /// block has none of this, `ca_cert_dir` and `ca_cert_pem`.
        pub ca_cert_file: Value<String> => optional().conflicts_with(&["ca_cert_dir", "ca_cert_pem", "skip_tls_verify"]),
        /// A directory with files of authorities that may sign Vault's certificate, PEM, such as a mounted ConfigMap.
        /// Directories in it and hidden files are not read. Environment: `VAULT_CAPATH`, `BAO_CAPATH`, where the block has none
        /// of this, `ca_cert_file` and `ca_cert_pem`, and no file is set.
        pub ca_cert_dir: Value<String> => optional().conflicts_with(&["ca_cert_pem", "skip_tls_verify"]),
        /// The authorities that may sign Vault's certificate, PEM.
        pub ca_cert_pem: Value<String> => optional().conflicts_with(&["skip_tls_verify"]),
        /// The name that Vault's certificate must have, where it is not the host.
        pub tls_server_name: Value<String> => optional(),
        /// Whether to skip the check of Vault's certificate. Defaults to `false`. For experiments only: each run warns of
        /// it. Environment: `VAULT_SKIP_VERIFY`, `BAO_SKIP_VERIFY`, where the block has none of `ca_cert_file`, `ca_cert_dir`,
        /// `ca_cert_pem`, `tls_server_name` and `skip_tls_verify`.
        pub skip_tls_verify: Value<bool> => optional(),
        /// Log in with a JWT instead of a token.
        pub auth_jwt: Value<AuthJwt> => optional().conflicts_with(&["auth_kubernetes", "auth_cert", "auth_approle"]),
        /// Log in with a ServiceAccount token, through Vault's auth method `kubernetes`, instead of a token.
        pub auth_kubernetes: Value<AuthKubernetes> => optional().conflicts_with(&["auth_cert", "auth_approle"]),
        /// Log in with a client certificate, through Vault's auth method `cert`, instead of a token. It is shown to every
        /// listener that requests one.
        pub auth_cert: Value<AuthCert> => optional().conflicts_with(&["auth_approle"]),
        /// Log in with an AppRole instead of a token.
        pub auth_approle: Value<AuthAppRole> => optional(),
        /// Headers that are sent with every request, such as those that a gateway before Vault requires.
        pub headers: Value<BTreeMap<String, SecretText>> => optional().sensitive().check(is_header().keys()),
    }
}

tf_plugin::model! {
    /// A login with a JWT.
    pub struct AuthJwt {
        /// The path of the mount, without `auth/` before it. Defaults to `"jwt"`.
        pub mount: Value<String> => optional().default("jwt"),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// The JWT.
        pub jwt: Value<SecretText> => optional().sensitive().exactly_one_with(&["jwt_file"]),
        /// A file with the JWT.
        pub jwt_file: Value<String> => optional(),
    }
}

tf_plugin::model! {
    /// A login with a ServiceAccount token.
    pub struct AuthKubernetes {
        /// The path of the mount, without `auth/` before it. Defaults to `"kubernetes"`.
        pub mount: Value<String> => optional().default("kubernetes"),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// The token.
        pub jwt: Value<SecretText> => optional().sensitive().conflicts_with(&["jwt_file"]),
        /// A file with the token. Without `jwt` it is that of the pod that Terraform runs in,
        /// `/var/run/secrets/kubernetes.io/serviceaccount/token`.
        pub jwt_file: Value<String> => optional(),
    }
}

tf_plugin::model! {
    /// A login with a client certificate.
    pub struct AuthCert {
        /// The path of the mount, without `auth/` before it. Defaults to `"cert"`.
        pub mount: Value<String> => optional().default("cert"),
        /// The role. Without it Vault tries every role that the certificate fits.
        pub role: Value<String> => optional().check(not_empty()),
        /// The client certificate, PEM, followed by those of intermediate authorities.
        pub client_certificate: Value<String> => optional().exactly_one_with(&["client_certificate_file"]),
        /// A file with the client certificate. `~` is the home folder.
        pub client_certificate_file: Value<String> => optional(),
        /// The client certificate's key, PEM, without a passphrase.
        pub client_key: Value<SecretText> => optional().sensitive().exactly_one_with(&["client_key_file"]),
        /// A file with the client certificate's key. `~` is the home folder.
        pub client_key_file: Value<String> => optional(),
    }
}

tf_plugin::model! {
    /// A login by AppRole.
    pub struct AuthAppRole {
        /// The path of the mount, without `auth/` before it. Defaults to `"approle"`.
        pub mount: Value<String> => optional().default("approle"),
        /// The role id.
        pub role_id: Value<String> => required().check(not_empty()),
        /// The secret id; some roles need none.
        pub secret_id: Value<SecretText> => optional().sensitive().conflicts_with(&["secret_id_file"]),
        /// A file with the secret id.
        pub secret_id_file: Value<String> => optional(),
    }
}

tf_plugin::model! {
    /// How to reach the Tailscale API.
    pub struct Tailscale {
        /// The tailnet. Defaults to `"-"`, the credential's own. Environment: `TAILSCALE_TAILNET`.
        pub tailnet: Value<String> => optional(),
        /// The API's address. Defaults to `"https://api.tailscale.com"`. Environment: `TAILSCALE_BASE_URL`, which sends no
        /// credential of this block to another server: with one it is an error. An `http://` address that is not on this
        /// machine is a warning.
        pub base_url: Value<String> => optional().check(is_api()),
        /// An API access token. Environment: `TAILSCALE_API_KEY`.
        pub api_key: Value<SecretText> => optional().sensitive()
            .conflicts_with(&["api_key_file", "oauth_client_secret", "oauth_client_secret_file", "identity_token", "identity_token_file"]),
        /// A file with an API access token.
        pub api_key_file: Value<String> => optional()
            .conflicts_with(&["oauth_client_secret", "oauth_client_secret_file", "identity_token", "identity_token_file"]),
        /// The OAuth client's id. Environment: `TAILSCALE_OAUTH_CLIENT_ID`.
        pub oauth_client_id: Value<SecretText> => optional().sensitive().conflicts_with(&["oauth_client_id_file"]),
        /// A file with the OAuth client's id.
        pub oauth_client_id_file: Value<String> => optional(),
        /// The OAuth client's secret. Environment: `TAILSCALE_OAUTH_CLIENT_SECRET`.
        pub oauth_client_secret: Value<SecretText> => optional().sensitive()
            .conflicts_with(&["oauth_client_secret_file", "identity_token", "identity_token_file"]),
        /// A file with the OAuth client's secret.
        pub oauth_client_secret_file: Value<String> => optional().conflicts_with(&["identity_token", "identity_token_file"]),
        /// The scopes that are requested for an OAuth token. Defaults to all scopes of the client.
        pub scopes: Value<Vec<String>> => optional(),
        /// A token of another identity provider (workload identity federation). Environment: `TAILSCALE_IDENTITY_TOKEN`.
        pub identity_token: Value<SecretText> => optional().sensitive().conflicts_with(&["identity_token_file"]),
        /// A file with a token of another identity provider.
        pub identity_token_file: Value<String> => optional(),
    }
}
