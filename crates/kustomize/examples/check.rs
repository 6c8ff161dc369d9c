//! Checks a folder from the command line: `check FOLDER ENTRY… [--source URL] [--also PATTERN] [--crds GROUP] [--ignore PATTERN]
//! [--allow ID:PATTERN] [--notes]`.

use std::path::Path;
use std::time::Instant;

use tazlab_kustomize::{Settings, Tree, check};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("a folder is missing")?;
    let mut settings = Settings::default();
    let mut shows_notes = false;
    while let Some(argument) = arguments.next() {
        let list = match argument.as_str() {
            "--source" => &mut settings.source_urls,
            "--also" => &mut settings.also_applied,
            "--crds" => &mut settings.crds_present,
            "--ignore" => &mut settings.ignore,
            "--allow" => &mut settings.allow,
            "--notes" => {
                shows_notes = true;
                continue;
            }
            _ => {
                settings.entries.push(argument);
                continue;
            }
        };
        list.push(arguments.next().ok_or("a value is missing")?);
    }
    let start = Instant::now();
    let report = check(&Tree::read(Path::new(&folder))?, &settings);
    let took = start.elapsed();
    for problem in &report.problems {
        println!("{problem}");
    }
    for note in report.notes.iter().filter(|_| shows_notes) {
        println!("note: {note}");
    }
    println!(
        "{} files reached, {} Flux Kustomizations, {} objects, {} problems, {} notes, {took:.0?}",
        report.reached.len(),
        report.flux_kustomizations,
        report.objects,
        report.problems.len(),
        report.notes.len()
    );
    Ok(())
}
