module tazlab/testbed/external-secrets

go 1.24.4

require github.com/external-secrets/external-secrets v0.18.2
