//! The two APIs of a tailnet that tests use, asked the same questions with the client that Tailscale publishes for Go. Where they
//! differ, the table in `docs/design/two-tailnets.md` says why.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use acceptance_tests::tailnet::Seed;
use acceptance_tests::tailscale::{Client, answers};
use acceptance_tests::{ControlServer, Tailnet, TailnetNode};

type Answers = BTreeMap<String, String>;

/// The credentials that the questions need.
fn clients() -> [Client; 2] {
    [
        Client::new("client", &["devices:core", "auth_keys", "services"], &["tag:a"]),
        Client::new("reader", &["devices:core:read"], &[]),
    ]
}

fn asked(url: &str, key: &str, clients: &[Client; 2]) -> Answers {
    let [client, reader] = clients;
    let output = Command::new(answers())
        .args(["-url", url])
        .env("API_KEY", key)
        .env("CLIENT_ID", &client.id)
        .env("CLIENT_SECRET", &client.secret)
        .env("READER_ID", &reader.id)
        .env("READER_SECRET", &reader.secret)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the control server answers, with real nodes.
fn of_the_control_server() -> Answers {
    let (control, clients) = (ControlServer::start(), clients());
    clients.iter().for_each(|client| control.accept(client));
    let _alpha = TailnetNode::join(&control, "alpha", &["tag:a", "tag:b"], "");
    drop(TailnetNode::join(&control, "alpha", &["tag:a"], ""));
    let _beta = TailnetNode::join_ephemeral(&control, "beta", &["tag:b"]);
    drop(control.until_connected("alpha-1", false));
    asked(control.url(), control.key(), &clients)
}

/// What the fake answers, without what it adds to every answer (see the table).
fn of_the_fake() -> Answers {
    let (tailnet, clients) = (Tailnet::start(), clients());
    {
        let mut world = tailnet.world();
        world.echoes = false;
        world.access.key("tskey-api-fake");
        for client in &clients {
            let scopes: Vec<&str> = client.scopes.iter().map(String::as_str).collect();
            let tags: Vec<&str> = client.tags.iter().map(String::as_str).collect();
            world.access.client(&client.id, &client.secret, &scopes, &tags);
        }
    }
    tailnet.joins("alpha", &["tag:a", "tag:b"]);
    tailnet.ghost("alpha", &["tag:a"], Duration::from_hours(1));
    tailnet.world().join(&Seed { ephemeral: true, ..Seed::named("beta", &["tag:b"]) });
    asked(&tailnet.url(), "tskey-api-fake", &clients)
}

/// The rows of the table: question, control server, fake.
fn table() -> BTreeMap<String, (String, String)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/design/two-tailnets.md");
    let text = std::fs::read_to_string(file).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<String> = row.trim_matches('|').split(" | ").map(|cell| cell.trim().replace('`', "")).collect();
        let [question, control, fake, why] = cells.as_slice() else { panic!("not four cells: {row}") };
        assert!(!why.is_empty(), "no reason: {row}");
        (question.clone(), (control.clone(), fake.clone()))
    })
    .collect()
}

#[test]
fn both_answer_alike_but_for_what_the_table_says() {
    let (control, fake) = (of_the_control_server(), of_the_fake());
    assert!(control.len() > 40, "{} questions", control.len());
    let absent = || "not asked".to_owned();
    let questions = control.keys().chain(fake.keys());
    let differences: BTreeMap<String, (String, String)> = questions
        .map(|question| {
            let of = |answers: &Answers| answers.get(question).cloned().unwrap_or_else(absent);
            (question.clone(), (of(&control), of(&fake)))
        })
        .filter(|(_, (control, fake))| control != fake)
        .collect();
    assert_eq!(differences, table());
}
