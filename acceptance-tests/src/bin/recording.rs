//! Draws what Terraform has shown in a terminal as SVG: `recording TITLE COLUMNS < typescript > picture.svg`, as
//! `acceptance-tests/record` does. It runs nothing. Of a planned object only its first line is drawn.

use std::fmt::Write as _;
use std::io::Read;
use std::process::ExitCode;

const LINE: f64 = 18.0;
/// What a character of 13 pixels takes in the widest of the usual monospaced fonts.
const COLUMN: f64 = 7.85;
const LEFT: f64 = 16.0;
const TOP: f64 = 30.0;

/// Light and dark by the reader's own scheme. Nothing moves: who scrolls to it reads it at once.
const STYLE: &str = "<style>text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre } \
.b { font-weight: 600 } .dim { fill: #59636e } .red { fill: #cf222e } .green { fill: #1a7f37 } .yellow { fill: #9a6700 } .cyan { fill: #1b7c83 } \
.u { text-decoration: underline } .ground { fill: #f6f8fa; stroke: #d1d9e0 } \
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .dim { fill: #9198a1 } .red { fill: #ff7b72 } .green { fill: #3fb950 } .yellow { fill: #d29922 } .cyan { fill: #39c5cf } .ground { fill: #151b23; stroke: #3d444d } }</style>";

/// How a piece of text looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    bold: bool,
    dim: bool,
    underlined: bool,
    colour: Option<&'static str>,
}

impl Look {
    /// After a sequence `ESC [ … m`.
    fn after(mut self, codes: &str) -> Self {
        for code in codes.split(';') {
            match code {
                "" | "0" => self = Self::default(),
                "1" => self.bold = true,
                "2" | "90" => self.dim = true,
                "4" => self.underlined = true,
                "22" => (self.bold, self.dim) = (false, false),
                "24" => self.underlined = false,
                "31" | "91" => self.colour = Some("red"),
                "32" | "92" => self.colour = Some("green"),
                "33" | "93" => self.colour = Some("yellow"),
                "36" | "96" => self.colour = Some("cyan"),
                "39" => self.colour = None,
                _ => {}
            }
        }
        self
    }

    fn classes(&self) -> String {
        let all = [(self.bold, "b"), (self.dim, "dim"), (self.underlined, "u")];
        let named = all.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).chain(self.colour);
        named.collect::<Vec<_>>().join(" ")
    }
}

type Line = Vec<(String, Look)>;

fn plain(line: &Line) -> String {
    line.iter().map(|(text, _)| text.as_str()).collect()
}

/// The lines of what a terminal was sent: colours are looks, other sequences are left out.
fn lines(typescript: &str) -> Vec<Line> {
    let (mut all, mut line, mut look) = (Vec::new(), Line::new(), Look::default());
    let mut rest = typescript.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' if rest.peek() == Some(&'[') => {
                rest.next();
                let mut codes = String::new();
                let end = rest.by_ref().find(|one| {
                    let is_end = ('@'..='~').contains(one);
                    if !is_end {
                        codes.push(*one);
                    }
                    is_end
                });
                if end == Some('m') {
                    look = look.after(&codes);
                }
            }
            '\n' => all.push(std::mem::take(&mut line)),
            '\r' | '\u{7}' => {}
            other => match line.last_mut().filter(|(_, last)| *last == look) {
                Some((text, _)) => text.push(other),
                None => line.push((other.to_string(), look.clone())),
            },
        }
    }
    if !line.is_empty() {
        all.push(line);
    }
    all
}

