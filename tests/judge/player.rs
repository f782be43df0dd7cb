//! A client as a script, a line a step:
//!
//! | line | does |
//! |---|---|
//! | `METHOD PATH [BODY]` | a call with the server's credentials, and the token where there is one; `·` in a path is a space. `@NAME=VALUE` before it gives a header (an empty value: none), `@timeout=SECONDS` the client's own patience |
//! | `login` | asks for a token |
//! | `as NAME` | goes on as another session |
//! | `connect` | goes on with a new connection |
//! | `keep NAME` | keeps the last answer |
//! | `fault RULE` | a fault rule of this server |
//! | `wait NUMBER` | until so many requests are in the journal |
//! | `advance DURATION`, `sleep SECONDS` | simulated and real time |
//! | `control METHOD PATH [BODY]` | a call to the control API, below the sandbox |
//! | `at-once-6 METHOD PATH` | so many of one call at a time, each on a connection of its own |
//! | `5x LINE`, `for A,B,C LINE` | the line again, `{i}` being the number or the value |
//!
//! `{{/0/name}}` is a value of the last answer as text, `{{#/0/name}}` as JSON, `{{name:/0/name}}` of a kept one;
//! `{{#|"a":1}}` and `{{name:|"a":1}}` are the whole answer with other members.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::support::{App, basic, try_send};

/// One client of one server.
pub(super) struct Player<'a> {
    app: &'a App,
    server: &'a str,
    sandbox: &'a str,
    http: Client,
    session: String,
    tokens: HashMap<String, String>,
    last: String,
    kept: HashMap<String, String>,
}

impl<'a> Player<'a> {
    pub(super) fn new(app: &'a App, server: &'a str, sandbox: &'a str) -> Self {
        Self {
            app,
            server,
            sandbox,
            http: Client::new(),
            session: "1".to_owned(),
            tokens: HashMap::new(),
            last: String::new(),
            kept: HashMap::new(),
        }
    }

    pub(super) async fn play(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "for" {
            let (values, line) = rest.split_once(' ').expect("values and a line");
            for value in values.split(',') {
                self.step(&line.replace("{i}", value)).await;
            }
        } else if let Some(times) = word.strip_suffix('x').and_then(|times| times.parse::<usize>().ok()) {
            for number in 0..times {
                self.step(&rest.replace("{i}", &number.to_string())).await;
            }
        } else {
            self.step(line).await;
        }
    }

    async fn step(&mut self, line: &str) {
        let line = self.filled_in(line);
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match word {
            "as" => rest.clone_into(&mut self.session),
            "login" => self.log_in().await,
            "connect" => self.http = Client::new(),
            "keep" => drop(self.kept.insert(rest.to_owned(), self.last.clone())),
            "fault" => {
                let mut rule: Value = serde_json::from_str(rest).expect("a rule");
                rule["server"] = self.server.into();
                self.control(Method::POST, "faults", &rule.to_string()).await;
            }
            "advance" => self.control(Method::PATCH, "clock", &json!({ "advance": rest }).to_string()).await,
            "sleep" => tokio::time::sleep(Duration::from_secs_f64(rest.parse().expect("seconds"))).await,
            "wait" => self.wait(rest.parse().expect("a number")).await,
            "control" => {
                let mut words = rest.splitn(3, ' ');
                let mut word = || words.next().unwrap_or_default();
                let method: Method = word().parse().expect("a verb");
                self.control(method, word(), word()).await;
            }
            _ => match word.strip_prefix("at-once-") {
                Some(times) => self.at_once(times.parse().expect("a number"), rest).await,
                None => self.call(&line).await,
            },
        }
    }

    async fn at_once(&self, times: usize, call: &str) {
        let (method, path) = call.split_once(' ').expect("a verb and a path");
        let mut under_way = tokio::task::JoinSet::new();
        for _ in 0..times {
            let mut request = self.request_by(&Client::new(), method.parse().expect("a verb"), path);
            for (name, value) in self.credentials() {
                request = request.header(name, value);
            }
            under_way.spawn(try_send(request));
        }
        assert!(under_way.join_all().await.iter().all(Result::is_ok));
    }

    async fn control(&self, method: Method, path: &str, body: &str) {
        let request = self.app.control(method, &format!("/sandboxes/{}/{path}", self.sandbox));
        let answer = try_send(request.body(body.to_owned())).await.expect("an answer");
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
    }

