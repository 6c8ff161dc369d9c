//! Several Secrets, and what all of them come to.

use super::super::copy::Copy;
use super::super::decision::Verdict;
use super::super::errors::KeptSecretError;
use super::super::model::{KeptSecret, Place, Target, Which};
use super::super::plan::{forgotten, refused};
use super::super::review::{Lives, Review, Rules, Uids};
use super::super::write::{all_or_nothing, is_of_one_object};
use super::*;
use crate::cluster::Failure;
use tazlab_clients::kubernetes::Cause;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::value::Value;

fn lives(all: &[(&str, &str)]) -> Lives {
    all.iter().map(|(name, content)| ((*name).to_owned(), live(opaque(content)))).collect()
}

fn copy(all: &[(&str, &str)]) -> Copy {
    let secrets = all.iter().map(|(name, content)| ((*name).to_owned(), opaque(content))).collect();
    Copy { secrets, exists: true, version: 1, written: None }
}

fn review(lives: &Lives, copy: &Copy, known: &Uids) -> Review {
    let model: KeptSecret = unconfigured().unwrap();
    Review::of(lives, copy, &Rules::of(&model, known))
}

#[test]
fn what_is_missing_is_restored_and_what_is_new_is_added() {
    let (seen, kept) = (lives(&[("new", "a"), ("same", "b")]), copy(&[("same", "b"), ("gone", "c")]));
    let review = review(&seen, &kept, &Uids::new());
    let verdicts: Vec<(&str, Verdict)> = review.verdicts.iter().map(|(name, one)| (name.as_str(), *one)).collect();
    assert_eq!(verdicts, [("gone", Verdict::Restore), ("new", Verdict::Keep), ("same", Verdict::Same)]);
    assert!(review.acts() && !review.leaves_no_copy());
    let contents = review.kept(&seen, &kept).unwrap();
    assert_eq!(contents.keys().collect::<Vec<_>>(), ["gone", "new", "same"], "nothing is lost");
    let restored: Uids = [("gone".to_owned(), "uid-2".to_owned())].into();
    let uids = review.same_afterwards(&seen, &restored);
    assert_eq!(uids.keys().collect::<Vec<_>>(), ["gone", "new", "same"]);
}

#[test]
fn a_secret_that_was_left_alone_is_not_remembered_as_the_copied_one() {
    let (seen, kept) = (lives(&[("one", "")]), copy(&[("one", "a")]));
    let review = review(&seen, &kept, &Uids::new());
    assert!(!review.acts() && review.kept(&seen, &kept).is_none());
    assert!(review.same_afterwards(&seen, &Uids::new()).is_empty());
}

#[test]
fn without_a_first_copy_there_is_something_to_do_yet() {
    let none = Copy::default();
    assert!(review(&Lives::new(), &none, &Uids::new()).leaves_no_copy());
    assert!(review(&lives(&[("one", "")]), &none, &Uids::new()).leaves_no_copy());
    assert!(!review(&lives(&[("one", "a")]), &none, &Uids::new()).leaves_no_copy());
    // A copy that is too old is a copy.
    assert!(!review(&Lives::new(), &copy(&[]), &Uids::new()).leaves_no_copy());
}

#[test]
fn a_secret_that_moved_on_is_told_from_one_that_was_made_anew() {
    let (seen, kept) = (lives(&[("one", "b")]), copy(&[("one", "a")]));
    let known = |uid: &str| -> Uids { [("one".to_owned(), uid.to_owned())].into() };
    assert_eq!(review(&seen, &kept, &known("uid-1")).verdicts["one"], Verdict::Keep);
    assert_eq!(review(&seen, &kept, &known("uid-0")).verdicts["one"], Verdict::Undecided);
}

fn target() -> Target {
    let text = |text: &str| text.to_owned();
    Target { namespace: text("blog"), which: Which::Named(text("one")), mount: text("secret"), path: text("kept/one") }
}

#[test]
fn one_without_the_labels_does_not_hold_the_others_up() {
    let (mut seen, kept) = (lives(&[("lost", "b")]), copy(&[("lost", "a"), ("gone", "c")]));
    seen.get_mut("lost").unwrap().is_wanted = false;
    let review = review(&seen, &kept, &Uids::new());
    assert_eq!(review.with(Verdict::Restore), ["gone"]);
    assert!(refused(&review, &seen, &kept, &target()).is_empty());
    assert!(review.kept(&seen, &kept).is_none() && review.same_afterwards(&seen, &Uids::new()).is_empty());
}

#[test]
fn what_is_never_kept_is_refused_with_its_type() {
    let token = Content::of(&secret("kubernetes.io/service-account-token", &[("token", "canary")], &[]));
    let (seen, mut kept) = (Lives::new(), copy(&[("other", "a")]));
    kept.secrets.insert("one".to_owned(), token);
    let review = review(&seen, &kept, &Uids::new());
    let refused = refused(&review, &seen, &kept, &target());
    let [error @ KeptSecretError::OfCluster { .. }] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!(error.to_string(), "blog/one is of type kubernetes.io/service-account-token, which is never kept");
}

#[test]
fn a_replacement_that_deletes_the_copy_is_announced() {
    let mut prior: KeptSecret = unconfigured().unwrap();
    let text = |text: &str| Value::Value(text.to_owned());
    (prior.namespace, prior.name) = (text("blog"), text("one"));
    prior.vault = Value::Value(Place { mount: text("secret"), path: text("kept/one") });
    let moved = Target { path: "kept/two".to_owned(), ..target() };
    assert!(forgotten(&prior, Some(&moved)).is_none(), "the copy stays");
    prior.forget_copy = Value::Value(true);
    assert!(forgotten(&prior, Some(&target())).is_none(), "nothing is replaced");
    for planned in [Some(&moved), Some(&Target { namespace: "shop".to_owned(), ..target() }), None] {
        let warning = forgotten(&prior, planned).unwrap();
        assert_eq!(warning.summary, "The replacement deletes the copy");
        assert!(warning.detail.contains("kept/one of secret"), "{}", warning.detail);
    }
}

#[test]
fn each_secret_that_is_refused_is_told() {
    let failed = |name: &str, cause| {
        let failure = Failure::of_cause(cause);
        KeptSecretError::Restore { id: format!("blog/{name}"), failure }
    };
    let denied = |name| failed(name, Cause::Api { code: 409, message: "exists".into() });
    assert!(is_of_one_object(&denied("one")));
    assert!(!is_of_one_object(&failed("one", Cause::NotFound)), "the namespace is missing for all of them");
    assert!(all_or_nothing(vec![]).is_ok());
    let both = all_or_nothing(vec![denied("one"), denied("two")]).unwrap_err();
    let told: Vec<String> = Diagnostics::from(both).into_iter().map(|told| told.summary).collect();
    assert_eq!(told, ["Cannot restore Secret blog/one", "Cannot restore Secret blog/two"]);
}
