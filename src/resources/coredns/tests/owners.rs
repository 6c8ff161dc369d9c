//! Each owner of a CoreDNS is recognised by what its objects carry, and told how it is made to let go.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::FieldConflict;
use tf_plugin::framework::value::Value;

use super::model;
use super::objects::{live, manager};
use crate::resources::coredns::adoption::{check, may_take, of_others};
use crate::resources::coredns::errors::CorednsError;
use crate::resources::coredns::model::Coredns;
use crate::resources::coredns::objects::Wanted;
use crate::resources::coredns::owner::{OWNERS, of, removed, table};
use crate::resources::coredns::parts::Part;
use crate::resources::coredns::sight::{Holder, Sight};

const ID: &str = "00000000000000aa";
const DESCRIPTION: &str = include_str!("../../../../templates/resources/coredns.md.tmpl");

fn fixtures() -> Vec<Json> {
    serde_json::from_str(include_str!("owners.json")).unwrap()
}

/// What the fixture's owner left in the cluster.
fn sight(fixture: &Json, model: &Coredns) -> Sight {
    let managers = || vec![manager(fixture["manager"].as_str().unwrap(), fixture["applied"] == true)];
    let object = |part: Part, about: &Json| {
        let mut object = Wanted::new(model, ".:53 {\n}\n", None, Some(2)).object(part);
        object["metadata"]["labels"] = about["labels"].clone();
        object["metadata"]["annotations"] = about["annotations"].clone();
        if about["selector"].is_object() {
            object["spec"]["selector"]["matchLabels"] = about["selector"].clone();
        }
        live(object, managers())
    };
    let service = object(Part::Service, &fixture["service"]);
    if let Some(name) = fixture["service_name"].as_str() {
        let owner = of(&service.object.metadata, None);
        let holder = Holder { name: format!("kube-system/{name}"), id: None, owner };
        return Sight { parts: [].into(), holders: vec![holder] };
    }
    let mut parts = vec![(Part::Service, service)];
    if fixture["deployment"].is_object() {
        parts.push((Part::Deployment, object(Part::Deployment, &fixture["deployment"])));
    }
    Sight { parts: parts.into_iter().collect(), holders: Vec::new() }
}

fn told(error: &CorednsError, model: &Coredns) -> String {
    error.diagnostics(model).iter().flat_map(|one| [one.summary.clone(), "\n".to_owned(), one.detail.clone()]).collect()
}

#[test]
fn each_owner_is_told_how_to_let_go() {
    let model = model();
    for fixture in fixtures() {
        let name = fixture["owner"].as_str().unwrap();
        let error = check(&model, &sight(&fixture, &model), None).expect_err(name);
        let told = told(&error, &model);
        let expected = fixture["advice"].as_array().unwrap().iter().map(|words| words.as_str().unwrap());
        for words in expected.chain([name]) {
            assert!(told.contains(words), "{name}: {words}\n{told}");
        }
        assert!(!told.contains("force_conflicts"), "that would begin a fight: {told}");
        assert!(told.contains("kube-dns") || told.contains("rke2-coredns-rke2-coredns"), "{told}");
    }
    let shown: Vec<String> = fixtures().iter().map(|one| one["owner"].as_str().unwrap().to_owned()).collect();
    assert!(OWNERS.iter().all(|owner| shown.iter().any(|name| name == owner.name)), "an owner without a fixture");
}

