module tazlab/testbed/definitions

go 1.26.0

require (
	github.com/fluxcd/helm-controller v1.6.4
	github.com/fluxcd/source-controller v1.9.6
)
