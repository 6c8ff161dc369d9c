//! What admission says, told by the frames that Kubernetes puts around it: the API server has no types for it, and conditions and
//! events hold its words alone. A frame is known by where it stands, never by words that stand anywhere: who refuses may quote them.

/// Whose word it is (k8s.io/apiserver v0.37.2, below `pkg/admission`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// A webhook that had to be asked gave no answer that can be used: no endpoints, no connection, no trust, no time.
    /// `plugin/webhook/validating/dispatcher.go:218`, always with code 500.
    WebhookNotReached,
    /// A webhook said no, with a code of its own choice. `plugin/webhook/errors/statuserror.go:29`
    WebhookDenied,
    /// The API server has not read its webhooks or policies yet. `plugin/webhook/generic/webhook.go:421`
    NotReady,
    /// A quota is used up, or not counted yet; others may make room. `plugin/resourcequota/controller.go`
    Quota,
    /// Pod Security or a policy said no. `k8s.io/pod-security-admission`, `plugin/policy/validating/dispatcher.go:305`
    RuleDenied,
}

impl Admission {
    /// What an answer of the API server begins with; `None` where it is nothing of these, as a missing right or a
    /// `ServiceAccount` that is not there yet.
    #[must_use]
    pub fn of(message: &str) -> Option<Self> {
        if message.starts_with("Internal error occurred: failed calling webhook \"") {
            return Some(Self::WebhookNotReached);
        }
        if message.starts_with("admission webhook \"") {
            return Some(Self::WebhookDenied);
        }
        let why = forbidden(message)?;
        if why == "not yet ready to handle request" {
            return Some(Self::NotReady);
        }
        if ["exceeded quota: ", "failed quota: ", "status unknown for quota: "]
            .iter()
            .any(|words| why.starts_with(words))
        {
            return Some(Self::Quota);
        }
        let by_policy = ["ValidatingAdmissionPolicy '", "policy '", "policy \""];
        let by_policy = by_policy.iter().any(|words| why.starts_with(words)) && why.contains(" denied request: ");
        (by_policy || why.starts_with("violates PodSecurity \"")).then_some(Self::RuleDenied)
    }

    /// What a controller says of a pod or a `ReplicaSet` that it could not make, in a condition or an event.
    #[must_use]
    pub fn of_controller(message: &str) -> Option<Self> {
        Self::of(unframed(message))
    }

    /// Is it refused until somebody changes the object or the rule?
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::WebhookDenied | Self::RuleDenied)
    }
}

/// What follows `pods "a" is forbidden: `. A resource's name has no quotes and no blanks, an object's has no quotes.
fn forbidden(message: &str) -> Option<&str> {
    let (resource, rest) = message.split_once(' ')?;
    let (_, rest) = rest.strip_prefix('"')?.split_once('"')?;
    rest.strip_prefix(" is forbidden: ").filter(|_| !resource.contains('"'))
}

/// Without what the controller puts before the API server's answer (k8s.io/kubernetes v1.37.2, `pkg/controller`).
fn unframed(message: &str) -> &str {
    // controller_utils.go:600
    if let Some(rest) = message.strip_prefix("Error creating: ") {
        return rest;
    }
    // deployment/sync.go:273, with the name in quotes
    if let Some(rest) = message.strip_prefix("Failed to create new replica set \"") {
        return rest.split_once("\": ").map_or(message, |(_, rest)| rest);
    }
    // statefulset/stateful_pod_control.go:341, with names that have no blanks
    let words: Vec<&str> = message.splitn(9, ' ').collect();
    match words.as_slice() {
        [_, "Pod", _, "in", "StatefulSet", _, "failed", "error:", rest] => rest,
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_is_known_by_its_beginning() {
        let no_endpoints = "Internal error occurred: failed calling webhook \"a.b\": failed to call webhook: Post \"https://a.b.svc:443/x\": no endpoints available for service \"a\"";
        assert_eq!(Admission::of(no_endpoints), Some(Admission::WebhookNotReached));
        let denied = format!("admission webhook \"c.d\" denied the request: {no_endpoints}");
        assert_eq!(Admission::of(&denied), Some(Admission::WebhookDenied), "who refuses may quote another");
        let forbidden = |why: &str| Admission::of(&format!("secrets \"a\" is forbidden: {why}"));
        assert_eq!(forbidden("not yet ready to handle request"), Some(Admission::NotReady));
        assert_eq!(forbidden("exceeded quota: small, requested: pods=1"), Some(Admission::Quota));
        assert_eq!(
            forbidden("violates PodSecurity \"baseline:latest\": exceeded quota: x"),
            Some(Admission::RuleDenied)
        );
        assert_eq!(
            forbidden("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"),
            Some(Admission::RuleDenied)
        );
        assert_eq!(forbidden("error looking up service account a/default: serviceaccount \"default\" not found"), None);
        assert_eq!(forbidden("User \"x\" cannot patch resource \"secrets\" in API group \"\""), None);
        for other in [
            "",
            "Internal error occurred: failed calling",
            "a is forbidden: exceeded quota: b",
            "etcdserver: request timed out",
        ] {
            assert_eq!(Admission::of(other), None, "{other}");
        }
    }

    #[test]
    fn controllers_frame_the_words_again() {
        let of = |frame: &str| {
            let quota = Admission::of_controller(&format!("{frame}pods \"a-\" is forbidden: exceeded quota: q"));
            let denied = Admission::of_controller(&format!("{frame}admission webhook \"a.b\" denied the request: x"));
            (quota, denied)
        };
        let both = (Some(Admission::Quota), Some(Admission::WebhookDenied));
        assert_eq!(of(""), both);
        assert_eq!(of("Error creating: "), both);
        assert_eq!(of("Failed to create new replica set \"coredns-1\": "), both);
        assert_eq!(of("create Pod a-0 in StatefulSet a failed error: "), both);
        assert_eq!(of("somebody says: "), (None, None));
        assert!(Admission::WebhookDenied.is_final() && !Admission::Quota.is_final());
    }
}
