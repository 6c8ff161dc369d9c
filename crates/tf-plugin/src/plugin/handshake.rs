//! What Terraform tells the plugin through its environment, and the one line that answers.

use super::PluginError;

/// The secret handshake that tells Terraform from a human (terraform, `plugin/serve.go`).
pub const MAGIC_COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The protocol that is spoken.
const PROTOCOL: &str = "6";

/// The part of the environment that concerns the plugin, read once.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `TF_PLUGIN_MAGIC_COOKIE`.
    pub cookie: Option<String>,
    /// `PLUGIN_PROTOCOL_VERSIONS`: numbers with commas between them.
    pub protocol_versions: Option<String>,
    /// `PLUGIN_CLIENT_CERT`: the client's certificate as PEM. Its presence makes TLS mandatory.
    pub client_certificate: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_DIR`.
    pub socket_directory: Option<String>,
    /// `PLUGIN_UNIX_SOCKET_GROUP`: a group by name or number.
    pub socket_group: Option<String>,
    /// `PLUGIN_MIN_PORT` and `PLUGIN_MAX_PORT`, where there are no unix sockets.
    pub ports: (Option<u16>, Option<u16>),
    /// `PLUGIN_MULTIPLEX_GRPC` is set: the handshake line says whether the broker can multiplex.
    pub multiplex: bool,
}

impl Environment {
    /// Reads it with `variable`, which is `std::env::var` in the process and a map in tests.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let port = |name: &str| set(name).and_then(|value| value.parse().ok());
        Self {
            cookie: set(MAGIC_COOKIE.0),
            protocol_versions: set("PLUGIN_PROTOCOL_VERSIONS"),
            client_certificate: set("PLUGIN_CLIENT_CERT"),
            socket_directory: set("PLUGIN_UNIX_SOCKET_DIR"),
            socket_group: set("PLUGIN_UNIX_SOCKET_GROUP"),
            ports: (port("PLUGIN_MIN_PORT"), port("PLUGIN_MAX_PORT")),
            multiplex: set("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }

    /// Was this started by Terraform, and does it speak our protocol?
    ///
    /// # Errors
    /// [`PluginError::NotAPlugin`] or [`PluginError::ProtocolVersion`].
    pub fn check(&self) -> Result<(), PluginError> {
        if self.cookie.as_deref() != Some(MAGIC_COOKIE.1) {
            return Err(PluginError::NotAPlugin);
        }
        match &self.protocol_versions {
            Some(offered) if !offered.split(',').any(|version| version.trim() == PROTOCOL) => {
                Err(PluginError::ProtocolVersion(offered.clone()))
            }
            _ => Ok(()),
        }
    }

    /// The line that tells Terraform where to connect; `certificate` is unpadded base64 of the DER.
    pub(super) fn line(&self, network: &str, address: &str, certificate: Option<&str>) -> String {
        let certificate = certificate.unwrap_or_default();
        let multiplex = if self.multiplex { "|false" } else { "" };
        format!("1|{PROTOCOL}|{network}|{address}|grpc|{certificate}{multiplex}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::read(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_terraform_is_served() {
        assert!(matches!(environment(&[]).check(), Err(PluginError::NotAPlugin)));
        assert!(matches!(environment(&[(MAGIC_COOKIE.0, "x")]).check(), Err(PluginError::NotAPlugin)));
        let old = [MAGIC_COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", "4,5")];
        assert!(matches!(environment(&old).check(), Err(PluginError::ProtocolVersion(offered)) if offered == "4,5"));
        assert!(environment(&[MAGIC_COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", "5,6")]).check().is_ok());
    }

    #[test]
    fn the_line_has_a_seventh_field_only_when_asked() {
        let line = |multiplex| environment(multiplex).line("unix", "/tmp/s", Some("abc"));
        assert_eq!(line(&[]), "1|6|unix|/tmp/s|grpc|abc\n");
        assert_eq!(line(&[("PLUGIN_MULTIPLEX_GRPC", "true")]), "1|6|unix|/tmp/s|grpc|abc|false\n");
        assert_eq!(environment(&[]).line("tcp", "127.0.0.1:1", None), "1|6|tcp|127.0.0.1:1|grpc|\n");
    }
}
