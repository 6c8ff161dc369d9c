//! One Secret.

use super::super::decision::{Circumstances, Prefer, Verdict, Why, decide};
use super::certificates::*;
use super::*;

const MARCH: &str = "2026-03-15T00:00:00Z";

/// What is decided in March 2026 about a live Secret that was recreated since it was copied.
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
        // Whether its uid is known makes no difference: cert-manager recreates Secrets, too.
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
fn annotations_of_cert_manager_tell_issuers_apart_too() {
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

#[test]
fn a_common_name_counts_but_of_public_authorities_whose_intermediates_take_turns() {
    let key = || rcgen::KeyPair::generate().unwrap();
    let (first, second) = (key(), key());
    let one =
        |organization, common, key, month| tls(&with_key((organization, common), key, &["blog.example"], month).0);
    let (house, lets) = (Some("Example"), Some("Let's Encrypt"));
    let succeeds = |kept, next| decided(Some(&live(next)), Some(&kept), None);
    let other = Verdict::Leave(Why::OtherIssuer);
    assert_eq!(succeeds(one(lets, "R10", &first, 1), one(lets, "R11", &second, 3)), Verdict::Keep);
    assert_eq!(succeeds(one(house, "A", &first, 1), one(house, "A", &first, 3)), Verdict::Keep);
    assert_eq!(succeeds(one(house, "A", &first, 1), one(house, "B", &second, 3)), other);
    assert_eq!(succeeds(one(house, "Production", &first, 1), one(house, "Development", &first, 3)), other);
    assert_eq!(succeeds(one(house, "A", &first, 1), one(house, "A", &second, 3)), other, "recreated under its name");
    assert_eq!(succeeds(one(None, "A", &first, 1), one(None, "A", &second, 3)), other);
}

#[test]
fn a_certificate_is_not_copied_with_the_key_of_another() {
    let authority = rcgen::KeyPair::generate().unwrap();
    let issued = |month| with_key((None, "Internal"), &authority, &["blog.example"], month);
    let pair = |chain: &str, key: &str| {
        Content::of(&secret("kubernetes.io/tls", &[("tls.crt", chain), ("tls.key", key)], &[]))
    };
    let ((old, old_key), (new, new_key)) = (issued(1), issued(3));
    let kept = pair(&old, &old_key);
    assert_eq!(decided(Some(&live(pair(&new, &new_key))), Some(&kept), None), Verdict::Keep);
    for prefer in PREFERENCES {
        let mixed = live(pair(&new, &old_key));
        assert_eq!(decided(Some(&mixed), Some(&kept), prefer), Verdict::Leave(Why::OtherKey));
        assert_eq!(decided(Some(&mixed), None, prefer), Verdict::Leave(Why::OtherKey));
    }
    // What cannot be read cannot be compared.
    assert_eq!(decided(Some(&live(pair(&new, "canary"))), Some(&kept), None), Verdict::Keep);
}

#[test]
fn what_gives_access_to_one_cluster_is_neither_copied_nor_restored() {
    for kind in ["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"] {
        let token = Content::of(&secret(kind, &[("token", "canary")], &[]));
        for prefer in PREFERENCES {
            assert_eq!(decided(None, Some(&token), prefer), Verdict::OfCluster);
            assert_eq!(decided(Some(&live(token.clone())), None, prefer), Verdict::OfCluster);
            assert_eq!(decided(Some(&live(token.clone())), Some(&token), prefer), Verdict::OfCluster);
            assert_eq!(decided(Some(&live(opaque("a"))), Some(&token), prefer), Verdict::OfCluster);
            assert_eq!(decided_in_place(&live(token.clone()), &opaque("a"), prefer), Verdict::OfCluster);
        }
    }
}

#[test]
fn what_has_lost_the_labels_is_left_alone() {
    let other = Live { is_wanted: false, ..live(opaque("b")) };
    for prefer in PREFERENCES {
        assert_eq!(decided(Some(&other), Some(&opaque("a")), prefer), Verdict::Leave(Why::Unlabelled));
        assert_eq!(decided(Some(&other), None, prefer), Verdict::Leave(Why::Unlabelled));
        assert_eq!(decided_in_place(&other, &opaque("b"), prefer), Verdict::Leave(Why::Unlabelled));
    }
}

#[test]
fn an_immutable_secret_is_not_promised_to_be_overwritten() {
    let immutable = |content: &str, note: &str| {
        let mut secret = secret("Opaque", &[("key", content)], &[("note", note)]);
        secret.immutable = Some(true);
        Content::of(&secret)
    };
    let over = |content, copy: &Content| decided(Some(&live(content)), Some(copy), Some(Prefer::Copy));
    assert_eq!(over(immutable("b", ""), &opaque("a")), Verdict::Immutable);
    assert_eq!(over(immutable("b", ""), &immutable("a", "")), Verdict::Immutable);
    assert_eq!(over(immutable("a", ""), &opaque("a")), Verdict::Immutable, "nothing takes that back");
    assert_eq!(over(immutable("a", "x"), &immutable("a", "y")), Verdict::Overwrite, "its annotations can change");
    assert_eq!(over(opaque("b"), &immutable("a", "")), Verdict::Overwrite);
}
