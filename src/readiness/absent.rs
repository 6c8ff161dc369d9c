//! Why nothing is found: an object, or the whole kind. Pure.

use tazlab_clients::kubernetes::ServedKind;

use super::kind::{Id, ObjectKind, Reference};
use super::sighting::Reason;
use super::wanted::Wanted;

/// Why an object that is named is not there.
pub(super) fn missing(kind: ObjectKind, has_namespace: bool, wanted: &Wanted, served: &[ServedKind]) -> Reason {
    let misplaced = misplaced(kind, has_namespace, wanted, served);
    misplaced.unwrap_or_else(|| Reason::seen("it does not exist"))
}

/// A name that no object of the kind can have, which only the cluster knows.
pub(super) fn misplaced(
    kind: ObjectKind,
    has_namespace: bool,
    wanted: &Wanted,
    served: &[ServedKind],
) -> Option<Reason> {
    let kind = wanted.target(kind)?.among(served)?;
    let how = match (kind.namespaced, has_namespace) {
        (true, false) => "objects of this kind have a namespace: write \"namespace/name\"",
        (false, true) => "objects of this kind have no namespace: write the name alone",
        _ => return None,
    };
    Some(Reason { is_final: true, ..Reason::seen(how) })
}

/// The cluster does not have the kind (yet): why, and the definition that would bring it, where its name is known.
pub(super) fn no_kind(kind: ObjectKind, wanted: &Wanted) -> (Reason, Vec<Reference>) {
    let name = match wanted.target(kind) {
        None => {
            let (group, plural) = kind.resource();
            format!("{plural}.{group}")
        }
        Some(target) => {
            let Some(name) = target.definition() else {
                let what = format!("the cluster does not serve the kind {}", target.full_name());
                return (Reason::seen(what), Vec::new());
            };
            name
        }
    };
    let crd = Reference { kind: ObjectKind::Crd, id: Id { namespace: String::new(), name } };
    (Reason::seen(format!("the cluster does not serve this kind: CRD {} does not exist", crd.id)), vec![crd])
}
