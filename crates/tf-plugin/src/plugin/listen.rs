//! Where the plugin listens: a unix socket, or a loopback port where there are none.

use super::{Environment, PluginError};

#[cfg(unix)]
pub(super) use unix::Listener;

#[cfg(not(unix))]
pub(super) use tcp::Listener;

#[cfg(unix)]
mod unix {
    use std::path::PathBuf;

    use nix::unistd::{Gid, Group, chown};
    use tokio::net::{UnixListener, UnixStream};

    use super::{Environment, PluginError};

    /// A unix socket, whose file goes with it.
    pub(in crate::plugin) struct Listener {
        socket: UnixListener,
        path: PathBuf,
    }

    impl Listener {
        pub(in crate::plugin) const NETWORK: &str = "unix";

        /// Listens on a new socket, which belongs to the group that the environment names.
        pub(in crate::plugin) fn bind(environment: &Environment) -> Result<Self, PluginError> {
            let directory = environment.socket_directory.as_ref().map_or_else(std::env::temp_dir, PathBuf::from);
            let path = directory.join(format!("plugin-{:016x}", rand::random::<u64>()));
            let socket = UnixListener::bind(&path)
                .map_err(|source| PluginError::Listen { address: path.display().to_string(), source })?;
            let listener = Self { socket, path };
            if let Some(group) = &environment.socket_group {
                listener.give_to(group)?;
            }
            Ok(listener)
        }

        fn give_to(&self, group: &str) -> Result<(), PluginError> {
            use std::os::unix::fs::PermissionsExt;
            let denied = |source| PluginError::Permissions { path: self.path.clone(), source };
            let id = if let Ok(number) = group.parse() {
                Gid::from_raw(number)
            } else {
                let found = Group::from_name(group).ok().flatten();
                found.ok_or_else(|| PluginError::Group(group.to_owned()))?.gid
            };
            chown(&self.path, None, Some(id)).map_err(|error| denied(error.into()))?;
            std::fs::set_permissions(&self.path, std::fs::Permissions::from_mode(0o660)).map_err(denied)
        }

        pub(in crate::plugin) fn address(&self) -> String {
            self.path.display().to_string()
        }

        pub(in crate::plugin) async fn accept(&self) -> std::io::Result<UnixStream> {
            Ok(self.socket.accept().await?.0)
        }
    }

    impl Drop for Listener {
        fn drop(&mut self) {
            // Terraform removes it too: gone already is as good.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

#[cfg(not(unix))]
mod tcp {
    use tokio::net::{TcpListener, TcpStream};

    use super::{Environment, PluginError};

    /// A loopback port.
    pub(in crate::plugin) struct Listener {
        socket: TcpListener,
        address: String,
    }

    impl Listener {
        pub(in crate::plugin) const NETWORK: &str = "tcp";

        /// Listens on the first free port of the range that the environment names, or on any.
        pub(in crate::plugin) fn bind(environment: &Environment) -> Result<Self, PluginError> {
            let (first, last) = match environment.ports {
                (Some(first), Some(last)) => (first, last),
                _ => (0, 0),
            };
            let mut failure = std::io::Error::from(std::io::ErrorKind::AddrInUse);
            for port in first..=last {
                let bound = std::net::TcpListener::bind(("127.0.0.1", port)).and_then(|socket| {
                    socket.set_nonblocking(true)?;
                    let address = socket.local_addr()?.to_string();
                    Ok(Self { socket: TcpListener::from_std(socket)?, address })
                });
                match bound {
                    Ok(listener) => return Ok(listener),
                    Err(error) => failure = error,
                }
            }
            Err(PluginError::Listen { address: format!("127.0.0.1:{first}-{last}"), source: failure })
        }

        pub(in crate::plugin) fn address(&self) -> String {
            self.address.clone()
        }

        pub(in crate::plugin) async fn accept(&self) -> std::io::Result<TcpStream> {
            Ok(self.socket.accept().await?.0)
        }
    }
}
