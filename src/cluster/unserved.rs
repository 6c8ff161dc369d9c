//! Kinds that will not come, however long they are waited for: those of groups without a dot, which only Kubernetes itself can have.
//! Waiting for the others is `kinds`'.

use tazlab_clients::kubernetes::Kind;
use tf_plugin::framework::context::Context;

use super::Cluster;
use super::kinds::titled;

impl Cluster {
    /// Why the server, which does not serve this kind, never will, if that is certain. A definition's group has a dot
    /// (k8s.io/apiextensions-apiserver v0.37.2, `pkg/apis/apiextensions/validation`: "should be a domain with at least one dot").
    pub async fn never_served<D>(
        &self,
        context: &Context<D>,
        group: &str,
        version: &str,
        kind: &str,
    ) -> Option<String> {
        if group.contains('.') {
            return None;
        }
        let core = self.look(context, |client, call| async move { client.resources(&call, "", "v1").await });
        let core = core.await.ok()??.into_iter().map(|one| Kind {
            group: String::new(),
            version: "v1".to_owned(),
            kind: one.kind,
            plural: one.plural,
        });
        let others = self.look(context, |client, call| async move { client.served_kinds(&call).await }).await.ok()?;
        let all: Vec<Kind> = core.chain(others.into_iter().map(|one| one.kind)).collect();
        never(group, version, kind, &all)
    }
}

/// By all kinds that the server has.
fn never(group: &str, version: &str, kind: &str, all: &[Kind]) -> Option<String> {
    let wanted = (group, version, kind);
    if all.iter().any(|one| (one.group.as_str(), one.version.as_str(), one.kind.as_str()) == wanted) {
        return None;
    }
    let of = |is_it: &dyn Fn(&Kind) -> bool| {
        let mut found: Vec<String> = Vec::new();
        for one in all.iter().filter(|one| is_it(one)) {
            let named = format!("kind {} of {}", one.kind, one.api_version());
            if !found.contains(&named) {
                found.push(named);
            }
        }
        found
    };
    let others = [of(&|one| one.kind == kind), of(&|one| one.kind.eq_ignore_ascii_case(kind))];
    let hint = match others.iter().find(|found| !found.is_empty()) {
        Some(found) => format!("It serves {}", found.join(", ")),
        None => "Correct apiVersion or kind".to_owned(),
    };
    Some(format!(
        "the API server does not serve {}, and nothing that is installed later can bring it: the group of a CustomResourceDefinition has a dot. {hint}",
        titled(group, version, kind)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(group: &str, version: &str, kind: &str) -> Kind {
        Kind { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned(), plural: String::new() }
    }

    #[test]
    fn what_the_server_has_instead_is_named() {
        let all = [
            kind("", "v1", "ConfigMap"),
            kind("apps", "v1", "Deployment"),
            kind("apps", "v1", "Deployment"),
            kind("networking.k8s.io", "v1", "Ingress"),
        ];
        let told = |group: &str, version: &str, kind: &str| never(group, version, kind, &all);
        assert_eq!(told("apps", "v1", "Deployment"), None);
        let hints = [
            (("apps", "v1beta1", "Deployment"), "It serves kind Deployment of apps/v1"),
            (("", "v1", "Deployment"), "It serves kind Deployment of apps/v1"),
            (("extensions", "v1beta1", "Ingress"), "It serves kind Ingress of networking.k8s.io/v1"),
            (("", "v1", "configmap"), "It serves kind ConfigMap of v1"),
            (("", "v1", "Nothing"), "Correct apiVersion or kind"),
        ];
        for ((group, version, kind), hint) in hints {
            let text = told(group, version, kind).unwrap();
            assert!(text.ends_with(hint), "{text}");
        }
    }
}
