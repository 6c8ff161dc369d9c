use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::*;

const SECRET: &str = "hunter2/<pass word>+\"quoted\"";

fn scrub(secrets: &[&str], text: &str) -> String {
    Scrubber::new(secrets).scrub(text)
}

/// A JSON text without its quotes.
fn inner(text: &str) -> String {
    text[1..text.len() - 1].to_owned()
}

fn percent_encoded(text: &str, digits: fn(u8) -> String) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { digits(byte) })
        .collect()
}

fn each_byte(text: &str, form: impl Fn(u8) -> String) -> String {
    text.bytes().map(form).collect()
}

#[test]
fn a_secret_is_removed_whole_in_every_form() {
    let json = serde_json::to_string(SECRET).unwrap();
    let go = json.replace('<', "\\u003c").replace('>', "\\u003E").replace('/', "\\/");
    let html = SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;");
    let forms = [
        SECRET.to_owned(),
        inner(&json),
        inner(&go),
        inner(&serde_json::to_string(&inner(&json)).unwrap()),
        html,
        percent_encoded(SECRET, |byte| format!("%{byte:02X}")),
        percent_encoded(SECRET, |byte| format!("%{byte:02x}")),
        percent_encoded(&STANDARD.encode(SECRET), |byte| format!("%{byte:02X}")),
        SECRET.replace('+', "%2B").replace(' ', "+").replace('/', "%2F"),
        STANDARD.encode(SECRET),
        STANDARD_NO_PAD.encode(SECRET),
        URL_SAFE.encode(SECRET),
        URL_SAFE_NO_PAD.encode(SECRET),
        STANDARD_NO_PAD.encode(STANDARD.encode(SECRET)),
        each_byte(SECRET, |byte| format!("{byte:02x}")),
        each_byte(SECRET, |byte| format!("{byte:02X}")),
        each_byte(SECRET, |byte| format!("\\x{byte:02x}")),
    ];
    for form in &forms {
        let told = scrub(&[SECRET], &format!("no: {form}, really"));
        assert_eq!(told, "no: (redacted), really", "{form}");
        assert_eq!(scrub(&["something else"], form), *form);
    }
}

#[test]
fn base64_is_found_at_every_alignment_and_wrapped() {
    for before in ["", "a", "ab", "abc", "user:"] {
        let all = STANDARD.encode(format!("{before}{SECRET}:after"));
        let told = scrub(&[SECRET], &format!("Authorization: Basic {all}"));
        let part = told.replace("(redacted)", "");
        assert!(part.len() < "Authorization: Basic ".len() + 18, "{before:?}: {told}");
    }
    let wrapped = STANDARD.encode(SECRET.repeat(4));
    let lines: Vec<&str> = wrapped.as_bytes().chunks(20).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let told = scrub(&[SECRET], &lines.join("\n    "));
    assert!(!lines.iter().any(|line| told.contains(&line[..8])), "{told}");
}

#[test]
fn a_secret_is_removed_in_every_style_of_yaml() {
    let secret = "it's 'so' \"odd\" \\ and 'long'";
    for text in [
        "'it''s ''so'' \"odd\" \\ and ''long'''",
        "\"it's 'so' \\\"odd\\\" \\\\ and 'long'\"",
        "\"it's 'so' \\x22odd\\u0022 \\\\ and\\U00000020'long'\"",
        "|\n    it's 'so' \"odd\" \\ and 'long'",
        ">\n    it's 'so'\n    \"odd\" \\\n    and\n    'long'",
        "\"it's 'so'\n    \\\"odd\\\" \\\\ and\n    'long'\"",
        "\"it's 'so'\\\n    \\ \\\"odd\\\" \\\\ and\\\n    \\ 'long'\"",
    ] {
        let told = scrub(&[secret], &format!("denied: key: {text}"));
        for part in ["odd", "long", "so'"] {
            assert!(!told.contains(part), "{text}: {told}");
        }
        assert!(told.starts_with("denied: key:"), "{told}");
    }
}

