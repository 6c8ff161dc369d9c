//! What the API server says of a change before it is made: what it comes to, and why it is refused.

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Apply, Call, Cause, Client, FIELD_MANAGER, InvalidField, Live, Untyped};
use tazlab_redacted::SecretText;
use tf_plugin::framework::context::Context;

use crate::cluster::object::{Place, put};
use crate::cluster::{Cluster, Failure};
use crate::manifest::merge::at;
use crate::manifest::value::same;

/// The groups whose kinds are built in: the API server itself checks their fields, with the same result at apply.
const BUILT_IN: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Words with which a built-in kind or a rule of a definition refuses a change of what cannot change.
const IMMUTABLE: &[&str] = &[
    "immutable",
    "may not change",
    "may not be changed",
    "cannot be changed",
    "updates to statefulset spec",
    "is not allowed to change",
];

/// What a dry run came to.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The object would stay as it is.
    Same,
    /// It would change.
    Changes,
    /// It is refused, since what cannot change would change.
    Immutable(String),
    /// It is refused, and will be at apply.
    Refused(String),
    /// Its namespace does not exist.
    Absent,
    /// It could not be checked, or is refused by what may decide otherwise at apply.
    Unsure(String),
}

/// A change to be tried.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    pub(super) place: &'a Place,
    /// What would be written, with name and mark.
    pub(super) object: &'a Json,
    pub(super) live: Option<&'a Live<Untyped>>,
    /// Paths that are not compared.
    pub(super) hidden: &'a [Vec<String>],
    pub(super) secrets: &'a [SecretText],
}

impl Trial<'_> {
    /// Tries it. Whose the fields are is looked at when they are written.
    pub(super) async fn run<D>(&self, cluster: &Cluster, context: &Context<D>) -> Verdict {
        let how = Apply { force: true, dry_run: true, strict: true, ..Apply::default() };
        let (kind, object, secrets) = (&self.place.kind, self.object, self.secrets);
        let apply =
            |client: Client, call: Call| async move { client.apply_hiding(&call, kind, object, how, secrets).await };
        match cluster.look(context, apply).await {
            Ok(applied) => match self.live {
                Some(live) if is_same(live, &applied.live, self.hidden) => Verdict::Same,
                _ => Verdict::Changes,
            },
            Err(failure) => refusal(&kind.group, &failure),
        }
    }
}

/// What would be written on the live object by this resource, for a trial.
pub(super) fn object(place: &Place, mut body: Json, marks: &[(&str, &str)]) -> Json {
    put(&mut body, &["metadata", "name"], place.name.clone());
    for (key, value) in marks {
        put(&mut body, &["metadata", "annotations", key], *value);
    }
    body
}

fn refusal(group: &str, failure: &Failure) -> Verdict {
    let built_in = BUILT_IN.contains(&group);
    match failure.cause() {
        Some(Cause::Invalid { fields, message }) => {
            let immutable = |field: &InvalidField| is_immutable(&field.message);
            if !fields.is_empty() && fields.iter().all(immutable) || fields.is_empty() && is_immutable(message) {
                return Verdict::Immutable(failure.to_string());
            }
            if built_in { Verdict::Refused(failure.to_string()) } else { Verdict::Unsure(failure.to_string()) }
        }
        // A field that the kind does not have, or of another type.
        Some(Cause::Api { code: 400 | 500, message }) if built_in && is_of_fields(message) => {
            Verdict::Refused(failure.to_string())
        }
        Some(Cause::NotFound) => Verdict::Absent,
        _ => Verdict::Unsure(failure.to_string()),
    }
}

fn is_immutable(message: &str) -> bool {
    let message = message.to_lowercase();
    IMMUTABLE.iter().any(|words| message.contains(words))
}

/// The beginnings are the API server's own (k8s.io/apiserver v0.37.2, `pkg/endpoints/handlers`).
pub(super) fn is_of_fields(message: &str) -> bool {
    let beginnings =
        ["failed to create typed patch object", "failed to convert new object ", "strict decoding error: "];
    let handled = message.contains(" in version \"") && message.contains(" cannot be handled as a ");
    handled || beginnings.iter().any(|words| message.starts_with(words))
}

