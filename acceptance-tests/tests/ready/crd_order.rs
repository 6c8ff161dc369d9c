//! A custom resource and its CRD: what Flux's real kustomize-controller makes of their order, beside what
//! `tazlab_kustomization` says of the same files.

use acceptance_tests::flux::Repository;
use acceptance_tests::{Namespace, Part, Workspace, kubectl};
use serde_json::{Value, json};

use super::{Kustomizations, output, says};

const SOURCE: &str = "repo";

struct Definitions(Vec<String>);

impl Drop for Definitions {
    fn drop(&mut self) {
        for name in &self.0 {
            drop(kubectl::kubectl(&["delete", "crd", name, "--ignore-not-found", "--wait=false"]));
        }
    }
}

fn crd(group: &str) -> String {
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": format!("widgets.{group}")},
           "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
                    "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema}]}})
    .to_string()
}

fn object(api: &str, kind: &str, namespace: &Namespace, spec: &Value) -> String {
    json!({"apiVersion": api, "kind": kind, "metadata": {"namespace": namespace.name(), "name": kind.to_lowercase()}, "spec": spec})
        .to_string()
}

#[test]
fn the_controller_and_the_offline_check_agree() {
    let _objects = Part::Objects.shared();
    // Without the release, whose CRDs nobody else brings meanwhile.
    let _certificates = Part::CertManager.exclusive();
    let namespace = Namespace::made("crdorder");
    let (together, split) =
        (format!("together.{}.example.com", namespace.name()), format!("split.{}.example.com", namespace.name()));
    let _definitions = Definitions(vec![format!("widgets.{together}"), format!("widgets.{split}")]);
    let repository = Repository::start();
    // They go before the files that they are applied from.
    let _kustomizations = Kustomizations(&namespace);
    let widget = |group: &str| object(&format!("{group}/v1"), "Widget", &namespace, &json!({}));
    // A CRD beside its custom resource: Flux applies CRDs first.
    repository.write("apps/together/widget.yaml", &widget(&together));
    repository.write("apps/together/crd.yaml", &crd(&together));
    // A CRD in the Kustomization that the other depends on.
    repository.write("apps/definitions/crd.yaml", &crd(&split));
    repository.write("apps/resources/widget.yaml", &widget(&split));
    // A custom resource beside the Helm release that brings its CRD.
    let chart = json!({"spec": {"chart": "cert-manager", "sourceRef": {"kind": "HelmRepository", "name": "jetstack"}}});
    // By default this chart leaves its CRDs to somebody else.
    let release = json!({"interval": "10m", "chart": chart, "values": {"crds": {"enabled": true}}});
    repository
        .write("apps/release/release.yaml", &object("helm.toolkit.fluxcd.io/v2", "HelmRelease", &namespace, &release));
    // Which charts bring their CRDs is known by their source, too.
    let charts = json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository",
        "metadata": {"namespace": namespace.name(), "name": "jetstack"}, "spec": {"interval": "1h", "url": "https://charts.jetstack.io"}});
    repository.write("apps/release/charts.yaml", &charts.to_string());
    let issuer = object("cert-manager.io/v1", "Issuer", &namespace, &json!({"selfSigned": {}}));
    repository.write("apps/release/issuer.yaml", &issuer);
    for (name, more) in [
        // A kind that has just been made may be unknown to the controller for a moment.
        ("together", json!({"retryInterval": "1s"})),
        ("definitions", json!({"wait": true})),
        ("resources", json!({"dependsOn": [{"name": "definitions"}], "retryInterval": "1s"})),
        ("release", json!({})),
    ] {
        let path = format!("./apps/{name}");
        let mut object = Repository::kustomization(namespace.name(), name, SOURCE, &path, &more);
        kubectl::apply_as("flux", &object);
        // In the repository it points at the repository, as users write it; which source that is, nothing in it says.
        object["spec"]["sourceRef"] = json!({"kind": "GitRepository", "name": "flux-system"});
        repository.write(&format!("clusters/test/{name}.yaml"), &object.to_string());
    }
    repository.publish(namespace.name(), SOURCE);

    // The controller's word.
    for name in ["together", "definitions", "resources"] {
        says(&namespace, name, "ReconciliationSucceeded");
    }
    let refused = says(&namespace, "release", "ReconciliationFailed");
    let refused = refused["message"].as_str().unwrap();
    // A controller that has seen the kind in another test asks for it, and is told that it is gone.
    let words =
        ["no matches for kind \"Issuer\" in version \"cert-manager.io/v1\"", "(patch issuers.cert-manager.io issuer)"];
    assert!(words.iter().any(|words| refused.contains(words)), "{refused}");
    for group in [&together, &split] {
        assert!(kubectl::object(&[&format!("widgets.{group}"), "widget", "-n", namespace.name()]).is_some());
    }

    // Ours, of the files alone, and of the cluster.
    let workspace = Workspace::new();
    workspace.hcl(&format!(
        "data \"tazlab_kustomization\" \"repo\" {{\n  path    = \"{}\"\n  entries = [\"clusters/test\"]\n  sources = [\"{}/flux-system\"]\n}}\n\noutput \"repo\" {{ value = data.tazlab_kustomization.repo }}\n\n{}",
        repository.path().display(),
        namespace.name(),
        super::status(&format!("  flux_kustomizations = [\"{}/*\"]\n", namespace.name()))
    ));
    workspace.apply().succeeds();
    let problems = output(&workspace, "repo")["problems"].clone();
    let problems = problems.as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let problem = problems[0].as_str().unwrap();
    assert!(problem.contains("apps/release/issuer.yaml") && problem.contains("HelmRelease"), "{problem}");
    let status = output(&workspace, "status");
    assert_eq!(status["summary"], "3/4 Kustomizations Ready");
    let line = status["problems"][0].as_str().unwrap();
    assert!(line.starts_with(&format!("Kustomization {}/release: ReconciliationFailed: ", namespace.name())), "{line}");
    assert!(line.contains("no matches for kind"), "{line}");
}
