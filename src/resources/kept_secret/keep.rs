//! Writing the copy: each version follows the one that was read, so that no copy is lost to a race.

use tazlab_clients::vault::{Client, KvNewest, KvWritten};
use tf_plugin::framework::context::Context;

use super::copy::{Contents, Copy, fields};
use super::errors::KeptSecretError;
use super::model::Target;
use crate::configured::Configured;
use crate::vault::Failure;

/// How a write ended.
pub(super) enum Kept {
    /// It is the newest version now.
    Done(KvWritten),
    /// Another one was written since the copy was read.
    Overtaken,
}

/// Writes a copy after the one that was read.
pub(super) async fn keep(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
    before: &Copy,
    contents: &Contents,
) -> Result<Kept, KeptSecretError> {
    let (mount, path) = (target.mount.as_str(), target.path.as_str());
    if before.version == 0 {
        // An engine of version 1 would take the request for something else.
        let ask = |client: Client, call| async move { Ok(client.not_kv2(&call, mount).await) };
        let told = provider.vault.ask(context, ask).await.unwrap_or_default();
        if let Some(what) = told {
            return Err(KeptSecretError::NotKv2 { mount: mount.to_owned(), what });
        }
    }
    let written = &fields(contents, target);
    let write =
        |client: Client, call| async move { client.kv2_write_after(&call, mount, path, before.version, written).await };
    let failure = match provider.vault.change(context, write).await {
        Ok(written) => {
            provider.vault.wrote(provider.vault.namespace(), &target.api_path());
            return Ok(Kept::Done(written));
        }
        Err(failure) => failure,
    };
    let is_refused = matches!(&failure, Failure::Api(error) if error.refusal().is_some());
    if is_refused || failure.may_have_happened() {
        let ask = |client: Client, call| async move { client.kv2_newest(&call, mount, path).await };
        if let Ok(newest) = provider.vault.ask(context, ask).await
            && newest.version != before.version
        {
            // Where the answer was lost, this may be what was written here.
            return Ok(match is_ours(&newest, target, before, contents) {
                Some(written) => {
                    provider.vault.wrote(provider.vault.namespace(), &target.api_path());
                    Kept::Done(written)
                }
                None => Kept::Overtaken,
            });
        }
    }
    Err(KeptSecretError::WriteCopy { copy: target.copy(), failure })
}

/// The newest version, if it is what was to be written after `before`.
pub(super) fn is_ours(newest: &KvNewest, target: &Target, before: &Copy, contents: &Contents) -> Option<KvWritten> {
    let copy = Copy::read(newest, target).ok()?;
    let same = copy.exists && copy.version == before.version + 1 && copy.secrets == *contents;
    Some(KvWritten { version: copy.version, written: copy.written.filter(|_| same)? })
}
