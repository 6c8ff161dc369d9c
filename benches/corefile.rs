//! Time to parse and check a Corefile of 100 lines; the bound is 200 µs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tazlab::corefile::{CheckOptions, Settings, Tailnet, check, generate};

const RUNS: u32 = 2_000;
const BOUND: Duration = Duration::from_micros(200);

fn main() {
    let mut settings =
        Settings { upstreams: vec!["1.1.1.1".into(), "8.8.8.8".into()], ipv6: false, ..Settings::default() };
    for index in 0..15 {
        settings.tailnets.push(Tailnet { domain: format!("tail{index}.ts.net"), namespace: "tailscale".into() });
    }
    for index in 0..4 {
        settings.stub_zones.insert(format!("zone{index}.example"), vec!["10.1.0.53".into()]);
    }
    let text = generate(&settings).text;
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(check(black_box(&text), &CheckOptions::default()));
            start.elapsed()
        })
        .collect();
    times.sort();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    println!("check of {} lines: p50 {:?}, p99 {:?} (bound {BOUND:?})", text.lines().count(), at(50), at(99));
    assert!(at(50) <= BOUND, "slower than the bound");
}
