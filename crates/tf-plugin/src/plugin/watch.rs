//! The end of the process, whatever hangs: a thread of its own waits for the signal to end, for the end of Terraform and for
//! the end that Terraform asks for, and ends the process where the work does not end by itself. It shares nothing with the
//! threads that serve, since all of them may be held up: by a credential plugin, by a file system, by a server.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{PluginError, children};

/// How long everything together may take once the end has begun. Terraform kills its providers after 2 s, and their children
/// would then live on.
const LIMIT: Duration = Duration::from_millis(1400);

/// How often the process that started this one is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// Watches until the process has ended. `end` is cancelled when the work should end, by this thread or by others. Without
/// `with_parent` somebody else than Terraform started the process: it outlives that one, and its children are not ended.
///
/// # Errors
/// [`PluginError::Signals`] when there is no thread to be had, or signals cannot be watched.
#[allow(clippy::disallowed_methods, reason = "main hangs: logs and results of whatever hangs are lost in any case")]
pub(super) fn start(end: CancellationToken, with_parent: bool) -> Result<(), PluginError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(PluginError::Signals)?;
    let mut terminate = {
        let _context = runtime.enter();
        signal(SignalKind::terminate()).map_err(PluginError::Signals)?
    };
    let parent = std::os::unix::process::parent_id();
    let watch = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                () = gone(parent), if with_parent => {}
                () = end.cancelled() => {}
            }
            end.cancel();
            tokio::time::sleep(LIMIT).await;
        });
        // The process is still there: something hangs. Nothing is written about it, since that may hang as well.
        if with_parent {
            children::end();
        }
        std::process::exit(1);
    };
    std::thread::Builder::new().name("watch".to_owned()).spawn(watch).map(drop).map_err(PluginError::Signals)
}

/// Waits until the process that started this one has ended: a Terraform that is killed tells nobody, and its provider would go
/// on writing beside the next run.
async fn gone(parent: u32) {
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(LOOK).await;
    }
}
