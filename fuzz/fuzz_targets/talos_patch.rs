//! Any text, as a patch of Talos' configuration: no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazlab_talos::check;

fuzz_target!(|text: &str| {
    let _ = check(text, &[]);
});
