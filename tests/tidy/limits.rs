//! The page of limits says what the code does.

use std::fs;

use super::root;

/// The row that names a limit, how its number is written there, and the constant that it is.
const LIMITS: &[(&str, &str, &str, &str)] = &[
    ("headers", "64 KiB", "simhost/src/server/gate.rs", "MAX_HEADERS"),
    ("headers", "1,000", "simhost/src/server.rs", "MAX_HEADERS"),
    ("secrets that a sandbox knows", "64 KiB", "simhost/src/journal/mask/known.rs", "MAX_MET"),
    ("journal in one answer", "1,000", "control/src/journal.rs", "DEFAULT_LIMIT"),
    ("violations that a report lists", "200", "simhost/src/scenario/tally.rs", "MAX_VIOLATIONS"),
    ("snapshots of a sandbox", "100", "simhost/src/sandbox.rs", "MAX_SNAPSHOTS"),
    ("scenarios that were sent", "8", "control/src/scenarios.rs", "MAX_SENT"),
    ("databases in memory", "400", "simcore/src/store/connection.rs", "MAX_OPEN"),
    ("faults of a sandbox", "1,000", "simhost/src/rules/fault.rs", "MAX_FAULTS"),
    ("a profile that a user gives", "1 MiB", "simcore/src/entity/overlay.rs", "MAX_BYTES"),
    ("a profile that a user gives", "100,000", "simcore/src/entity/overlay.rs", "MAX_NODES"),
    ("a profile that a user gives", "256", "simcore/src/base/places.rs", "MAX_DEPTH"),
    ("a profile that a user gives", "500", "simcore/src/entity/overlay/entities.rs", "MAX_FIELDS"),
    ("a profile that a user gives", "500", "simcore/src/entity/overlay/entities.rs", "MAX_ENTITIES"),
    ("mistakes of a file", "100", "simcore/src/entity/overlay.rs", "MAX_MISTAKES"),
    ("steps of a scenario", "1,000", "simhost/src/rules/step.rs", "MAX_STEPS"),
    ("tokens of a server", "10,000", "simcore/src/store/tokens.rs", "MAX_TOKENS"),
    ("expectations of a sandbox", "1,000", "simhost/src/rules/counting.rs", "MAX_EXPECTATIONS"),
    ("texts of conditions, and names", "4,096", "simhost/src/rules/values.rs", "MAX_TEXT"),
    ("headers, parameters and fields", "1,000", "simhost/src/rules/values.rs", "MAX_PARTS"),
    ("steps fired by one", "10,000", "simhost/src/rules/step.rs", "MAX_FIRINGS"),
    ("steps that set each other off", "10,000", "simhost/src/rules/step.rs", "MAX_FIRINGS"),
    ("records that `generate` makes", "1,000,000", "simhost/src/scenario/generate/mod.rs", "MAX_COUNT"),
    ("number settings", "1,000,000,000", "simcore/src/entity/setting.rs", "MAX_SETTING"),
    ("quantities, prices and totals", "12", "simcore/src/entity/validate.rs", "AMOUNT_DIGITS"),
    ("quantities, prices and totals", "10,000,000", "eightsens/src/ligne.rs", "QUANTITY_END"),
    ("quantities, prices and totals", "100,000,000", "eightsens/src/ligne.rs", "PRICE_END"),
    ("a filter", "1,000", "odata/src/limits.rs", "MAX_CONDITIONS"),
    ("a filter", "100", "odata/src/limits.rs", "MAX_DEPTH"),
    ("a filter", "10,000", "odata/src/limits.rs", "MAX_VALUES"),
    ("a filter", "1,000", "weavy/src/filter.rs", "MAX_CONDITIONS"),
    ("a filter", "50", "weavy/src/filter.rs", "MAX_DEPTH"),
    ("a filter", "10,000", "weavy/src/filter.rs", "MAX_VALUES"),
    ("fields of a Select of weavy", "200", "weavy/src/select.rs", "MAX_FIELDS"),
    ("levels of a data set", "30", "weavy/src/dataset_document.rs", "MAX_DEPTH"),
    ("documents that Clavus remembers", "1,000", "clavus/src/persisted.rs", "MOST"),
    ("messages about a name", "200", "simcore/src/base/diagnostics.rs", "MAX_NAME"),
    ("messages about a name", "4,000", "simcore/src/base/diagnostics.rs", "MAX_MESSAGE"),
    ("hooks under way", "16", "simcore/src/store/outbound.rs", "UNDER_WAY"),
    ("hooks that wait", "1,000", "simcore/src/store/outbound.rs", "MAX_WAITING"),
    ("lines of stdout", "4,096", "erpsatz/src/output.rs", "LINES"),
    ("lines of stdout", "4 MiB", "erpsatz/src/output.rs", "BYTES"),
    ("events that a reader", "1,024", "simhost/src/sandbox/events.rs", "MAX_BEHIND"),
    ("a capsule", "64 MiB", "simhost/src/sandbox/capsule.rs", "MAX_CAPSULE"),
    ("a capsule", "256 MiB", "simhost/src/sandbox/capsule/bounds.rs", "MAX_UNPACKED"),
    ("a capsule", "8,000,000", "simhost/src/sandbox/capsule/bounds.rs", "MAX_VALUES"),
    ("changes by control", "10,000", "simhost/src/sandbox/history.rs", "MAX_CHANGES"),
    ("changes by control", "16 MiB", "simhost/src/sandbox/history.rs", "MAX_CHANGE_BYTES"),
    ("trials for the smallest", "200", "erpsatz/src/commands/capsule/smallest.rs", "MAX_TRIALS"),
    ("connections that the proxy passes on", "1,000", "simhost/src/server/proxy.rs", "MAX_PASSED"),
    ("windows of weavy's quota", "30,000", "weavy/src/quota.rs", "MAX_WINDOWS"),
    ("a recording that is compared", "128 MiB", "simhost/src/journal/har/read.rs", "MAX_BYTES"),
    ("a recording that is compared", "100,000", "simhost/src/journal/har/read.rs", "MAX_ENTRIES"),
    ("rows of a recording", "100,000", "compare/src/rows.rs", "MAX_ROWS"),
    ("a recording that is made", "128 MiB", "simhost/src/journal/har/read.rs", "MAX_BYTES"),
    ("an answer of a real service", "64 MiB", "simhost/src/server/proxy/archive.rs", "MAX_ANSWER"),
    ("peers", "64", "control/src/peers.rs", "MAX_PEERS"),
    ("names with a certificate ready", "1,000", "simhost/src/tls/authority.rs", "MAX_NAMES"),
    ("results of worlds", "10,000", "simhost/src/judge/results.rs", "MAX_RESULTS"),
    ("results of worlds", "16 MiB", "simhost/src/judge/results.rs", "MAX_BYTES"),
];

