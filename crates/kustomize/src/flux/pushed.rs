//! Artifacts that are pushed from this repository: which folder they hold, as far as a workflow, a script or a task file says it.

use crate::glob;
use crate::tree::{Tree, join};

/// A folder that is pushed, and what is left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pushed {
    pub(super) folder: String,
    /// Lines as in `.sourceignore`.
    pub(super) ignore: String,
}

/// How far behind the name of an action its inputs stand, in lines.
const INPUTS: usize = 12;

/// Every folder that something of the repository pushes.
pub(super) fn folders(tree: &Tree) -> Vec<Pushed> {
    let mut found = Vec::new();
    for (path, file) in tree.files().filter(|(path, _)| !glob::matches("**/*.md", path)) {
        let Ok(text) = file.text() else { continue };
        let commands = text.match_indices("flux push artifact").filter_map(|(at, _)| command(text.get(at..)?));
        let actions = text.match_indices("/actions/push@").filter_map(|(at, _)| input(text.get(at..)?));
        let pushed = commands.chain(actions).chain(path.contains("ksail").then(|| directory(text)).flatten());
        for one in pushed {
            if let Some(folder) = join("", &one.folder).filter(|folder| tree.is_folder(folder)) {
                let one = Pushed { folder, ..one };
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
    }
    found
}

/// `flux push artifact`, which may go on over several lines.
fn command(text: &str) -> Option<Pushed> {
    let mut lines = text.lines();
    let mut whole = String::new();
    for line in &mut lines {
        let Some(more) = line.trim_end().strip_suffix('\\') else {
            whole.push_str(line);
            break;
        };
        whole.push_str(more);
    }
    let option = |name: &str| {
        let (_, rest) = whole.split_once(name)?;
        let rest = rest.strip_prefix('=').unwrap_or_else(|| rest.trim_start());
        let value = match rest.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.split(['"', '\'']).next(),
            None => rest.split_whitespace().next(),
        };
        // A variable is known where it runs.
        value.filter(|value| !value.contains(['$', '{', '*'])).map(str::to_owned)
    };
    let ignore = option("--ignore-paths").unwrap_or_default().replace(',', "\n");
    Some(Pushed { folder: option("--path").or_else(|| option(" -f "))?, ignore })
}

/// The input `path` of an action that pushes.
fn input(text: &str) -> Option<Pushed> {
    let line = text.lines().skip(1).take(INPUTS).find_map(|line| line.trim().strip_prefix("path:"))?;
    let folder = line.trim().trim_matches(['"', '\'']);
    (!folder.contains(['$', '{'])).then(|| Pushed { folder: folder.to_owned(), ignore: String::new() })
}

/// What `ksail` pushes.
fn directory(text: &str) -> Option<Pushed> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("sourceDirectory:"))?;
    Some(Pushed { folder: line.trim().trim_matches(['"', '\'']).to_owned(), ignore: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_say_which_folder_they_hold() {
        let of = |path: &str, text: &str| folders(&Tree::of([(path, text), ("k8s/a.yaml", "")]));
        let one = |ignore: &str| vec![Pushed { folder: "k8s".into(), ignore: ignore.into() }];
        let script = "run: |\n  flux push artifact \"$X:$(git rev-parse HEAD)\" \\\n    --path=\"./k8s\" \\\n    --ignore-paths=\"a.yaml,docs/\"\n";
        assert_eq!(of(".github/workflows/push.yaml", script), one("a.yaml\ndocs/"));
        assert_eq!(of("Makefile", "push:\n\tflux push artifact oci://x --path k8s --source=y\n"), one(""));
        assert_eq!(of("ksail.yaml", "spec:\n  workload:\n    sourceDirectory: k8s\n"), one(""));
        let action = "- uses: x/distribution/actions/push@main\n  with:\n    repository: r\n    path: \"./k8s\"\n";
        assert_eq!(of(".github/workflows/push.yaml", action), one(""));
        assert_eq!(of("push.sh", "flux push artifact oci://x --path=$WHERE\n"), []);
        assert_eq!(of("push.sh", "flux push artifact oci://x --path=gone\n"), []);
    }
}
