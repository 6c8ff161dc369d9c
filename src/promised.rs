//! What a plan promised, since the user saw it announced: names of keys, ids of devices, fingerprints of public keys, never a secret.
//! It is kept in the private state of the plan, which comes back in the plan at apply where the client has planned private state
//! (Terraform 1.16 and newer), and with a planned destroy on every client. Whoever finds more than that then writes nothing: the user
//! approved another plan. Nothing here knows what is promised.

use std::collections::BTreeSet;

use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::resource::Plan;

/// The name in private state of what a create or an update will do.
const CHANGE: &str = "promised";

/// The same of a destroy. A replacement has both, and one private state.
const DESTROY: &str = "promised_destroy";

/// What is promised, by names that tell one from another.
pub type Promised = BTreeSet<String>;

/// Forgets, at the beginning of a plan, what an earlier one promised. The create half of a replacement continues the plan of the other.
pub fn begin<M>(plan: &mut Plan<M>) {
    plan.private.remove(DESTROY);
    if plan.prior.is_some() {
        plan.private.remove(CHANGE);
    }
}

/// Promises to do no more than `may`; or, where a plan has promised already, gives what of `due`, that which would be done now, goes
/// beyond that: in the plan at apply, and in the create half of a replacement. A plan that promised nothing, since it could not see
/// what there is, bounds nothing.
///
/// # Errors
/// [`PrivateError`] when something else stands in the private state than what was put there.
pub fn settle<M>(plan: &mut Plan<M>, may: &Promised, due: &Promised) -> Result<Vec<String>, PrivateError> {
    let before = plan.approved.as_ref().unwrap_or(&plan.private).get::<Promised>(CHANGE)?;
    match before {
        Some(before) => Ok(due.difference(&before).cloned().collect()),
        None if plan.approved.is_some() => Ok(Vec::new()),
        None => plan.private.set(CHANGE, may).map(|()| Vec::new()),
    }
}

/// Promises what a destroy may do.
///
/// # Errors
/// Never in practice: texts have a JSON form.
pub fn settle_destroy(private: &mut Private, may: &Promised) -> Result<(), PrivateError> {
    private.set(DESTROY, may)
}

/// What the planned destroy promised, if it did.
///
/// # Errors
/// [`PrivateError`] when something else stands there.
pub fn of_destroy(private: &Private) -> Result<Option<Promised>, PrivateError> {
    private.get(DESTROY)
}

/// Forgets what was promised: it is done, or planned anew.
pub fn forget(private: &mut Private) {
    private.remove(CHANGE);
    private.remove(DESTROY);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Promised {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// A plan of an update, or the create half of a replacement.
    fn plan(updates: bool, private: &Private, approved: Option<&Private>) -> Plan<()> {
        let (private, approved, requires_replace) = (private.clone(), approved.cloned(), Vec::new());
        let (prior, changed, needs_update, unchanged) = (updates.then_some(()), true, false, false);
        Plan { config: (), prior, planned: (), private, approved, requires_replace, changed, needs_update, unchanged }
    }

    #[test]
    fn what_was_not_promised_goes_beyond_it() {
        let (nothing, all) = (Private::default(), of(&["a", "b", "c", "d"]));
        let mut first = plan(true, &nothing, None);
        begin(&mut first);
        assert_eq!(settle(&mut first, &of(&["a", "b"]), &of(&["a"])).unwrap(), [""; 0]);
        let approved = first.private;
        let mut second = plan(true, &nothing, Some(&approved));
        assert_eq!(settle(&mut second, &all, &of(&["a", "b"])).unwrap(), [""; 0], "less or as much");
        assert_eq!(settle(&mut second, &all, &of(&["b", "c"])).unwrap(), ["c"]);
        assert_eq!(second.private, nothing, "the plan at apply promises nothing");
        // The create half of a replacement has the private state of the other half, and nothing else.
        let mut half = plan(false, &approved, None);
        begin(&mut half);
        assert_eq!(settle(&mut half, &all, &of(&["c"])).unwrap(), ["c"]);
        // A later plan of the same object.
        let mut later = plan(true, &approved, None);
        begin(&mut later);
        assert_eq!(settle(&mut later, &all, &of(&["c"])).unwrap(), [""; 0]);
    }

    #[test]
    fn a_plan_that_could_not_see_bounds_nothing_and_a_destroy_is_promised_apart() {
        let (nothing, a, b) = (Private::default(), of(&["a"]), of(&["b"]));
        let mut private = Private::default();
        settle_destroy(&mut private, &a).unwrap();
        assert_eq!(of_destroy(&private).unwrap(), Some(a.clone()));
        for blind in [&nothing, &private] {
            assert_eq!(settle(&mut plan(true, &nothing, Some(blind)), &b, &b).unwrap(), [""; 0]);
        }
        let mut later = plan(false, &private, None);
        begin(&mut later);
        assert!(later.private.is_empty());
        forget(&mut private);
        assert!(private.is_empty());
    }
}
