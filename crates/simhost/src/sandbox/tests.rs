//! Nothing of a sandbox is forgotten by reset, snapshot and rollback; what seed data must have.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde_json::json;

use super::*;
use crate::rules::fault::Rule;
use crate::sandbox::toy;

use crate::scenario::{ClockStart, DataFile, DataSet, Library, Scenario, Server};
use crate::simulator::Loaded;
use crate::store::tokens::MAX_TOKENS;

/// Every piece of state that a sandbox has besides its databases, by name: a new field does not compile until
/// it is named here, and then somebody thinks of reset and snapshot.
fn state(sandbox: &Sandbox) -> String {
    let Sandbox {
        name,
        // Another sandbox of the name has another.
        id: _,
        shared: _,
        home: _,
        scenario,
        world,
        // What it is to the run outlives its worlds.
        standing: _,
        stores: _,
        journal,
        // It only grows, and is not shown.
        known: _,
        judge,
        judge_is_dirty: _,
        judge_is_closed: _,
        judge_is_being_written: _,
        contracts: _,
        snapshots: _,
        worlds: _,
        used: _,
        writing: _,
        is_dirty: _,
        owed: _,
        kept: _,
        // It is about what is gone, and is not shown.
        history: _,
    } = sandbox;
    let World { seed, clock, started, faults, steps, expectations, tally } = &*locked(world);
    let scenario = &locked(scenario).scenario.name;
    let journal = locked(journal).count();
    let judge = serde_json::to_string(&*locked(judge)).expect("JSON");
    format!(
        "{name} {scenario} {seed} {clock:?} {started} {faults:?} {steps:?} {expectations:?} {tally:?} {journal} {judge}"
    )
}

fn rule(value: serde_json::Value) -> Rule {
    serde_json::from_value(value).expect("a rule")
}

#[tokio::test]
async fn reset_and_restore_cover_all_state() {
    let start = "2026-03-02T08:00:00Z".parse().ok();
    let scenario = Scenario {
        clock: Some(ClockStart { start, frozen: true }),
        faults: vec![rule(json!({ "server": "toy", "then": { "drop": true } }))],
        ..Scenario::default()
    };
    let sandboxes = toy::sandboxes(scenario).await;
    let sandbox = sandboxes.open("default").await.expect("it is there");
    let store = sandbox.store(0).await.expect("a database");
    let fresh = (state(&sandbox), store.dump().await.unwrap());

    let disturb = async |price: &str| {
        let now = sandbox.now();
        let thing = json!({ "Id": now.as_second(), "Price": price }).as_object().cloned().unwrap();
        let write = store.write(now, |db| {
            db.set_setting("mood", &"upset".into())?;
            db.issue_token("t", "somebody")?;
            let _: [u8; 4] = db.random()?;
            db.insert(db.table("Thing")?, "", &thing)
        });
        write.await.unwrap();
        let world = sandbox.update_world(|world| {
            world.faults.add(rule(json!({ "server": "toy", "then": { "delay": "1s" } })));
            world.clock.advance(jiff::SignedDuration::from_secs(60)).expect("forward");
            Ok(())
        });
        world.await.unwrap();
    };
    disturb("1.10").await;
    sandbox.take_snapshot("kept").await.unwrap();
    let kept = (state(&sandbox), store.dump().await.unwrap());
    disturb("2.20").await;
    assert_eq!(store.settings().text("mood"), "upset");
    assert!(sandbox.restore("kept").await.unwrap());
    assert_eq!((state(&sandbox), store.dump().await.unwrap()), kept);
    sandbox.reset().await.unwrap();
    assert_eq!((state(&sandbox), store.dump().await.unwrap()), fresh);
    assert_eq!(store.settings().text("mood"), "calm");
    assert!(!sandbox.restore("nothing").await.unwrap());
}

