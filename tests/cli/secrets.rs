//! Canaries in the place of every credential there is: none of them is ever found in what Erpsatz shows or says.

use std::fs::File;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Serving, erpsatz, text};

/// What all canaries have in common.
const CANARY: &str = "C4n4ry";

/// A world whose credentials are canaries.
const SCENARIO: &str = "
name: canaries
servers:
  onlineerp:
    settings: { licences: [{ code: LICENCE, secret: C4n4ry-licence, companies: { '0': acomba } }] }
  8sens:
    settings: { api_key: C4n4ry-8sens-key }
    records:
      user: [{ userID: 50, userCode: LOGIN, userMotDePasse: C4n4ry-8sens-password, userAutoriserRest: true }]
  comarch-xt:
    settings: { clients: [{ id: client, secret: C4n4ry-client-secret, application: app }] }
  weavy:
    settings:
      token_key: C4n4ry-a-key-that-signs-tokens-of-weavy
      accounts: [{ userName: user, password: C4n4ry-weavy-password }]
  clavus:
    records: { keys: [{ key: C4n4ry-clavus-key, user: somebody, _state: active }] }
expect:
  - request: { server: onlineerp, path: /api/Entity/Product, header: { X-Never: sent } }
  - { request: { server: weavy, path: /v1/Never }, undocumented: true }
  - no_violations: true
";

struct Served {
    serving: Serving,
    /// Where the scenario and the log are.
    folder: TempDir,
    client: Client,
    /// Credentials that the servers made.
    issued: Vec<String>,
}

impl Served {
    fn start(log_format: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("canaries.yaml");
        std::fs::write(&file, SCENARIO).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = erpsatz(&["serve", "--random-ports", "--json", "--log-format", log_format]);
        command.env("RUST_LOG", "trace").env("ERPSATZ_CONTROL_TOKEN", "C4n4ry-control-token");
        let serving = Serving::of(command.arg("--scenario").arg(&file).stderr(log));
        let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { serving, folder, client, issued: Vec::new() }
    }

    fn to(&self, slug: &str, method: Method, path: &str) -> RequestBuilder {
        let url = self.serving.ready["servers"][slug]["url"].as_str().unwrap();
        self.client.request(method, format!("{url}{path}"))
    }

