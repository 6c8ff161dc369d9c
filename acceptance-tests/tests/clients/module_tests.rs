//! The example of a module with tests of its own: `terraform test`, with the provider and with a mock of it.

use std::fs;
use std::path::Path;

use super::*;

#[test]
fn the_examples_tests_pass_without_a_cluster_and_can_fail() {
    let workspace = Workspace::without_cluster("");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/module-tests");
    fs::remove_file(workspace.path().join("provider.tf")).unwrap();
    fs::create_dir(workspace.path().join("tests")).unwrap();
    for file in ["main.tf", "tests/plan.tftest.hcl", "tests/mocked.tftest.hcl"] {
        fs::copy(example.join(file), workspace.path().join(file)).unwrap();
    }
    let works = || {
        let run = workspace.terraform(&["test", "-no-color"]).succeeds();
        assert!(run.stdout.contains(" passed, 0 failed"), "{run}");
        let main = fs::read_to_string(example.join("main.tf")).unwrap();
        let broken = main.replace("\"flux-system\"", "\"elsewhere\"");
        assert_ne!(broken, main);
        workspace.hcl(&broken);
        workspace.terraform(&["test", "-no-color"]).fails();
    };
    let never = || panic!("{:?} is older than what the provider needs", Client::under_test());
    shows(Capability::ModuleTests, works, never);
}
