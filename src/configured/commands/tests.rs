use std::fs;
use std::os::unix::fs::PermissionsExt;

use tf_plugin::framework::context::ClientCapabilities;
use tokio_util::sync::CancellationToken;

use super::*;

const SOON: Duration = Duration::from_secs(20);

fn context() -> Context<()> {
    Context::new(None, CancellationToken::new(), ClientCapabilities::default())
}

fn shell(script: &str) -> Vec<String> {
    ["/bin/sh", "-c", script].map(ToOwned::to_owned).to_vec()
}

async fn refused(command: &[String], limit: Duration) -> CommandError {
    Commands::default().output(&context(), command, limit, 100).await.unwrap_err()
}

#[tokio::test]
async fn each_distinct_command_runs_once_whatever_comes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs");
    let runs = || fs::read_to_string(&file).unwrap_or_default().lines().count();
    let (good, bad) = (
        shell(&format!("echo >>{}; echo content", file.display())),
        shell(&format!("echo >>{}; exit 3", file.display())),
    );
    let (commands, context) = (Commands::default(), context());
    let ask = |command| commands.output(&context, command, SOON, 100);
    let (one, two) = tokio::join!(ask(&good), ask(&good));
    assert!(one.unwrap().is(b"content\n") && two.unwrap().is(b"content\n"));
    assert!(ask(&good).await.is_ok() && runs() == 1);
    assert_eq!(ask(&bad).await.unwrap_err().exit_status(), Some(3));
    assert!(ask(&bad).await.is_err() && runs() == 2);
}

#[tokio::test]
async fn what_was_given_too_little_time_runs_again_where_there_is_more() {
    let (commands, context) = (Commands::default(), context());
    let slow = shell("sleep 0.3; echo content");
    let ask = |limit| commands.output(&context, &slow, limit, 100);
    assert!(matches!(ask(Duration::from_millis(20)).await, Err(CommandError::TimedOut { .. })));
    assert!(matches!(ask(Duration::from_millis(10)).await, Err(CommandError::TimedOut { .. })));
    assert!(ask(SOON).await.is_ok());
}

#[tokio::test]
async fn what_goes_wrong_says_what_to_do_and_nothing_of_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        vec![path.display().to_string(), "argument-canary".to_owned()]
    };
    let quick = Duration::from_millis(300);
    for (command, limit, words) in [
        (vec!["no-such-program".to_owned()], SOON, "not in PATH"),
        (vec!["/no/such/program".to_owned(), "x".to_owned()], SOON, "there is no such file"),
        (vec!["/etc/passwd/program".to_owned()], SOON, "there is no such file"),
        (vec!["/etc".to_owned()], SOON, "it is a directory"),
        (vec!["sh -c argument-canary".to_owned()], SOON, "an element of its own"),
        (vec!["/bin/sh -c argument-canary".to_owned()], SOON, "an element of its own"),
        (write("interpreter", "#!/no/such/interpreter\n", 0o700), SOON, "the file exists"),
        (write("data", "#!/bin/sh\n", 0o600), SOON, "chmod +x"),
        (write("format", "\u{1}\u{2}\u{3}\n", 0o700), SOON, "#!/bin/sh"),
        (shell("echo output-canary; echo error-canary >&2; exit 11"), SOON, "exit status 11"),
        (shell("echo output-canary; kill -9 $$"), SOON, "signal: 9 (SIGKILL)"),
        (shell("echo output-canary; sleep 600; :"), quick, "raise command_timeout"),
        (shell("echo error-canary >&2"), SOON, "printed nothing"),
        (shell("head -c 5000000 /dev/zero"), SOON, "more than 100 bytes"),
    ] {
        let error = refused(&command, limit).await;
        let told = format!("{error} {error:?}");
        assert!(told.contains(words) && !told.contains("canary"), "{told}");
    }
    for (command, never) in [("/no/such/program", "PATH"), ("/etc", "chmod"), ("sh -c x", "PATH")] {
        let told = refused(&[command.to_owned()], SOON).await.to_string();
        assert!(!told.contains(never), "{told}");
    }
    let large = CommandError::TooLarge { program: "a".to_owned(), limit: 1024 * 1024 + 1 };
    assert!(large.to_string().contains("more than 1 MiB"), "{large}");
    let error = refused(&shell("echo output-canary; echo why output-canary >&2; exit 1"), SOON).await;
    assert_eq!(error.errors().unwrap().expose(), "why (redacted)");
}

#[tokio::test]
async fn a_stop_ends_it_and_is_not_remembered() {
    let (commands, context) = (Commands::default(), context());
    let command = shell("echo content");
    context.stop().cancel();
    let ended = commands.output(&context, &command, SOON, 100).await;
    assert!(matches!(ended, Err(CommandError::Interrupted { why: Interrupted::Stopped, .. })));
    assert!(commands.output(&self::context(), &command, SOON, 100).await.is_ok());
}
