//! Actions: one folder each, named as in HCL without the prefix. None imports another.

pub mod tailnet_cleanup;
