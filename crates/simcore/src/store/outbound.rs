//! Messages that a simulator sends by itself, such as hooks: after the commit that caused them, one attempt each, never
//! holding up an answer. This is the only call to the outside there is, and it goes to loopback unless
//! `--allow-outbound` says otherwise.

mod hosts;
mod tls;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::net::lookup_host;
use tokio::sync::Semaphore;
use tokio::time::timeout;

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

/// How many messages are under way at a time; others wait.
pub const UNDER_WAY: usize = 16;

/// How many messages wait at most; those beyond are dropped.
pub const MAX_WAITING: usize = 1000;

static PERMITS: Semaphore = Semaphore::const_new(UNDER_WAY);
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Where messages may go.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Beyond this machine too (`--allow-outbound`).
    pub anywhere: bool,
    /// Not to these ports of this machine: they are Erpsatz's own, and a message to them would act in its name.
    pub own_ports: Arc<[u16]>,
    /// Nowhere at all: a run that is played again tells nobody what was told once.
    pub is_silent: bool,
}

impl Reach {
    /// Whether a URL that a client gives may not be one to send to: it leads to a port of Erpsatz's own. What a name
    /// leads to is looked at when something is sent.
    pub fn refuses(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
        let host = host.trim_matches(['[', ']']).trim_end_matches('.');
        if !self.own_ports.contains(&port) {
            return false;
        }
        match host.parse::<IpAddr>() {
            Ok(address) => is_of_this_machine(address),
            Err(_) if host == "localhost" || host.ends_with(".localhost") => true,
            Err(_) => hosts::addresses(host).into_iter().any(is_of_this_machine),
        }
    }

    /// The addresses that the URL leads to.
    async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, String> {
        if !self.anywhere && !is_loopback(url) {
            let why = "it is no loopback address, its name is neither localhost nor one that the file hosts gives such \
                an address, and --allow-outbound was not given";
            return Err(why.to_owned());
        }
        let (host, port) =
            (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let host = host.trim_matches(['[', ']']);
        let found =
            timeout(TIMEOUT, lookup_host((host, port))).await.map_err(|_| "its name was not resolved")?;
        let found: Vec<SocketAddr> = found.map_err(|error| error.to_string())?.collect();
        if found.iter().any(|to| self.own_ports.contains(&to.port()) && is_of_this_machine(to.ip())) {
            return Err("it leads to a port of Erpsatz's own".to_owned());
        }
        if !self.anywhere && !found.iter().all(|to| to.ip().is_loopback()) {
            return Err(
                "its name leads beyond this machine too, and --allow-outbound was not given".to_owned()
            );
        }
        Ok(found)
    }
}

/// Whether packets to that address come back here: only such addresses can be bound to.
pub fn is_of_this_machine(address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_loopback() || address.is_unspecified() || UdpSocket::bind((address, 0)).is_ok()
}

/// Sends `messages` one after the other, in a task of its own; what fails is logged and forgotten, and so is what there is
/// no room for.
pub(crate) fn deliver(mut messages: Vec<Message>, reach: Reach) {
    if messages.is_empty() || reach.is_silent {
        return;
    }
    let count = messages.len();
    let before = WAITING.fetch_add(count, Ordering::Relaxed);
    let room = MAX_WAITING.saturating_sub(before).min(count);
    if room < count {
        WAITING.fetch_sub(count - room, Ordering::Relaxed);
        tracing::warn!(count = count - room, "hooks were dropped: their receivers are too slow");
        messages.truncate(room);
    }
    tokio::spawn(async move {
        for message in messages {
            if let Ok(_permit) = PERMITS.acquire().await {
                deliver_one(message, &reach).await;
            }
            WAITING.fetch_sub(1, Ordering::Relaxed);
        }
    });
}

async fn deliver_one(message: Message, reach: &Reach) {
    let url = match Url::parse(&message.url) {
        Ok(url) => url,
        Err(error) => {
            tracing::warn!(why = %error, "a hook has no URL");
            return;
        }
    };
    // Path and query of a hook are often a secret between the two: the log names the receiver alone.
    let to = url.origin().ascii_serialization();
    match send(url, message.body, reach).await {
        Ok(status) => tracing::info!(to, status, "a hook was delivered"),
        Err(why) => tracing::warn!(to, why, "a hook was not delivered"),
    }
}

async fn send(url: Url, body: String, reach: &Reach) -> Result<u16, String> {
    let addresses = reach.addresses(&url).await?;
    if url.scheme() == "https" {
        if !addresses.iter().all(|to| to.ip().is_loopback()) {
            return Err("beyond this machine only http is spoken".to_owned());
        }
        return timeout(TIMEOUT, tls::post(&url, &addresses, body))
            .await
            .map_err(|_| "it did not answer in time")?;
    }
    // A redirect or a proxy would lead elsewhere than the URL says, and so might a second look at its name.
    let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(TIMEOUT);
    let client = client.resolve_to_addrs(url.host_str().unwrap_or_default(), &addresses).build();
    let client = client.map_err(|error| error.to_string())?;
    let request = client.post(url).header(CONTENT_TYPE, "application/json").body(body);
    request
        .send()
        .await
        .map(|answer| answer.status().as_u16())
        .map_err(|error| error.without_url().to_string())
}

/// Whether `url` leads to this machine: by an address, by the name `localhost`, or by one that the file `hosts` gives
/// loopback addresses alone. Nobody else is asked about a name.
fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match address {
        Ok(address) => address.is_loopback(),
        Err(_) if host == "localhost" => true,
        Err(_) => {
            let known = hosts::addresses(host);
            !known.is_empty() && known.iter().all(IpAddr::is_loopback)
        }
    }
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

    #[test]
    fn no_hook_leads_to_a_port_of_our_own() {
        let reach = Reach { anywhere: true, own_ports: [8080, 443].into(), is_silent: false };
        for (url, refused) in [
            ("http://127.0.0.1:8080/sandboxes/victim/reset", true),
            ("http://localhost:8080/x", true),
            ("http://a.localhost.:8080/x", true),
            ("http://0.0.0.0:8080/x", true),
            ("http://[::1]:8080/x", true),
            ("http://[::ffff:127.0.0.1]:8080/x", true),
            ("http://2130706433:8080/x", true),
            ("https://127.0.0.1/x", true),
            ("http://127.0.0.1/x", false),
            ("http://127.0.0.1:8081/x", false),
            ("http://192.0.2.7:8080/x", false),
            ("http://elsewhere.example:8080/x", false),
        ] {
            assert_eq!(reach.refuses(url), refused, "{url}");
        }
    }

    #[tokio::test]
    async fn what_a_name_leads_to_is_looked_at_again() {
        let reach = Reach { anywhere: true, own_ports: [8080].into(), is_silent: false };
        let refused = reach.addresses(&Url::parse("http://localhost:8080/x").unwrap()).await;
        assert!(refused.is_err_and(|why| why.contains("own")));
        assert!(reach.addresses(&Url::parse("http://localhost:8081/x").unwrap()).await.is_ok());
    }
}
