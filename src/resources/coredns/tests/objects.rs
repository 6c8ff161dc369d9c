use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::{FieldConflict, Live, Manager, Untyped};
use tf_plugin::framework::value::Value;

use super::model;
use crate::resources::coredns::adoption::{check, may_take, of_others};
use crate::resources::coredns::drift::differences;
use crate::resources::coredns::errors::CorednsError;
use crate::resources::coredns::model::TopologySpread;
use crate::resources::coredns::objects::{CHECKSUM, COREFILE, Wanted};
use crate::resources::coredns::parts::Part;
use crate::resources::coredns::sight::{Holder, Parts, Sight};

/// Two marks.
const ID: &str = "00000000000000aa";
const OTHER: &str = "00000000000000bb";

pub(super) fn live(value: Json, managers: Vec<Manager>) -> Live<Untyped> {
    let metadata = serde_json::from_value(value["metadata"].clone()).unwrap();
    Live { object: Untyped { metadata, value }, managers }
}

pub(super) fn manager(name: &str, applied: bool) -> Manager {
    Manager { name: name.to_owned(), applied, subresource: String::new(), fields: Vec::new() }
}

/// Every object as `wanted` has it.
fn all_there(wanted: &Wanted<'_>) -> Sight {
    let parts: Parts = Part::ALL.map(|part| (part, live(wanted.object(part), Vec::new()))).into();
    Sight { parts, holders: Vec::new() }
}

#[test]
fn what_was_applied_does_not_differ_and_what_somebody_changed_does() {
    let model = model();
    let wanted = Wanted::new(&model, ".:53 {\n}\n", Some(ID), Some(2));
    let mut sight = all_there(&wanted);
    assert_eq!(differences(&wanted, &model, &sight), [""; 0]);
    assert!(sight.is_all_marked(ID) && !sight.is_all_marked(OTHER));
    sight.parts.remove(&Part::ServiceAccount);
    let deployment = sight.parts.get_mut(&Part::Deployment).unwrap();
    deployment.object.value["spec"]["replicas"] = 5.into();
    let found = differences(&wanted, &model, &sight);
    let expected = ["ServiceAccount kube-system/coredns is missing", "Deployment kube-system/coredns: spec.replicas"];
    assert_eq!(found, expected);
}

#[test]
fn one_replica_has_no_disruption_budget() {
    let wanted = |replicas| Part::DisruptionBudget.is_wanted(replicas);
    assert!(wanted(Some(2)) && !wanted(Some(1)) && wanted(None));
}

#[test]
fn where_others_scale_the_number_is_said_once() {
    let model = model();
    let wanted = Wanted::new(&model, "a", Some(ID), None);
    let mut sight = all_there(&wanted);
    assert_eq!(wanted.first_deployment()["spec"]["replicas"], 2);
    let deployment = sight.parts.get_mut(&Part::Deployment).unwrap();
    assert!(deployment.object.value["spec"].get("replicas").is_none());
    deployment.object.value["spec"]["replicas"] = 5.into();
    assert_eq!(differences(&wanted, &model, &sight), [""; 0]);
}

#[test]
fn pods_are_spread_as_the_user_says() {
    let mut model = model();
    let spread = |model: &_| {
        let object = Wanted::new(model, "a", None, Some(2)).object(Part::Deployment);
        object["spec"]["template"]["spec"]["topologySpreadConstraints"].clone()
    };
    assert_eq!(spread(&model)[0]["topologyKey"], "kubernetes.io/hostname");
    model.topology_spread = Value::Value(vec![TopologySpread {
        topology_key: Value::Value("topology.kubernetes.io/zone".to_owned()),
        max_skew: Value::Null,
        when_unsatisfiable: Value::Value("DoNotSchedule".to_owned()),
    }]);
    let expected = json!([{
        "topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"k8s-app": "kube-dns"}}, "matchLabelKeys": ["pod-template-hash"],
    }]);
    assert_eq!(spread(&model), expected);
    model.topology_spread = Value::Value(Vec::new());
    assert_eq!(spread(&model), json!([]));
}

