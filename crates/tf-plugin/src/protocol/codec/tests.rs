use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::framework::types::Type;
use crate::framework::value::{Datum, Refinement};

fn round_trip(kind: &Type, datum: &Datum) -> Datum {
    decode(kind, &encode(kind, datum).unwrap()).unwrap()
}

fn number(text: &str) -> Datum {
    Datum::Number(text.parse().unwrap())
}

#[test]
fn bytes_are_those_that_terraform_writes() {
    let dynamic = Datum::Dynamic(Box::new((Type::String, Datum::Null)));
    for (kind, datum, bytes) in [
        (Type::Dynamic, dynamic, b"\x92\xc4\x08\"string\"\xc0".as_slice()),
        (Type::Dynamic, Datum::Null, b"\xc0"),
        (Type::Dynamic, Datum::unknown(), b"\xd4\x00\x00"),
        (Type::Number, number("0.1"), b"\xa30.1"),
        (Type::Number, number("9223372036854775808"), b"\xb39223372036854775808"),
        (Type::Number, number("-1"), b"\xff"),
        (Type::object([("a", Type::Bool)]), Datum::object([("a", Datum::Null)]), b"\x81\xa1a\xc0"),
    ] {
        assert_eq!(encode(&kind, &datum).unwrap(), bytes, "{kind} {datum:?}");
        assert_eq!(decode(&kind, bytes).unwrap(), datum, "{kind} {datum:?}");
    }
}