    fn control(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.serving.control()));
        request.bearer_auth("C4n4ry-control-token")
    }

    /// Sends a request that succeeds, and keeps the text of a field of its answer as one more secret.
    async fn issue(&mut self, request: RequestBuilder, pointer: &str) -> String {
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let secret = answer.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        self.issued.push(secret.clone());
        secret
    }

    /// Signs in everywhere with the credentials that are right, and reads with what came of it.
    async fn sign_in(&mut self) {
        let product = self.to("onlineerp", Method::GET, "/api/Entity/Product");
        succeed(product.basic_auth("LICENCE", Some("C4n4ry-licence"))).await;

        let login = self.to("8sens", Method::POST, "/v1/login/user").header("api_key", "C4n4ry-8sens-key");
        let form = login.header("content-type", "application/x-www-form-urlencoded");
        let form = form.body("login=LOGIN&password=C4n4ry-8sens-password");
        let token = self.issue(form, "/access_token").await;
        let articles = self.to("8sens", Method::GET, "/v1/article").header("api_key", "C4n4ry-8sens-key");
        succeed(articles.header("access_token", token)).await;

        let form =
            self.to("comarch-xt", Method::POST, "/api2/public/token").body("grant_type=client_credentials");
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        let token =
            self.issue(form.basic_auth("client", Some("C4n4ry-client-secret")), "/access_token").await;
        succeed(self.to("comarch-xt", Method::GET, "/api2/public/products").bearer_auth(token)).await;

        let login = json!({ "projectCode": "DEMO", "userName": "user", "password": "C4n4ry-weavy-password" });
        let token =
            self.issue(self.to("weavy", Method::POST, "/v1/Authenticate").json(&login), "/authToken").await;
        let account = json!([{ "userName": "new", "password": "C4n4ry-new-account", "companyCode": "C01" }]);
        let accounts = self.to("weavy", Method::POST, "/v1/Accounts/DEMO").bearer_auth(&token).json(&account);
        accounts.send().await.unwrap();
        let hook = json!({ "event": "NewCustomer", "hookUrl": "http://127.0.0.1:1/?token=C4n4ry-hook" });
        let subscribe =
            self.to("weavy", Method::POST, "/v1/entrypoints/DEMO/process/?c=EPT_WebhookSubscribe");
        succeed(subscribe.bearer_auth(&token).json(&hook)).await;
        let customer = self.to("weavy", Method::POST, "/v1/Data/DEMO/customer").bearer_auth(token);
        succeed(customer.json(&json!({ "customer_ID": "H1" }))).await;

        let file = self.to("clavus", Method::POST, "/api/downloadFile").bearer_auth("C4n4ry-clavus-key");
        let link = self.issue(file.json(&json!({ "fileId": "devis-001" })), "/data/s3Url").await;
        let signature = link.rsplit_once('=').unwrap().1.to_owned();
        self.issued.push(signature);
        succeed(self.client.get(link)).await;
    }

    /// Knocks at every server with every kind of credential, also where it does not belong.
    async fn call_with_secrets(&self, slug: &str, path: &str) {
        let basic = format!("Basic {}", STANDARD.encode("C4n4ry-user:C4n4ry-basic"));
        for (name, value) in [
            ("authorization", "Bearer C4n4ry-bearer"),
            ("authorization", &basic),
            ("authorization", "C4n4ry-bare"),
            ("api_key", "C4n4ry-key"),
            ("access_token", "C4n4ry-token"),
            ("token", "C4n4ry-token"),
            ("x-api-key", "C4n4ry-key"),
            ("cookie", "session=C4n4ry-cookie"),
            ("proxy-authorization", "Basic C4n4ry"),
        ] {
            send(self.to(slug, Method::GET, path).header(name, value)).await;
        }
        for field in ["password", "secret", "client_secret", "access_token", "api_key", "token"] {
            send(self.to(slug, Method::GET, &format!("{path}?{field}=C4n4ry-query"))).await;
            for (media, body) in [
                ("application/json", format!("{{\"{field}\":\"C4n4ry-json\"}}")),
                ("application/json", format!("{{\"{field}\":[\"x\",\"C4n4ry-list\"]}}")),
                ("application/json", format!("{{\"{field}\":\"C4n4ry-torn")),
                ("application/x-www-form-urlencoded", format!("login=x&{field}=C4n4ry,C4n4ry form&y=1")),
                ("text/plain", format!("{field}: 'C4n4ry text'")),
            ] {
                for path in [path, "/v1/login/user", "/v1/Authenticate", "/api2/public/token"] {
                    send(self.to(slug, Method::POST, path).header("content-type", media).body(body.clone()))
                        .await;
                }
            }
        }
    }

    /// The same while things go wrong, and when the server itself fails.
    async fn with_faults(&self, slug: &str, path: &str) {
        for then in [
            json!({ "status": 500 }),
            json!({ "status": 403, "body": "no" }),
            json!({ "lose_response": true }),
            json!({ "drop": true }),
            json!({ "truncate": 0.5 }),
            json!({ "corrupt": true }),
        ] {
            let rule = json!({ "server": slug, "when": { "times": 1 }, "then": then });
            succeed(self.control(Method::POST, "/sandboxes/default/faults").json(&rule)).await;
            let request = self.to(slug, Method::POST, path).header("api_key", "C4n4ry-8sens-key");
            send(request.bearer_auth("C4n4ry-clavus-key").json(&json!({ "password": "C4n4ry-fault" }))).await;
        }
    }

    /// Everything that can be read about what happened, by name.
    async fn shown(&self) -> Vec<(String, String)> {
        let mut shown = Vec::new();
        for path in [
            "/sandboxes/default/journal?limit=100000",
            "/sandboxes/default/journal.har",
            "/sandboxes/default/report",
            "/sandboxes/default/report?format=junit",
            "/sandboxes/default/report?format=markdown",
            "/sandboxes/default/faults",
            "/sandboxes",
            "/servers",
            "/scenarios",
            "/metrics",
        ] {
            shown.push((path.to_owned(), succeed(self.control(Method::GET, path)).await));
        }
        for command in [&["journal"][..], &["journal", "--json"], &["report"]] {
            let mut command_line = erpsatz(command);
            command_line.args(["--control", self.serving.control()]);
            let output = command_line.env("ERPSATZ_CONTROL_TOKEN", "C4n4ry-control-token").output().unwrap();
            shown.push((command.join(" "), text(&output.stdout) + &text(&output.stderr)));
        }
        shown
    }
}

/// Sends what may be refused or cut.
async fn send(request: RequestBuilder) {
    if let Ok(answer) = request.send().await {
        let _ = answer.text().await;
    }
}

async fn succeed(request: RequestBuilder) -> String {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status}: {text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_is_ever_seen() {
    for log_format in ["text", "json"] {
        let mut served = Served::start(log_format);
        served.sign_in().await;
        for (slug, path) in [
            ("onlineerp", "/api/Entity/Product"),
            ("8sens", "/v1/article"),
            ("comarch-xt", "/api2/public/products"),
            ("weavy", "/v1/Data/DEMO/product"),
            ("clavus", "/api/external/graphql"),
        ] {
            served.call_with_secrets(slug, path).await;
            served.with_faults(slug, path).await;
        }
        let wrong = served.client.get(format!("{}/sandboxes", served.serving.control()));
        send(wrong.bearer_auth("C4n4ry-wrong-control-token")).await;
        let mut shown = served.shown().await;
        assert!(shown[0].1.contains("\"***\"") && shown[2].1.contains("\"met\":false"), "{}", shown[2].1);
        let log = std::fs::read_to_string(served.folder.path().join("log")).unwrap();
        assert!(log.contains("a hook was not delivered"), "{log}");
        shown.extend([("stdout".to_owned(), served.serving.ready.to_string()), ("log".to_owned(), log)]);

        let encoded = ["LICENCE:C4n4ry-licence", "client:C4n4ry-client-secret", "C4n4ry-user:C4n4ry-basic"];
        let mut secrets: Vec<String> = encoded.iter().map(|pair| STANDARD.encode(pair)).collect();
        secrets.push(CANARY.to_owned());
        secrets.append(&mut served.issued);
        for (place, text) in &shown {
            for secret in &secrets {
                let at = text.find(secret.as_str());
                let around = at.map(|at| text.get(at.saturating_sub(150)..at + 60).unwrap_or_default());
                assert!(at.is_none(), "{log_format}: {secret} is in {place}: …{around:?}…");
            }
        }
    }
}
