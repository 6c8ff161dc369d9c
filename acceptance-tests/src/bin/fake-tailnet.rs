//! The fake tailnet by hand: `fake-tailnet [--port N] [--devices FILE] [--key KEY]`. It prints its address and then every
//! request, and ends with Ctrl-C.
//!
//! FILE is a JSON list of what joins at the start: `[{"hostname": "a", "tags": ["tag:k8s"], "away_seconds": 600}]`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a tool that fails says so and ends")]

use acceptance_tests::tailnet::{Seed, Tailnet};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut port, mut devices, mut key) = (0, None, "tskey-api-fake".to_owned());
    while let Some(name) = arguments.next() {
        let value = arguments.next().unwrap_or_else(|| panic!("{name} needs a value"));
        match name.as_str() {
            "--port" => port = value.parse().expect("--port is a number"),
            "--devices" => devices = Some(value),
            "--key" => key = value,
            _ => panic!("{name}: use --port, --devices or --key"),
        }
    }
    let tailnet = Tailnet::start_at(port);
    {
        let mut world = tailnet.world();
        world.access.key(&key);
        if let Some(file) = devices {
            let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
            let seeds: Vec<Seed> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            for seed in &seeds {
                let device = world.join(seed);
                eprintln!("joined: {} (hostname {})", device.name(), device.hostname);
            }
        }
        world.loud = Some(Box::new(|line| eprintln!("{line}")));
    }
    println!("{}", tailnet.url());
    loop {
        std::thread::park();
    }
}