#[test]
fn every_form_of_a_number_is_read() {
    let mut float = vec![0xcb];
    float.extend(0.1_f64.to_be_bytes());
    assert_eq!(decode(&Type::Number, &float).unwrap(), number("0.1"));
    assert_eq!(decode(&Type::Number, b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff").unwrap(), number("18446744073709551615"));
    let mut infinity = vec![0xcb];
    infinity.extend(f64::INFINITY.to_be_bytes());
    assert_eq!(decode(&Type::Number, &infinity).unwrap_err().fault, Fault::Number);
}

#[test]
fn unknowns_keep_what_is_known_of_them() {
    let refined = Datum::Unknown(Refinement(Some(Box::from(*b"\x81\x01\xc2"))));
    assert_eq!(round_trip(&Type::String, &refined), refined);
    // Any other code is an unknown too.
    assert_eq!(decode(&Type::Bool, b"\xd4\x05\x01").unwrap(), Datum::unknown());
    let set = Datum::Set(vec![Datum::unknown(), Datum::unknown(), "a".into()]);
    assert_eq!(round_trip(&Type::set(Type::String), &set), set);
}

#[test]
fn errors_name_the_place_and_never_the_value() {
    let kind = Type::object([("data", Type::map(Type::list(Type::Number)))]);
    let wrong = Type::object([("data", Type::map(Type::list(Type::String)))]);
    let items = Datum::List(vec!["1".into(), "hunter2".into()]);
    let datum = Datum::object([("data", Datum::Map([("k".to_owned(), items)].into()))]);
    let error = decode(&kind, &encode(&wrong, &datum).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "data[\"k\"][1]: not a decimal number");
    let error = encode(&kind, &datum).unwrap_err();
    assert_eq!(error.to_string(), "data[\"k\"][0]: expected number, found string");
}

#[test]
fn objects_have_exactly_their_attributes() {
    let kind = Type::object([("a", Type::Bool), ("b", Type::Bool)]);
    assert_eq!(decode(&kind, b"\x81\xa1a\xc3").unwrap_err().fault, Fault::Missing("b".into()));
    assert_eq!(decode(&kind, b"\x81\xa1c\xc3").unwrap_err().fault, Fault::Unexpected("c".into()));
    assert_eq!(
        encode(&kind, &Datum::object([("a", true)].map(|(k, v)| (k, v.into())))).unwrap_err().fault,
        Fault::Missing("b".into())
    );
}

#[test]
fn lengths_that_lie_cost_nothing() {
    assert_eq!(decode(&Type::list(Type::String), b"\xdd\xff\xff\xff\xff").unwrap_err().fault, Fault::Truncated);
    assert_eq!(decode(&Type::String, b"\xdb\xff\xff\xff\xff").unwrap_err().fault, Fault::Truncated);
    assert_eq!(decode(&Type::map(Type::Bool), b"\xdf\xff\xff\xff\xff").unwrap_err().fault, Fault::Truncated);
    assert_eq!(decode(&Type::Bool, b"\xc3\xc3").unwrap_err().fault, Fault::Trailing(1));
}

#[test]
fn json_state_is_read_exactly() {
    let kind = Type::object([
        ("big", Type::Number),
        ("small", Type::Number),
        ("any", Type::Dynamic),
        ("list", Type::list(Type::String)),
        ("new", Type::Bool),
    ]);
    let json = br#"{"big":18446744073709551617,"small":"0.1","any":{"type":["tuple",["bool"]],"value":[true]},"list":["\u00e9"]}"#;
    let any = Datum::Dynamic(Box::new((Type::Tuple(vec![Type::Bool]), Datum::Tuple(vec![true.into()]))));
    let expected = Datum::object([
        ("big", number("18446744073709551617")),
        ("small", number("0.1")),
        ("any", any),
        ("list", Datum::List(vec!["é".into()])),
        ("new", Datum::Null),
    ]);
    assert_eq!(decode_json(&kind, json).unwrap(), expected);
    assert_eq!(
        decode_json(&kind, br#"{"list":[1]}"#).unwrap_err().to_string(),
        "list[0]: expected string, found number"
    );
    assert_eq!(decode_json(&kind, br#"{"old":1}"#).unwrap_err().fault, Fault::Unexpected("old".into()));
    assert!(matches!(decode_json(&kind, b"{").unwrap_err().fault, Fault::Json(1, _)));
}

fn leaf() -> impl Strategy<Value = (Type, Datum)> {
    prop_oneof![
        any::<bool>().prop_map(|value| (Type::Bool, value.into())),
        ".{0,40}".prop_map(|text| (Type::String, text.into())),
        any::<i64>().prop_map(|value| (Type::Number, value.into())),
        "-?[0-9]{1,40}(\\.[0-9]{1,20})?".prop_map(|text| (Type::Number, number(&text))),
    ]
}

fn nullable(pair: (Type, Datum), choice: u8) -> (Type, Datum) {
    match choice {
        0 => (pair.0, Datum::Null),
        1 => (pair.0, Datum::unknown()),
        2 => (pair.0, Datum::Unknown(Refinement(Some(Box::from(*b"\x81\x01\xc2"))))),
        3 => (Type::Dynamic, Datum::Dynamic(Box::new(pair))),
        _ => pair,
    }
}

fn value() -> impl Strategy<Value = (Type, Datum)> {
    leaf().prop_recursive(4, 64, 5, |inner| {
        let inner = (inner, 0_u8..12).prop_map(|(pair, choice)| nullable(pair, choice));
        prop_oneof![
            prop::collection::btree_map("[a-z]{1,6}", inner.clone(), 0..5).prop_map(|fields| {
                let kinds: BTreeMap<_, _> = fields.iter().map(|(name, pair)| (name.clone(), pair.0.clone())).collect();
                (Type::Object(kinds), Datum::object(fields.into_iter().map(|(name, pair)| (name, pair.1))))
            }),
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| {
                let (kinds, items) = items.into_iter().unzip();
                (Type::Tuple(kinds), Datum::Tuple(items))
            }),
            (inner.clone(), 0_usize..4)
                .prop_map(|((kind, item), count)| { (Type::list(kind), Datum::List(vec![item; count])) }),
            (inner.clone(), 0_usize..4)
                .prop_map(|((kind, item), count)| (Type::set(kind), Datum::Set(vec![item; count]))),
            (inner, ".{0,8}").prop_map(|((kind, item), name)| (Type::map(kind), Datum::Map([(name, item)].into()))),
        ]
    })
}

proptest! {
    #[test]
    fn values_survive_at_every_depth((kind, datum) in value()) {
        prop_assert_eq!(round_trip(&kind, &datum), datum);
    }

    #[test]
    fn no_bytes_make_it_panic((kind, datum) in value(), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = encode(&kind, &datum).unwrap();
        let position = cut.index(bytes.len());
        bytes[position] = byte;
        let _ = decode(&kind, &bytes);
        bytes.truncate(position);
        let _ = decode(&kind, &bytes);
    }
}
