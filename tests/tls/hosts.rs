//! URLs in answers begin as the client's did.

use erpsatz::Config;
use reqwest::Method;
use serde_json::Value;

use super::{Encrypted, port, ports, root};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn control_says_urls_with_the_callers_host() {
    let hosts = vec!["erp.test".to_owned()];
    let config = Config {
        host: "0.0.0.0".to_owned(),
        control_token: Some("token-of-this-test".to_owned()),
        control_hosts: hosts,
        ..Config::default()
    };
    let app = App::with(config).await;
    let (ports, root) = (ports(&app), root(&app).await);
    let encrypted = Encrypted::of(&app).await;
    let control = port(&app, "control");
    for (scheme, host) in
        [("http", "127.0.0.1"), ("http", "erp.test"), ("https", "erp.test"), ("https", "localhost")]
    {
        let ask = async |method: &'static str, path: &str| {
            if scheme == "https" {
                let bearer = [("authorization", "Bearer token-of-this-test")];
                return encrypted.ask(method, host, control, path, &bearer).await;
            }
            let request = app.at(method.parse().unwrap(), &format!("http://127.0.0.1:{control}{path}"));
            send(request.bearer_auth("token-of-this-test").header("host", format!("{host}:{control}"))).await
        };
        let servers = ask("GET", "/servers").await.json();
        let made = ask("POST", "/sandboxes").await.json();
        for (slug, port) in ports.iter().filter(|(slug, _)| *slug != "control") {
            let of = |items: &Value| {
                let item =
                    items.as_array().unwrap().iter().find(|item| item["slug"] == *slug).unwrap().clone();
                (item["url"].as_str().unwrap().to_owned(), item["https_url"].as_str().unwrap().to_owned())
            };
            let prefix = format!("/~{}", made["name"].as_str().unwrap());
            let expected = (format!("{scheme}://{host}:{port}"), format!("https://{host}:{port}"));
            assert_eq!(of(&servers["items"]), expected);
            let expected = (format!("{}{prefix}", expected.0), format!("{}{prefix}", expected.1));
            assert_eq!(of(&made["servers"]), expected);
        }
        let contract = ask("GET", "/servers/weavy/contract").await.body;
        assert!(contract.contains(&format!("{scheme}://{host}:{}", port(&app, "weavy"))), "{host}");
    }
    let open = send(app.at(Method::GET, &format!("http://127.0.0.1:{control}/ca.pem"))).await;
    assert_eq!((open.status.as_u16(), open.body), (200, root), "the root needs no token");
}

#[tokio::test(flavor = "multi_thread")]
async fn proxies_that_are_named_are_believed() {
    let mut config = Config::default();
    config.options.trusted_proxies.0 = ["192.0.2.0/24".parse().unwrap()].into();
    let app = App::with(config).await;
    let ask = app.control(Method::GET, "/servers").header("x-forwarded-proto", "https");
    let servers = send(ask.header("x-forwarded-host", "erp.example")).await.json();
    let port = servers["items"][0]["port"].as_u64().unwrap();
    assert_eq!(
        servers["items"][0]["url"],
        format!("https://erp.example:{port}"),
        "this machine's is believed"
    );
}
