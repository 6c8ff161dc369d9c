//! The command line under test: which one it is, and what it can do with a provider. A test of something that not every
//! client has states it as a [`Capability`], and says with [`shows`] what happens on either kind of client: nothing is
//! skipped.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::Testbed;

/// Whose command line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// HashiCorp's Terraform.
    Terraform,
    /// OpenTofu.
    OpenTofu,
}

/// A version, without its last part.
type Minor = (u32, u32);

/// A command line.
#[derive(Clone, Debug)]
pub struct Client {
    /// Whose it is.
    pub product: Product,
    /// Its version, `1.14.9`.
    pub version: String,
}

/// Something of the provider that needs a client that can do it, in the order of the table in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Resources and data sources.
    Resources,
    /// Functions of providers.
    Functions,
    /// Modules under test, with mocks of providers.
    ModuleTests,
    /// Ephemeral resources.
    Ephemeral,
    /// Ephemeral resources that may be unknown while planning, since the settings of their provider come later.
    LateEphemeral,
    /// Write-only arguments.
    WriteOnly,
    /// `moved` from the resource types of other providers.
    MovedTypes,
    /// Resource identity, and imports by it.
    Identity,
    /// `terraform query`.
    List,
    /// Actions that are invoked.
    Actions,
    /// Actions that resources trigger.
    ActionTriggers,
    /// Actions that the destroy of a resource triggers, and what follows when an action fails.
    DestroyTriggers,
    /// The private state of the plan that was approved, in the plan at apply.
    PlannedPrivate,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Resources,
        Self::Functions,
        Self::ModuleTests,
        Self::Ephemeral,
        Self::LateEphemeral,
        Self::WriteOnly,
        Self::MovedTypes,
        Self::Identity,
        Self::List,
        Self::Actions,
        Self::ActionTriggers,
        Self::DestroyTriggers,
        Self::PlannedPrivate,
    ];

    /// As the table names it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Resources => "Resources and data sources, import by id",
            Self::Functions => "Functions",
            Self::ModuleTests => "`terraform test`, also with `mock_provider`",
            Self::Ephemeral => "Ephemeral resources",
            Self::LateEphemeral => {
                "Ephemeral resources of a provider whose settings become known in the same run (\"no\": they need `depends_on`)"
            }
            Self::WriteOnly => "Write-only arguments (`values_wo`)",
            Self::MovedTypes => "`moved` from resources of `hashicorp/kubernetes` and `hashicorp/vault`",
            Self::Identity => "Resource identity, `import` by `identity`",
            Self::List => "`list` blocks and `terraform query`",
            Self::Actions => "Actions by `terraform apply -invoke`",
            Self::ActionTriggers => "Actions by `action_trigger`",
            Self::DestroyTriggers => "`before_destroy`, `after_destroy` and `on_failure` of `action_trigger`",
            Self::PlannedPrivate => {
                "More than the approved plan announced is an error at apply, before anything is written"
            }
        }
    }

    /// The first version of each product that has it, by their release notes.
    fn since(self, product: Product) -> Option<Minor> {
        let (terraform, opentofu) = match self {
            Self::Functions => ((1, 8), Some((1, 7))),
            Self::ModuleTests => ((1, 7), Some((1, 8))),
            Self::Ephemeral => ((1, 10), Some((1, 11))),
            Self::LateEphemeral => ((1, 10), None),
            Self::Resources | Self::WriteOnly => ((1, 11), Some((1, 11))),
            Self::MovedTypes => ((1, 8), Some((1, 10))),
            Self::Identity => ((1, 12), Some((1, 12))),
            Self::List | Self::Actions | Self::ActionTriggers => ((1, 14), None),
            Self::DestroyTriggers | Self::PlannedPrivate => ((1, 16), None),
        };
        match product {
            Product::Terraform => Some(terraform),
            Product::OpenTofu => opentofu,
        }
    }
}

