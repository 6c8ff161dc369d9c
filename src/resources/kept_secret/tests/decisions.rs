//! One Secret.

use super::super::decision::{Circumstances, Prefer, Verdict, Why, decide};
use super::certificates::*;
use super::*;

const MARCH: &str = "2026-03-15T00:00:00Z";

/// What is decided in March 2026 about a live Secret that was made anew since it was copied.
fn decided(live: Option<&Live>, copy: Option<&Content>, prefer: Option<Prefer>) -> Verdict {
    let circumstances = Circumstances { known: None, prefer, now: moment(MARCH), least_validity: hours(1) };
    decide(live, copy, &circumstances)
}

/// The same about the Secret that was copied.
fn decided_in_place(live: &Live, copy: &Content, prefer: Option<Prefer>) -> Verdict {
    let known = Some(live.uid.as_str());
    let circumstances = Circumstances { known, prefer, now: moment(MARCH), least_validity: hours(1) };
    decide(Some(live), Some(copy), &circumstances)
}

const PREFERENCES: [Option<Prefer>; 3] = [None, Some(Prefer::Live), Some(Prefer::Copy)];

#[test]
fn without_a_live_secret_the_copy_is_restored_while_it_is_worth_it() {
    for prefer in PREFERENCES {
        assert_eq!(decided(None, None, prefer), Verdict::Nothing);
        assert_eq!(decided(None, Some(&opaque("a")), prefer), Verdict::Restore);
        assert_eq!(decided(None, Some(&tls(&FIRST)), prefer), Verdict::Restore);
        // Names of issuers decide about successors, not about what is restored.
        assert_eq!(decided(None, Some(&tls(&SELF_SIGNED)), prefer), Verdict::Restore);
    }
    let at = |now: &str, least_validity| {
        let circumstances = Circumstances { known: None, prefer: None, now: moment(now), least_validity };
        decide(None, Some(&tls(&FIRST)), &circumstances)
    };
    let end = moment("2026-04-01T00:00:00Z");
    assert_eq!(at("2026-03-31T22:59:59Z", hours(1)), Verdict::Restore);
    assert_eq!(at("2026-03-31T23:00:01Z", hours(1)), Verdict::TooOld(end));
    assert_eq!(at("2026-04-02T00:00:00Z", hours(0)), Verdict::TooOld(end), "an expired one, whatever the minimum is");
    assert_eq!(at("2026-03-01T00:00:00Z", hours(24 * 40)), Verdict::TooOld(end));
}

#[test]
fn without_a_copy_the_live_secret_is_copied_if_it_is_worth_it() {
    let table: [(Content, Verdict); 6] = [
        (opaque("a"), Verdict::Keep),
        (tls(&FIRST), Verdict::Keep),
        (tls(&SELF_SIGNED), Verdict::Keep),
        (tls(&TEMPORARY), Verdict::Leave(Why::Temporary)),
        (tls(""), Verdict::Leave(Why::NoCertificate)),
        (opaque(""), Verdict::Leave(Why::Empty)),
    ];
    for (content, expected) in table {
        assert_eq!(decided(Some(&live(content.clone())), None, None), expected, "{content:?}");
    }
    let preferred = |content| decided(Some(&live(content)), None, Some(Prefer::Live));
    assert_eq!(preferred(tls("")), Verdict::Keep);
    assert_eq!(
        preferred(tls(&TEMPORARY)),
        Verdict::Leave(Why::Temporary),
        "it is worth nothing, whatever is preferred"
    );
}

