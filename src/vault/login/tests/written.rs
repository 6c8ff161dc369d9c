//! Ways in which people write a bound, each with who was meant by it.

use serde_json::{Value, json};

/// A way to write a set of names, and the names that were meant by it.
pub(super) type Written = (Value, fn(&str) -> bool);

/// The same of a subject.
pub(super) type Named = (&'static str, fn(&str) -> bool);

/// Values for a namespace, as they are written and as they are meant. What no kind of pattern means is what it says.
pub(super) fn namespaces() -> Vec<Written> {
    vec![
        (json!(["apps"]), |one| one == "apps"),
        (json!("apps"), |one| one == "apps"),
        (json!(["ops"]), |one| one == "ops"),
        (json!(["ops", "apps"]), |one| one == "ops" || one == "apps"),
        (json!(["ap*"]), |one| one.starts_with("ap")),
        (json!(["*"]), |_| true),
        (json!(["^apps$"]), |one| one == "apps"),
        (json!(["(apps|ops)"]), |one| one == "apps" || one == "ops"),
        (json!([".*"]), |_| true),
        (json!(["app?", "ops"]), |one| one == "apps" || one == "ops"),
        (json!([" apps"]), |one| one == "apps"),
        (json!(["apps,ops"]), |one| one == "apps" || one == "ops"),
        (json!([5]), |_| false),
    ]
}

pub(super) fn accounts() -> Vec<Written> {
    vec![
        (json!(["web"]), |one| one == "web"),
        (json!("api"), |one| one == "api"),
        (json!(["web", "api"]), |one| one == "web" || one == "api"),
        (json!(["w*"]), |one| one.starts_with('w')),
        (json!(["web|api"]), |one| one == "web" || one == "api"),
        (json!(["we?"]), |one| one == "web"),
    ]
}

/// The same for subjects.
pub(super) fn subjects() -> Vec<Named> {
    vec![
        ("system:serviceaccount:apps:web", |one| one == "system:serviceaccount:apps:web"),
        ("system:serviceaccount:ops:api", |one| one == "system:serviceaccount:ops:api"),
        ("system:serviceaccount:apps:*", |one| one.starts_with("system:serviceaccount:apps:")),
        ("system:serviceaccount:*:web", |one| one.starts_with("system:serviceaccount:") && one.ends_with(":web")),
        ("system:serviceaccount:*", |_| true),
        ("*", |_| true),
        ("system:serviceaccount:apps:.*", |one| one.starts_with("system:serviceaccount:apps:")),
        ("^system:serviceaccount:apps:(web|api)$", |one| {
            matches!(one, "system:serviceaccount:apps:web" | "system:serviceaccount:apps:api")
        }),
        ("system:serviceaccount:apps:we?", |one| one == "system:serviceaccount:apps:web"),
        ("apps:web", |one| one == "system:serviceaccount:apps:web"),
        ("apps/web", |one| one == "system:serviceaccount:apps:web"),
        (" system:serviceaccount:apps:web", |one| one == "system:serviceaccount:apps:web"),
        ("web", |_| false),
    ]
}
