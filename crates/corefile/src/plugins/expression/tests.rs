//! Expressions that expr-lang takes, and those that no type could make good.

use super::*;

#[test]
fn what_the_compiler_takes_is_taken() {
    for text in [
        "true",
        "client_ip() == '10.0.0.1' && not incidr(client_ip(), \"10.0.0.0/8\")",
        "name() not in ['a.', 'b.'] or type() == \"AAAA\"",
        "let n = name(); n startsWith 'a' ? true : false",
        "any(split(name(), '.'), {# == 'x'}) // don't stop here",
        "/* a ' */ size() > 0x1F and bufsize() < 1_232.5e+3",
        "1 in 1..3",
        "{a: 1, 'b': 2}.a == 1",
        "metadata('a/b')?.c ?? 'd' | upper() == 'D'",
        "if do() { true } else if opcode() == 0 { false } else { true }",
        "filter([1, 2], .x > 1)[1:] == [-1,]",
        "reduce(1..9, #acc + #) == 45;",
        "$env['name']() == `a`",
        "get($env, 'x') == nil",
    ] {
        assert_eq!(judge(text, &[]), Ok(()), "{text}");
    }
}

#[test]
fn what_no_type_could_mend_is_refused() {
    for (text, error) in [
        (" ", ExpressionError::Empty),
        ("true &&", ExpressionError::Unfinished),
        ("not", ExpressionError::Unfinished),
        ("true false", ExpressionError::Unexpected("false".into())),
        ("&& true", ExpressionError::Unexpected("&&".into())),
        ("(true", ExpressionError::Brackets),
        ("f(1,2", ExpressionError::UnknownFunction("f".into())),
        ("client == 1", ExpressionError::UnknownName("client".into())),
        ("name() @ 1", ExpressionError::Unexpected("@".into())),
        ("'a", ExpressionError::OpenString),
        ("true /* a", ExpressionError::OpenComment),
        ("true not false", ExpressionError::Unexpected("false".into())),
    ] {
        assert_eq!(judge(text, &[]), Err(error), "{text}");
    }
    assert_eq!(judge("n == 1", &["n".into()]), Ok(()));
}
