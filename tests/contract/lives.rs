//! Every answer says which sandbox of a name gave it, and a request may say which it means.

use std::collections::BTreeSet;

use erpsatz::Config;
use reqwest::Method;
use serde_json::json;

use super::{app_of_all, everyone};
use crate::support::samples::Client;
use crate::support::{Answer, App, send};

const ID: &str = "erpsatz-sandbox-id";

/// The id in an answer, which must be there.
fn id(answer: &Answer) -> String {
    let id = answer.header(ID);
    assert_eq!(id.len(), 36, "`{id}` in {} {}", answer.status, answer.body);
    id.to_owned()
}

async fn control(app: &App, method: Method, path: &str) -> Answer {
    send(app.control(method, path)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_id_until_the_sandbox_is_made_anew() {
    let app = app_of_all().await;
    for sim in everyone() {
        let name = format!("t-{}", sim.slug);
        let (prefix, path) = (format!("/~{name}"), format!("/sandboxes/{name}"));
        let client = Client::within(&app, sim.slug, &prefix).await;
        let mut ids = BTreeSet::new();
        for request in [
            client.read(),
            client.write(1),
            client.bare(Method::GET, "/no/such/path"),
            client.bare(Method::DELETE, sim.base_path),
            client.bare(Method::GET, client.read_path()),
            client.request(Method::POST, client.write_path(), "{".to_owned()),
            app.request(sim.slug, Method::GET, "/").header("Erpsatz-Sandbox", &name),
            app.request(sim.slug, Method::GET, "/").header("host", format!("{name}.localhost")),
        ] {
            ids.insert(id(&send(request).await));
        }
        let fault = json!({ "server": sim.slug, "then": { "status": 503, "headers": { ID: "another" } } });
        let fault = send(app.control(Method::POST, &format!("{path}/faults")).json(&fault)).await;
        ids.insert(id(&fault));
        ids.insert(id(&send(client.read()).await));
        for (method, below) in [
            (Method::GET, ""),
            (Method::PUT, "/snapshots/s"),
            (Method::POST, "/reset"),
            (Method::POST, "/snapshots/s/restore"),
            (Method::GET, "/journal"),
            (Method::GET, "/report?format=junit"),
            (Method::GET, "/data/nothing/nothing"),
            (Method::GET, "/nothing"),
            (Method::POST, "/scenario"),
        ] {
            ids.insert(id(&control(&app, method, &format!("{path}{below}")).await));
        }
        let load = app.control(Method::PUT, &format!("{path}/scenario")).json(&json!({ "name": "default" }));
        ids.insert(id(&send(load).await));
        let taken = send(app.control(Method::POST, "/sandboxes").json(&json!({ "name": name }))).await;
        assert_eq!(taken.status, 409);
        ids.insert(id(&taken));
        ids.insert(id(&send(client.read()).await));
        let shown = control(&app, Method::GET, &path).await.json();
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), [shown["id"].as_str().unwrap()], "{}", sim.slug);
        let entry = app.journal(&name).await.pop().expect("an entry");
        let headers = &entry["response"]["headers"];
        assert!(
            headers["content-type"].is_string() && headers[ID].is_null(),
            "it is no part of the bytes: {headers}"
        );

        let removed = control(&app, Method::DELETE, &path).await;
        assert_eq!((removed.status.as_u16(), id(&removed).as_str()), (204, shown["id"].as_str().unwrap()));
        let anew = id(&send(client.bare(Method::GET, "/")).await);
        assert!(*anew > *shown["id"].as_str().unwrap(), "{}: the younger sorts after", sim.slug);
    }
    let unknown = control(&app, Method::GET, "/sandboxes/nobody").await;
    assert_eq!((unknown.status.as_u16(), unknown.header(ID)), (404, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_life_of_the_name_is_refused() {
    let app = app_of_all().await;
    for sim in everyone() {
        let name = format!("t-{}", sim.slug);
        let (prefix, path) = (format!("/~{name}"), format!("/sandboxes/{name}"));
        let client = Client::within(&app, sim.slug, &prefix).await;
        let first = id(&send(client.read().header(ID, id(&send(client.read()).await))).await);
        assert_eq!(control(&app, Method::DELETE, &path).await.status, 204);
        // The first request makes it again, and says so.
        let lost = send(client.write(1).header(ID, &first)).await;
        assert_eq!(lost.status, 409, "{}: {}", sim.slug, lost.body);
        assert!(lost.body.contains("the sandbox was lost"), "{}: {}", sim.slug, lost.body);
        assert_ne!(id(&lost), first);
        let other = send(client.bare(Method::GET, "/no/such/path")).await;
        assert_eq!(
            lost.header("content-type"),
            other.header("content-type"),
            "{}: as the vendor's own",
            sim.slug
        );
        assert_eq!(client.count().await, Client::within(&app, sim.slug, "/~fresh").await.count().await);
        let entries = app.journal(&name).await;
        assert!(entries.iter().all(|entry| entry["status"] != 409), "{}: it is not this one's", sim.slug);

        let means =
            |method: Method, below: &str| app.control(method, &format!("{path}{below}")).header(ID, &first);
        for (method, below) in [(Method::GET, "/journal"), (Method::POST, "/reset"), (Method::DELETE, "")] {
            let refused = send(means(method, below)).await;
            assert_eq!((refused.status.as_u16(), id(&refused)), (409, id(&lost)), "{below}");
            assert_eq!(refused.json()["error"]["code"], "sandbox_lost");
        }
        assert_eq!(send(means(Method::GET, "").header(ID, id(&lost))).await.status, 409, "two ids");
        assert_eq!(send(app.control(Method::DELETE, &path).header(ID, id(&lost))).await.status, 204);
        let load = means(Method::PUT, "/scenario").json(&json!({ "name": "default" }));
        assert_eq!(send(load).await.status, 409, "no scenario brings a lost one back unseen");
        assert_eq!(control(&app, Method::GET, &path).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_evicted_is_another_when_it_comes_again() {
    let mut config = Config::default();
    config.options.max_sandboxes = 1;
    let app = App::with(config).await;
    let of = async |name: &str| id(&send(app.request("weavy", Method::GET, &format!("/~{name}/"))).await);
    let (first, kept) = (of("one").await, of("one").await);
    assert_eq!(first, kept);
    of("two").await;
    assert_ne!(of("one").await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_with_a_data_dir_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut config = Config::default();
        config.options.data_dir = Some(folder.path().to_owned());
        App::with(config)
    };
    let app = start().await;
    let of = async |app: &App, name: &str| {
        id(&send(app.request("clavus", Method::GET, &format!("/~{name}/"))).await)
    };
    let before = (of(&app, "kept").await, of(&app, "default").await);
    app.stop().await;
    let app = start().await;
    assert_eq!((of(&app, "kept").await, of(&app, "default").await), before);
}
