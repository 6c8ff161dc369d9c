//! What is done with one Secret, by what is live and what the copy holds. Pure; contents are compared and never shown.

use jiff::{SignedDuration, Timestamp};

use super::certificate::Certificate;
use super::content::Content;

/// Which one wins where nothing else decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefer {
    Live,
    Copy,
}

/// A Secret in the cluster.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) content: Content,
    pub(super) uid: String,
    pub(super) resource_version: Option<String>,
    /// It is one of those that are kept; else it only has the name of one.
    pub(super) is_wanted: bool,
    /// It is being deleted.
    pub(super) is_leaving: bool,
}

/// What decides beside the contents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances<'a> {
    /// The uid of the Secret that was the same as the copy when it was looked at last. Another uid is another Secret: its
    /// cluster was recreated, or a controller has recreated it.
    pub(super) known: Option<&'a str>,
    pub(super) prefer: Option<Prefer>,
    pub(super) now: Timestamp,
    /// How long a certificate must still be valid to be restored.
    pub(super) least_validity: SignedDuration,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing: there is neither.
    Nothing,
    /// Nothing: both are the same.
    Same,
    /// The Secret is made out of the copy.
    Restore,
    /// Nothing: the certificate in the copy is valid until then only.
    TooOld(Timestamp),
    /// The live Secret is copied.
    Keep,
    /// Nothing: both stay as they are, although they differ.
    Leave(Why),
    /// The copy is written over the live Secret.
    Overwrite,
    /// Nothing says which of the two is right.
    Undecided,
    /// The copy is of a Secret of another type, which is another Secret.
    OtherType,
    /// It is of a type that gives access to one cluster, and is never kept.
    OfCluster,
    /// The copy is preferred, and the live Secret cannot be changed.
    Immutable,
}

/// Why a live Secret is not copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It holds nothing.
    Empty,
    /// It has not the labels by which Secrets are kept.
    Unlabelled,
    /// Its private key is another certificate's.
    OtherKey,
    /// It is cert-manager's placeholder.
    Temporary,
    /// The copy has a certificate, and this is none.
    NoCertificate,
    /// Only its own key vouches for it.
    SelfSigned,
    /// Somebody else issued it.
    OtherIssuer,
    /// It is for other names.
    OtherNames,
    /// The copy's was issued later, or at the same time.
    NotNewer,
}

/// The annotations by which cert-manager says who issued a certificate.
const ISSUER: &[&str] = &["cert-manager.io/issuer-name", "cert-manager.io/issuer-kind", "cert-manager.io/issuer-group"];

/// Decides about one Secret.
pub(super) fn decide(live: Option<&Live>, copy: Option<&Content>, circumstances: &Circumstances<'_>) -> Verdict {
    match (live, copy) {
        (_, Some(copy)) if copy.is_of_its_cluster() => Verdict::OfCluster,
        (Some(live), _) if !live.is_wanted => Verdict::Leave(Why::Unlabelled),
        (Some(live), _) if live.content.is_of_its_cluster() => Verdict::OfCluster,
        (None, None) => Verdict::Nothing,
        (None, Some(copy)) => restore(copy, circumstances),
        (Some(live), None) => first(&live.content, circumstances.prefer),
        (Some(live), Some(copy)) if live.content == *copy => Verdict::Same,
        (Some(live), Some(copy)) if live.content.kind != copy.kind => Verdict::OtherType,
        (Some(live), Some(copy)) => between(live, copy, circumstances),
    }
}

fn restore(copy: &Content, circumstances: &Circumstances<'_>) -> Verdict {
    match copy.certificate() {
        Some(certificate) if certificate.until.duration_since(circumstances.now) < circumstances.least_validity => {
            Verdict::TooOld(certificate.until)
        }
        _ => Verdict::Restore,
    }
}

fn first(live: &Content, prefer: Option<Prefer>) -> Verdict {
    if live.is_empty() {
        return Verdict::Leave(Why::Empty);
    }
    match live.certificate() {
        // It is worth nothing, whatever is preferred.
        Some(certificate) if certificate.is_temporary => Verdict::Leave(Why::Temporary),
        Some(certificate) if !live.may_have_the_key_of(&certificate) => Verdict::Leave(Why::OtherKey),
        // A Secret for a certificate that is not issued yet.
        None if live.kind == "kubernetes.io/tls" && prefer != Some(Prefer::Live) => Verdict::Leave(Why::NoCertificate),
        _ => Verdict::Keep,
    }
}

/// Both exist, and they differ.
fn between(live: &Live, copy: &Content, circumstances: &Circumstances<'_>) -> Verdict {
    if live.content.is_empty() {
        return Verdict::Leave(Why::Empty);
    }
    let is_known = circumstances.known == Some(live.uid.as_str());
    let preferred = |otherwise| match circumstances.prefer {
        Some(Prefer::Live) => Verdict::Keep,
        _ => otherwise,
    };
    match (live.content.certificate(), copy.certificate()) {
        (Some(certificate), _) if certificate.is_temporary => Verdict::Leave(Why::Temporary),
        (Some(certificate), _) if !live.content.may_have_the_key_of(&certificate) => Verdict::Leave(Why::OtherKey),
        (Some(certificate), Some(kept)) => match succession((&live.content, &certificate), (copy, &kept)) {
            Ok(()) => Verdict::Keep,
            Err(why) => preferred(Verdict::Leave(why)),
        },
        // What a certificate became is worth less than the certificate.
        (None, Some(_)) => preferred(Verdict::Leave(Why::NoCertificate)),
        // It is the Secret that was kept, and it has moved on.
        (_, None) if is_known => Verdict::Keep,
        // A live certificate is never overwritten.
        (Some(_), None) => preferred(Verdict::Undecided),
        (None, None) => match circumstances.prefer {
            Some(Prefer::Live) => Verdict::Keep,
            Some(Prefer::Copy) if copy.cannot_replace(&live.content) => Verdict::Immutable,
            Some(Prefer::Copy) => Verdict::Overwrite,
            None => Verdict::Undecided,
        },
    }
}

/// Is the first one the renewal of the second?
fn succession(live: (&Content, &Certificate), copy: (&Content, &Certificate)) -> Result<(), Why> {
    let ((live, certificate), (copy, kept)) = (live, copy);
    // What changed is what stands around it.
    if certificate.is(kept) {
        return Ok(());
    }
    if certificate.is_self_signed {
        return Err(Why::SelfSigned);
    }
    let of_another = |key: &&str| {
        let both = live.annotation(key).zip(copy.annotation(key));
        both.is_some_and(|(live, copy)| live != copy)
    };
    if !certificate.has_the_issuer_of(kept) || ISSUER.iter().any(of_another) {
        return Err(Why::OtherIssuer);
    }
    if !certificate.has_the_names_of(kept) {
        return Err(Why::OtherNames);
    }
    if certificate.since <= kept.since {
        return Err(Why::NotNewer);
    }
    Ok(())
}
