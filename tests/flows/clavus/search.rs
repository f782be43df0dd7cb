//! What a search finds (4.2 to 4.4), and what holds of every search.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use proptest::prelude::Strategy as _;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::{data, folders, found, quoted, with_folders};
use crate::support::App;

/// Folders named by their number, each with one text.
async fn with_notes(settings: &str, notes: &[&str]) -> App {
    let folders: Vec<String> = notes
        .iter()
        .enumerate()
        .map(|(place, note)| format!("{{ id: f{place}, values: {{ note: {} }} }}", quoted(note)))
        .collect();
    with_folders(settings, "{ id: c1, name: note, label: Note }", &folders.join(", ")).await
}

/// The notes that a search finds, in order.
async fn notes<'a>(app: &App, notes: &[&'a str], search: &str) -> Vec<&'a str> {
    let ids = found(app, search).await;
    ids.iter().map(|id| notes[id[1..].parse::<usize>().expect("a place")]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vectors_of_the_sheet() {
    let all = [
        "Octavia Butler",
        "OCTAVIA-BUTLER",
        "octavia, butler",
        "Octavia:Butler",
        "Butler Octavia",
        "Octavia E. Butler",
        "Octavia. Butler",
        "Butler, Octavia",
        "autre",
    ];
    let app = with_notes("", &all).await;
    let set = async |search: &str| notes(&app, &all, search).await.into_iter().collect::<HashSet<_>>();
    assert_eq!(set("\"octavia butler\"").await, all[..4].iter().copied().collect());
    let both: HashSet<&str> = all[..8].iter().copied().collect();
    assert_eq!(set("\"Octavia.Butler\"").await, both);
    assert_eq!(set("\"Octavia\" \"Butler\"").await, both);
    assert_eq!(set("").await.len(), all.len());
    assert_eq!(set(" \t ").await.len(), all.len());
    assert_eq!(set("\"\"").await.len(), all.len());
    assert!(set("\"octavia nobody\"").await.is_empty());
    assert_eq!(
        set("\"octavia but").await.len(),
        0,
        "an open quote is a phrase to the end, and none begins a word"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn separators_follow_the_profile() {
    let all = [
        "octavia butler",
        "octavia, butler",
        "octavia,butler",
        "octavia.butler",
        "octavia. butler",
        "octavia(butler",
    ];
    for (profile, expected) in [("seed", &[0, 1, 2][..]), ("meili_1_2", &[0]), ("meili_1_3", &[0, 2, 3, 5])] {
        let app = with_notes(&format!("separators: {profile}"), &all).await;
        let found: HashSet<&str> = notes(&app, &all, "\"octavia butler\"").await.into_iter().collect();
        assert_eq!(found, expected.iter().map(|place| all[*place]).collect(), "{profile}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phrases_are_kept_and_words_dropped_from_the_right() {
    let all = [
        "jean dupont",
        "jean dupont toulouse",
        "toulouse",
        "dupont jean toulouse",
        "batman dark knight",
        "batman dark",
        "batman",
        "dark knight",
    ];
    let app = with_notes("", &all).await;
    assert_eq!(notes(&app, &all, "\"jean dupont\" toulouse").await, ["jean dupont toulouse", "jean dupont"]);
    assert_eq!(
        notes(&app, &all, "batman dark knight").await,
        ["batman dark knight", "batman dark", "batman"]
    );
    assert_eq!(notes(&app, &all, "toulouse \"jean dupont\"").await, ["jean dupont toulouse", "jean dupont"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_last_word_is_a_prefix_and_only_at_the_very_end() {
    let all = ["dupont toulouse", "dupont", "durand toulouse"];
    let app = with_notes("", &all).await;
    assert_eq!(notes(&app, &all, "dupont tou").await, ["dupont toulouse", "dupont"]);
    assert_eq!(notes(&app, &all, "tou").await, ["dupont toulouse", "durand toulouse"]);
    for search in ["tou ", "tou.", "tou dupont", "\"tou\"", "\"tou"] {
        assert!(notes(&app, &all, search).await.is_empty(), "{search}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn typos_by_length_and_accents_not_at_all() {
    let all = ["Nîmes", "Toulouse", "Carcassonne", "Albi"];
    let app = with_notes("", &all).await;
    for (search, expected) in [
        ("nimes ", &["Nîmes"][..]),
        ("NÎMES ", &["Nîmes"]),
        ("nimse ", &["Nîmes"]),
        ("mimes ", &[]),
        ("albo ", &[]),
        ("toulosue ", &["Toulouse"]),
        ("tolouze ", &[]),
        ("carcasonne ", &["Carcassonne"]),
        ("carcasone ", &["Carcassonne"]),
        ("barcassonne ", &["Carcassonne"]),
        ("barcasonne ", &[]),
        ("\"toulosue\"", &[]),
        ("toulop", &["Toulouse"]),
    ] {
        assert_eq!(notes(&app, &all, search).await, expected, "{search}");
    }
    let app = with_notes("typo_tolerance: false", &all).await;
    assert!(notes(&app, &all, "toulosue ").await.is_empty());
    assert_eq!(notes(&app, &all, "toulou").await, ["Toulouse"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_terms_count() {
    let all = ["a1 b1 c1 d1 e1 f1 g1 h1 i1 j1", "autre"];
    let app = with_notes("", &all).await;
    let search = "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 \"autre\"";
    assert_eq!(notes(&app, &all, search).await, [all[0]], "the eleventh, a phrase, is ignored");
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_of_a_list_and_columns_are_never_adjacent() {
    let app = with_folders(
        "",
        "{ id: a, name: a, label: A }, { id: b, name: b, label: B }, { id: l, name: l, label: L, type: list }",
        "{ id: f1, name: jean, values: { a: dupont } }, { id: f2, values: { a: jean, b: dupont } },
         { id: f3, values: { l: [jean, dupont] } }, { id: f4, values: { l: [jean dupont] } }",
    )
    .await;
    assert_eq!(found(&app, "\"jean dupont\"").await, ["f4"]);
    assert_eq!(found(&app, "\"jean\" \"dupont\"").await.len(), 4);
}

/// Words with the position each has in the profile `seed`: the rule of the sheet, written down a second time.
fn placed(text: &str) -> Vec<(String, usize)> {
    let mut words: Vec<(String, usize)> = Vec::new();
    let (mut at, mut gap) = (0, String::new());
    for part in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word: String = part.chars().filter(|c| c.is_alphanumeric()).collect();
        let separator: String = part.chars().filter(|c| !c.is_alphanumeric()).collect();
        if !word.is_empty() {
            at += if words.is_empty() {
                0
            } else if gap.contains(['.', ';', '!', '?', '(', ')']) {
                8
            } else {
                1
            };
            gap.clear();
            words.push((word.to_lowercase(), at));
        }
        gap.push_str(&separator);
    }
    words
}

fn contains_phrase(text: &str, phrase: &[&str]) -> bool {
    let words = placed(text);
    words.windows(phrase.len()).any(|run| {
        run.iter().zip(phrase).all(|((word, _), wanted)| word == wanted)
            && run.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_phrase_result_contains_the_phrase_and_pages_add_up() {
    let mut runner = TestRunner::deterministic();
    let text = proptest::collection::vec("(un|deux|trois|quatre)( |-|, |\\. |;|'|\\.|:)", 1..7);
    let notes: Vec<String> =
        (0..80).map(|_| text.new_tree(&mut runner).expect("a text").current().concat()).collect();
    let refs: Vec<&str> = notes.iter().map(String::as_str).collect();
    let app = with_notes("", &refs).await;
    let phrase = proptest::collection::vec("un|deux|trois|quatre", 1..4);
    for _ in 0..40 {
        let phrase: Vec<String> = phrase.new_tree(&mut runner).expect("a phrase").current();
        let words: Vec<&str> = phrase.iter().map(String::as_str).collect();
        let search = format!("\"{}\"", words.join(" "));
        let found: HashSet<String> = found(&app, &search).await.into_iter().collect();
        for (place, note) in notes.iter().enumerate() {
            let expected = contains_phrase(note, &words);
            assert_eq!(found.contains(&format!("f{place}")), expected, "{search} in {note:?}");
        }
        let (mut pages, mut total) = (Vec::new(), 0);
        for page in 1.. {
            let query = format!(
                "{{ erpEnrAPI {{ getFolders(page: {page}, itemParPage: 7, search: {}) {{ totalCount results {{ id }} }} }} }}",
                quoted(&search)
            );
            let data = data(&app, &query).await;
            let list = &data["erpEnrAPI"]["getFolders"];
            total = list["totalCount"].as_u64().expect("a count");
            let ids = list["results"].as_array().expect("results").clone();
            if ids.is_empty() {
                break;
            }
            pages.extend(ids);
        }
        assert_eq!(pages.len() as u64, total, "{search}");
        assert_eq!(
            pages.iter().map(|folder| folder["id"].to_string()).collect::<HashSet<_>>().len(),
            pages.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_folders_stay_fast() {
    let app = App::scenario("name: n\nservers: { clavus: { data: none, records: { keys: [{ key: demo-key }], columns: [{ name: note, label: Note }] } } }").await;
    let streets = ["rue des Lilas", "avenue de la Paix", "chemin du Moulin", "place du Marché"];
    let records: Vec<_> = (0..10_000)
        .map(|n| json!({ "id": format!("f{n}"), "name": format!("Client {n}"), "values": { "note": format!("{} {}, ville{}", n % 97, streets[n % 4], n % 331) } }))
        .collect();
    let path = "/sandboxes/default/data/clavus/folders";
    let answer = crate::support::send(app.control(reqwest::Method::POST, path).json(&records)).await;
    assert_eq!(answer.status, 201);
    found(&app, "nowhere").await;
    for (arguments, count) in [
        (", search: \"\\\"rue des lilas\\\"\"", 2500),
        (", search: \"moulni vil\"", 2500),
        (", search: \"rue ville12\", sortBy: [{column: \"note\", direction: \"desc\"}]", 2500),
        (", filterColumns: [{column: \"note\", operator: \"CONTAINS\", value: \"MARCHE\"}]", 2500),
    ] {
        let began = now();
        assert_eq!(folders(&app, arguments).await.1, count, "{arguments}");
        assert!(began.elapsed() < Duration::from_secs(2), "{arguments}: {:?}", began.elapsed());
    }
}

#[expect(clippy::disallowed_methods, reason = "real time is measured")]
fn now() -> Instant {
    Instant::now()
}
