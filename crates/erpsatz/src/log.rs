//! Log lines on stderr: for people, or JSON for programs. A request is one line at `info`.

use std::ffi::OsString;
use std::fmt::{self, Write as _};
use std::io::IsTerminal as _;

use clap::ValueEnum;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::output;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    Text,
    /// Lines of JSON for programs
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// What failed
    Error,
    /// What is wrong
    Warn,
    /// Every request
    Info,
    /// More than that
    Debug,
}

impl LogLevel {
    /// As filters spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// What a request's line is logged under.
const REQUEST: &str = "erpsatz::request";

/// Sends log lines to stderr. `RUST_LOG` says which, unless `level` does.
pub(crate) fn start(format: LogFormat, level: Option<LogLevel>, is_server: bool) {
    let is_json = format == LogFormat::Json;
    if is_json {
        output::speak_json();
    }
    let usual = if is_server && std::io::stderr().is_terminal() { LogLevel::Info } else { LogLevel::Warn };
    let said = |level: LogLevel| {
        // What the libraries below say is about their insides.
        EnvFilter::new(format!("{},hyper=warn,hyper_util=warn,reqwest=warn", level.name()))
    };
    let filter = match level {
        Some(level) => said(level),
        None => EnvFilter::try_from_default_env().unwrap_or_else(|_| said(usual)),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| output::Lines)
        .event_format(Form { is_json })
        .init();
}

/// Whether log lines are to be JSON, of a command line that could not be read.
#[expect(clippy::disallowed_methods, reason = "the command line, before clap has read it")]
pub(crate) fn asks_for_json() -> bool {
    let words: Vec<OsString> = std::env::args_os().take_while(|word| word != "--").collect();
    let given =
        words.iter().zip(words.iter().skip(1).map(Some).chain([None])).filter_map(|(word, next)| match word
            .to_str()?
            .strip_prefix("--log-format")?
        {
            "" => next.and_then(|next| next.to_str()).map(str::to_owned),
            value => value.strip_prefix('=').map(str::to_owned),
        });
    let given = given.last().or_else(|| std::env::var("ERPSATZ_LOG_FORMAT").ok());
    given.is_some_and(|format| format == "json")
}

struct Form {
    is_json: bool,
}

/// What an event says: its message, and its fields by name.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl<S, N> FormatEvent<S, N> for Form
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if event.metadata().target() == REQUEST {
            // Of a request that was cut.
            fields.0.entry("status").or_insert(Value::Null);
        }
        let (at, level, is_request) =
            (output::now(), *event.metadata().level(), event.metadata().target() == REQUEST);
        let line = match (self.is_json, is_request) {
            (true, _) => as_json(at, level, fields.0),
            (false, true) => as_request(&at, &fields.0),
            (false, false) => as_text(&at, level, fields.0),
        };
        writer.write_str(&line)?;
        writer.write_char('\n')
    }
}

fn as_json(at: String, level: Level, fields: Map<String, Value>) -> String {
    let mut line = Map::new();
    line.insert("at".to_owned(), at.into());
    line.insert("level".to_owned(), level.as_str().to_ascii_lowercase().into());
    line.extend(fields);
    Value::Object(line).to_string()
}

/// `time SANDBOX SERVER METHOD PATH STATUS µs`; what there is none of is `-`.
fn as_request(at: &str, fields: &Map<String, Value>) -> String {
    let mut line = at.to_owned();
    for name in ["sandbox", "server", "method", "path", "status", "duration_us"] {
        let shown = fields.get(name).filter(|value| !value.is_null()).map(plain);
        let shown = shown.filter(|shown| !shown.is_empty());
        let _ = write!(line, " {}", shown.unwrap_or_else(|| "-".to_owned()));
    }
    line
}

fn as_text(at: &str, level: Level, mut fields: Map<String, Value>) -> String {
    let message = fields.remove("message").map(|message| plain(&message)).unwrap_or_default();
    let mut line = format!("{at} {level} {message}");
    for (name, value) in &fields {
        let _ = write!(line, " {name}={value}");
    }
    line
}

/// A value without quotes, on one line.
fn plain(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.replace(char::is_control, " ")
}
