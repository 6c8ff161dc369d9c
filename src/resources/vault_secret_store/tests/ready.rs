use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::Instant;

use crate::cluster::object::Standing;
use crate::resources::vault_secret_store::ready::standing;

fn said(status: &str, reason: &str, message: &str) -> Json {
    json!({"status": {"conditions": [{"type": "Ready", "status": status, "reason": reason, "message": message}]}})
}

#[test]
fn the_controllers_words_are_what_is_waited_for() {
    let failed = said("False", "ValidationFailed", "unable to validate store: invalid vault credentials");
    let words =
        "ClusterSecretStore a: Ready is False (ValidationFailed): unable to validate store: invalid vault credentials";
    assert_eq!(standing("ClusterSecretStore a", &failed, None), Standing::Waiting(words.to_owned()));
    let young = standing("ClusterSecretStore a", &json!({}), None);
    assert!(matches!(young, Standing::Waiting(why) if why.contains("has not processed")));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_was_ready_before_a_change_is_doubted_for_a_while() {
    let valid = said("True", "Valid", "store validated");
    let end = Instant::now() + Duration::from_secs(5);
    assert!(matches!(standing("a", &valid, Some(end)), Standing::Waiting(_)));
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(standing("a", &valid, Some(end)), Standing::Done);
    assert_eq!(standing("a", &valid, None), Standing::Done);
}
