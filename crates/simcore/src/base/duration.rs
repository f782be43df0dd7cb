//! Durations as users write them: `400ms`, `2s`, `15m`, `1h`, `2d` or ISO 8601 `PT15M`.

use std::borrow::Cow;

use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration of at least zero, printed in ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub SignedDuration);

impl Duration {
    /// The same for the runtime's timers.
    pub fn real(self) -> std::time::Duration {
        self.0.unsigned_abs()
    }
}

impl std::str::FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let refuse = || format!("`{text}` is not a duration: write 400ms, 2s, 15m, 1h or PT15M");
        let days = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok());
        let duration = match days {
            Some(days) => days.checked_mul(24).and_then(SignedDuration::try_from_hours),
            None => text.parse::<SignedDuration>().ok().or_else(|| {
                let span: jiff::Span = text.parse().ok()?;
                span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()
            }),
        };
        match duration {
            Some(duration) if !duration.is_negative() => Ok(Self(duration)),
            _ => Err(refuse()),
        }
    }
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "400ms, 2s, 15m, 1h, 2d or ISO 8601 PT15M.", "type": "string", "x-kind": "duration" })
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn all_forms_are_read() {
        for (text, millis) in [
            ("400ms", 400),
            ("2s", 2_000),
            ("15m", 900_000),
            ("1h", 3_600_000),
            ("2d", 172_800_000),
            ("PT15M", 900_000),
            ("PT1H30M", 5_400_000),
            ("P1D", 86_400_000),
            ("PT0.5S", 500),
        ] {
            let duration: Duration = text.parse().expect(text);
            assert_eq!(i128::try_from(duration.real().as_millis()), Ok(millis), "{text}");
            assert_eq!(duration.0.as_millis(), millis, "{text}");
        }
        for text in ["", "abc", "-5s", "5", "P1M", "9223372036854775807d"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }
}
