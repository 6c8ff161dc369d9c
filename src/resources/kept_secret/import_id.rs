//! How a kept Secret is named to be imported, and its identity. Pure.

use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::resource::ImportId;
use tf_plugin::framework::value::Datum;

use super::model::{KeptSecret, Target, Which};

pub(super) fn schema() -> IdentitySchema {
    IdentitySchema::of_strings(&[
        ("namespace", "The Secret's namespace."),
        ("mount", "Where the KV engine is mounted."),
        ("path", "The copy's path below the mount."),
    ])
    .with_optional("name", "The Secret's name.")
    .with_optional("label_selector", "The labels of the Secrets, where they are not kept by name.")
}

pub(super) fn identity(model: &KeptSecret) -> Option<Datum> {
    let place = model.vault.as_ref_option()?;
    Some(Datum::object([
        ("namespace", model.namespace.encode()),
        ("mount", place.mount.encode()),
        ("path", place.path.encode()),
        ("name", model.name.encode()),
        ("label_selector", model.label_selector.encode()),
    ]))
}

/// What is to be imported.
pub(super) fn wanted(id: &ImportId) -> Result<Target, Diagnostic> {
    match id {
        ImportId::Id(text) => of_text(text),
        ImportId::Identity(identity) => of_identity(identity),
    }
    .ok_or_else(|| {
        Diagnostic::error(
            "Invalid import id",
            "Import by the copy's path as Vault's API has it, a comma, and the Secret: \"secret/data/kept/blog-tls,blog/blog-tls\". With label_selector, write the namespace, a question mark and the labels: \"secret/data/kept/sealed,kube-system?sealedsecrets.bitnami.com/sealed-secrets-key\".",
        )
    })
}

fn of_text(text: &str) -> Option<Target> {
    let (place, secret) = text.split_once(',')?;
    let (mount, path) = place.split_once("/data/")?;
    if let Some((namespace, labels)) = secret.split_once('?') {
        return complete(namespace, Which::Labelled(labels.to_owned()), mount, path);
    }
    let (namespace, name) = secret.split_once('/')?;
    complete(namespace, Which::Named(name.to_owned()), mount, path)
}

fn of_identity(identity: &Datum) -> Option<Target> {
    let text = |name: &str| identity.get(name).as_str().map(ToOwned::to_owned);
    let which = match (text("name"), text("label_selector")) {
        (Some(name), None) => Which::Named(name),
        (None, Some(labels)) => Which::Labelled(labels),
        _ => return None,
    };
    complete(&text("namespace")?, which, &text("mount")?, &text("path")?)
}

fn complete(namespace: &str, which: Which, mount: &str, path: &str) -> Option<Target> {
    let is_empty = match &which {
        Which::Named(name) => name.is_empty() || name.contains('/'),
        Which::Labelled(labels) => labels.is_empty(),
    };
    let all = !is_empty && ![namespace, mount, path].contains(&"") && !namespace.contains('/');
    let text = |text: &str| text.to_owned();
    all.then(|| Target { namespace: text(namespace), which, mount: text(mount), path: text(path) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(String, Which, String, String)> {
        let target = wanted(&ImportId::Id(text.to_owned())).ok()?;
        Some((target.namespace, target.which, target.mount, target.path))
    }

    #[test]
    fn a_secret_is_named_with_its_copy() {
        let named = of("secret/data/kept/blog-tls,blog/blog-tls").unwrap();
        assert_eq!(named, ("blog".into(), Which::Named("blog-tls".into()), "secret".into(), "kept/blog-tls".into()));
        let labelled = of("team/kv/data/sealed,kube-system?a.b/c=d,e").unwrap();
        assert_eq!(labelled.1, Which::Labelled("a.b/c=d,e".into()));
        assert_eq!((labelled.2.as_str(), labelled.3.as_str()), ("team/kv", "sealed"));
        for wrong in
            ["", "blog/blog-tls", "secret/kept/a,blog/a", "secret/data/a,blog", "secret/data/a,blog?", "/data/,/"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_identity_names_one_of_the_two() {
        let of = |name: Datum, labels: Datum| {
            let identity = Datum::object([
                ("namespace", "blog".into()),
                ("mount", "secret".into()),
                ("path", "a".into()),
                ("name", name),
                ("label_selector", labels),
            ]);
            wanted(&ImportId::Identity(identity)).is_ok()
        };
        assert!(of("a".into(), Datum::Null) && of(Datum::Null, "a=b".into()));
        assert!(!of("a".into(), "a=b".into()) && !of(Datum::Null, Datum::Null));
    }
}