#[test]
fn who_has_let_go_is_taken_over_and_nobody_else() {
    for fixture in fixtures() {
        let mut model = model();
        let seen = sight(&fixture, &model);
        let mut passes = Vec::new();
        for said in ["k3s", "eks", "flux", "argocd", "helm"] {
            model.take_over_from = Value::Value(said.to_owned());
            if !matches!(
                check(&model, &seen, None),
                Err(CorednsError::Owned { .. } | CorednsError::AddressTaken { .. })
            ) {
                passes.push(said);
            }
        }
        let argument: Vec<&str> = fixture["argument"].as_str().into_iter().collect();
        assert_eq!(passes, argument, "{fixture}");
        let (Some(said), Some(service)) = (argument.first(), seen.parts.get(&Part::Service)) else { continue };
        // A conflict with any manager of its objects is settled, and a destroy takes along what was given.
        model.take_over_from = Value::Value((*said).to_owned());
        let by = |name: &str| [FieldConflict { field: ".spec.ports".to_owned(), manager: name.to_owned() }];
        assert!(may_take(&by("whoever-wrote-for-it"), Some(service), ID, &model), "{fixture}");
        assert!(!of_others(&model, &seen, ID).contains(&Part::Service), "{fixture}");
        model.take_over_from = Value::Null;
        assert!(!may_take(&by(fixture["manager"].as_str().unwrap()), Some(service), ID, &model), "{fixture}");
        // Its marks go, what selects pods stays.
        let owner = of(&service.object.metadata, Some(service)).unwrap();
        let keys = |map: Option<&BTreeMap<String, String>>| -> Vec<String> {
            map.into_iter().flatten().map(|(key, _)| key.clone()).collect()
        };
        let metadata = &service.object.metadata;
        let (labels, annotations) = (keys(metadata.labels.as_ref()), keys(metadata.annotations.as_ref()));
        let gone = removed(owner, labels.iter().chain(&annotations));
        assert!(!gone.iter().any(|key| *key == "k8s-app"), "{fixture}");
        if *said != "eks" {
            assert!(!gone.is_empty(), "{fixture}");
        }
    }
}

#[test]
fn what_is_our_own_or_nobodys_has_no_owner() {
    let model = model();
    let mut fixture = fixtures().remove(0);
    fixture["service"]["annotations"]["tazlab.io/instance"] = ID.into();
    fixture["deployment"]["annotations"]["tazlab.io/instance"] = ID.into();
    assert!(check(&model, &sight(&fixture, &model), Some(ID)).is_ok());
    assert!(matches!(check(&model, &sight(&fixture, &model), Some("other")), Err(CorednsError::Owned { .. })));
    // What kubeadm installs, today and before it called the Service CoreDNS.
    for name in ["CoreDNS", "KubeDNS"] {
        let labels =
            json!({"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": name});
        let fixture = json!({"manager": "kubeadm", "applied": false, "service": {"labels": labels}, "deployment": {"labels": {"k8s-app": "kube-dns"}}});
        assert!(check(&model, &sight(&fixture, &model), None).is_ok(), "{name}");
    }
    // A label that charts of others use as well.
    let labels = json!({"app.kubernetes.io/instance": "coredns", "k8s-app": "kube-dns"});
    let fixture = json!({"manager": "kubectl", "applied": true, "service": {"labels": labels}});
    assert!(check(&model, &sight(&fixture, &model), None).is_ok());
}

#[test]
fn a_conflict_with_an_owner_is_told_with_its_advice() {
    use crate::cluster::Failure;
    use tazlab_clients::kubernetes::Cause;
    let model = model();
    let conflict = |manager: &str| {
        let fields = vec![FieldConflict { field: ".spec.replicas".to_owned(), manager: manager.to_owned() }];
        let failure = Failure::of_cause(Cause::FieldConflict { fields });
        told(&CorednsError::Write { title: "Deployment kube-system/coredns".to_owned(), failure }, &model)
    };
    for (manager, words) in [
        ("kustomize-controller", "prune: disabled"),
        ("argocd-controller", "Prune=false"),
        ("deploy@server-0", "coredns.yaml.skip"),
        ("eks", "preserve = true"),
        ("kops", "externalCoreFile"),
    ] {
        let told = conflict(manager);
        assert!(told.contains(words) && !told.contains("force_conflicts"), "{told}");
    }
    assert!(conflict("somebody").contains("force_conflicts = true"));
}

#[test]
fn the_reference_has_the_table_of_owners() {
    assert!(DESCRIPTION.contains(&table()), "write this into templates/resources/coredns.md.tmpl:\n{}", table());
}
