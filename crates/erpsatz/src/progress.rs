//! A line on the terminal while many records are generated.

use std::io::{IsTerminal as _, stderr};

use crate::output;

/// How wide the bar is.
const WIDTH: u64 = 30;

/// Draws how far it is, and nothing where stderr is no terminal; the line goes once all is done.
pub(crate) fn draw(server: &str, entity: &str, done: u64, total: u64) {
    if !stderr().is_terminal() {
        return;
    }
    let line = if done < total { line(server, entity, done, total) } else { String::new() };
    output::stderr().bytes(format!("\r\x1b[2K{line}").into_bytes());
}

/// Draws how many requests have been recorded of the real services.
pub(crate) fn recorded(recorded: u64, refused: u64) {
    if stderr().is_terminal() {
        output::stderr().bytes(format!("\r\x1b[2Krecorded {recorded}, refused {refused}").into_bytes());
    }
}

fn line(server: &str, entity: &str, done: u64, total: u64) -> String {
    let full = usize::try_from(WIDTH * done / total.max(1)).unwrap_or(0);
    let (full, rest) =
        ("█".repeat(full), "░".repeat(usize::try_from(WIDTH).unwrap_or(0).saturating_sub(full)));
    format!("{server}: generating {entity} {full}{rest} {done}/{total}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bar_grows() {
        let half = super::line("shop", "products", 5_000, 10_000);
        assert_eq!(half.matches('█').count(), 15);
        assert_eq!(half.matches('░').count(), 15);
        assert!(half.starts_with("shop: generating products") && half.ends_with("5000/10000"), "{half}");
    }
}
