//! Messages that a simulator sends by itself, such as hooks: after the commit that caused them, one attempt each, never
//! holding up an answer. This is the only call to the outside there is, and it goes to loopback unless
//! `--allow-outbound` says otherwise.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

/// How long the receiver has to answer.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// A `POST` of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where to.
    pub url: String,
    /// The JSON.
    pub body: String,
}

/// Sends `messages` one after the other, in a task of its own; what fails is logged and forgotten.
pub(crate) fn deliver(messages: Vec<Message>, anywhere: bool) {
    if messages.is_empty() {
        return;
    }
    tokio::spawn(async move {
        for message in messages {
            let url = match Url::parse(&message.url) {
                Ok(url) => url,
                Err(error) => {
                    tracing::warn!(why = %error, "a hook has no URL");
                    continue;
                }
            };
            // Path and query of a hook are often a secret between the two: the log names the receiver alone.
            let to = url.origin().ascii_serialization();
            match send(url, message.body, anywhere).await {
                Ok(status) => tracing::info!(to, status, "a hook was delivered"),
                Err(why) => tracing::warn!(to, why, "a hook was not delivered"),
            }
        }
    });
}

async fn send(url: Url, body: String, anywhere: bool) -> Result<u16, String> {
    if !anywhere && !is_loopback(&url) {
        return Err("it does not lead to this machine, and --allow-outbound was not given".to_owned());
    }
    // A redirect or a proxy would lead elsewhere than the URL says.
    let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(TIMEOUT).build();
    let client = client.map_err(|error| error.to_string())?;
    let request = client.post(url).header(CONTENT_TYPE, "application/json").body(body);
    request
        .send()
        .await
        .map(|answer| answer.status().as_u16())
        .map_err(|error| error.without_url().to_string())
}

/// Whether `url` leads to this machine, by an address or by the name `localhost`.
fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_counts_as_loopback() {
        for (url, expected) in [
            ("http://127.0.0.1:9/hook", true),
            ("http://127.8.0.1/hook", true),
            ("http://[::1]:9/hook", true),
            ("http://localhost/hook", true),
            ("http://localhost.evil.example/hook", false),
            ("http://127.0.0.1.evil.example/hook", false),
            ("http://127.0.0.1@evil.example/hook", false),
            ("http://10.0.0.1/hook", false),
            ("http://0.0.0.0/hook", false),
            ("http://2130706433/hook", true),
            ("http://0x7f.1/hook", true),
            ("http://127.1/hook", true),
            ("http://167772161/hook", false),
            ("http://0xa000001/hook", false),
            ("http://012.0.0.1/hook", false),
            ("http://[::ffff:127.0.0.1]/hook", false),
            ("http://[::ffff:10.0.0.1]/hook", false),
            ("http://[::]/hook", false),
            ("http://localhost./hook", false),
            ("http://\u{ff11}0.0.0.1/hook", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
