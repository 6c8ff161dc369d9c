module kustomize-oracle

go 1.25

require sigs.k8s.io/kustomize/api v0.20.1