#[test]
fn another_corefile_or_image_is_another_rollout_and_the_same_is_the_same() {
    let mut model = model();
    let mark = |model: &_, text: &str| Wanted::new(model, text, None, Some(2)).checksum();
    let (one, two) = (mark(&model, "a"), mark(&model, "b"));
    assert_ne!(one, two);
    assert_eq!(one, mark(&model, "a"));
    model.image = Value::Value("x:1".to_owned());
    assert_ne!(one, mark(&model, "a"));
    let object = Wanted::new(&model, "a", None, Some(2)).object(Part::Deployment);
    assert_eq!(object["spec"]["template"]["metadata"]["annotations"][CHECKSUM], mark(&model, "a"));
    assert_eq!(object["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 0);
}

#[test]
fn while_rolling_the_corefile_in_force_stays_where_running_pods_read_it() {
    let model = model();
    let before = Wanted::new(&model, "old", Some(ID), Some(2));
    let sight = all_there(&before);
    let rolling = Wanted::new(&model, "new", Some(ID), Some(2)).config_map_while_rolling(&sight);
    let data: BTreeMap<String, String> = serde_json::from_value(rolling["data"].clone()).unwrap();
    assert_eq!(data[COREFILE], "old");
    let mut versions: Vec<&str> = data.values().map(String::as_str).collect();
    versions.sort_unstable();
    assert_eq!(versions, ["new", "old", "old"]);
    // "new" crashed: the template names it, and the pods that work still mount "old".
    let mut sight = all_there(&Wanted::new(&model, "new", Some(ID), Some(2)));
    let config_map = Json::from_iter([("metadata", json!({})), ("data", rolling["data"].clone())]);
    sight.parts.insert(Part::ConfigMap, live(config_map, Vec::new()));
    let third = Wanted::new(&model, "third", Some(ID), Some(2)).config_map_while_rolling(&sight);
    for (key, content) in &data {
        assert_eq!(third["data"][key], *content, "{key}");
    }
    assert_eq!(third["data"].as_object().unwrap().len(), 4);
    // kubeadm's pods mount the key itself.
    let fresh = Sight { parts: Parts::new(), holders: Vec::new() };
    let first = Wanted::new(&model, "new", Some(ID), Some(2)).config_map_while_rolling(&fresh);
    assert_eq!(first["data"][COREFILE], "new");
}

#[test]
fn only_the_end_of_a_rollout_proves_its_template() {
    let model = model();
    let (old, new) = (Wanted::new(&model, "old", Some(ID), Some(2)), Wanted::new(&model, "new", Some(ID), Some(2)));
    let mut sight = all_there(&old);
    assert!(!old.is_proven(&sight));
    sight.parts.insert(Part::ConfigMap, live(old.config_map_in_force(), Vec::new()));
    assert!(old.is_proven(&sight) && !new.is_proven(&sight));
    assert!(Wanted::new(&model, "old", None, Some(2)).is_proven(&sight), "a comparison leaves the id out");
    let rolling = new.config_map_while_rolling(&sight);
    sight.parts.insert(Part::ConfigMap, live(rolling, Vec::new()));
    assert!(!old.is_proven(&sight) && !new.is_proven(&sight));
}

#[test]
fn names_outside_kube_system_are_their_own() {
    let mut model = model();
    assert_eq!(Part::ClusterRole.name(&model), "system:coredns");
    model.namespace = Value::Value("dns".to_owned());
    assert_eq!(Part::ClusterRole.name(&model), "tazlab:dns:coredns");
    assert_eq!(Part::Service.title(&model), "Service dns/kube-dns");
}

#[test]
fn what_stands_in_the_way_is_told_by_name() {
    let mut model = model();
    let wanted = Wanted::new(&model.clone(), "a", None, Some(2)).object(Part::Service);
    let sight = |managers, address: &str, holders: &[&str]| {
        let mut service = wanted.clone();
        service["spec"]["clusterIP"] = address.into();
        let parts: Parts = [(Part::Service, live(service, managers))].into();
        Sight {
            parts,
            holders: holders
                .iter()
                .map(|one| Holder { name: (*one).to_owned(), id: Some("their".into()), owner: None })
                .collect(),
        }
    };
    assert!(check(&model, &sight(vec![manager("kubeadm", false)], "10.96.0.10", &[]), None).is_ok());
    let other = check(&model, &sight(vec![], "10.96.0.11", &[]), None).unwrap_err();
    assert!(matches!(other, CorednsError::OtherAddress { .. }), "{other}");
    let taken = check(&model, &sight(vec![], "10.96.0.10", &["default/mine"]), Some(ID)).unwrap_err();
    assert!(check(&model, &sight(vec![], "10.96.0.10", &["default/mine"]), Some("their")).is_ok(), "it goes first");
    assert!(taken.to_string().contains("default/mine"), "{taken}");
    let talos = sight(vec![manager("talos", true)], "10.96.0.10", &[]);
    let told = format!("{:?}", check(&model, &talos, None).unwrap_err().diagnostics(&model));
    assert!(told.contains("cluster.coreDNS.disabled: true") && told.contains("take_over_from_talos"), "{told}");
    model.take_over_from_talos = Value::Value(true);
    assert!(check(&model, &talos, None).is_ok());

    let mut deployment = Wanted::new(&model, "a", None, Some(2)).object(Part::Deployment);
    deployment["spec"]["selector"]["matchLabels"] = json!({"app": "dns"});
    let parts: Parts = [(Part::Deployment, live(deployment, vec![]))].into();
    let other = check(&model, &Sight { parts, holders: vec![] }, None).unwrap_err();
    assert!(matches!(other, CorednsError::OtherSelector { .. }), "{other}");
}

#[test]
fn installers_and_hands_are_overruled_and_controllers_are_not() {
    let object = |id: &str| json!({"metadata": {"annotations": {"tazlab.io/instance": id}}});
    let by = |name: &str| [FieldConflict { field: ".spec.replicas".to_owned(), manager: name.to_owned() }];
    let ours = live(object(ID), vec![manager("kubectl-scale", false), manager("kubectl", true)]);
    let mut model = model();
    assert!(may_take(&by("kubeadm"), None, ID, &model));
    assert!(may_take(&by("kubectl-scale"), Some(&ours), ID, &model));
    assert!(!may_take(&by("kubectl"), Some(&ours), ID, &model), "what was applied was meant");
    let theirs = live(object(OTHER), ours.managers.clone());
    assert!(!may_take(&by("kubectl-scale"), Some(&theirs), ID, &model));
    assert!(!may_take(&by("horizontal-autoscaler"), Some(&ours), ID, &model));
    assert!(!may_take(&by("talos"), None, ID, &model));
    model.take_over_from_talos = Value::Value(true);
    assert!(may_take(&by("talos"), None, ID, &model), "the user says that it has let go");
}

#[test]
fn what_others_made_is_adopted_and_what_was_given_is_not() {
    let mut model = model();
    let anew = |mark: Option<&str>, managers: &[Manager]| {
        let annotations = mark.map(|mark| json!({"tazlab.io/instance": mark})).unwrap_or_default();
        let map = live(json!({"metadata": {"annotations": annotations}}), managers.to_vec());
        Sight { parts: [(Part::ConfigMap, map)].into(), holders: Vec::new() }
    };
    let ours = manager("terraform-provider-tazlab", true);
    let (kubeadm, talos) = (manager("kubeadm", false), manager("talos", true));
    let adopted = |model: &_, sight: &Sight| !of_others(model, sight, ID).is_empty();
    assert!(adopted(&model, &anew(None, std::slice::from_ref(&kubeadm))));
    assert!(!adopted(&model, &anew(Some(ID), &[kubeadm.clone(), ours.clone()])), "it is known already");
    assert!(!adopted(&model, &anew(Some(OTHER), std::slice::from_ref(&ours))), "another block of ours made it");
    assert!(adopted(&model, &anew(Some(OTHER), &[ours, kubeadm])), "another block of ours had adopted it");
    assert!(adopted(&model, &anew(None, std::slice::from_ref(&talos))));
    model.take_over_from_talos = Value::Value(true);
    assert!(!adopted(&model, &anew(None, std::slice::from_ref(&talos))), "the user takes it over");
    let none = Sight { parts: Parts::new(), holders: Vec::new() };
    assert!(!adopted(&model, &none));
}
