//! The memory of the process, which holds secrets: it goes into no core dump, and other processes of the same user do not read it.

/// Keeps it. A debugger cannot attach any more, so this is not for whoever debugs.
pub(super) fn keep() {
    if let Err(error) = nix::sys::prctl::set_dumpable(false) {
        tracing::debug!(%error, "a crash may leave a core dump");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_leaves_no_core_dump() {
        let before = nix::sys::prctl::get_dumpable().unwrap();
        keep();
        assert!(!nix::sys::prctl::get_dumpable().unwrap());
        nix::sys::prctl::set_dumpable(before).unwrap();
    }
}
