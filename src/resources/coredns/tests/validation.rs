use std::collections::BTreeMap;

use tazlab_corefile::COREDNS_VERSION;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::value::Value;

use super::model;
use crate::resources::coredns::corefile::Corefile;
use crate::resources::coredns::model::{Coredns, Tailnet};
use crate::resources::coredns::validate::validate;

fn found(change: impl FnOnce(&mut Coredns)) -> Vec<(String, String)> {
    let mut config = model();
    config.corefile = Value::Null;
    change(&mut config);
    let mut found = Diagnostics::new();
    validate(&config, &mut found);
    found.into_iter().map(|one| (one.attribute.to_string(), format!("{}: {}", one.summary, one.detail))).collect()
}

fn tailnet(domain: &str) -> Value<Vec<Tailnet>> {
    let text = |text: &str| Value::Value(text.to_owned());
    Value::Value(vec![Tailnet { domain: text(domain), namespace: text("tailscale") }])
}

fn texts(all: &[&str]) -> Value<Vec<String>> {
    Value::Value(all.iter().map(|one| (*one).to_owned()).collect())
}

#[test]
fn the_default_image_is_the_version_whose_grammar_is_known() {
    let image = model().image;
    assert_eq!(image.as_deref_option(), Some(&*format!("registry.k8s.io/coredns/coredns:v{COREDNS_VERSION}")));
}

#[test]
fn a_plugin_is_not_refused_while_the_known_ones_are_unknown() {
    let mut model = model();
    let corefile = Value::Value(".:53 {\n    mine\n}\n".to_owned());
    let errors = |model: &Coredns| Corefile::of(model, &corefile).unwrap().check(model).errors.len();
    assert_eq!(errors(&model), 1);
    model.known_plugins = Value::Unknown;
    assert_eq!(errors(&model), 0);
}

#[test]
fn what_was_planned_is_applied_whatever_the_configuration_says() {
    let mut model = model();
    let made = Corefile::of(&model, &Value::Null).unwrap().text().to_owned();
    let other = Value::Value("other".to_owned());
    model.corefile = Value::Value(made.clone());
    assert_eq!(Corefile::promised(&model, &other).unwrap().text(), made);
    model.corefile = Value::Value("given".to_owned());
    assert_eq!(Corefile::promised(&model, &Value::Null).unwrap().text(), "given");
    model.corefile = Value::Unknown;
    assert_eq!(Corefile::promised(&model, &other).unwrap().text(), "other");
}

#[test]
fn every_default_is_a_good_corefile() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn a_wrong_corefile_points_at_the_argument_with_line_and_column() {
    let wrong = found(|config| config.corefile = Value::Value(".:53 {\n  health { lameduck 5s }\n}\n".to_owned()));
    assert_eq!(wrong[0].0, AttributePath::new("corefile").to_string());
    assert!(wrong[0].1.contains("Corefile:2:") && wrong[0].1.contains("lameduck 5s\n"), "{wrong:?}");
}

#[test]
fn a_wrong_line_points_at_the_argument_that_made_it() {
    let wrong = found(|config| config.upstreams = texts(&["1.1.1.1", "dns.kube-system.svc.cluster.local"]));
    assert_eq!(wrong[0].0, "upstreams", "{wrong:?}");
    let own = found(|config| config.upstreams = texts(&["10.96.0.10"]));
    assert_eq!(own[0].0, "upstreams", "{own:?}");
    let zones: BTreeMap<String, Vec<String>> = [("corp.example".to_owned(), vec!["10.96.0.10".to_owned()])].into();
    let looped = found(|config| config.stub_zones = Value::Value(zones));
    assert!(looped[0].0.contains("corp.example"), "{looped:?}");
    let block = found(|config| config.extra_server_blocks = Value::Value("a.example:53 {\n  chace 30\n}".to_owned()));
    assert_eq!(block[0].0, "extra_server_blocks", "{block:?}");
}

#[test]
fn addresses_and_names_that_are_none_are_refused() {
    let hosts: BTreeMap<String, Vec<String>> =
        [("a.lan".to_owned(), vec!["10.0.0.1".to_owned(), "nowhere".to_owned()]), ("b.lan".to_owned(), vec![])].into();
    let wrong = found(|config| config.hosts = Value::Value(hosts));
    assert!(wrong[0].1.contains("nowhere") && wrong[1].1.contains("b.lan has no address"), "{wrong:?}");
    for (name, is_wrong) in
        [("a.ts.net", false), ("a.b.ts.net", true), ("ts.net", true), ("a.bots.net", false), ("a.ts.net.", false)]
    {
        let wrong = found(|config| {
            config.tailnets = tailnet("ts.net");
            config.verify = texts(&[name]);
        });
        assert_eq!(!wrong.is_empty(), is_wrong, "{name}: {wrong:?}");
    }
}

#[test]
fn what_is_unknown_is_not_judged() {
    assert_eq!(found(|config| config.upstreams = Value::Unknown), []);
    assert_eq!(found(|config| config.corefile = Value::Unknown), []);
}
