module tazlab/testbed/terraform

go 1.25

require github.com/hashicorp/terraform v1.11.4

require github.com/hashicorp/terraform/internal/backend/remote-state/azure v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/azure => ./backends/azure

require github.com/hashicorp/terraform/internal/backend/remote-state/consul v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/consul => ./backends/consul

require github.com/hashicorp/terraform/internal/backend/remote-state/cos v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/cos => ./backends/cos

require github.com/hashicorp/terraform/internal/backend/remote-state/gcs v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/gcs => ./backends/gcs

require github.com/hashicorp/terraform/internal/backend/remote-state/kubernetes v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/kubernetes => ./backends/kubernetes

require github.com/hashicorp/terraform/internal/backend/remote-state/oci v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/oci => ./backends/oci

require github.com/hashicorp/terraform/internal/backend/remote-state/oss v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/oss => ./backends/oss

require github.com/hashicorp/terraform/internal/backend/remote-state/pg v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/pg => ./backends/pg

require github.com/hashicorp/terraform/internal/backend/remote-state/s3 v0.0.0

replace github.com/hashicorp/terraform/internal/backend/remote-state/s3 => ./backends/s3

require github.com/hashicorp/terraform/internal/legacy v0.0.0

replace github.com/hashicorp/terraform/internal/legacy => ./legacy
