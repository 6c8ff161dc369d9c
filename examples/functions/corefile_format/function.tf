# The same Corefile with one indentation and one spacing.
output "corefile" {
  value = provider::tazlab::corefile_format(".:53 {\nerrors\n   forward . 1.1.1.1\n}\n")
}