impl Client {
    /// The one that tests run ([`Testbed::terraform`]).
    ///
    /// # Panics
    /// When it does not say what it is.
    pub fn under_test() -> &'static Self {
        static CLIENT: OnceLock<Client> = OnceLock::new();
        CLIENT.get_or_init(|| {
            let program = Testbed::terraform();
            let said = Command::new(&program).arg("version").env("TF_CLI_CONFIG_FILE", "/dev/null").output();
            let said = said.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
            let said = String::from_utf8_lossy(&said.stdout).into_owned();
            Self::named(&said).unwrap_or_else(|| panic!("{} is no client: {said:?}", program.display()))
        })
    }

    /// What `version` says; some say other things before.
    fn named(said: &str) -> Option<Self> {
        said.lines().find_map(|line| {
            let (product, version) = line.split_once(" v")?;
            let product = match product {
                "Terraform" => Product::Terraform,
                "OpenTofu" => Product::OpenTofu,
                _ => return None,
            };
            Some(Self { product, version: version.trim().to_owned() })
        })
    }

    /// Does its version have this?
    ///
    /// # Panics
    /// When its version is none.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse::<u32>().expect("a number"));
        let minor = (parts.next().expect("a major version"), parts.next().expect("a minor version"));
        capability.since(self.product).is_some_and(|since| since <= minor)
    }

    /// The registry that it takes providers from where their address names none.
    #[must_use]
    pub fn registry(&self) -> &'static str {
        match self.product {
            Product::Terraform => "registry.terraform.io",
            Product::OpenTofu => "registry.opentofu.org",
        }
    }
}

/// Shows a capability: `works` on a client that has it, `refuses` on one that has not, which must be an error of the client's
/// own. The outcome is noted for the table in the documentation where `TAZLAB_CLIENT_REPORT` names a folder for it.
///
/// # Panics
/// When the outcome cannot be noted, and when `works` or `refuses` does.
pub fn shows(capability: Capability, works: impl FnOnce(), refuses: impl FnOnce()) {
    let client = Client::under_test();
    let able = client.can(capability);
    if able {
        works();
    } else {
        refuses();
    }
    if let Some(folder) = report() {
        std::fs::create_dir_all(&folder).expect("the folder of the report");
        // Another patch release is no other column.
        let minor = client.version.rsplit_once('.').map_or(client.version.as_str(), |(minor, _)| minor);
        std::fs::write(folder.join("client"), format!("{:?} {minor}", client.product)).expect("the client's name");
        std::fs::write(folder.join(format!("{capability:?}")), if able { "works" } else { "refused" }).expect("noted");
    }
}

fn report() -> Option<PathBuf> {
    std::env::var_os("TAZLAB_CLIENT_REPORT").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// The table of what was shown, one column for each folder of reports.
///
/// # Errors
/// What is missing: a report that lacks a capability is of a run that ended early, or that a test was taken out of.
pub fn table(reports: &[PathBuf]) -> Result<String, String> {
    let read = |folder: &Path, name: &str| {
        std::fs::read_to_string(folder.join(name)).map_err(|error| format!("{}/{name}: {error}", folder.display()))
    };
    let names: Vec<String> = reports.iter().map(|folder| read(folder, "client")).collect::<Result<_, _>>()?;
    let mut table = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for capability in Capability::ALL {
        let cells: Vec<&str> = reports
            .iter()
            .map(|folder| {
                let outcome = read(folder, &format!("{capability:?}"))?;
                Ok(if outcome == "works" { "yes" } else { "no" })
            })
            .collect::<Result<_, String>>()?;
        let row = format!("| {} | {} |\n", capability.title(), cells.join(" | "));
        table.push_str(&row);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_what_its_version_says() {
        let old = Client::named("Terraform v1.11.4\non linux_amd64\n").unwrap();
        let new = Client::named("Terraform v1.14.9\n").unwrap();
        let tofu = Client::named("OpenTofu v1.12.6\n").unwrap();
        assert!(Client::named("sh: terraform: not found").is_none());
        let able = |capability| [&old, &new, &tofu].map(|client| client.can(capability));
        assert_eq!(able(Capability::WriteOnly), [true, true, true]);
        assert_eq!(able(Capability::Identity), [false, true, true]);
        assert_eq!(able(Capability::List), [false, true, false]);
    }

    #[test]
    fn a_table_without_all_that_must_be_shown_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let report = [folder.path().to_owned()];
        std::fs::write(folder.path().join("client"), "Terraform 1.14.9").unwrap();
        for capability in Capability::ALL {
            assert!(table(&report).is_err_and(|missing| missing.contains(&format!("{capability:?}"))));
            std::fs::write(folder.path().join(format!("{capability:?}")), "works").unwrap();
        }
        assert_eq!(table(&report).unwrap().lines().count(), 2 + Capability::ALL.len());
    }
}
