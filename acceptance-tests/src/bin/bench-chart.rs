//! Draws the main ratios of a file of `make bench` as SVG: `bench-chart benches/history/VERSION.md > benches/history/chart.svg`,
//! as `make bench KEEP=1` does. It measures nothing.

use std::fmt::Write as _;
use std::process::ExitCode;

/// The width that the floor has, in pixels.
const UNIT: f64 = 120.0;
const LEFT: f64 = 130.0;
const ROW: f64 = 34.0;
const TOP: f64 = 44.0;

/// What is readable in light and in dark: the reader's own scheme decides.
const STYLE: &str = "<style>text { font: 13px sans-serif; fill: #24292f } .small { font-size: 11px } .ours { fill: #2f6feb } .floor { stroke: #57606a; stroke-dasharray: 4 3 }\
 @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #58a6ff } .floor { stroke: #8b949e } }</style>";

/// Rows of walls at 1,000 objects: what is done, and how many times the floor it takes.
fn ratios(table: &str) -> Vec<(&str, f64)> {
    table.lines().filter_map(ratio).collect()
}

fn ratio(line: &str) -> Option<(&str, f64)> {
    let mut cells = line.split('|').skip(1).map(str::trim);
    let what = cells.next()?.strip_suffix(" of 1000")?;
    let (_, ratio) = cells.next()?.rsplit_once("floor").and_then(|(_, rest)| rest.rsplit_once(": "))?;
    Some((what, ratio.parse().ok()?))
}

fn chart(table: &str) -> Option<String> {
    let rows = ratios(table);
    let longest = rows.iter().map(|(_, ratio)| *ratio).reduce(f64::max)?;
    let (mut bars, mut top) = (String::new(), TOP);
    for (what, ratio) in &rows {
        let (width, middle) = (ratio * UNIT, top + 15.0);
        let _ = writeln!(
            bars,
            "<text x=\"{:.0}\" y=\"{middle:.0}\" text-anchor=\"end\">{what}</text>\
             <rect class=\"ours\" x=\"{LEFT:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"22\" rx=\"2\"/>\
             <text x=\"{:.0}\" y=\"{middle:.0}\">{ratio:.2}</text>",
            LEFT - 10.0,
            LEFT + width + 8.0,
        );
        top += ROW;
    }
    let (width, floor) = (LEFT + longest * UNIT + 60.0, LEFT + UNIT);
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{:.0}\" role=\"img\" aria-label=\"Time beside Terraform without a provider\">\n{STYLE}\n\
         <text x=\"10\" y=\"18\">1,000 secrets, as a multiple of 1,000 terraform_data</text>\n\
         {bars}<line class=\"floor\" x1=\"{floor:.0}\" x2=\"{floor:.0}\" y1=\"{:.0}\" y2=\"{top:.0}\"/>\
         <text class=\"small\" x=\"{floor:.0}\" y=\"{:.0}\" text-anchor=\"middle\">no provider</text>\n</svg>\n",
        top + 22.0,
        TOP - 8.0,
        top + 14.0,
    ))
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
        assert_eq!(ratios(TABLE), [("first plan", 2.5), ("destroy", 1.5)]);
        let chart = chart(TABLE).unwrap();
        assert!(
            chart.contains("width=\"300\" height=\"22\"") && chart.contains("width=\"180\" height=\"22\""),
            "{chart}"
        );
        assert!(chart.contains(">2.50<") && chart.contains(">1.50<"), "{chart}");
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
