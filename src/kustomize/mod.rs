//! Kustomize and Flux repositories: what is reached from where. Reads the files that it is named, and nothing else.
