//! Random operations on all servers and on control.

use std::time::Duration;

use reqwest::Method;

use super::Draws;
use crate::support::samples::{self, Call, Client};
use crate::support::{Answer, App, try_send};

/// One call of control on the sandbox `default`, whatever the server.
const CONTROLS: &[Call] =
    &[(Method::PATCH, "clock", r#"{"advance":"PT{n}M"}"#), (Method::DELETE, "faults", "")];

/// Clients of every server; signing in is an operation like the others.
pub(super) async fn sign_in(app: &App) -> Vec<Client<'_>> {
    let mut clients = Vec::new();
    for sample in samples::ALL {
        clients.push(Client::of(app, sample.slug).await);
    }
    clients
}

/// Does `count` random operations; what each was answered, to the byte.
pub(super) async fn run<'a>(
    app: &App,
    clients: &'a [Client<'a>],
    draws: &mut Draws,
    count: usize,
) -> Vec<String> {
    let controls: Vec<&Call> =
        CONTROLS.iter().chain(samples::ALL.iter().flat_map(|sample| sample.controls)).collect();
    let of = |client: &'a Client<'a>| samples::of(client.slug).calls.iter().map(move |call| (client, call));
    let calls: Vec<(&Client<'_>, &Call)> = clients.iter().flat_map(of).collect();
    let mut answers = Vec::with_capacity(count);
    for _ in 0..count {
        let n = draws.below(10).to_string();
        let request = match draws.below(10) {
            0 => {
                let (method, path, body) = draws.pick(&controls);
                let path = format!("/sandboxes/default/{}", path.replace("{n}", &n));
                app.control(method.clone(), &path).body(body.replace("{n}", &n))
            }
            1 | 2 => draws.pick(clients).read(),
            3 | 4 => {
                let number = draws.below(30);
                draws.pick(clients).write(number)
            }
            _ => {
                let (client, (method, path, body)) = draws.pick(&calls);
                client.request(method.clone(), &path.replace("{n}", &n), body.replace("{n}", &n))
            }
        };
        let (client, request) = request.build_split();
        let mut request = request.expect("a request");
        let asked = format!("{} {}", request.method(), request.url().path());
        // Ports differ from run to run, and some answers name their host.
        let is_control = asked.contains("/sandboxes/");
        if !is_control {
            request.headers_mut().insert("host", "erp.example".parse().expect("a value"));
        }
        *request.timeout_mut() = Some(Duration::from_secs(60));
        let answer = try_send(reqwest::RequestBuilder::from_parts(client, request)).await;
        answers.push(format!("{asked}: {}", shown(answer.ok(), is_control)));
    }
    answers
}

fn shown(answer: Option<Answer>, is_control: bool) -> String {
    let Some(answer) = answer else { return "cut".to_owned() };
    // Control's own date is the wall clock's, and it numbers its requests on and on.
    let own = |name: &str| {
        // Each life of a sandbox has an id of its own.
        name == "erpsatz-sandbox-id" || is_control && matches!(name, "date" | "x-request-id")
    };
    let headers = answer.headers.iter().filter(|(name, _)| !own(name.as_str()));
    let headers =
        headers.map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value.as_bytes())));
    let mut headers: Vec<String> = headers.collect();
    headers.sort();
    format!("{} {} {}", answer.status, headers.join(" "), answer.body)
}
