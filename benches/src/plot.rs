//! Bars as SVG, for pages that show no scripts.

use std::fmt::Write as _;

/// One bar.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
}

/// The width of the whole, of the names, and of the longest bar.
const WIDTH: f64 = 760.0;
const NAMES: f64 = 150.0;
const LONGEST: f64 = 520.0;

/// The height of a line, and of a bar in it.
const LINE: f64 = 20.0;
const BAR: f64 = 14.0;

const COLOURS: [&str; 6] = ["#9aa5b1", "#1f6feb", "#7aa7e8", "#d29922", "#8b6f47", "#b15c9a"];

/// Groups of bars below one another, all to one scale.
pub(crate) fn bars(title: &str, groups: &[(&str, Vec<Bar>)]) -> String {
    let most = groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.value).fold(1.0, f64::max);
    let (mut body, mut top) = (String::new(), 2.0 * LINE);
    let text = |body: &mut String, x: f64, y: f64, how: &str, text: &str| {
        let _ = writeln!(body, r#"<text x="{x}" y="{y:.0}"{how}>{}</text>"#, escaped(text));
    };
    text(&mut body, 8.0, LINE, r#" font-weight="bold""#, title);
    for (name, bars) in groups {
        top += LINE / 2.0;
        text(&mut body, 8.0, top + BAR - 2.0, r#" font-weight="bold""#, name);
        top += LINE;
        for (place, bar) in bars.iter().enumerate() {
            let length = (bar.value / most * LONGEST).max(1.0);
            let base = top + BAR - 3.0;
            text(&mut body, NAMES - 8.0, base, r#" text-anchor="end""#, &bar.name);
            let colour = COLOURS[place % COLOURS.len()];
            let _ = writeln!(
                body,
                r#"<rect x="{NAMES}" y="{top:.0}" width="{length:.0}" height="{BAR}" fill="{colour}"/>"#
            );
            text(&mut body, NAMES + length + 6.0, base, "", &format!("{:.0}", bar.value));
            top += LINE;
        }
    }
    let height = top + LINE / 2.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" \
         height=\"{height:.0}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#24292f\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
