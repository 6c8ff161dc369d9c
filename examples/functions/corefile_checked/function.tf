# The text itself, or an error at plan that names line, column, plugin and the fix.
resource "terraform_data" "corefile" {
  input = provider::tazlab::corefile_checked(<<-EOT
    .:53 {
        errors
        health {
            lameduck 5s
        }
        kubernetes cluster.local
        forward . 1.1.1.1
        cache 30
    }
  EOT
  )
}
