//! Any two texts, as kubeconfigs that are merged, and any name, as the context (one after another with a NUL between): no panic; an error is the settings' or a
//! file's; what leads to a server leads to one that can be dialled, and a file beside itself leads to the same.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use tazlab_clients::kubernetes::{Cause, Settings};

/// Kubeconfigs are files, and are read as such.
static FILES: LazyLock<[PathBuf; 2]> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("tazlab-fuzz-kubeconfig-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    [folder.join("first"), folder.join("second")]
});

/// Nobody is waited for, so one look is enough.
fn server(config_paths: Vec<PathBuf>, config_context: Option<String>) -> Result<String, Cause> {
    let settings = Settings { config_paths, config_context, ..Settings::default() };
    match pin!(settings.server()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(found) => found,
        Poll::Pending => panic!("it waits"),
    }
}

fuzz_target!(|texts: &str| {
    let mut texts = texts.split('\0');
    let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    let context = texts.next().map(ToOwned::to_owned);
    let [one, two] = &*FILES;
    fs::write(one, first).expect("written");
    fs::write(two, second).expect("written");
    let alone = server(vec![one.clone()], context.clone());
    let doubled = server(vec![one.clone(), one.clone()], context.clone());
    assert_eq!(alone.as_ref().ok(), doubled.as_ref().ok());
    for found in [alone, server(vec![one.clone(), two.clone()], context)] {
        match found {
            Ok(server) => {
                let (_, rest) = server.split_once("://").expect("a scheme");
                assert!(!rest.starts_with('/'), "a host: {server}");
            }
            Err(
                Cause::KubeconfigInvalid { .. }
                | Cause::KubeconfigUnreadable { .. }
                | Cause::NoCurrentContext { .. }
                | Cause::ContextNotFound { .. },
            ) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
});
