//! Time to read and check a repository of 2,000 files; the bound is 150 ms. Prints a row for `make bench`'s
//! table.

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use tazlab_kustomize::{Settings, Tree, check};

const FILES: usize = 2_000;
const FOLDERS: usize = 20;
const RUNS: usize = 10;
const BOUND: Duration = Duration::from_millis(150);

fn write(root: &Path, path: &str, text: &str) -> std::io::Result<()> {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap_or(root))?;
    fs::write(path, text)
}

/// A repository of Flux Kustomizations that depend on each other, each with its share of the files.
fn repository(root: &Path) -> std::io::Result<()> {
    for folder in 0..FOLDERS {
        let before =
            if folder == 0 { String::new() } else { format!("  dependsOn:\n    - name: app-{}\n", folder - 1) };
        let applied = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: app-{folder}\n  namespace: flux-system\nspec:\n  path: ./apps/{folder}\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n{before}"
        );
        write(root, &format!("clusters/a/{folder}.yaml"), &applied)?;
        let mut resources = "resources:\n".to_owned();
        for file in 0..FILES / FOLDERS - 2 {
            writeln!(resources, "  - {file}.yaml").map_err(std::io::Error::other)?;
            let data = "  some: value of a certain length\n".to_owned() + &"  # and a line of a comment\n".repeat(20);
            let text =
                format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-{folder}-{file}\ndata:\n{data}");
            write(root, &format!("apps/{folder}/{file}.yaml"), &text)?;
        }
        write(root, &format!("apps/{folder}/kustomization.yaml"), &resources)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    repository(folder.path())?;
    let settings =
        Settings { entries: vec!["clusters/a".into()], ignore: vec!["**/*.enc.yaml".into()], ..Settings::default() };
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let report = check(&Tree::read(folder.path())?, &settings);
        times.push(start.elapsed());
        assert!(report.problems.is_empty() && report.reached.len() == FILES, "{:?}", report.problems.first());
        black_box(report);
    }
    times.sort();
    let worst = times.last().copied().unwrap_or_default();
    let middle = times.get(RUNS / 2).copied().unwrap_or_default();
    println!("| check of a Flux repository of {FILES} files | median {middle:.1?}, worst {worst:.1?} | < {BOUND:?} |");
    Ok(())
}
