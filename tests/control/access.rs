//! Who may call the control API: Host and Origin, and the token beyond loopback, on every route there is.

use erpsatz::Config;
use reqwest::Method;

use crate::support::{Answer, App, send};

const TOKEN: &str = "the-token-of-this-test";

/// A call that changes something, and one that only looks, of every kind of route.
const ROUTES: &[(Method, &str)] = &[
    (Method::GET, "/servers"),
    (Method::GET, "/scenarios"),
    (Method::GET, "/metrics"),
    (Method::GET, "/sandboxes"),
    (Method::POST, "/sandboxes"),
    (Method::GET, "/sandboxes/default"),
    (Method::POST, "/sandboxes/default/reset"),
    (Method::PUT, "/sandboxes/default/scenario"),
    (Method::PUT, "/sandboxes/default/snapshots/s"),
    (Method::PATCH, "/sandboxes/default/clock"),
    (Method::POST, "/sandboxes/default/faults"),
    (Method::GET, "/sandboxes/default/journal"),
    (Method::DELETE, "/sandboxes/default/journal"),
    (Method::GET, "/sandboxes/default/journal.har"),
    (Method::GET, "/sandboxes/default/report"),
    (Method::GET, "/sandboxes/default/data/onlineerp/Product"),
    (Method::POST, "/sandboxes/default/actions/onlineerp/robot-offline"),
    (Method::GET, "/nothing"),
    (Method::OPTIONS, "/sandboxes"),
];

async fn everywhere(names: &[&str]) -> App {
    App::with(Config {
        host: "0.0.0.0".to_owned(),
        control_token: Some(TOKEN.to_owned()),
        control_hosts: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Config::default()
    })
    .await
}

/// The answer with these headers besides a good token.
async fn with(app: &App, method: &Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = app.control(method.clone(), path).bearer_auth(TOKEN);
    send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_loopback_every_route_asks_for_the_token() {
    let app = everywhere(&[]).await;
    assert_eq!(send(app.control(Method::GET, "/healthz")).await.status, 200);
    assert_eq!(send(app.control(Method::POST, "/healthz")).await.status, 401);
    for (method, path) in ROUTES {
        for given in ["", "Bearer", "Bearer ", "Bearer the-token-of-this-tes", "Basic the-token-of-this-test"]
        {
            let request = app.control(method.clone(), path);
            let request = if given.is_empty() { request } else { request.header("authorization", given) };
            let answer = send(request.body("{}")).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("www-authenticate")),
                (401, "Bearer"),
                "{method} {path}"
            );
            assert!(!answer.body.contains(TOKEN));
        }
        let in_query =
            send(app.control(method.clone(), &format!("{path}?token={TOKEN}&access_token={TOKEN}"))).await;
        assert_eq!(in_query.status, 401, "a token in a URL ends up in logs: {path}");
    }
    assert_eq!(with(&app, &Method::GET, "/sandboxes", &[]).await.json()["total"], 1, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_somebody_else_reaches_nothing() {
    for app in [App::start().await, everywhere(&["erpsatz"]).await] {
        for (method, path) in ROUTES {
            for host in [
                "evil.example",
                "evil.example:8080",
                "localhost.evil.example",
                "127.0.0.1.nip.example",
                "erpsatz.evil",
            ] {
                // A page whose name was made to point here does not know the token, where there is one.
                let answer = send(app.control(method.clone(), path).header("host", host)).await;
                assert_eq!(
                    (answer.status.as_u16(), code(&answer)),
                    (403, "bad_host".to_owned()),
                    "{path} {host}"
                );
            }
            for origin in
                ["http://evil.example", "null", "https://localhost", "http://localhost:1", "file://"]
            {
                let answer = with(&app, method, path, &[("origin", origin)]).await;
                assert_eq!(
                    (answer.status.as_u16(), code(&answer)),
                    (403, "bad_origin".to_owned()),
                    "{path} {origin}"
                );
                assert_eq!(answer.header("access-control-allow-origin"), "");
            }
        }
        assert_eq!(with(&app, &Method::GET, "/healthz", &[("host", "evil.example")]).await.status, 200);
        assert_eq!(
            with(&app, &Method::GET, "/sandboxes", &[]).await.json()["total"],
            1,
            "nothing was changed"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_names_pass() {
    let app = everywhere(&["erpsatz", "erp.test"]).await;
    let port = app.control_url().rsplit_once(':').unwrap().1.to_owned();
    for host in ["erpsatz", "ERPSATZ:8080", "erp.test", "localhost", "127.0.0.1:9", "[::1]", "10.0.0.7:8080"]
    {
        assert_eq!(with(&app, &Method::GET, "/servers", &[("host", host)]).await.status, 200, "{host}");
        // Without the token it is seen that the name is none to be refused.
        let unknown = send(app.control(Method::GET, "/servers").header("host", host)).await;
        assert_eq!(unknown.status, 401, "{host}");
    }
    for (host, origin) in [
        ("erpsatz:8080", "http://erpsatz:8080".to_owned()),
        ("localhost:8080", "http://localhost:8080".to_owned()),
        ("127.0.0.1", format!("http://localhost:{port}")),
    ] {
        let headers = [("host", host), ("origin", origin.as_str())];
        assert_eq!(with(&app, &Method::GET, "/servers", &headers).await.status, 200, "{host} {origin}");
    }
    let strict = everywhere(&[]).await;
    let refused = send(strict.control(Method::GET, "/servers").header("host", "erpsatz")).await;
    assert_eq!(refused.status, 403, "by default none");
}

/// The console's own files hold no data and are for everybody; nothing beside them is served.
#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_served_to_everybody() {
    let app = App::start().await;
    for (path, status, media) in [
        ("/", 200, "text/html"),
        ("/console/app.js", 200, "text/javascript"),
        ("/console/nothing.js", 404, "application/json"),
        ("/console/../Cargo.toml", 404, "application/json"),
    ] {
        let answer = send(app.control(Method::GET, path)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(
            answer.header("content-type").starts_with(media),
            "{path}: {}",
            answer.header("content-type")
        );
    }
}
