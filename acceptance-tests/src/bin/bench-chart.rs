//! Draws the main ratios of a file of `make bench` as SVG: `bench-chart benches/history/VERSION.md > benches/history/chart.svg`,
//! as `make bench KEEP=1` does. It measures nothing.

use std::fmt::Write as _;
use std::process::ExitCode;

/// The width that the floor has, in pixels.
const UNIT: f64 = 120.0;
const LEFT: f64 = 130.0;
const BAR: f64 = 22.0;
const GAP: f64 = 12.0;
const TOP: f64 = 44.0;

/// What is readable in light and in dark: the reader's own scheme decides.
const STYLE: &str = "<style>text { font: 13px sans-serif; fill: #24292f } .small { font-size: 11px } .ours { fill: #2f6feb } .peer { fill: #8c959f } .floor { stroke: #57606a; stroke-dasharray: 4 3 }\
 @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #58a6ff } .peer { fill: #6e7681 } .floor { stroke: #8b949e } }</style>";

/// A row of walls at 1,000 objects: how many times the floor it takes.
#[derive(Clone, Debug, PartialEq)]
struct Ratio<'a> {
    /// What is done.
    what: &'a str,
    /// By which other provider; `None` by ours.
    peer: Option<&'a str>,
    times: f64,
}

/// `| apply of 1000 | 2.00 s, floor 1.00 s: 2.00 |`, and for another provider `| apply of 1000, owner/name | … |`.
fn ratios(table: &str) -> Vec<Ratio<'_>> {
    table.lines().filter_map(ratio).collect()
}

fn ratio(line: &str) -> Option<Ratio<'_>> {
    let mut cells = line.split('|').skip(1).map(str::trim);
    let (what, rest) = cells.next()?.split_once(" of 1000")?;
    let peer = rest.strip_prefix(", ");
    if !rest.is_empty() && peer.is_none() {
        return None;
    }
    let (_, times) = cells.next()?.rsplit_once("floor").and_then(|(_, rest)| rest.rsplit_once(": "))?;
    Some(Ratio { what, peer, times: times.parse().ok()? })
}

fn chart(table: &str) -> Option<String> {
    let all = ratios(table);
    let longest = all.iter().map(|ratio| ratio.times).reduce(f64::max)?;
    let (mut bars, mut top) = (String::new(), TOP);
    for ours in all.iter().filter(|ratio| ratio.peer.is_none()) {
        let beside: Vec<&Ratio<'_>> = all.iter().filter(|ratio| ratio.what == ours.what).collect();
        let half = bar_height(beside.len()) / 2.0;
        let _ = write!(
            bars,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
            LEFT - 10.0,
            top + half + 4.0,
            ours.what
        );
        for ratio in beside {
            bars.push_str(&bar(ratio, top));
            top += BAR;
        }
        top += GAP;
    }
    let (width, floor) = (LEFT + longest * UNIT + 60.0, LEFT + UNIT);
    let peer = all.iter().find_map(|ratio| ratio.peer);
    let (legend, width) = peer.map_or((String::new(), width), |peer| (legend(peer), width.max(620.0)));
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{:.0}\" role=\"img\" aria-label=\"Time beside Terraform without a provider\">\n{STYLE}\n\
         <text x=\"10\" y=\"18\">1,000 secrets, as a multiple of 1,000 terraform_data</text>{legend}\n\
         {bars}<line class=\"floor\" x1=\"{floor:.0}\" x2=\"{floor:.0}\" y1=\"{:.0}\" y2=\"{top:.0}\"/>\
         <text class=\"small\" x=\"{floor:.0}\" y=\"{:.0}\" text-anchor=\"middle\">no provider</text>\n</svg>\n",
        top + 22.0,
        TOP - 8.0,
        top + 14.0,
    ))
}

/// Of so many bars of one group.
#[allow(clippy::cast_precision_loss, reason = "two of them")]
fn bar_height(count: usize) -> f64 {
    BAR * count as f64
}

