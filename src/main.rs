//! The provider's process: logging, signals, wiring, exit code.

fn main() {}
