//! Where an object's cluster was when the object was seen last, and what that means for a look that fails: `"forget"` is for
//! a cluster that is gone, and neither for a typing error nor for a server that is not to be trusted.
//!
//! Each success records the origin of the API server in private state, with the uid of the namespace `kube-system` where
//! it may be read, which is a cluster's own. See `docs/design/unreachable.md`.

use k8s_openapi::api::core::v1::Namespace;
use serde::{Deserialize, Serialize};
use tazlab_clients::kubernetes::{Call, Cause, Way, is_same_place};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::private::{Private, PrivateError};

use super::failure::Reservation;
use super::{Cluster, Failure, OnUnreachable};

/// The name of the record in private state.
const PRIVATE: &str = "origin";

/// The namespace that a cluster has from its beginning to its end.
const BIRTHMARK: &str = "kube-system";

/// A cluster, as it can be told from others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Origin {
    /// Where its API server is, `https://10.0.0.1:6443`.
    server: String,
    /// The uid of its namespace `kube-system`; `None` where it may not be read.
    cluster: Option<String>,
}

impl Origin {
    /// The one in private state; `None` where an older version wrote it.
    ///
    /// # Errors
    /// [`PrivateError`] when something else stands there.
    pub(super) fn recorded(private: &Private) -> Result<Option<Self>, PrivateError> {
        private.get(PRIVATE)
    }

    /// Is `other` another cluster for sure, under another origin?
    fn is_elsewhere(&self, other: &Self) -> bool {
        !is_same_place(&self.server, &other.server) && (self.cluster.is_none() || self.cluster != other.cluster)
    }
}

/// May nothing be said against taking the failure for the end of the cluster?
fn reservation(failure: &Failure, way: Option<&Way>, recorded: Option<&Origin>) -> Option<Reservation> {
    let Some(way) = way else { return Some(Reservation::NotAbsent) };
    match recorded {
        Some(recorded) if !is_same_place(&recorded.server, &way.origin) => {
            let (recorded, configured) = (recorded.server.clone(), way.origin.clone());
            Some(Reservation::Elsewhere { recorded, configured })
        }
        _ if !failure.is_absence() => Some(Reservation::NotAbsent),
        None => Some(Reservation::NoRecord),
        Some(_) => way.is_through_proxy.then_some(Reservation::Proxy),
    }
}

impl Cluster {
    /// The way to the API server, as far as the settings tell it.
    async fn way(&self) -> Option<Way> {
        self.client().await.ok()?.way().await.ok()
    }

    /// The cluster that answers. Asked for once in a process, after something has succeeded.
    async fn origin<D>(&self, context: &Context<D>) -> Option<Origin> {
        let ask = || async {
            let client = self.client().await.map_err(drop)?;
            let way = client.way().await.map_err(drop)?;
            let call = Call::new(context.stop().clone(), context.deadline()).within(self.connect_timeout);
            let cluster = match client.get::<Namespace>(&call, None, BIRTHMARK).await {
                Ok(found) => found.and_then(|live| live.object.metadata.uid),
                // Who may write a Secret need not be allowed to read namespaces.
                Err(error) if matches!(*error.cause, Cause::Forbidden { .. }) => None,
                Err(_) => return Err(()),
            };
            Ok(Origin { server: way.origin, cluster })
        };
        if let Ok(origin) = self.origin.get_or_try_init(ask).await {
            return Some(origin.clone());
        }
        Some(Origin { server: self.way().await?.origin, cluster: None })
    }

    /// Records in private state which cluster this is: something of the object's has just succeeded there.
    ///
    /// # Errors
    /// Never in practice: two texts have a JSON form.
    pub async fn record_origin<D>(&self, context: &Context<D>, private: &mut Private) -> Result<(), PrivateError> {
        match self.origin(context).await {
            Some(origin) => private.set(PRIVATE, origin),
            None => Ok(()),
        }
    }

