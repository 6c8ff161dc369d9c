//! What is stored of a Secret, and what of it is read again.

use tazlab_clients::vault::{KvField, KvNewest};

use super::super::copy::{Copy, CopyError, expires, fields};
use super::super::keep::is_ours;
use super::super::model::{Target, Which};
use super::*;

fn target(which: Which) -> Target {
    let text = |text: &str| text.to_owned();
    Target { namespace: text("blog"), which, mount: text("secret"), path: text("kept/blog-tls") }
}

fn named() -> Target {
    target(Which::Named("blog-tls".to_owned()))
}

/// What Vault gives back of what was written.
fn stored(contents: &[(&str, Content)], target: &Target) -> KvNewest {
    let contents = contents.iter().map(|(name, content)| ((*name).to_owned(), content.clone())).collect();
    let written = serde_json::to_value(fields(&contents, target)).unwrap();
    let texts = written.as_object().unwrap().iter();
    let texts = texts.map(|(name, value)| (name.clone(), KvField::Text(value.as_str().unwrap().into())));
    KvNewest { fields: Some(texts.collect()), version: 3, written: Some(moment("2026-11-30T10:00:00Z")) }
}

fn full() -> Secret {
    let annotations: Texts<'_> = &[
        ("cert-manager.io/issuer-kind", "ClusterIssuer"),
        ("kubectl.kubernetes.io/last-applied-configuration", "canary"),
        ("tazlab.io/instance", "0123456789abcdef"),
    ];
    let mut secret =
        secret("kubernetes.io/tls", &[("tls.crt", &certificates::FIRST), ("tls.key", "\u{1}key")], annotations);
    secret.metadata.labels = Some([("controller.cert-manager.io/fao".to_owned(), "true".to_owned())].into());
    secret.metadata.finalizers = Some(vec!["example.com/f".to_owned()]);
    secret.immutable = Some(true);
    secret
}

#[test]
fn a_copy_holds_what_the_next_cluster_needs_and_nothing_of_the_last_one() {
    let content = Content::of(&full());
    let read = Copy::read(&stored(&[("blog-tls", content.clone())], &named()), &named()).unwrap();
    assert!(read.exists && read.version == 3 && read.secrets["blog-tls"] == content);
    assert_eq!(expires(&read.secrets), Some(moment("2026-04-01T00:00:00Z")));
    let restored = read.secrets["blog-tls"].secret("blog", "blog-tls");
    let metadata = &restored.metadata;
    let annotations: Vec<&str> = metadata.annotations.iter().flatten().map(|(key, _)| key.as_str()).collect();
    assert_eq!(annotations, ["cert-manager.io/issuer-kind"]);
    assert_eq!(metadata.labels, full().metadata.labels);
    assert_eq!((&restored.data, restored.immutable, &restored.type_), (&full().data, Some(true), &full().type_));
    assert!(metadata.finalizers.is_none() && metadata.uid.is_none() && metadata.owner_references.is_none());
}

#[test]
fn the_manifest_is_what_kubectl_takes() {
    let newest = stored(&[("blog-tls", Content::of(&full()))], &named());
    let KvField::Text(manifest) = &newest.fields.as_ref().unwrap()["manifest"] else { panic!() };
    let list: serde_json::Value = serde_json::from_str(manifest.expose()).unwrap();
    assert_eq!((&list["apiVersion"], &list["kind"]), (&"v1".into(), &"List".into()));
    let item = &list["items"][0];
    assert_eq!((&item["apiVersion"], &item["kind"]), (&"v1".into(), &"Secret".into()));
    assert_eq!((&item["metadata"]["namespace"], &item["metadata"]["name"]), (&"blog".into(), &"blog-tls".into()));
    assert_eq!(item["data"]["tls.key"], "AWtleQ==");
}

