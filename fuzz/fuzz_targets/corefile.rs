//! Any text: no panic, and the formatter's output is stable.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazlab_corefile::{CheckOptions, check, format};

fuzz_target!(|text: &str| {
    let _ = check(text, &CheckOptions::default());
    let formatted = format(text);
    assert_eq!(format(&formatted), formatted);
});
