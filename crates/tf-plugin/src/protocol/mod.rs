//! Terraform's protocol 6.11: the value codec, and the translation between the messages of `wire` and `framework`. Nothing in here
//! knows a resource.

pub mod codec;
pub mod from_wire;
pub mod host;
pub mod to_wire;
