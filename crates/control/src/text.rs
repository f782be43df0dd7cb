//! Anybody's text where it is read by people: a terminal, Markdown, XML.

use simcore::base::diagnostics::short;
pub use simcore::base::text::shown;

/// How much of a text one place of a summary holds.
const LONGEST: usize = 1000;

/// `text` as Markdown shows it letter by letter: no markup, no HTML, no end of a table's cell; what is long is cut.
pub fn markdown(text: &str) -> String {
    let text = &*short(text, LONGEST);
    let mut written = String::with_capacity(text.len() + 16);
    for letter in shown(text).chars() {
        match letter {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                written.push('\\');
                written.push(letter);
            }
            letter => written.push(letter),
        }
    }
    written
}

/// `count` and the word for it: `1 sandbox`, `3 sandboxes`.
pub fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// How often: `never`, `once`, `3 times`.
pub fn often(count: u64) -> String {
    if count == 0 { "never".to_owned() } else { simhost::rules::expect::often(count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_spelled_out() {
        assert_eq!(shown("plain ä €"), "plain ä €");
        assert_eq!(shown("a\u{1b}[31m\nb\u{202e}c\u{85}"), "a\\u{1b}[31m\\nb\\u{202e}c\\u{85}");
    }

    #[test]
    fn markdown_is_letters() {
        assert_eq!(markdown("<img src=x>|`a`"), "&lt;img src=x&gt;\\|\\`a\\`");
        assert_eq!(markdown(&"a".repeat(200_000)).chars().count(), LONGEST + 1);
        assert_eq!(markdown("[x](javascript:y)"), "\\[x\\](javascript:y)");
    }
}