/// Without the attributes of planned objects, without empty lines that follow each other, and without those around the whole.
fn shortened(all: Vec<Line>) -> Vec<Line> {
    let (mut kept, mut inside) = (Vec::<Line>::new(), false);
    let more = || vec![("    …".to_owned(), Look { dim: true, ..Look::default() })];
    for line in all {
        let text = plain(&line);
        let text = text.trim_end();
        if inside {
            inside = text != "    }";
            continue;
        }
        if text.is_empty() && kept.last().is_none_or(|last| plain(last).trim().is_empty()) {
            continue;
        }
        // `  + resource "…" "…" {` below its heading.
        inside = text.starts_with("  ") && text.contains(" resource \"") && text.ends_with('{');
        kept.push(if inside { more() } else { line });
    }
    while kept.last().is_some_and(|last| plain(last).trim().is_empty()) {
        kept.pop();
    }
    kept
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[allow(clippy::cast_precision_loss, reason = "some hundred columns")]
fn picture(title: &str, columns: usize, all: &[Line]) -> String {
    let prompt = vec![("$ ".to_owned(), Look { dim: true, ..Look::default() }), (title.to_owned(), Look::default())];
    let (mut body, mut y) = (String::new(), TOP);
    for line in std::iter::once(&prompt).chain(all) {
        if !plain(line).trim().is_empty() {
            let _ = write!(body, "<text x=\"{LEFT:.0}\" y=\"{y:.0}\">");
            for (text, look) in line {
                let classes = if text.trim().is_empty() { String::new() } else { look.classes() };
                let text = escaped(text);
                let _ = match classes.as_str() {
                    "" => write!(body, "{text}"),
                    classes => write!(body, "<tspan class=\"{classes}\">{text}</tspan>"),
                };
            }
            body.push_str("</text>\n");
        }
        y += LINE;
    }
    // A line that Terraform does not break may be longer than the terminal is wide.
    let longest = all.iter().map(|line| plain(line).chars().count()).max().unwrap_or_default();
    let (width, height) = (LEFT * 2.0 + longest.max(columns) as f64 * COLUMN, y);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{title}, and what it shows\">\n{STYLE}\n\
         <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"6\"/>\n{body}</svg>\n",
        width - 1.0,
        height - 1.0
    )
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(title), Some(columns)) = (arguments.first(), arguments.get(1).and_then(|text| text.parse().ok())) else {
        eprintln!("error: say what was run and how wide: recording TITLE COLUMNS < typescript");
        return ExitCode::FAILURE;
    };
    let mut typescript = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut typescript) {
        eprintln!("error: the typescript: {error}");
        return ExitCode::FAILURE;
    }
    print!("{}", picture(title, columns, &shortened(lines(&typescript))));
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;
    use acceptance_tests::diagnostics::Sources;

    #[test]
    fn colours_are_kept_and_objects_are_shortened() {
        let typescript = "\r\n\u{1b}[1m  # tazlab_a.b\u{1b}[0m will be created\u{1b}[0m\r\n\u{1b}[0m  \u{1b}[32m+\u{1b}[0m resource \"tazlab_a\" \"b\" {\r\n      + id = 1\r\n    }\r\n\r\n\r\n\u{1b}[1mPlan:\u{1b}[0m 1 <to> add\u{1b}[2K\r\n";
        let shown = shortened(lines(typescript));
        let text: Vec<String> = shown.iter().map(plain).collect();
        assert_eq!(text, ["  # tazlab_a.b will be created", "    …", "", "Plan: 1 <to> add"]);
        assert_eq!(shown[0][0], ("  # tazlab_a.b".to_owned(), Look { bold: true, ..Look::default() }));
        let picture = picture("terraform plan", 80, &shown);
        assert!(picture.contains("<tspan class=\"b\">Plan:</tspan> 1 &lt;to&gt; add"), "{picture}");
        assert!(picture.contains("<tspan class=\"dim\">$ </tspan>terraform plan"), "{picture}");
    }

    /// A picture of a run is of today's provider as long as the sources can say what it shows.
    #[test]
    fn the_kept_recordings_show_what_the_provider_says() {
        let sources = Sources::of_repository();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/design/recordings/");
        for (name, at_least) in [("apply.svg", 0), ("refused.svg", 1)] {
            let text = std::fs::read_to_string(format!("{folder}{name}")).unwrap();
            let parts = text.split('>').filter_map(|part| part.split_once('<')).map(|(text, _)| text);
            let words: Vec<&str> = parts.map(str::trim).filter(|words| !words.is_empty()).collect();
            let titles =
                words.iter().zip(words.iter().skip(1)).filter(|(word, _)| matches!(**word, "Error:" | "Warning:"));
            let unknown: Vec<_> = titles.clone().filter(|(_, title)| sources.pattern_of(title).is_none()).collect();
            assert!(
                unknown.is_empty() && titles.count() >= at_least,
                "acceptance-tests/record draws {name} again: {unknown:?}"
            );
        }
    }
}
