use std::fs;

use tf_plugin::framework::context::ClientCapabilities;
use tokio_util::sync::CancellationToken;

use super::*;

async fn read(path: &str, ignore: &[&str]) -> (Kustomization, Vec<String>) {
    let context = Context::new(None, CancellationToken::new(), ClientCapabilities::default());
    let config = Kustomization {
        path: Value::Value(path.to_owned()),
        entries: Value::Value(vec!["clusters/a".to_owned()]),
        ignore: Value::Value(ignore.iter().map(|pattern| (*pattern).to_owned()).collect()),
        source: Value::Null,
        sources: Value::Null,
        also_applied: Value::Null,
        crds_present: Value::Null,
        allow: Value::Null,
        ready: Value::Unknown,
        problems: Value::Unknown,
        notes: Value::Unknown,
        summary: Value::Unknown,
    };
    let found = KustomizationSource.read(&context, config).await.unwrap();
    let warnings = context.take_warnings().iter().map(|warning| warning.detail.clone()).collect();
    (found, warnings)
}

#[tokio::test]
async fn problems_are_told_and_never_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ";
    for (path, text) in [
        ("clusters/a/kustomization.yaml", "resources: [one.yaml]\n".to_owned()),
        ("clusters/a/one.yaml", format!("{object}one\n")),
        ("clusters/a/two.yaml", format!("{object}two\n")),
        (".git/config.yaml", format!("{object}three\n")),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let (found, warnings) = read(path, &[]).await;
    assert_eq!(found.ready.as_ref_option(), Some(&false));
    assert_eq!(found.summary.as_deref_option(), Some("2 files reached, 0 Flux Kustomizations, 1 objects: 1 problem"));
    assert!(warnings[0].starts_with("clusters/a/two.yaml: no kustomization reaches"), "{warnings:?}");
    let (found, warnings) = read(path, &["**/two.yaml"]).await;
    assert_eq!((found.ready.as_ref_option(), warnings.len()), (Some(&true), 0));
    let (found, _) = read(&format!("{path}/nowhere"), &[]).await;
    assert!(found.problems.as_ref_option().unwrap()[0].contains("cannot be read"));
}
