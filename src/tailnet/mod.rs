//! What everything about a tailnet's devices shares: who may be deleted, and the sweep that deletes them.
