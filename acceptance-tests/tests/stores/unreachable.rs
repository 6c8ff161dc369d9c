//! A cluster that is not there (yet, or any more).

use acceptance_tests::operator::Conduct;
use acceptance_tests::{Operator, Proxy, kubeconfig};

use super::*;

#[test]
fn all_of_them_plan_without_a_cluster_and_are_forgotten_with_it() {
    let scene = Scene::new(Vault::shared());
    let _operator = Operator::start(scene.namespace.name(), scene.namespace.name(), Conduct::default());
    let workspace = Workspace::new();
    workspace.plant(scene.vault.token());
    let namespace = scene.namespace.name();
    let all = |triggers: &str| {
        format!(
            "{}\nresource \"tazlab_tailnet_egress\" \"vault\" {{\n  namespace = \"{namespace}\"\n  name = \"vault\"\n  fqdn = \"vault.tail1234.ts.net\"\n  {triggers}\n}}\nresource \"tazlab_tailnet_apiserver\" \"this\" {{\n  namespace = \"{namespace}\"\n  hostname = \"k8s\"\n  {triggers}\n}}\n",
            scene.store("one", "token", triggers)
        )
    };
    let dead = format!(
        "kubernetes = {{ host = \"https://127.0.0.1:{}\", token = \"x\", insecure = true }}",
        Proxy::free_port()
    );
    workspace.hcl(&all(""));
    // Nothing is there yet, and nothing is asked.
    workspace.provider(&dead);
    assert_eq!(workspace.plan().succeeds().changes().len(), 3);
    let proxy = Proxy::start();
    let way = format!("kubernetes = {{ config_path = \"{}\" }}", kubeconfig::through(&workspace, &proxy.url()));
    workspace.provider(&way);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();

    workspace.provider(&dead);
    let failed = workspace.plan().fails();
    assert_eq!(failed.errors().len(), 3, "{failed}");
    failed.error(&["is unreachable", "on_unreachable"]);
    // Nothing is forgotten at an address where none of them ever was.
    workspace.provider(&format!("{dead}\non_unreachable = \"forget\""));
    workspace.destroy().fails().error(&[&proxy.url(), "removed", "destroy = false"]);
    assert_eq!(workspace.addresses().len(), 3);
    drop(proxy);
    workspace.provider(&format!("{way}\non_unreachable = \"forget\""));
    // A rebirth is announced: the old cluster may be gone.
    workspace.hcl(&all("triggers = { cluster = \"two\" }"));
    let planned = workspace.plan().succeeds();
    assert_eq!(planned.changes().len(), 3, "{planned}");
    planned.warning(&["Cannot read the cluster during plan"]);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["dropped from the state"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    kubectl::succeeds(&["delete", "clustersecretstore", &scene.name("one")]);
}
