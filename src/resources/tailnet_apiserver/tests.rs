use serde_json::{Value as Json, json};
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Value;

use super::errors::{ApiserverError, Holder};
use super::model::Model;
use super::name::{given, judged};
use crate::cluster::object::Standing;
use crate::cluster::tailscale_operator::life::Exposed;

fn model() -> Model {
    let attributes = Model::attributes();
    let nothing = all_null(&attributes);
    let mut model: Model = decode(settle(&attributes, &nothing, nothing.clone())).unwrap();
    model.own.hostname = Value::Value("lushycorp-k8s".to_owned());
    model
}

/// The Service as the operator leaves it.
fn joined(name: &str) -> Json {
    json!({"status": {
        "conditions": [{"type": "TailscaleProxyReady", "status": "True", "reason": "ProxyCreated", "message": "ProxyCreated"}],
        "loadBalancer": {"ingress": [{"hostname": name}, {"ip": "100.64.0.7"}]},
    }})
}

#[test]
fn the_service_is_what_talos_and_kubeadm_need() {
    let object = model().desired(None);
    assert_eq!(model().place().to_string(), "Service kube-system/tailscale-apiserver");
    assert_eq!(object["spec"]["selector"], json!({"component": "kube-apiserver"}));
    assert_eq!(object["spec"]["loadBalancerClass"], "tailscale");
    assert_eq!(
        (&object["spec"]["ports"][0]["port"], &object["spec"]["ports"][0]["targetPort"]),
        (&json!(6443), &json!(6443))
    );
}

#[test]
fn only_the_very_name_will_do() {
    assert_eq!(judged(&model(), &joined("lushycorp-k8s.x.ts.net")), Standing::Done);
    let taken = judged(&model(), &joined("lushycorp-k8s-1.x.ts.net"));
    assert!(matches!(taken, Standing::Hopeless(why) if why.contains("lushycorp-k8s-1.x.ts.net")));
    // Of an earlier hostname, or renamed by hand: the operator may yet come to it.
    for other in ["kube.x.ts.net", "lushycorp-k8s-one.x.ts.net", "lushycorp-k8s-vault-1.x.ts.net"] {
        assert!(matches!(judged(&model(), &joined(other)), Standing::Waiting(_)), "{other}");
    }
    let mut numbered = model();
    numbered.own.hostname = Value::Value("lushycorp-k8s-1".to_owned());
    assert_eq!(judged(&numbered, &joined("lushycorp-k8s-1.x.ts.net")), Standing::Done);
    let mut pending = joined("lushycorp-k8s.x.ts.net");
    pending["status"]["conditions"][0]["status"] = json!("False");
    assert!(matches!(judged(&model(), &pending), Standing::Waiting(_)), "what is there may be of an earlier life");
}

#[test]
fn name_and_addresses_are_read() {
    let given = given(&joined("a.x.ts.net")).unwrap();
    assert_eq!((given.fqdn.as_str(), given.addresses), ("a.x.ts.net", vec!["100.64.0.7".to_owned()]));
    assert_eq!(super::name::given(&json!({"status": {"loadBalancer": {}}})), None);
}

#[test]
fn a_number_is_told_with_its_holder() {
    let error = |holder| ApiserverError::Numbered { wanted: "k8s".into(), given: "k8s-1.x.ts.net".into(), holder };
    for (holder, words) in [
        (
            Holder::Device("k8s.x.ts.net (hostname k8s, id n7, connected), tag:k8s".into()),
            "is held by k8s.x.ts.net (hostname k8s, id n7",
        ),
        (Holder::Nobody, "No device holds k8s any more"),
        (
            Holder::Unseen("The provider has no credential".into()),
            "could not be queried: The provider has no credential",
        ),
    ] {
        let told = error(holder).diagnostics("Service kube-system/x");
        let told: Vec<_> = told.iter().collect();
        assert_eq!(told[0].attribute.to_string(), "hostname");
        assert!(
            told[0].summary.contains("k8s-1.x.ts.net instead of k8s") && told[0].detail.contains(words),
            "{}",
            told[0].detail
        );
    }
}
