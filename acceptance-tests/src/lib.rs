//! The acceptance runner: starts nothing itself, reads where the testbed's parts are, runs Terraform in folders of its own.