    /// What a look that failed means for a stored object: `Ok` where the cluster is taken for gone, so that what is stored is
    /// kept by a refresh and dropped by a destroy; the error otherwise, with what speaks against it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn is_gone(&self, failure: Failure, private: &Private) -> Result<Failure, Failure> {
        let forgets = self.on_unreachable == OnUnreachable::Forget && failure.is_unreachable();
        // The setting comes from what is destroyed: there is no server that could be another one.
        if failure.is_gap() {
            return if forgets { Ok(failure) } else { Err(failure) };
        }
        let recorded = Origin::recorded(private).ok().flatten();
        match reservation(&failure, self.way().await.as_ref(), recorded.as_ref()) {
            Some(elsewhere @ Reservation::Elsewhere { .. }) => Err(failure.with(elsewhere)),
            Some(reservation) if forgets => Err(failure.with(reservation)),
            None if forgets => Ok(failure),
            _ => Err(failure),
        }
    }

    /// Says that the object called `title` is dropped from the state, and what else the reason may be.
    pub fn tell_forgotten<D>(&self, context: &Context<D>, title: &str, failure: &Failure) {
        let detail = format!(
            "{title}: {failure}. It was dropped from the state (on_unreachable = \"forget\"). If the cluster still exists and only the network or VPN is down, the object is still in it: delete it there, or import it."
        );
        context.warn(Diagnostic::warning("The cluster cannot be reached", detail));
    }

    /// Says that what is stored of the object called `title` is kept.
    pub fn tell_kept<D>(&self, context: &Context<D>, title: &str, failure: &Failure) {
        let detail =
            format!("{title}: {failure}. The state is kept (on_unreachable = \"forget\"). No action is needed.");
        context.warn(Diagnostic::warning("The cluster cannot be reached", detail));
    }

    /// Warns where an object is not found, and it was in another cluster that it was seen last.
    pub async fn warn_if_elsewhere<D>(&self, context: &Context<D>, title: &str, private: &Private) {
        let Ok(Some(recorded)) = Origin::recorded(private) else { return };
        let Some(here) = self.origin(context).await.filter(|here| recorded.is_elsewhere(here)) else { return };
        let detail = format!(
            "{title} was last read in the cluster at {}. The cluster at {} does not have it. If the first cluster still exists, so does the object: set the provider's kubernetes block to {} again to destroy it.",
            recorded.server, here.server, recorded.server
        );
        let at = AttributePath::new("name");
        context.warn(Diagnostic::warning("The object may be in another cluster", detail).at(at));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::credential::CredentialError;
    use tazlab_clients::kubernetes::{AuthenticationError, Unreachable};

    const HERE: &str = "https://10.0.0.1:6443";

    fn unreachable(reason: Unreachable) -> Failure {
        Failure::of_cause(Cause::Unreachable { server: HERE.to_owned(), reason })
    }

    fn way(is_through_proxy: bool) -> Way {
        Way { origin: HERE.to_owned(), is_through_proxy }
    }

    fn seen_at(server: &str) -> Origin {
        Origin { server: server.to_owned(), cluster: None }
    }

    #[test]
    fn only_a_server_that_is_gone_from_where_it_was_is_forgotten() {
        let recorded = seen_at(HERE);
        let said = |failure: &Failure| reservation(failure, Some(&way(false)), Some(&recorded));
        let nonexistent = Unreachable::Dns { message: String::new(), nonexistent: true };
        for reason in [Unreachable::Refused, Unreachable::NoRoute, Unreachable::TimedOut, nonexistent] {
            assert_eq!(said(&unreachable(reason)), None);
        }
        assert_eq!(said(&Failure::NoAnswer { limit: Duration::from_secs(5) }), None);
        let unasked = Unreachable::Dns { message: String::new(), nonexistent: false };
        for reason in [Unreachable::UnknownAuthority, Unreachable::Reset, unasked] {
            assert_eq!(said(&unreachable(reason)), Some(Reservation::NotAbsent));
        }
        let path = "/nowhere".into();
        let no_kubeconfig = Cause::KubeconfigUnreadable { path, reason: "not found".to_owned() };
        assert_eq!(said(&Failure::of_cause(no_kubeconfig)), Some(Reservation::NotAbsent));
        let refused = Cause::Authentication(AuthenticationError::Refused);
        assert_eq!(said(&Failure::of_cause(refused)), Some(Reservation::NotAbsent));
        let unread = CredentialError::Empty { setting: "kubernetes.token_file".to_owned(), path: "/token".into() };
        assert_eq!(said(&Failure::Credential(Arc::new(unread))), Some(Reservation::NotAbsent));
    }

    #[test]
    fn another_origin_no_record_and_a_proxy_are_each_told() {
        let refused = unreachable(Unreachable::Refused);
        let other = seen_at("https://10.0.0.2:6443");
        let elsewhere = Reservation::Elsewhere { recorded: other.server.clone(), configured: HERE.to_owned() };
        assert_eq!(reservation(&refused, Some(&way(false)), Some(&other)), Some(elsewhere));
        assert_eq!(reservation(&refused, Some(&way(false)), None), Some(Reservation::NoRecord));
        assert_eq!(reservation(&refused, Some(&way(true)), Some(&seen_at(HERE))), Some(Reservation::Proxy));
        assert_eq!(reservation(&refused, None, Some(&seen_at(HERE))), Some(Reservation::NotAbsent));
        let distrusted = unreachable(Unreachable::UnknownAuthority);
        let named = reservation(&distrusted, Some(&way(false)), Some(&other));
        assert!(matches!(named, Some(Reservation::Elsewhere { .. })), "whatever failed, both are named: {named:?}");
        let unlike = seen_at("https://[::ffff:10.0.0.1]:6443/");
        assert_eq!(reservation(&refused, Some(&way(false)), Some(&unlike)), None, "the same in another spelling");
    }

    #[test]
    fn one_cluster_may_have_two_addresses() {
        let of = |server: &str, cluster: Option<&str>| Origin {
            server: server.to_owned(),
            cluster: cluster.map(ToOwned::to_owned),
        };
        assert!(!of("a", Some("u")).is_elsewhere(&of("b", Some("u"))));
        assert!(of("a", Some("u")).is_elsewhere(&of("b", Some("v"))));
        assert!(of("a", None).is_elsewhere(&of("b", None)));
        assert!(!of("a", Some("u")).is_elsewhere(&of("a", Some("v"))), "a cluster that was recreated at its address");
        let mut private = Private::default();
        private.set(PRIVATE, of("a", Some("u"))).unwrap();
        assert_eq!(Origin::recorded(&private).unwrap(), Some(of("a", Some("u"))));
        assert_eq!(Origin::recorded(&Private::default()).unwrap(), None);
    }
}
