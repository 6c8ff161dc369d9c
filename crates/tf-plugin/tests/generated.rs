//! The generated code is what `proto/` says. `TAZLAB_WRITE_GENERATED=1` writes it again.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::fs;
use std::path::Path;

#[test]
fn the_wire_is_what_the_definitions_say() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let proto = here.join("../../proto");
    let files = ["tfplugin6.proto", "go_plugin.proto"].map(|file| proto.join(file));
    let descriptors = protox::compile(&files, [&proto]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    tonic_prost_build::configure()
        // Clients are for the tests, which bring their own connection.
        .build_transport(false)
        .bytes(".tfplugin6")
        .out_dir(folder.path())
        .compile_fds(descriptors)
        .unwrap();
    for (made, kept) in [("tfplugin6.rs", "tfplugin6.rs"), ("plugin.rs", "go_plugin.rs")] {
        let made = fs::read_to_string(folder.path().join(made)).unwrap();
        let kept = here.join("src/wire").join(kept);
        if std::env::var_os("TAZLAB_WRITE_GENERATED").is_some() {
            fs::write(&kept, &made).unwrap();
        }
        assert!(
            fs::read_to_string(&kept).is_ok_and(|kept| kept == made),
            "{} is not what proto/ says: run TAZLAB_WRITE_GENERATED=1 cargo test -p tf-plugin --test generated",
            kept.display()
        );
    }
}
