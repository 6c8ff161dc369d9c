# "lushycorp-k8s"
output "canonical" {
  value = provider::tazlab::tailnet_canonical_name("lushycorp-k8s-2.magellanic-gondola.ts.net")
}
