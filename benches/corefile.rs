//! Time to parse and check a Corefile: 100 lines within 200 µs, a megabyte within 100 ms. Prints rows for `make bench`'s table.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use tazlab_corefile::{CheckOptions, Settings, Tailnet, check, generate};

const LINES: usize = 100;

/// What a user with many tailnets and zones has, filled up with comments to exactly a hundred lines.
fn hundred_lines() -> String {
    let mut settings =
        Settings { upstreams: vec!["1.1.1.1".into(), "8.8.8.8".into()], ipv6: false, ..Settings::default() };
    for index in 0..10 {
        settings.tailnets.push(Tailnet { domain: format!("tail{index}.ts.net"), namespace: "tailscale".into() });
    }
    for index in 0..4 {
        settings.stub_zones.insert(format!("zone{index}.example"), vec!["10.1.0.53".into()]);
    }
    let mut text = generate(&settings).text;
    assert!(text.lines().count() <= LINES, "{} lines", text.lines().count());
    for number in text.lines().count()..LINES {
        let _ = writeln!(text, "# note {number}");
    }
    text
}

/// Server blocks until there is a megabyte of them.
fn megabyte() -> String {
    let mut text = String::new();
    for index in 0.. {
        if text.len() >= 1_000_000 {
            break;
        }
        let _ = writeln!(text, "zone{index}.example:53 {{\n    errors\n    forward . 10.1.0.53\n    cache 30\n}}");
    }
    text
}

fn measured(what: &str, text: &str, runs: usize, bound: Duration) {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(check(black_box(text), &CheckOptions::default()));
            start.elapsed()
        })
        .collect();
    times.sort();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    let size = format!("{} lines, {} bytes", text.lines().count(), text.len());
    println!("| check of {what} ({size}) | p50 {:.1?}, p99 {:.1?} | ≤ {bound:?} |", at(50), at(99));
}

fn main() {
    measured("a Corefile", &hundred_lines(), 2_000, Duration::from_micros(200));
    measured("a megabyte", &megabyte(), 20, Duration::from_millis(100));
}