    async fn wait(&self, requests: u64) {
        loop {
            let journal =
                self.app.control(Method::GET, &format!("/sandboxes/{}/journal?limit=1", self.sandbox));
            if try_send(journal).await.expect("an answer").json()["total"].as_u64() >= Some(requests) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_by(&self.http, method, path)
    }

    fn request_by(&self, http: &Client, method: Method, path: &str) -> RequestBuilder {
        let path = path.replace('·', "%20");
        http.request(method, format!("{}/~{}{path}", self.app.url(self.server), self.sandbox))
    }

    async fn call(&mut self, line: &str) {
        let mut words = line.split(' ');
        let mut given: Vec<(&str, &str)> = Vec::new();
        let mut word = words.next().expect("a verb");
        while let Some(option) = word.strip_prefix('@') {
            given.push(option.split_once('=').expect("a name and a value"));
            word = words.next().expect("a verb");
        }
        let method: Method = word.parse().expect("a verb");
        let path = words.next().expect("a path");
        let body = words.collect::<Vec<_>>().join(" ");
        let mut request = self.request(method, path);
        let usual = self.credentials();
        let is_given = |name: &str| given.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        for (name, value) in usual.into_iter().filter(|(name, _)| !is_given(name)) {
            request = request.header(name, value);
        }
        for (name, value) in &given {
            request = match (*name, *value) {
                ("timeout", seconds) => {
                    request.timeout(Duration::from_secs_f64(seconds.parse().expect("seconds")))
                }
                (_, "") => request,
                (name, value) => request.header(name, value.replace('·', " ")),
            };
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body);
        }
        if let Ok(answer) = try_send(request).await {
            self.last = answer.body;
        }
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        let token = self.tokens.get(&self.session).cloned();
        match self.server {
            "onlineerp" => {
                vec![("authorization", basic("DEMO-LICENCE", "demo-secret")), ("company_id", "0".to_owned())]
            }
            "clavus" => vec![("authorization", "Bearer demo-key".to_owned())],
            "8sens" => {
                let key = [("api_key", "ZghY887665YhGH".to_owned())];
                key.into_iter().chain(token.map(|token| ("access_token", token))).collect()
            }
            _ => token.map(|token| ("authorization", format!("Bearer {token}"))).into_iter().collect(),
        }
    }

    async fn log_in(&mut self) {
        let form = "application/x-www-form-urlencoded";
        let (request, member) = match self.server {
            "comarch-xt" => {
                let request = self.request(Method::POST, "/api2/public/token").header("content-type", form);
                let request = request.header("authorization", basic("demo-client", "demo-secret"));
                (request.body("grant_type=client_credentials"), "access_token")
            }
            "weavy" => {
                let user = json!({ "projectCode": "DEMO", "userName": "api", "password": "api" });
                (self.request(Method::POST, "/v1/Authenticate").json(&user), "authToken")
            }
            _ => {
                let request = self.request(Method::POST, "/v1/login/user").header("content-type", form);
                let request = request.header("api_key", "ZghY887665YhGH");
                (request.body("login=CLIENTREST&password=clientrest"), "access_token")
            }
        };
        if let Ok(answer) = try_send(request).await
            && let Some(token) = answer.json()[member].as_str()
        {
            self.tokens.insert(self.session.clone(), token.to_owned());
        }
    }

    /// The line with what stands in double braces taken from answers.
    fn filled_in(&self, line: &str) -> String {
        let mut filled = String::new();
        let mut rest = line;
        while let Some(start) = rest.find("{{") {
            let end = start + rest[start..].find("}}").expect("an end");
            filled += &rest[..start];
            filled += &self.value(&rest[start + 2..end]);
            rest = &rest[end + 2..];
        }
        filled + rest
    }

    fn value(&self, what: &str) -> String {
        let named =
            what.split_once(':').filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase()));
        let (answer, place) = match named {
            Some((name, place)) => (&self.kept[name], place),
            None => (&self.last, what),
        };
        let (is_json, place) = place.strip_prefix('#').map_or((false, place), |place| (true, place));
        let (pointer, members) = place.split_once('|').unwrap_or((place, ""));
        let answer: Value =
            serde_json::from_str(answer).unwrap_or_else(|_| panic!("{what}: no JSON in {answer}"));
        let mut value = answer.pointer(pointer).cloned().unwrap_or_else(|| panic!("{what}: not in {answer}"));
        if !members.is_empty() {
            let members: Map<String, Value> =
                serde_json::from_str(&format!("{{{members}}}")).expect("members");
            value.as_object_mut().expect("an object").extend(members);
        }
        match value {
            Value::String(text) if !is_json => text,
            value => value.to_string(),
        }
    }
}