fn bar(ratio: &Ratio<'_>, top: f64) -> String {
    let (width, class) = (ratio.times * UNIT, if ratio.peer.is_some() { "peer" } else { "ours" });
    format!(
        "<rect class=\"{class}\" x=\"{LEFT:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{BAR:.0}\" rx=\"2\"/>\
         <text x=\"{:.0}\" y=\"{:.0}\">{:.2}</text>\n",
        LEFT + width + 8.0,
        top + 15.0,
        ratio.times
    )
}

/// Which colour is whose, on the line of the title.
fn legend(peer: &str) -> String {
    format!(
        "\n<rect class=\"ours\" x=\"360\" y=\"8\" width=\"12\" height=\"12\" rx=\"2\"/><text x=\"377\" y=\"18\">tazlab</text>\
         <rect class=\"peer\" x=\"430\" y=\"8\" width=\"12\" height=\"12\" rx=\"2\"/><text x=\"447\" y=\"18\">{peer}</text>"
    )
}

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("error: say which file: bench-chart benches/history/VERSION.md");
        return ExitCode::FAILURE;
    };
    let table = match std::fs::read_to_string(&path) {
        Ok(table) => table,
        Err(error) => {
            eprintln!("error: {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    };
    let Some(chart) = chart(&table) else {
        eprintln!("error: {}: no row of 1000 objects beside the floor", path.display());
        return ExitCode::FAILURE;
    };
    print!("{chart}");
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| what | seen | to reach |\n|---|---|---|\n| release binary | 15.0 MB | ≤ 15 MB |\n\
        | first plan of 100 | 0.50 s, floor 0.40 s: 1.25 |  |\n\
        | first plan of 1000 | 2.50 s, floor 1.00 s: 2.50 | ≤ 2 |\n\
        | first plan of 1000: Terraform's own work | 2.00 s of CPU, floor 1.00 s: 2.00 |  |\n\
        | destroy of 1000 | 3.00 s, floor 2.00 s: 1.50 | ≤ 1.4 |\n";

    #[test]
    fn the_walls_of_a_thousand_are_drawn_to_scale() {
        let ours = |what, times| Ratio { what, peer: None, times };
        assert_eq!(ratios(TABLE), [ours("first plan", 2.5), ours("destroy", 1.5)]);
        let chart = chart(TABLE).unwrap();
        assert!(
            chart.contains("width=\"300\" height=\"22\"") && chart.contains("width=\"180\" height=\"22\""),
            "{chart}"
        );
        assert!(chart.contains(">2.50<") && chart.contains(">1.50<"), "{chart}");
    }

    #[test]
    fn another_provider_is_drawn_beside_ours_with_its_name() {
        let peer = "| destroy of 1000, hashicorp/kubernetes | 6.00 s, floor 2.00 s: 3.00 |  |\n";
        let chart = chart(&[TABLE, peer].concat()).unwrap();
        assert_eq!(chart.matches("class=\"peer\"").count(), 2, "its bar and its legend: {chart}");
        assert!(chart.contains(">hashicorp/kubernetes<") && chart.contains("width=\"360\" height=\"22\""), "{chart}");
        assert!(chart.contains(">3.00<"), "{chart}");
        assert_eq!(chart.matches(">destroy<").count(), 1, "{chart}");
    }

    #[test]
    fn the_kept_chart_is_of_the_newest_release() {
        let history = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/history");
        let numbers = |name: &str| -> Vec<u32> { name.split('.').filter_map(|number| number.parse().ok()).collect() };
        let newest = std::fs::read_dir(history)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "md"))
            .max_by_key(|path| numbers(path.file_stem().unwrap().to_str().unwrap()))
            .expect("make bench KEEP=1 keeps one");
        let kept = std::fs::read_to_string(format!("{history}/chart.svg")).unwrap();
        assert_eq!(chart(&std::fs::read_to_string(newest).unwrap()).unwrap(), kept, "make bench KEEP=1 draws it");
    }

    #[test]
    fn a_file_without_such_rows_is_no_chart() {
        assert_eq!(chart("| release binary | 15.0 MB | ≤ 15 MB |\n"), None);
    }
}