/// Does the trial leave the object, and who owns which of its fields, as they are?
fn is_same(live: &Live<Untyped>, tried: &Live<Untyped>, hidden: &[Vec<String>]) -> bool {
    let bare = |live: &Live<Untyped>| {
        let mut value = live.object.value.clone();
        if let Some(metadata) = value.get_mut("metadata").and_then(Json::as_object_mut) {
            metadata.remove("resourceVersion");
            metadata.remove("generation");
        }
        value
    };
    let (mut before, mut after) = (bare(live), bare(tried));
    for path in hidden {
        if at(&before, path).is_none() || at(&after, path).is_none() {
            continue;
        }
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        put(&mut before, &path, Json::Null);
        put(&mut after, &path, Json::Null);
    }
    let ours = |live: &Live<Untyped>| {
        let entries =
            live.managers.iter().filter(|one| one.applied && one.name == FIELD_MANAGER && one.subresource.is_empty());
        let mut fields: Vec<Vec<String>> = entries.flat_map(|one| one.fields.clone()).collect();
        fields.sort();
        fields
    };
    same(&before, &after) && ours(live) == ours(tried)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
    use serde_json::json;
    use tazlab_clients::kubernetes::Manager;

    use super::*;

    fn invalid(messages: &[&str]) -> Failure {
        let field = |message: &&str| InvalidField { field: "spec.a".to_owned(), message: (*message).to_owned() };
        Failure::of_cause(Cause::Invalid { fields: messages.iter().map(field).collect(), message: "m".to_owned() })
    }

    #[test]
    fn a_refusal_is_final_only_where_it_will_be_the_same_at_apply() {
        let of = |group, failure: &Failure| refusal(group, failure);
        assert!(matches!(of("", &invalid(&["must be positive"])), Verdict::Refused(_)));
        assert!(matches!(of("example.com", &invalid(&["must be positive"])), Verdict::Unsure(_)));
        assert!(matches!(of("apps", &invalid(&["Invalid value: 1: field is immutable"])), Verdict::Immutable(_)));
        assert!(matches!(of("example.com", &invalid(&["Value is immutable"])), Verdict::Immutable(_)));
        assert!(matches!(of("apps", &invalid(&["field is immutable", "must be positive"])), Verdict::Refused(_)));
        let api = |code, message: &str| Failure::of_cause(Cause::Api { code, message: message.to_owned() });
        let typed = api(
            500,
            "failed to create typed patch object (n/a; /v1, Kind=ConfigMap): .foo: field not declared in schema",
        );
        assert!(matches!(of("", &typed), Verdict::Refused(_)));
        assert!(matches!(of("example.com", &typed), Verdict::Unsure(_)));
        let webhook = api(400, "admission webhook \"a.b\" does not support dry run");
        assert!(matches!(of("", &webhook), Verdict::Unsure(_)));
        let denied = Failure::of_cause(Cause::AdmissionDenied { message: "field is immutable".to_owned() });
        assert!(matches!(of("", &denied), Verdict::Unsure(_)), "who refuses may quote");
        assert!(matches!(of("", &Failure::of_cause(Cause::NotFound)), Verdict::Absent));
    }

    #[test]
    fn an_object_is_the_same_when_nothing_of_it_and_of_its_fields_owners_changes() {
        let live = |value: Json, fields: &[&str]| {
            let fields = fields.iter().map(|field| vec![(*field).to_owned()]).collect();
            let manager = Manager { name: FIELD_MANAGER.to_owned(), applied: true, subresource: String::new(), fields };
            Live { object: Untyped { metadata: ObjectMeta::default(), value }, managers: vec![manager] }
        };
        let before = live(json!({"metadata": {"resourceVersion": "1", "generation": 1}, "a": 1, "s": "x"}), &["a"]);
        let after = |a: i64, fields| live(json!({"metadata": {"resourceVersion": "2"}, "a": a, "s": "y"}), fields);
        let hidden = [vec!["s".to_owned()]];
        assert!(is_same(&before, &after(1, &["a"]), &hidden));
        assert!(!is_same(&before, &after(2, &["a"]), &hidden));
        assert!(!is_same(&before, &after(1, &["a", "b"]), &hidden));
        assert!(!is_same(&before, &after(1, &["a"]), &[]));
    }
}