#[test]
fn what_is_at_the_path_of_somebody_else_is_told_and_not_quoted() {
    let another = |which: Which, namespace: &str| {
        let theirs = Target { namespace: namespace.to_owned(), ..target(which) };
        Copy::read(&stored(&[("a", opaque("canary"))], &theirs), &named()).unwrap_err()
    };
    let other = another(Which::Named("shop-tls".to_owned()), "blog");
    assert_eq!(other, CopyError::OfAnother("Secret blog/shop-tls".to_owned()));
    assert!(matches!(another(Which::Named("blog-tls".to_owned()), "shop"), CopyError::OfAnother(_)));
    assert!(matches!(another(Which::Labelled("a=b".to_owned()), "blog"), CopyError::OfAnother(_)));

    let with = |change: fn(&mut BTreeMap<String, KvField>)| {
        let mut newest = stored(&[("blog-tls", opaque("canary"))], &named());
        change(newest.fields.as_mut().unwrap());
        Copy::read(&newest, &named()).unwrap_err()
    };
    let text = |text: &str| KvField::Text(text.into());
    assert_eq!(with(|fields| drop(fields.remove("format"))), CopyError::Foreign);
    assert_eq!(with(|fields| drop(fields.remove("manifest"))), CopyError::Foreign);
    assert_eq!(with(|fields| drop(fields.remove("namespace"))), CopyError::Foreign);
    assert_eq!(
        with(|fields| drop(fields.insert("format".into(), KvField::Text("tazlab.io/kept-secret/v2".into())))),
        CopyError::Foreign
    );
    assert_eq!(with(|fields| drop(fields.insert("name".into(), KvField::Json("1".into())))), CopyError::Foreign);
    let mut newest = stored(&[("blog-tls", opaque("canary"))], &named());
    newest.fields.as_mut().unwrap().insert("manifest".to_owned(), text("{\"items\": [\"canary\"]}"));
    let damaged = Copy::read(&newest, &named()).unwrap_err();
    assert!(matches!(damaged, CopyError::Damaged { .. }) && !damaged.to_string().contains("canary"), "{damaged}");
}

#[test]
fn a_copy_brings_no_secret_of_another_name() {
    let both = [("blog-tls", opaque("a")), ("cluster-admin", opaque("canary"))];
    assert_eq!(Copy::read(&stored(&both, &named()), &named()).unwrap_err(), CopyError::Foreign);
}

#[test]
fn a_copy_brings_no_secret_without_the_labels_or_of_another_namespace() {
    let labelled = target(Which::Labelled("a=b".to_owned()));
    let with = |value: &str| {
        let mut secret = secret("Opaque", &[("key", "canary")], &[]);
        secret.metadata.labels = Some([("a".to_owned(), value.to_owned())].into());
        Content::of(&secret)
    };
    let good = [("one", with("b")), ("two", with("b"))];
    assert_eq!(Copy::read(&stored(&good, &labelled), &labelled).unwrap().secrets.len(), 2);
    for bad in [with("c"), opaque("canary")] {
        let newest = stored(&[("one", with("b")), ("cluster-admin", bad)], &labelled);
        assert_eq!(Copy::read(&newest, &labelled).unwrap_err(), CopyError::Foreign);
    }
    // The namespace that the copy names is right, and the one of its item is not.
    let elsewhere = Target { namespace: "kube-system".to_owned(), ..named() };
    let mut newest = stored(&[("blog-tls", opaque("canary"))], &elsewhere);
    newest.fields.as_mut().unwrap().insert("namespace".to_owned(), KvField::Text("blog".into()));
    assert_eq!(Copy::read(&newest, &named()).unwrap_err(), CopyError::Foreign);
}

#[test]
fn a_deleted_copy_is_none_and_still_has_its_number() {
    let deleted = KvNewest { fields: None, version: 3, written: Some(moment("2026-11-30T10:00:00Z")) };
    let read = Copy::read(&deleted, &named()).unwrap();
    assert!(!read.exists && read.secrets.is_empty() && read.version == 3);
}

#[test]
fn a_write_whose_answer_was_lost_is_told_from_somebody_elses() {
    let (ours, after) = ([("blog-tls", opaque("a"))], |version| Copy { version, ..Copy::default() });
    let contents = ours.iter().map(|(name, content)| ((*name).to_owned(), content.clone())).collect();
    let newest = stored(&ours, &named());
    let written = is_ours(&newest, &named(), &after(2), &contents).unwrap();
    assert_eq!((written.version, Some(written.written)), (3, newest.written));
    assert!(is_ours(&newest, &named(), &after(1), &contents).is_none(), "there is one between them");
    let theirs = stored(&[("blog-tls", opaque("b"))], &named());
    assert!(is_ours(&theirs, &named(), &after(2), &contents).is_none());
    let deleted = KvNewest { fields: None, ..newest };
    assert!(is_ours(&deleted, &named(), &after(2), &contents).is_none());
}

#[test]
fn nothing_of_a_content_is_printed() {
    let content = Content::of(&secret("Opaque", &[("key", "canary")], &[("note", "canary")]));
    let copy = Copy::read(&stored(&[("blog-tls", content.clone())], &named()), &named()).unwrap();
    let printed = format!("{content:?} {copy:?} {:?}", live(content.clone()));
    assert!(!printed.contains("canary") && printed.contains("Opaque"), "{printed}");
}
