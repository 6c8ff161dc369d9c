use super::*;

fn filled(text: &str) -> Result<String, SubstitutionError> {
    let lookup = |name: &str| match name {
        "A" => Value::Known("one"),
        "LONG" => Value::Known("abcdefgh"),
        "HOST" => Value::Known("www.example.com"),
        "EMPTY" => Value::Known(""),
        "SECRET" => Value::Unknown,
        _ => Value::Absent,
    };
    substitute(text, &lookup, &mut Vec::new())
}

#[test]
fn variables_are_filled_in_as_flux_does() {
    for (text, wanted) in [
        ("a/${A}/b", "a/one/b"),
        ("${NONE:=x}-${NONE:-y}-${EMPTY:=z}-${A:=q}", "x-y-z-one"),
        ("$${A} $A $$ $", "${A} $A $ $"),
        ("${NONE}", ""),
        ("${NONE:=${A}-x}", "one-x"),
        ("${A^^} ${A^} ${#LONG}", "ONE One 8"),
        ("${LONG:2:3} ${LONG:4} ${LONG:-x}", "cde efgh abcdefgh"),
        ("${HOST#*.} ${HOST##*.} ${HOST%.*} ${HOST%%.*}", "example.com com www.example www"),
        ("${A/o/0} ${LONG//[a]/x}", "0ne abcdefgh"),
        ("${NONE=d}", "d"),
        ("${NONE:=}", ""),
    ] {
        assert_eq!(filled(text).as_deref(), Ok(wanted), "{text}");
    }
    assert_eq!(filled("a-${SECRET}-${SECRET:=b}"), Ok(format!("a-{UNKNOWN}-{UNKNOWN}")));
    for text in ["${A", "${", "${a[@]}", "${A-b}", "${:=x}", "${A:=x"] {
        assert!(filled(text).is_err(), "{text}");
    }
    assert_eq!(filled(&"${X:=".repeat(100)), Err(SubstitutionError::TooDeep));
}

#[test]
fn what_is_filled_in_is_bounded() {
    let large = "x".repeat(1 << 20);
    let lookup = |_: &str| Value::Known(&large);
    let fill = |text: &str| substitute(text, &lookup, &mut Vec::new());
    assert_eq!(fill(&"${a}".repeat(64)), Err(SubstitutionError::TooLarge));
    assert!(fill(&"${a}".repeat(4)).is_ok_and(|filled| filled.len() == 4 << 20), "the control");
    // One byte of a million becomes a million.
    assert_eq!(fill("${a//x/${a}}"), Ok(UNKNOWN.to_string()));
    assert_eq!(fill("${a##*y}"), Ok(UNKNOWN.to_string()));
    assert_eq!(fill("${#a}"), Ok((1 << 20).to_string()));
}
