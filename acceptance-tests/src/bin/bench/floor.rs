//! Terraform's own work: resources that need no provider, against which the provider's are measured.

use acceptance_tests::Workspace;

/// A folder with so many `terraform_data`, each about as large as a bootstrap secret.
pub(crate) fn of(count: usize) -> Workspace {
    let floor = Workspace::measuring();
    std::fs::remove_file(floor.path().join("provider.tf")).unwrap();
    floor.hcl(&format!(
        "resource \"terraform_data\" \"s\" {{\n  count = {count}\n  input = {{ namespace = \"bench\", name = \"s-${{count.index}}\", file = \"key-${{count.index}}\" }}\n}}\n"
    ));
    floor.terraform(&["init"]).succeeds();
    floor
}
