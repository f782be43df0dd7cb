//! For each simulator: how a client signs in, and one read and one write that work in the default data.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder};

use serde_json::Value;

use super::{App, basic};

/// How the checks that run on every simulator speak to one of them.
pub(crate) struct Client<'a> {
    app: &'a App,
    pub(crate) slug: &'static str,
    /// `/~NAME` or nothing.
    prefix: String,
    headers: HeaderMap,
}

impl<'a> Client<'a> {
    /// Signs in to `slug` in the sandbox `default`.
    pub(crate) async fn of(app: &'a App, slug: &'static str) -> Self {
        Self::within(app, slug, "").await
    }

    /// Signs in to `slug` in the sandbox that `prefix` (`/~NAME`) names.
    pub(crate) async fn within(app: &'a App, slug: &'static str, prefix: &str) -> Self {
        // A sandbox exists from its first request on.
        super::send(app.request(slug, Method::GET, &format!("{prefix}/"))).await;
        let headers = sign_in(app, slug, prefix).await;
        let headers = headers.into_iter().map(|(name, value)| {
            (name.parse::<HeaderName>().expect("a name"), value.parse().expect("a value"))
        });
        Self { app, slug, prefix: prefix.to_owned(), headers: headers.collect() }
    }

    /// A read that answers 200 with data.
    pub(crate) fn read(&self) -> RequestBuilder {
        let (method, path, body) = read(self.slug);
        self.request(method, path, body)
    }

    /// The `n`th write: answers with success and leaves a record that [`Client::count`] counts.
    pub(crate) fn write(&self, n: usize) -> RequestBuilder {
        let (method, path, body) = write(self.slug, n);
        self.request(method, path, body)
    }

    /// How many records there are of the entity that [`Client::write`] creates.
    pub(crate) async fn count(&self) -> usize {
        self.records().await.len()
    }

    /// The records of the entity that [`Client::write`] creates.
    pub(crate) async fn records(&self) -> Vec<Value> {
        let sandbox = self.prefix.strip_prefix("/~").unwrap_or("default");
        let path = format!("/sandboxes/{sandbox}/data/{}/{}", self.slug, entity(self.slug));
        let answer = super::send(self.app.control(Method::GET, &path)).await;
        match answer.json()["items"].take() {
            Value::Array(records) => records,
            other => panic!("no list: {other}"),
        }
    }

    /// A signed-in request; a body is JSON.
    pub(crate) fn request(&self, method: Method, path: &str, body: String) -> RequestBuilder {
        let request = self.bare(method, path).headers(self.headers.clone());
        if body.is_empty() { request } else { request.header("content-type", "application/json").body(body) }
    }

    /// A request without credentials.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(self.slug, method, &format!("{}{path}", self.prefix))
    }

    /// The path of the sample read.
    pub(crate) fn read_path(&self) -> &'static str {
        read(self.slug).1
    }

    /// The path of the sample write.
    pub(crate) fn write_path(&self) -> &'static str {
        write(self.slug, 0).1
    }

    /// The verb of the sample write.
    pub(crate) fn write_method(&self) -> Method {
        write(self.slug, 0).0
    }
}

/// What a signed-in client sends with every request.
async fn sign_in(app: &App, slug: &str, prefix: &str) -> Vec<(&'static str, String)> {
    match slug {
        "onlineerp" => vec![(AUTHORIZATION.as_str(), basic("DEMO-LICENCE", "demo-secret"))],
        "weavy" => {
            let body = r#"{"scope":"API","projectCode":"DEMO","userName":"api","password":"api"}"#;
            let login = app.request(slug, Method::POST, &format!("{prefix}/v1/Authenticate"));
            let answer = super::send(login.header("content-type", "application/json").body(body)).await;
            let token = answer.json()["authToken"].as_str().expect("a token").to_owned();
            vec![(AUTHORIZATION.as_str(), format!("Bearer {token}"))]
        }
        "comarch-xt" => {
            let request = app.request(slug, Method::POST, &format!("{prefix}/api2/public/token"));
            let request = request
                .header(AUTHORIZATION, basic("demo-client", "demo-secret"))
                .header("content-type", "application/x-www-form-urlencoded")
                .body("grant_type=client_credentials");
            let token = super::send(request).await.json();
            vec![(
                AUTHORIZATION.as_str(),
                format!("Bearer {}", token["access_token"].as_str().expect("a token")),
            )]
        }
        "clavus" => vec![(AUTHORIZATION.as_str(), "Bearer demo-key".to_owned())],
        "8sens" => {
            vec![("api_key", API_KEY_8SENS.to_owned()), ("access_token", token_8sens(app, prefix).await)]
        }
        other => panic!("tests/support/samples.rs does not know how to sign in to {other}"),
    }
}

const API_KEY_8SENS: &str = "ZghY887665YhGH";

async fn token_8sens(app: &App, prefix: &str) -> String {
    let login = app.request("8sens", Method::POST, &format!("{prefix}/v1/login/user"));
    let login =
        login.header("api_key", API_KEY_8SENS).header("content-type", "application/x-www-form-urlencoded");
    let answer = super::send(login.body("login=CLIENTREST&password=clientrest")).await;
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

fn read(slug: &str) -> (Method, &'static str, String) {
    match slug {
        "onlineerp" => (Method::GET, "/api/Entity/Product", String::new()),
        "weavy" => (Method::GET, "/v1/Data/DEMO/product", String::new()),
        "comarch-xt" => (Method::GET, "/api2/public/products", String::new()),
        "clavus" => {
            let body = r#"{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 5) { totalCount results { id columns { name value } } } } }"}"#;
            (Method::POST, "/api/external/graphql", body.to_owned())
        }
        "8sens" => (Method::GET, "/v1/article", String::new()),
        other => panic!("tests/support/samples.rs has no read for {other}"),
    }
}

fn write(slug: &str, n: usize) -> (Method, &'static str, String) {
    match slug {
        "onlineerp" => {
            let body = format!(r#"{{"NoProduit":"SAMPLE-{n}","Description":"Échantillon"}}"#);
            (Method::POST, "/api/Entity/Product", body)
        }
        "weavy" => {
            let body = format!(r#"{{"product_ID":"SAMPLE-{n}","description":"Échantillon"}}"#);
            (Method::POST, "/v1/Data/DEMO/product", body)
        }
        "comarch-xt" => {
            let body =
                format!(r#"{{"Name":"Muster {n}","UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":20.00}}"#);
            (Method::POST, "/api2/public/products", body)
        }
        "clavus" => {
            let body =
                format!(r#"{{"query":"mutation {{ upsertProspect(firstName: \"P-{n}\") {{ id }} }}"}}"#);
            (Method::POST, "/api/external/graphql", body)
        }
        "8sens" => (
            Method::POST,
            "/v1/client",
            format!(r#"{{"cliRaisonSociale":"Échantillon {n}","cliRefExterne":"S-{n}"}}"#),
        ),
        other => panic!("tests/support/samples.rs has no write for {other}"),
    }
}

/// The entity that the sample write creates a record of.
fn entity(slug: &str) -> &'static str {
    match slug {
        "onlineerp" => "Product",
        "weavy" => "product",
        "comarch-xt" => "products",
        "clavus" => "prospects",
        "8sens" => "client",
        other => panic!("tests/support/samples.rs has no entity for {other}"),
    }
}
