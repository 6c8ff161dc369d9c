//! Whatever a variable of which nothing is known stands for, nothing that rests on it is an error: shown on every Corefile of
//! the corpus that CoreDNS takes, with each of its words replaced.

use super::lexer;
use super::{CheckOptions, Report, Variable, check};

const CORPUS: &str = include_str!("../../../acceptance-tests/corpus/corefile/corpus.txt");

fn with_unknown_variables(text: &str) -> Report {
    check(text, &CheckOptions { variables: &|_| Variable::Unknown, ..CheckOptions::default() })
}

#[test]
fn a_word_that_a_variable_stands_for_is_no_error() {
    let good = CORPUS
        .split("\n=====\n")
        .filter(|text| !text.contains("{$") && !text.contains("{%") && check(text, &CheckOptions::default()).is_ok());
    let mut tried = 0;
    let mut wrong = Vec::new();
    for text in good {
        for token in lexer::read(0, text).tokens {
            // A variable for a brace, for the head of a snippet, or for a zone and the comma behind it is not what anybody writes.
            let is_shape = matches!(&*token.text, "{" | "}" | "import");
            if is_shape || token.text.starts_with('(') || token.text.ends_with(',') {
                continue;
            }
            let (start, end) = (token.span.start as usize, token.span.end as usize);
            let word = &text[start..end];
            // The whole word, and the part of it that is left where a variable stands for its first letter.
            let half = word.char_indices().nth(1).map_or("", |(at, _)| &word[at..]);
            for written in [String::from("{$V}"), format!("{{%V%}}{half}")] {
                let changed = format!("{}{written}{}", &text[..start], &text[end..]);
                tried += 1;
                let found = with_unknown_variables(&changed);
                if let Some(error) = found.errors().next() {
                    wrong.push(format!("{changed}\n{error}"));
                }
            }
        }
    }
    assert!(tried > 1_000, "only {tried} Corefiles were tried");
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n----\n")
    );
}
