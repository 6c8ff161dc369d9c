//! Terraform's protocol 6.11: the generated code, the value codec, and the translation between both and `framework`.
//! tonic and prost stay in here and in `plugin`; nothing in here knows a resource.

pub mod codec;
pub mod from_wire;
pub mod host;
pub mod to_wire;
pub mod wire;
