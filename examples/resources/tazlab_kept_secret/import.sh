# By the copy's path as Vault's API has it, a comma, and namespace and name of the Secret.
terraform import tazlab_kept_secret.blog_tls secret/data/kept/blog-tls,blog/blog-tls

# With label_selector: the namespace, a question mark, and the labels.
terraform import tazlab_kept_secret.sealing_keys 'secret/data/kept/sealing-keys,kube-system?sealedsecrets.bitnami.com/sealed-secrets-key'
