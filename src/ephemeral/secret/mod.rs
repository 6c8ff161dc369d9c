//! `tazlab_secret`: the contents of a Secret in the cluster, in memory only. It reads at each plan and each apply, and changes nothing.

mod model;

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use k8s_openapi::ByteString;
use tazlab_clients::kubernetes::{Cause, Unreachable};
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::ephemeral::{EphemeralResource, Opened};
use tf_plugin::framework::value::Value;

use crate::cluster::Failure;
use crate::configured::Configured;

/// The ephemeral resource.
#[derive(Clone, Copy, Debug)]
pub struct Secret;

#[async_trait]
impl EphemeralResource for Secret {
    type Data = Configured;
    type Model = model::Secret;

    const NAME: &'static str = "tazlab_secret";

    async fn open(
        &self,
        context: &Context<Configured>,
        config: Self::Model,
    ) -> Result<Opened<Self::Model>, Diagnostics> {
        // Terraform itself opens nothing with an unknown argument; other clients may.
        if matches!(&config.after, Value::Unknown)
            || config.after.as_ref_option().is_some_and(|after| !after.is_wholly_known())
        {
            return Ok(Opened::not_yet(&config).map_err(Diagnostic::from)?);
        }
        let namespace = config.namespace.as_deref_option().unwrap_or_default();
        let name = config.name.as_deref_option().unwrap_or_default();
        let cluster = &context.provider()?.cluster;
        let read = cluster.look(context, |client, call| async move { client.get_secret(&call, namespace, name).await });
        let at = || AttributePath::new("name");
        match read.await {
            Ok(Some(live)) => {
                let contents = live.object.data.unwrap_or_default();
                let model = Self::Model {
                    data: Value::Value(texts(&contents)),
                    data_base64: Value::Value(encoded(&contents)),
                    ..config
                };
                Ok(Opened { model, private: Vec::new(), renew_at: None })
            }
            Ok(None) => {
                let detail = format!(
                    "Secret {namespace}/{name} does not exist in this cluster. If it is created in the same run, set after to an attribute that is unknown until then, such as the uid of the resource that creates it; with OpenTofu, use depends_on. A destroy opens it, too, when it refreshes first: `terraform destroy -refresh=false` does without it."
                );
                Err(Diagnostic::error("The Secret does not exist", detail).at(at()).into())
            }
            // The cluster may be created, or recreated, in this run: apply opens it again.
            Err(failure) if may_answer_later(&failure) => {
                let detail = format!(
                    "Secret {namespace}/{name}: {failure}. This is harmless during plan: it is read again during apply. During apply Terraform then reports unknown values: set after, or add depends_on, so that it is read when the cluster answers."
                );
                context.warn(Diagnostic::warning("Could not read the Secret from the cluster", detail));
                Ok(Opened::not_yet(&config).map_err(Diagnostic::from)?)
            }
            Err(failure) => Err(failure.diagnostic(format!("Cannot read Secret {namespace}/{name}"), at()).into()),
        }
    }

    /// Reading leaves nothing behind.
    async fn close(&self, _: &Context<Configured>, _: Vec<u8>) -> Result<(), Diagnostics> {
        Ok(())
    }
}

/// May an apply find what this plan does not, because the cluster is made in between? Only where the way to it is not known yet, or nobody
/// answers: what is wrong with trust, a credential, a file or a setting is wrong then, too.
fn may_answer_later(failure: &Failure) -> bool {
    let unresolved = || matches!(failure.cause(), Some(Cause::Unreachable { reason: Unreachable::Dns { .. }, .. }));
    failure.is_gap() || failure.is_absence() || unresolved()
}

/// The contents that are text.
fn texts(contents: &BTreeMap<String, ByteString>) -> BTreeMap<String, SecretText> {
    let texts = contents.iter().filter_map(|(key, content)| {
        let text = std::str::from_utf8(&content.0).ok()?;
        Some((key.clone(), SecretText::from(text)))
    });
    texts.collect()
}

fn encoded(contents: &BTreeMap<String, ByteString>) -> BTreeMap<String, SecretText> {
    contents.iter().map(|(key, content)| (key.clone(), SecretText::new(BASE64_STANDARD.encode(&content.0)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_cluster_that_is_made_later_looks_like_waits_for_apply() {
        let unreachable =
            |reason| Failure::of_cause(Cause::Unreachable { server: "https://a.example".to_owned(), reason });
        let dns = |nonexistent| unreachable(Unreachable::Dns { message: "no".to_owned(), nonexistent });
        for later in [
            Failure::Unknown("host".to_owned()),
            Failure::Empty("host".to_owned()),
            Failure::NoAnswer { limit: std::time::Duration::from_secs(1) },
            unreachable(Unreachable::Refused),
            unreachable(Unreachable::TimedOut),
            dns(true),
            dns(false),
        ] {
            assert!(may_answer_later(&later), "{later}");
        }
        for never in [
            unreachable(Unreachable::UnknownAuthority),
            unreachable(Unreachable::WrongName { names: Vec::new() }),
            unreachable(Unreachable::Proxy { message: "no".to_owned() }),
            Failure::of_cause(Cause::NotFound),
        ] {
            assert!(!may_answer_later(&never), "{never}");
        }
    }

    #[test]
    fn what_is_no_text_is_there_in_base64_only() {
        let contents =
            [("a".to_owned(), ByteString(b"text\n".to_vec())), ("b".to_owned(), ByteString(vec![0xff, 0]))].into();
        assert_eq!(texts(&contents), [("a".to_owned(), SecretText::from("text\n"))].into());
        let expected = [("a".to_owned(), SecretText::from("dGV4dAo=")), ("b".to_owned(), SecretText::from("/wA="))];
        assert_eq!(encoded(&contents), expected.into());
    }
}