#[test]
fn a_certificate_is_followed_by_its_renewal_alone() {
    let copied = tls(&FIRST);
    let table: [(&str, Verdict); 6] = [
        (&RENEWED, Verdict::Keep),
        (&STAGING, Verdict::Leave(Why::OtherIssuer)),
        (&WIDER, Verdict::Leave(Why::OtherNames)),
        (&SELF_SIGNED, Verdict::Leave(Why::SelfSigned)),
        (&TEMPORARY, Verdict::Leave(Why::Temporary)),
        ("", Verdict::Leave(Why::NoCertificate)),
    ];
    for (chain, expected) in table {
        let live = live(tls(chain));
        // Whether its uid is known makes no difference: cert-manager makes Secrets anew, too.
        assert_eq!(decided(Some(&live), Some(&copied), None), expected);
        assert_eq!(decided_in_place(&live, &copied, None), expected);
        assert_eq!(
            decided(Some(&live), Some(&copied), Some(Prefer::Copy)),
            expected,
            "a certificate is never overwritten"
        );
        let preferred = if chain == TEMPORARY.as_str() { expected } else { Verdict::Keep };
        assert_eq!(decided(Some(&live), Some(&copied), Some(Prefer::Live)), preferred);
    }
    let older = decided(Some(&live(tls(&FIRST))), Some(&tls(&RENEWED)), None);
    assert_eq!(older, Verdict::Leave(Why::NotNewer));
}

#[test]
fn an_authority_is_its_organization_and_without_one_its_common_name() {
    let other = decided(Some(&live(tls(&OTHER))), Some(&tls(&INTERNAL)), None);
    assert_eq!(other, Verdict::Leave(Why::OtherIssuer));
    let issuer = |name| annotated(&RENEWED, &[("cert-manager.io/issuer-name", name)]);
    let copied = annotated(&FIRST, &[("cert-manager.io/issuer-name", "letsencrypt")]);
    assert_eq!(decided(Some(&live(issuer("letsencrypt"))), Some(&copied), None), Verdict::Keep);
    assert_eq!(decided(Some(&live(issuer("inner"))), Some(&copied), None), Verdict::Leave(Why::OtherIssuer));
    // One of them may have come here without cert-manager.
    assert_eq!(decided(Some(&live(issuer("inner"))), Some(&tls(&FIRST)), None), Verdict::Keep);
}

#[test]
fn the_same_certificate_with_other_annotations_is_copied() {
    let live = live(annotated(&FIRST, &[("cert-manager.io/issuer-kind", "ClusterIssuer")]));
    assert_eq!(decided(Some(&live), Some(&tls(&FIRST)), None), Verdict::Keep);
}

#[test]
fn of_other_secrets_the_user_says_which_one_is_right() {
    let (first, second) = (opaque("a"), opaque("b"));
    for prefer in PREFERENCES {
        assert_eq!(decided(Some(&live(first.clone())), Some(&first), prefer), Verdict::Same);
        // The very Secret that was copied has moved on.
        assert_eq!(decided_in_place(&live(second.clone()), &first, prefer), Verdict::Keep);
        assert_eq!(decided(Some(&live(opaque(""))), Some(&first), prefer), Verdict::Leave(Why::Empty));
    }
    let anew = |prefer| decided(Some(&live(second.clone())), Some(&first), prefer);
    assert_eq!(anew(None), Verdict::Undecided);
    assert_eq!(anew(Some(Prefer::Live)), Verdict::Keep);
    assert_eq!(anew(Some(Prefer::Copy)), Verdict::Overwrite);
}

#[test]
fn a_certificate_where_none_was_is_never_overwritten() {
    let with = |chain: &str| Content::of(&secret("Opaque", &[("key", "a"), ("tls.crt", chain)], &[]));
    let (live, copied) = (live(with(&FIRST)), with("none"));
    assert_eq!(decided(Some(&live), Some(&copied), None), Verdict::Undecided);
    assert_eq!(decided(Some(&live), Some(&copied), Some(Prefer::Copy)), Verdict::Undecided);
    assert_eq!(decided(Some(&live), Some(&copied), Some(Prefer::Live)), Verdict::Keep);
    assert_eq!(decided_in_place(&live, &copied, None), Verdict::Keep);
}

#[test]
fn another_type_is_another_secret() {
    for prefer in PREFERENCES {
        assert_eq!(decided(Some(&live(tls(&FIRST))), Some(&opaque("a")), prefer), Verdict::OtherType);
        assert_eq!(decided_in_place(&live(opaque("a")), &tls(&FIRST), prefer), Verdict::OtherType);
    }
}
