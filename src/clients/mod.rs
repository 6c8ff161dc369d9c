//! All remote input and output: one room for each kind of server. Nothing here knows Terraform.

pub mod dns;
pub mod kubernetes;