#[test]
fn limits_are_what_their_page_says() {
    let page = fs::read_to_string(root().join("docs/reference/limits.md")).expect("a page");
    for (row, number, file, name) in LIMITS {
        let line =
            page.lines().find(|line| line.strip_prefix("| ").is_some_and(|line| line.starts_with(row)));
        let line = line.unwrap_or_else(|| panic!("limits.md has no row `{row}`"));
        let is_there =
            line.split(['|', ' ', ';']).collect::<Vec<_>>().join(" ").contains(&format!(" {number}"));
        assert!(is_there, "limits.md: {row}: {number}");
        let source = fs::read_to_string(root().join("crates").join(file)).expect("a source");
        let value = source.lines().find_map(|line| {
            let (_, rest) = line.split_once(&format!("const {name}: "))?;
            rest.split_once(" = ")?.1.strip_suffix(';')
        });
        let value = value.unwrap_or_else(|| panic!("{file} has no constant {name}"));
        assert_eq!(parse(value), parse(number), "{row}: {file}: {name}");
    }
}

/// `64 << 10`, `1_000`, `64 KiB` and `1,000` as numbers.
fn parse(text: &str) -> u64 {
    let text = text.replace(['_', ','], "").replace(" KiB", " << 10").replace(" MiB", " << 20");
    let (number, shift) = text.split_once(" << ").unwrap_or((&text, "0"));
    number.parse::<u64>().expect("a number") << shift.parse::<u32>().expect("a number")
}
