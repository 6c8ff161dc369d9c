//! Logs as Terraform reads them: one JSON object a line on standard error, in hclog's form.
//!
//! Only our own events are written: what libraries log at their finest levels may hold headers and bodies.

use std::fmt;
use std::io::Write as _;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::Program;

/// Terraform cuts lines at 64 KiB.
const LONGEST_MESSAGE: usize = 32 * 1024;

/// Installs the logger, if the environment asks for one. Without one an event costs a comparison.
pub fn install(program: &Program, variable: impl Fn(&str) -> Option<String>) {
    let level = level(program.name, variable);
    if level != LevelFilter::OFF {
        let logger = tracing_subscriber::registry().with(Hclog { level, crates: program.crates });
        // Only a second call fails, and the first logger stays.
        drop(tracing::subscriber::set_global_default(logger));
    }
}

/// The most specific variable decides. Terraform drops what is finer than its own level.
fn level(provider: &str, variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let own = format!("TF_LOG_PROVIDER_{}", provider.to_uppercase().replace('-', "_"));
    let names = [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"];
    let set = names.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match set.as_deref().map(str::to_ascii_uppercase).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // Like Terraform: JSON is trace, and so is what is misspelt.
        Some(_) => LevelFilter::TRACE,
    }
}

struct Hclog {
    level: LevelFilter,
    /// The beginnings of the targets that are written.
    crates: &'static [&'static str],
}

impl Hclog {
    fn is_ours(&self, target: &str) -> bool {
        target.starts_with(env!("CARGO_CRATE_NAME")) || self.crates.iter().any(|name| target.starts_with(name))
    }
}

impl<S: Subscriber> Layer<S> for Hclog {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.level && self.is_ours(metadata.target())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = line(event);
        line.push('\n');
        // There is nowhere to report that logging failed.
        drop(std::io::stderr().lock().write_all(line.as_bytes()));
    }
}

fn line(event: &Event<'_>) -> String {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let mut entry = fields.others;
    // A value of another kind than text in one of these crashes Terraform.
    entry.insert("@message".to_owned(), Value::String(shortened(fields.message)));
    entry.insert("@level".to_owned(), Value::String(name(*event.metadata().level()).to_owned()));
    entry.insert("@timestamp".to_owned(), Value::String(format!("{:.6}", jiff::Timestamp::now())));
    entry.insert("@module".to_owned(), Value::String(module(event.metadata().target())));
    Value::Object(entry).to_string()
}

fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// `random::clients::vault` becomes `provider.random.clients.vault`.
fn module(target: &str) -> String {
    format!("provider.{}", target.replace("::", "."))
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST_MESSAGE {
        text.truncate(text.floor_char_boundary(LONGEST_MESSAGE));
        text.push_str(" … (cut)");
    }
    text
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn set(&mut self, field: &Field, text: String) {
        if field.name() == "message" {
            self.message = text;
        } else if !field.name().starts_with('@') {
            self.others.insert(field.name().to_owned(), Value::String(shortened(text)));
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Keeps the lines that would be written.
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().push(line(event));
        }
    }

    #[test]
    fn lines_are_as_hclog_writes_them() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let logger = tracing_subscriber::registry().with(Kept(Arc::clone(&lines)));
        tracing::subscriber::with_default(logger, || {
            tracing::info!(namespace = "vault", count = 3, "{}", "é".repeat(LONGEST_MESSAGE));
        });
        let line: Value = serde_json::from_str(&lines.lock().unwrap()[0]).unwrap();
        assert_eq!(line["@level"], "info");
        assert_eq!(line["@module"], "provider.tf_plugin.plugin.logging.tests");
        assert_eq!((line["namespace"].as_str(), line["count"].as_str()), (Some("vault"), Some("3")));
        assert!(line["@message"].as_str().unwrap().len() < LONGEST_MESSAGE + 20);
        let time = line["@timestamp"].as_str().unwrap();
        assert_eq!((time.len(), &time[19..20], &time[26..]), (27, ".", "Z"), "{time}");
    }

    #[test]
    fn the_nearest_variable_decides() {
        let of = |set: &[(&str, &str)]| {
            level("my-own", |name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[]), LevelFilter::OFF);
        assert_eq!(of(&[("TF_LOG", "json")]), LevelFilter::TRACE);
        assert_eq!(of(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "warn")]), LevelFilter::WARN);
        assert_eq!(of(&[("TF_LOG_PROVIDER", "warn"), ("TF_LOG_PROVIDER_MY_OWN", "off")]), LevelFilter::OFF);
    }
}
