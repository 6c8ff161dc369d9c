//! Clocks that differ. No kernel gives two processes two times of day, so that the cluster's part is played by a server that
//! issues tokens as one whose clock is wrong would; the refusal is the real Vault's.

use acceptance_tests::Signer;

use super::server::serve;
use super::*;

/// A cluster whose clock is wrong.
struct WrongClock {
    url: String,
    public_key: String,
}

impl WrongClock {
    /// Issues tokens, as the API server writes them, that begin so many seconds from now.
    fn by(seconds: i64) -> Self {
        let signer = Signer::new("RS256");
        let public_key = signer.public_key();
        let url = serve(move |line| {
            if !(line.starts_with("POST ") && line.contains("/token ")) {
                return (404, json!({"kind": "Status", "message": "not found"}));
            }
            let now = jiff::Timestamp::now().as_second() + seconds;
            let token = signer.token(&json!({
                "iss": issuer(), "sub": "system:serviceaccount:monitoring:grafana-sa", "aud": [AUDIENCE],
                "iat": now, "nbf": now, "exp": now + 600,
            }));
            (201, json!({"status": {"token": token, "expirationTimestamp": "2030-01-01T00:00:00Z"}}))
        });
        Self { url, public_key }
    }
}

#[test]
fn a_clock_that_is_wrong_is_found_with_its_side_and_size() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let site = Site::new(&vault);
    for (seconds, claim, hint) in [(300, "nbf", "behind the cluster's"), (-1000, "exp", "ahead of the cluster's")] {
        let cluster = WrongClock::by(seconds);
        site.configured(&site.mount, &json!({"jwt_validation_pubkeys": [cluster.public_key]}));
        site.role("grafana", &json!({"bound_subject": "system:serviceaccount:monitoring:grafana-sa"}));
        workspace.provider(&format!("kubernetes = {{ host = \"{}\" }}\n{}", cluster.url, vault.block(&workspace)));
        workspace.hcl(&proofs("monitoring", &[Login::new("grafana", &site.mount, "grafana")]));
        workspace.apply().succeeds();
        let found = &outputs(&workspace)["grafana"];
        let missed: Vec<&Value> =
            found["claims"].as_array().unwrap().iter().filter(|claim| claim["met"] == false).collect();
        assert_eq!(
            (missed.len(), &missed[0]["name"], &missed[0]["by"]),
            (1, &json!(claim), &json!("clock")),
            "{found}"
        );
        let told = missed[0]["hint"].as_str().unwrap();
        let seen: i64 = told.split_whitespace().find_map(|word| word.parse().ok()).unwrap();
        assert!(told.contains(hint) && (seen - seconds.abs()).abs() <= 10, "{told}");
        assert!(missed[0]["fix"].as_str().unwrap().contains("NTP"));
    }
}
