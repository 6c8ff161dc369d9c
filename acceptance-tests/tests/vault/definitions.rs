//! Role definitions in which every argument takes every kind of value.

use serde_json::{Value, json};

/// The value number `index` of a list, by another number: all combinations come up.
fn pick<'a>(values: &[&'a str], index: usize) -> &'a str {
    values[index % values.len()]
}

/// A role definition out of many.
pub(crate) fn definition(index: usize) -> Value {
    let spans = ["", "0", "1h", "3600", "90s", "1h30m", "24h", "86400", "45m"];
    let leeways = ["", "0s", "-1", "-1s", "30s", "2m", "120"];
    let mut role =
        json!({"name": format!("r-{index}"), "user_claim": pick(&["sub", "/kubernetes.io/serviceaccount/uid"], index)});
    let mut set = |name: &str, value: Value| {
        if value != json!("") {
            role[name] = value;
        }
    };
    let lists = [vec!["a"], vec!["b", "a"], vec!["https://v:8200", "Ärger", "x y", "A"], vec!["z", "y", "x", "w"]];
    set("bound_audiences", if index.is_multiple_of(5) { json!("") } else { json!(lists[index % 4]) });
    set("bound_subject", json!(pick(&["", "system:serviceaccount:ns:sa", "with \"quotes\" and \\"], index / 2)));
    if index.is_multiple_of(5) || index.is_multiple_of(3) {
        set("bound_claims", json!({"/kubernetes.io/namespace": lists[index / 3 % 4], "b": ["only"]}));
        set("bound_claims_type", json!(pick(&["", "string", "glob"], index)));
    }
    set(
        "claim_mappings",
        if index.is_multiple_of(7) { json!({"/kubernetes.io/namespace": "namespace"}) } else { json!("") },
    );
    set("user_claim_json_pointer", json!(index % 2 == 1));
    set("groups_claim", json!(pick(&["", "groups"], index / 5)));
    set("expiration_leeway", json!(pick(&leeways, index)));
    set("not_before_leeway", json!(pick(&leeways, index / 7)));
    set("clock_skew_leeway", json!(pick(&leeways, index / 49)));
    set("token_policies", if index.is_multiple_of(4) { json!("") } else { json!(lists[index / 4 % 4]) });
    // A token cannot live longer than its largest time.
    set("token_ttl", json!(pick(&["", "0", "1h", "3600", "90s"], index / 3)));
    set("token_max_ttl", json!(pick(&["", "24h", "86400", "0"], index / 9)));
    set("token_explicit_max_ttl", json!(pick(&["", "48h", "0s"], index / 27)));
    set("token_period", if index.is_multiple_of(11) { json!(pick(&spans, index / 11)) } else { json!("") });
    set("token_num_uses", if index.is_multiple_of(6) { json!(index % 3) } else { json!("") });
    set("token_no_default_policy", json!(index.is_multiple_of(8)));
    set("token_type", json!(pick(&["", "default", "service"], index)));
    let cidrs = ["10.0.0.0/8", "127.0.0.1", "127.0.0.1/32", "::1", "fd00::/8", "10.1.2.3/8"];
    set(
        "token_bound_cidrs",
        if index.is_multiple_of(9) { json!([pick(&cidrs, index / 9), "192.168.0.0/16"]) } else { json!("") },
    );
    role
}