#[tokio::test]
async fn a_write_that_fails_or_panics_leaves_nothing() {
    let sandboxes = toy::sandboxes(Scenario::default()).await;
    let sandbox = sandboxes.open("default").await.expect("it is there");
    let store = sandbox.store(0).await.expect("a database");
    let before = store.dump().await.unwrap();
    let insert = |db: &crate::store::db::Db<'_>, id: i64| {
        db.insert(db.table("Thing")?, "", &json!({ "Id": id }).as_object().cloned().unwrap())
    };
    let failed = store.write(sandbox.now(), |db| {
        insert(db, 1)?;
        insert(db, 1)
    });
    assert_eq!(failed.await.unwrap_err().status, StatusCode::CONFLICT);
    assert_eq!(store.dump().await.unwrap(), before);
    let (panicking, now) = (store.clone(), sandbox.now());
    let panicked = tokio::spawn(async move {
        let work = |db: &crate::store::db::Db<'_>| -> Result<()> {
            insert(db, 1)?;
            panic!("as asked")
        };
        panicking.write(now, work).await
    });
    assert!(panicked.await.is_err());
    assert_eq!(store.dump().await.unwrap(), before);
    assert!(store.write(sandbox.now(), |db| insert(db, 1)).await.is_ok(), "it goes on");
}

#[tokio::test]
async fn tokens_are_bounded_and_those_not_used_for_longest_go() {
    let sandboxes = toy::sandboxes(Scenario::default()).await;
    let sandbox = sandboxes.open("default").await.expect("it is there");
    let store = sandbox.store(0).await.expect("a database");
    let now = sandbox.now();
    let later = now + jiff::SignedDuration::from_secs(1);
    let issue = |from: u32, to: u32| {
        move |db: &crate::store::db::Db<'_>| {
            (from..to).try_for_each(|n| db.issue_token(&format!("t{n}"), "x"))
        }
    };
    store.write(now, issue(0, MAX_TOKENS)).await.unwrap();
    store.write(later, |db| db.touch_token("t0")).await.unwrap();
    store.write(now, issue(MAX_TOKENS, MAX_TOKENS + 3)).await.unwrap();
    let known = async |n: u32| store.read(now, |db| db.token(&format!("t{n}"))).await.unwrap().is_some();
    for (n, is_there) in [(0, true), (1, false), (3, false), (4, true), (MAX_TOKENS + 2, true)] {
        assert_eq!(known(n).await, is_there, "t{n}");
    }
    let count = "SELECT count(*) FROM _tokens";
    let count: u32 = store.read(now, |db| Ok(db.conn.query_row(count, [], |row| row.get(0))?)).await.unwrap();
    assert_eq!(count, MAX_TOKENS);
}

/// What is said of a set of the toy's seed data with this text.
fn said_of_data(text: Cow<'static, [u8]>) -> Vec<String> {
    let servers = vec![Loaded::new(&toy::TOY, None).expect("a good profile")];
    let file = DataFile { name: "Thing.json".to_owned(), text };
    let set: DataSet = [("Thing".to_owned(), file)].into_iter().collect();
    let mut library = Library::default();
    library.data.entry("toy".to_owned()).or_default().insert("small".to_owned(), set);
    let mut scenario = Scenario::default();
    let server = Server { data: Some("small".to_owned()), ..Server::default() };
    scenario.servers.insert("toy".to_owned(), server);
    let wrong = Ready::new(scenario, &servers, &library).err().unwrap_or_default();
    wrong.into_iter().map(|mistake| mistake.message).collect()
}

#[test]
fn built_in_records_name_what_is_required() {
    const RECORDS: &[u8] = br#"[{ "Id": 1 }, { "Price": 2 }]"#;
    assert_eq!(said_of_data(Cow::Borrowed(RECORDS)), ["Thing record 2: `Id`: is missing"]);
    assert_eq!(said_of_data(Cow::Owned(RECORDS.to_vec())), [""; 0], "a user's may be shorter");
}
