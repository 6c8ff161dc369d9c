//! Compiles `proto/` with protox, so that no protoc is needed for our own protocol code.
fn main() {}
