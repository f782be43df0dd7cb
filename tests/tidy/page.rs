//! A page of Markdown: what can be pointed at in it, and where it points.

use std::collections::{HashMap, HashSet};

/// What of a page other texts may name.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Headings as GitHub makes anchors of them, and `<a id="…">`.
    pub(super) anchors: HashSet<String>,
    /// Titles of headings, without their numbers.
    pub(super) titles: HashSet<String>,
    /// Numbers of numbered headings: `6.7`.
    pub(super) sections: HashSet<String>,
    /// Numbered headings with an entry of the list under them: `("10", "14")`.
    pub(super) items: HashSet<(String, String)>,
    /// First cells of tables, such as `Q12`.
    pub(super) rows: HashSet<String>,
    /// Targets of links, with the line they stand on.
    pub(super) links: Vec<(usize, String)>,
    /// Texts between backticks, with the line they stand on.
    pub(super) codes: Vec<(usize, String)>,
}

impl Page {
    pub(super) fn read(text: &str) -> Self {
        let mut page = Self::default();
        let (mut in_block, mut section) = (false, String::new());
        let mut repeated: HashMap<String, usize> = HashMap::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim_start().starts_with("```") {
                in_block = !in_block;
            } else if !in_block {
                if let Some(title) = heading(text) {
                    let anchor = anchor(title);
                    let times = repeated.entry(anchor.clone()).or_default();
                    page.anchors.insert(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
                    *times += 1;
                    let (number, title) = numbered(title);
                    page.titles.insert(title.to_owned());
                    if !number.is_empty() {
                        number.clone_into(&mut section);
                        page.sections.insert(section.clone());
                    }
                }
                page.line(line, text, &section);
            }
        }
        page
    }

    fn line(&mut self, line: usize, text: &str, section: &str) {
        if let Some((number, _)) = text.split_once(". ").filter(|(number, _)| is_number(number)) {
            self.items.insert((section.to_owned(), number.to_owned()));
        }
        if let Some(row) = text.strip_prefix('|') {
            self.rows.insert(row.split('|').next().unwrap_or_default().trim().to_owned());
        }
        for (_, rest) in splits(text, "<a id=\"") {
            self.anchors.extend(rest.split('"').next().map(str::to_owned));
        }
        let (prose, codes) = without_code(text);
        self.codes.extend(codes.into_iter().map(|code| (line, code)));
        for (before, rest) in splits(&prose, "](") {
            if before.contains('[') {
                self.links.extend(rest.split(')').next().map(|target| (line, target.to_owned())));
            }
        }
        if let Some((name, target)) = prose.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
            assert!(!name.is_empty(), "a link without a name");
            self.links.push((line, target.trim().to_owned()));
        }
    }
}

/// The places where `text` has `mark`: what comes before, and what after.
fn splits<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.match_indices(mark).map(move |(place, _)| (&text[..place], &text[place + mark.len()..]))
}

/// A line without what stands between backticks, and that.
fn without_code(line: &str) -> (String, Vec<String>) {
    let parts: Vec<&str> = line.split('`').collect();
    let prose = parts.iter().step_by(2).copied().collect::<Vec<_>>().join(" ");
    let codes = parts.iter().skip(1).step_by(2).map(|code| (*code).to_owned()).collect();
    (prose, codes)
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let title = rest.strip_prefix(' ').filter(|_| line.starts_with('#'))?;
    Some(title.trim())
}

/// `6.7 Quotes` in its number and its title.
fn numbered(title: &str) -> (&str, &str) {
    let (first, rest) = title.split_once(' ').unwrap_or((title, ""));
    let number = first.trim_end_matches('.');
    if number.split('.').all(is_number) { (number, rest.trim()) } else { ("", title) }
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The anchor that GitHub gives a heading.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn a_page_says_what_can_be_pointed_at() {
    let text = "# What is known\n\n## 6. Calls\n\n### 6.7 Devis (quote), `POST` [assumed]\n\n1. one\n2. two\n\n| Q12 | why? |\n\n\
                ```sh\n# no heading\n[no](link.md)\n```\n## Calls\n## Calls\nSee [the map](../crates/README.md#where-is-), `src/a.rs`.\n";
    let page = Page::read(text);
    assert_eq!(page.sections, HashSet::from(["6".to_owned(), "6.7".to_owned()]));
    assert!(page.items.contains(&("6.7".to_owned(), "2".to_owned())));
    assert!(page.rows.contains("Q12"));
    assert!(page.anchors.contains("67-devis-quote-post-assumed"), "{:?}", page.anchors);
    assert!(page.anchors.contains("calls-1") && !page.anchors.contains("no-heading"));
    assert_eq!(page.links, [(18, "../crates/README.md#where-is-".to_owned())]);
    assert!(page.codes.contains(&(18, "src/a.rs".to_owned())));
}