#[test]
fn what_is_cut_off_is_removed_too() {
    let secret = "tok-0123456789-abcdefghij";
    for length in 5..secret.len() {
        let told = scrub(&[secret], &format!("got {}", &secret[..length]));
        assert_eq!(told, "got (redacted)", "{length}");
    }
    let coded = STANDARD.encode(secret);
    for length in 8..coded.len() {
        let told = scrub(&[secret], &format!("{{\"token\":\"{}", &coded[..length]));
        assert!(told.starts_with("{\"token\":\"(redacted)") && told.len() < 24, "{length}: {told}");
    }
    let told = scrub(&[secret], "it ends in 89-abcdefghij");
    assert!(!told.contains("cdef"), "{told}");
}

#[test]
fn no_order_leaves_a_tail() {
    for secrets in [["abcd", "abcdefgh"], ["abcdefgh", "abcd"]] {
        assert_eq!(scrub(&secrets, "x abcdefgh y abcd z"), "x (redacted) y (redacted) z");
    }
    assert_eq!(scrub(&["abcdef", "defghi"], "abcdefghi"), "(redacted)");
}

#[test]
fn a_value_that_is_too_short_to_remove_withholds_the_text() {
    for text in ["login with q7 refused", "pin=q7,", "q7", "base64 cTc= is wrong", "a%3Dq7%26", "user:q7@host"] {
        assert_eq!(scrub(&["q7"], text), WITHHELD, "{text}");
    }
    assert_eq!(scrub(&["q7", "secretlong"], "q7secretlong"), WITHHELD, "what is left beside a mark is a word");
    for text in ["q70 is not it", "10.0.0.17", "uniq7"] {
        assert_eq!(scrub(&["q7"], text), text);
    }
    assert_eq!(scrub(&["", " ", "\n"], "nothing to hide"), "nothing to hide");
}

#[test]
fn documents_are_secret_in_their_parts() {
    let config = r#"{"auths":{"ghcr.io":{"username":"bobby","password":"hunt3r"}}}"#;
    assert_eq!(
        scrub(&[config], "login of bobby at ghcr.io with hunt3r"),
        "login of (redacted) at ghcr.io with (redacted)"
    );
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nshort1\n-----END KEY-----\n";
    let told = scrub(&[key], "key: |\n  MIIEvQIBADANBgkqhkiG\n  short1\n");
    assert!(!told.contains("MIIE") && !told.contains("short1") && told.starts_with("key: |\n"), "{told}");
    assert_eq!(scrub(&["trailing\n"], "trailing it"), "(redacted) it");
}

#[test]
fn what_is_not_secret_stays() {
    let words = "secrets \"x\" is forbidden: User \"a\" cannot patch resource \"secrets\" in API group \"\" in the namespace \"b\"";
    assert_eq!(scrub(&["tok-canary-0123456789", "https://kubernetes.io"], words), words);
    let url = "Get \"https://10.0.0.1:6443/api\": context deadline exceeded";
    assert_eq!(scrub(&["https://vault.example.net"], url), url, "a scheme is not a secret");
    assert_eq!(scrub(&["x-long-secret"], "\u{1b}[31mred\u{7}\nline"), " [31mred \nline");
}

#[test]
fn a_text_is_bounded_and_what_is_nested_too_deep_is_withheld() {
    let told = scrub(&[SECRET], &"a, b. ".repeat(100_000));
    assert!(told.len() < LONGEST + 10 && told.ends_with('…'));
    let mut deep = "%".to_owned();
    (0..8).for_each(|_| deep = deep.replace('%', "%25"));
    assert_eq!(scrub(&[SECRET], &deep), UNSEARCHABLE);
    let cut = format!("{}{SECRET}", "a b ".repeat(LONGEST / 4 - 3));
    assert!(!scrub(&[SECRET], &cut).contains("hunter"), "cut in the middle of a secret");
}

#[test]
fn nothing_of_it_prints() {
    assert!(!format!("{:?}", Scrubber::new([SECRET])).contains("hunter"));
}
