//! Several Secrets, and what all of them come to.

use super::super::copy::Copy;
use super::super::decision::Verdict;
use super::super::model::KeptSecret;
use super::super::review::{Lives, Review, Rules, Uids};
use super::*;
use tf_plugin::framework::plan::unconfigured;

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
