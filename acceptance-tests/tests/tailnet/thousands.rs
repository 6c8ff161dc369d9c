//! Five thousand devices and an API that limits its callers: one list, one delete a device, nothing lost, nothing else
//! touched. How long it takes is measured by `tailnet-bench`, not asserted here.

use acceptance_tests::tailnet::{Fault, Rule};

use super::*;

const COUNT: usize = 5000;
const REFUSALS: usize = 40;

#[test]
fn five_thousand_devices_with_refusals() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    scene.workspace.without_traces();
    let mut others = Vec::new();
    for number in 0..COUNT {
        tailnet.ghost(&format!("ghost-x{number}"), TAG, HOUR);
        if number % 10 == 0 {
            others.push(tailnet.ghost(&format!("other-x{number}"), &["tag:k8s-other"], HOUR));
        }
    }
    let busy = Fault::Answer { code: 429, retry_after: Some("0".into()), body: String::new() };
    tailnet.fault(Rule::at_delete(busy).after(100).every(100).times(REFUSALS));
    scene.cleanup(&format!("  max_deletions = {COUNT}"));
    scene.workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    tailnet.forget_journal();
    let applied = scene.workspace.terraform(&["apply", "saved.plan"]).succeeds();
    println!("terraform apply took {:?}", applied.took);

    let deleted = sorted(tailnet.deleted());
    assert_eq!(deleted.len(), COUNT, "nothing lost");
    assert!(deleted.windows(2).all(|pair| pair[0] != pair[1]), "nothing twice");
    assert!(
        others.iter().all(|id| tailnet.world().devices.iter().any(|device| device.node_id == *id)),
        "nothing else touched"
    );
    assert_eq!(tailnet.count("DELETE", "/"), COUNT + REFUSALS);
    // Terraform plans once more when it applies a plan, which looks too. On a machine that is so busy that deletions are held up for
    // seconds after their look, another look is right.
    let looks = tailnet.count("GET", "/api/v2/tailnet/");
    let most = 2 + applied.took.as_secs() / 20;
    assert!((2..=most).contains(&(looks as u64)), "{looks} looks, {most} at most");
    assert_eq!(tailnet.journal().len(), COUNT + REFUSALS + looks, "nothing else was asked");
    assert_eq!(ids(&scene.attributes()["removed_devices"]), deleted);
}
