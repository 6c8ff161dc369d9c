//! What an import takes in of the live pods, so that a configuration that says the same plans no change; and what of a stored CoreDNS
//! a configuration leaves out, since it would be the same without.

use serde_json::Value as Json;
use tf_plugin::framework::value::Value;

use super::corefile::Corefile;
use super::model::{Coredns as Model, Resources, Tolerated, TopologySpread};
use super::objects::{CONTAINER, FIRST_REPLICAS, SCHEDULE, Wanted};
use super::parts::Part;

/// Sets the arguments that only the pods know, where the live ones are not as `model` makes them by itself.
pub(super) fn take_in(model: &mut Model, deployment: &Json) {
    let ours = Wanted::new(model, "", None, None).object(Part::Deployment);
    let pods = |deployment: &Json| deployment.pointer("/spec/template/spec").cloned().unwrap_or_default();
    let (ours, live) = (pods(&ours), pods(deployment));
    let container = |pods: &Json| {
        let mut all = pods.get("containers").and_then(Json::as_array).into_iter().flatten();
        all.find(|one| one.get("name").and_then(Json::as_str) == Some(CONTAINER)).cloned()
    };
    let of_container = |pods: &Json| container(pods).and_then(|one| one.get("resources").cloned()).unwrap_or_default();
    let differs = |field: &str| ours.get(field).cloned().unwrap_or_default() != *live.get(field).unwrap_or(&Json::Null);
    if of_container(&ours) != of_container(&live) {
        let quantities = |name: &str| of_container(&live).get(name).and_then(texts).into();
        model.resources = Value::Value(Resources { requests: quantities("requests"), limits: quantities("limits") });
    }
    if differs("nodeSelector") {
        model.node_selector = Value::Value(live.get("nodeSelector").and_then(texts).unwrap_or_default());
    }
    let members = |field: &str| live.get(field).and_then(Json::as_array).cloned().unwrap_or_default();
    if differs("tolerations") {
        model.tolerations = Value::Value(members("tolerations").iter().map(tolerated).collect());
    }
    if differs("topologySpreadConstraints") {
        model.topology_spread = Value::Value(members("topologySpreadConstraints").iter().map(spread).collect());
    }
}

type Texts = std::collections::BTreeMap<String, String>;

fn texts(live: &Json) -> Option<Texts> {
    serde_json::from_value(live.clone()).ok()
}

fn text(live: &Json, field: &str) -> Value<String> {
    live.get(field).and_then(Json::as_str).map(ToOwned::to_owned).into()
}

fn tolerated(live: &Json) -> Tolerated {
    Tolerated {
        key: text(live, "key"),
        operator: text(live, "operator"),
        value: text(live, "value"),
        effect: text(live, "effect"),
        toleration_seconds: live.get("tolerationSeconds").and_then(Json::as_i64).into(),
    }
}

fn spread(live: &Json) -> TopologySpread {
    let otherwise = live.get("whenUnsatisfiable").and_then(Json::as_str).filter(|otherwise| *otherwise != SCHEDULE);
    TopologySpread {
        topology_key: text(live, "topologyKey"),
        max_skew: live.get("maxSkew").and_then(Json::as_i64).filter(|skew| *skew != 1).into(),
        when_unsatisfiable: otherwise.map(ToOwned::to_owned).into(),
    }
}

/// Leaves out of `config` a Corefile that its other arguments make, and a number of replicas that nobody chose.
pub(super) fn leave_out(config: &mut Model) {
    let made = Corefile::of(config, &Value::Null);
    if made.is_some_and(|made| config.corefile.as_deref_option() == Some(made.text())) {
        config.corefile = Value::Null;
    }
    if config.replicas.as_ref_option() == Some(&FIRST_REPLICAS) {
        config.replicas = Value::Null;
    }
}
