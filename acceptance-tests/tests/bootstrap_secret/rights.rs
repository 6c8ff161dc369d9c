//! A user who may do what the page says and no more.

use acceptance_tests::{Namespace, Workspace, kubeconfig, kubectl};

use super::ONE;

/// Makes the provider work as the namespace's ServiceAccount, which may use Secrets there but not list them.
fn limited(workspace: &Workspace, namespace: &Namespace) {
    let name = namespace.name();
    let allowed = ["--verb=get,create,patch,delete", "--resource=secrets", "-n", name];
    kubectl::succeeds(&[&["create", "role", "secrets"], &allowed[..]].concat());
    let subject = format!("--serviceaccount={name}:default");
    kubectl::succeeds(&["create", "rolebinding", "secrets", "--role=secrets", &subject, "-n", name]);
    kubectl::succeeds(&["create", "role", "namespace", "--verb=get", "--resource=namespaces", "-n", name]);
    kubectl::succeeds(&["create", "rolebinding", "namespace", "--role=namespace", &subject, "-n", name]);
    let token = kubectl::token(namespace, None);
    workspace.plant(&token);
    let file = workspace.source("token", &token);
    workspace.provider(&kubeconfig::block(&format!("token_file = \"{file}\"")));
}

#[test]
fn more_secrets_than_are_read_one_by_one_need_no_right_to_list_them() {
    let (namespace, workspace) = (Namespace::made("rights"), Workspace::new());
    limited(&workspace, &namespace);
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  count = 12\n  namespace = \"{}\"\n  name = \"one-${{count.index}}\"\n  files = {{ key = \"{file}\" }}\n}}\n",
        namespace.name()
    ));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    kubectl::succeeds(&["delete", "secret", "one-7", "-n", namespace.name()]);
    workspace.plan().succeeds().only("create", &format!("{ONE}[7]"));
    workspace.destroy().succeeds();
    assert!((0..12).all(|index| namespace.secret(&format!("one-{index}")).is_none()));
}
