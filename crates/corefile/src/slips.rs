//! Slips of other languages, and of keyboards and word processors: each is named, and nothing that follows from it.

use super::{CheckOptions, check};

fn errors(text: &str) -> Vec<String> {
    check(text, &CheckOptions::default()).errors().map(ToString::to_string).collect()
}

/// Each of these is one error with these words.
#[track_caller]
fn told(text: &str, words: &[&str]) {
    let errors = errors(text);
    assert_eq!(errors.len(), 1, "{text}: {errors:#?}");
    assert!(words.iter().all(|word| errors[0].contains(word)), "{text}: {errors:#?}");
}

/// A good block with one line more.
fn with(line: &str) -> String {
    format!(".:53 {{\n    errors\n    {line}\n    forward . 9.9.9.9\n}}\n")
}

#[test]
fn characters_of_word_processors_are_named() {
    told(&with("cache\u{200b} 30"), &["U+200B", "type the word again: `cache`"]);
    told(&with("\u{feff}cache 30"), &["U+FEFF", "`cache`"]);
    told(&with("bufsize \u{ff15}\u{ff11}\u{ff12}"), &["U+FF15", "looks like `5`", "write `512`"]);
    told(
        &with("forward . 10.0.0.0 {\n        max\u{ff3f}fails 3\n    }").replace("    forward . 9.9.9.9\n", ""),
        &["U+FF3F", "write `max_fails`"],
    );
    // These are blanks to CoreDNS, and a mark at the beginning of a file is passed over.
    for text in
        [with("cache\u{a0}30"), with("\tcache\t30"), with("cache\u{3000}30"), format!("\u{feff}{}", with("log"))]
    {
        assert_eq!(errors(&text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn all_that_is_no_quote_is_named() {
    for (open, close) in [
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
        ('\u{ab}', '\u{bb}'),
        ('\u{201e}', '\u{201c}'),
        ('\'', '\''),
        ('`', '`'),
    ] {
        let line = format!("template IN A {{\n        answer {open}{{{{ .Name }}}} 60 IN A 10.0.0.1{close}\n    }}");
        told(&with(&line), &[":4:", "not quotes to CoreDNS", "\"{{ .Name }} 60 IN A 10.0.0.1\""]);
    }
    // Quotes that CoreDNS reads as letters of a good word.
    assert_eq!(errors(&with("chaos 'a'")), Vec::<String>::new());
}

#[test]
fn what_other_languages_write_is_named() {
    told(&with("cache: 30"), &["no `:` stands", "write `cache`"]);
    told(&with("bufsize = 512"), &["no `=` stands"]);
    told(&with("cache=30"), &["no `=` stands", "write `cache 30`"]);
    told(&with("cache {\n        servfail=5s\n    }"), &["no `=` stands", "write `servfail 5s`"]);
    told(&with("bufsize 512;"), &["no `;`", "write `512`"]);
    told(&with("bufsize 512 ;"), &["no `;`"]);
    told(&with("transfer {\n        to 10.0.0.1, 10.0.0.2\n    }"), &["separated by blanks", "write `10.0.0.1`"]);
    for comment in ["// the cache", "; the cache", "/* the cache */", "-- the cache"] {
        told(&with(comment), &["begins no comment", "`#`"]);
    }
    told(&with("bufsize 512 // octets"), &["begins no comment"]);
    told(".:53 {\r    errors\r    cache 30\r}\r", &["carriage returns alone"]);
    assert_eq!(errors(&with("cache 30").replace('\n', "\r\n")), Vec::<String>::new());
}

#[test]
fn a_quote_that_is_not_closed_is_named() {
    told(&with("log . \"{remote} {name}"), &["not closed on its line", "close it: \"{remote} {name}\""]);
    told(&with("template IN A {\n        answer \"{{ .Name }} 60 IN A 10.0.0.1\n    }"), &[":4:", "not closed"]);
    // A quoted word may have several lines.
    assert_eq!(errors(&with("log . \"{remote}\n{name}\"")), Vec::<String>::new());
}

#[test]
fn a_brace_too_few_or_too_many_is_named() {
    told(
        ".:53 {\n    errors\n    forward . 9.9.9.9 {\n        max_concurrent 1000\n    cache 30\n}\n",
        &["close the block of forward with `}`"],
    );
    told(".:53 {\n    errors\n    cache 30\n", &["never closed"]);
    told(
        ".:53 {\n    errors\n    cache {\n        servfail 5s\n    forward . 9.9.9.9\n}\na.org {\n    errors\n}\n",
        &["`forward` is a plugin: close the block of cache"],
    );
}

#[test]
fn only_what_changes_the_verdict_is_told() {
    // The brace of the log and the quotes of the name are as CoreDNS takes them.
    let text = "a.org {\n    log . x{\n    chaos 'a b'\n    transfer {\n        to 10.0.0.1, 10.0.0.2\n    }\n}\n";
    let told = errors(text);
    assert!(told.len() == 1 && told[0].contains("separated by blanks"), "{told:#?}");
}
