//! Capsules that somebody has changed: each is refused in one sentence or played, and nothing panics, hangs or grows.

use erpsatz::Profiles;
use erpsatz::replay::replay;
use reqwest::Method;
use serde_json::{Value, json};
use simhost::server::opened::Opened;

use super::replay::{control, packed, saved, unpacked};
use super::{Draws, operations, steps};
use crate::support::App;

/// What stands in the place of a value.
fn other(draws: &mut Draws) -> Value {
    let all = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1.5e300),
        json!(""),
        json!("\u{0}\r\n"),
        json!("é".repeat(5000)),
        json!("P100Y"),
        json!("9999-12-31T23:59:59Z"),
        json!([]),
        json!({}),
        json!({ "request": {} }),
        json!([["host", "a\r\nb"], [1], "x"]),
    ];
    draws.pick(&all).clone()
}

/// Changes, takes away or doubles one value somewhere inside.
fn change(value: &mut Value, draws: &mut Draws) {
    let is_leaf = !matches!(value, Value::Array(items) if !items.is_empty())
        && !matches!(value, Value::Object(members) if !members.is_empty());
    if is_leaf || draws.below(8) == 0 {
        *value = other(draws);
        return;
    }
    match value {
        Value::Array(items) => {
            let place = draws.below(items.len());
            match draws.below(10) {
                0 => drop(items.remove(place)),
                1 => items.insert(place, items[place].clone()),
                _ => change(&mut items[place], draws),
            }
        }
        Value::Object(members) => {
            let name = members.keys().nth(draws.below(members.len())).cloned().expect("a member");
            match draws.below(10) {
                0 => drop(members.shift_remove(&name)),
                _ => change(&mut members[&name], draws),
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_capsules_are_refused_or_played() {
    let app = App::start().await;
    let mut draws = Draws::new(20);
    let clients = operations::sign_in(&app).await;
    operations::run(&app, &clients, &mut draws, 20).await;
    control(&app, Method::PUT, "/sandboxes/default/snapshots/a", "").await;
    control(&app, Method::POST, "/sandboxes/default/reset", "").await;
    operations::run(&app, &clients, &mut draws, 10).await;
    let whole = unpacked(&saved(&app, "default").await);
    let lines: Vec<Value> = whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for _ in 0..steps(12) {
        let mut lines = lines.clone();
        for _ in 0..=draws.below(3) {
            // The head is one line of many, and holds most.
            let place = if draws.below(2) == 0 { 0 } else { draws.below(lines.len()) };
            change(&mut lines[place], &mut draws);
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        if let Ok(capsule) = Opened::read(&packed(&text)) {
            let said = replay(&capsule, &Profiles::default(), None).await;
            assert!(said.as_ref().err().is_none_or(|why| !why.is_empty()));
        }
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let bomb = format!("{{\"capsule\":1,\"x\":[{}0]}}\n", "0,".repeat(9_000_000));
    let file = packed(&bomb);
    assert!(file.len() < 1 << 20);
    let why = Opened::read(&file).expect_err("it is too much");
    assert_eq!(why, "it has more than 8 million values, which no capsule has");
    // Packed pieces one after the other are packed as well.
    let blanks = packed(&" ".repeat(1 << 20)).repeat(300);
    let file = [packed("{\"capsule\":1,\"x\":\""), blanks].concat();
    let why = Opened::read(&file).expect_err("it is too much");
    assert_eq!(why, "it has more than 256 MiB unpacked, which no capsule has");
    let deep = format!("{{\"capsule\":1,\"x\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Opened::read(&packed(&deep)).is_err());
}

/// What was read, or why it was not, or why it cannot be played.
async fn said(lines: &[Value]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    match Opened::read(&packed(&text)) {
        Ok(capsule) => match replay(&capsule, &Profiles::default(), None).await {
            Ok(_) => "played".to_owned(),
            Err(why) => why,
        },
        Err(why) => why,
    }
}

/// Each limit in words of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_played_is_said_in_its_own_words() {
    let app = App::start().await;
    control(&app, Method::PATCH, "/sandboxes/default/clock", r#"{"frozen":true}"#).await;
    let client = crate::support::samples::Client::of(&app, "onlineerp").await;
    crate::support::send(client.read()).await;
    let bytes = saved(&app, "default").await;
    let text = unpacked(&bytes);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        lines
    };
    assert_eq!(said(&lines).await, "played");
    let newer = with(&|lines| (lines[0]["capsule"], lines[0]["erpsatz"]) = (json!(7), json!("9.1")));
    assert_eq!(
        said(&newer).await,
        "its format is 7, of Erpsatz 9.1, and this one reads format 1: take that Erpsatz"
    );
    let torn = with(&|lines| drop(lines.pop()));
    assert_eq!(said(&torn).await, "it is torn: its end is missing");
    let neither = with(&|lines| lines[1] = json!({ "note": 1 }));
    assert_eq!(said(&neither).await, "it is damaged: its line 2 is neither a request nor a change");
    let server = with(&|lines| lines[0]["servers"]["sage"] = json!("1"));
    assert!(said(&server).await.contains("sage"), "{}", said(&server).await);
    let setting =
        with(&|lines| lines[0]["scenario"]["servers"]["onlineerp"] = json!({ "settings": { "nope": 1 } }));
    assert!(said(&setting).await.contains("nope"), "{}", said(&setting).await);
    let change = json!({ "change": { "at": "2026-03-02T08:00:00Z", "method": "POST", "path": "/dance", "body": "{}" } });
    let unknown = with(&|lines| lines.insert(1, change.clone()));
    let why = said(&unknown).await;
    assert!(why.starts_with("the change POST /dance cannot be made again: "), "{why}");
    let dropped = with(&|lines| (lines[0]["whole"], lines[0]["dropped"]) = (json!(false), json!(3)));
    assert_eq!(said(&dropped).await, "its beginning was dropped, so it cannot be played again");
    let lost = with(&|lines| lines[0]["whole"] = json!(false));
    assert!(said(&lost).await.contains("snapshot"), "{}", said(&lost).await);
    assert_eq!(Opened::read(b"PK not one").expect_err("none"), "it is no capsule");
    assert_eq!(Opened::read(&packed("{}\n")).expect_err("none"), "it is no capsule");
    assert_eq!(Opened::read(&packed("text\n")).expect_err("none"), "it is no capsule");
    assert_eq!(Opened::read(&bytes[..bytes.len() / 2]).expect_err("torn"), "it is torn: its end is missing");
    let large = vec![0; (64 << 20) + 1];
    assert_eq!(Opened::read(&large).expect_err("large"), "it has more than 64 MiB, which no capsule has");
}
