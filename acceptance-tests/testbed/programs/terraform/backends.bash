# Sourced by build and pin: `stand_ins FOLDER` writes the modules that Terraform's own go.mod takes from its repository and that
# are published nowhere. The tests keep their state in local files, so that what stands for each state backend is the
# in-memory one; the `legacy` module has nothing that the command line imports.
terraform=github.com/hashicorp/terraform
state=$terraform/internal/backend/remote-state
backends="azure consul cos gcs kubernetes oci oss pg s3"

stand_ins() {
  local name
  for name in $backends; do
    mkdir -p "$1/backends/$name"
    printf 'module %s/%s\n\ngo 1.25\n' "$state" "$name" > "$1/backends/$name/go.mod"
    cat > "$1/backends/$name/backend.go" << GO
// Package $name stands where a state backend is that this build does not have.
package $name

import (
	"$terraform/internal/backend"
	"$state/inmem"
)

func New() backend.Backend { return inmem.New() }
GO
  done
  mkdir -p "$1/legacy"
  printf 'module %s/internal/legacy\n\ngo 1.25\n' "$terraform" > "$1/legacy/go.mod"
  printf '// Package legacy is empty.\npackage legacy\n' > "$1/legacy/legacy.go"
}
