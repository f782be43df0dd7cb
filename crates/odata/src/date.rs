//! ISO dates: `2024-01-20`, `2024-01-20T10:00:00`, with or without seconds, a
//! fraction, and `Z` or an offset; a space may stand for the `T`.

/// `YYYY-MM-DD` of a date or a date-time; `None` when it is neither.
pub(crate) fn date(text: &str) -> Option<String> {
    split(text).map(|(day, _)| day.to_owned())
}

/// `YYYY-MM-DDTHH:MM:SS` of a date (at midnight) or a date-time, without its
/// fraction and offset; `None` when it is neither.
pub(crate) fn datetime(text: &str) -> Option<String> {
    split(text).map(|(day, time)| format!("{day}T{time}"))
}

/// The day and the normalised time of a valid date or date-time.
fn split(text: &str) -> Option<(&str, String)> {
    let (day, rest) = text.split_at_checked(10)?;
    if !is_day(day) {
        return None;
    }
    if rest.is_empty() {
        return Some((day, "00:00:00".to_owned()));
    }
    time(rest.strip_prefix(['T', ' '])?).map(|time| (day, time))
}

fn is_day(day: &str) -> bool {
    let parts: Option<Vec<u32>> = day.split('-').map(digits).collect();
    // The lengths of the parts matter: "20240-1-20" has ten characters too.
    let shape = day.split('-').map(str::len).eq([4, 2, 2]);
    match parts.as_deref() {
        Some(&[year, month, day]) if shape => (1..=days_in(year, month)).contains(&day),
        _ => false,
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// `HH:MM:SS` of a time with optional seconds, fraction and offset.
fn time(text: &str) -> Option<String> {
    let (minutes, mut rest) = clock(text)?;
    let mut seconds = 0;
    if let Some(after) = rest.strip_prefix(':') {
        let (number, after) = after.split_at_checked(2)?;
        seconds = digits(number).filter(|seconds| *seconds < 60)?;
        rest = fraction(after)?;
    }
    let offset = match rest.strip_prefix(['+', '-']) {
        Some(offset) => matches!(clock(offset), Some((_, ""))),
        None => rest.is_empty() || rest == "Z",
    };
    offset.then(|| format!("{minutes}:{seconds:02}"))
}

/// The `HH:MM` at the start of a text, and the rest of it.
fn clock(text: &str) -> Option<(&str, &str)> {
    let (clock, rest) = text.split_at_checked(5)?;
    let (hours, minutes) = clock.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':')?;
    (digits(hours)? < 24 && digits(minutes)? < 60).then_some((clock, rest))
}

/// What follows an optional fraction of a second; `None` for a lone dot.
fn fraction(text: &str) -> Option<&str> {
    let Some(after) = text.strip_prefix('.') else {
        return Some(text);
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < after.len()).then_some(rest)
}

/// A number made of ASCII digits only (`parse` alone would take a sign).
fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
