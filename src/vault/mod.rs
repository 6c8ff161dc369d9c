//! What all objects in Vault share: reach, ownership, what a refusal means. It knows no object.
