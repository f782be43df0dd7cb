//! The other replicas behind one front.

use control::MAX_PEERS;
use reqwest::Url;

use super::listen::is_loopback;
use super::{Config, StartError};

/// The URL of a replica's control API, as `--peers` has it: scheme, host and port.
///
/// # Errors
/// What is wrong with it.
pub fn peer(text: &str) -> Result<String, String> {
    let wrong = || "write the URL of a replica's control API, such as http://erpsatz-1:8080".to_owned();
    let url = Url::parse(text).map_err(|_| wrong())?;
    // What else a URL may hold shows in what is printed of it.
    let origin = url.origin().ascii_serialization();
    let is_bare = url.as_str() == format!("{origin}/");
    if url.scheme() == "http" && is_bare { Ok(origin) } else { Err(wrong()) }
}

/// What cannot be asked for.
pub(super) fn check(config: &Config) -> Result<(), StartError> {
    let (count, has_token) = (config.peers.len(), config.control_token.is_some());
    let message = if count > MAX_PEERS {
        format!("--peers: {MAX_PEERS} at most, not {count}")
    } else if count > 0 && !has_token && !is_loopback(&config.host) {
        "--peers needs --control-token, the same for every replica: they ask each other with it".to_owned()
    } else {
        return Ok(());
    };
    Err(StartError::Misused(message))
}

#[cfg(test)]
mod tests {
    use super::peer;

    #[test]
    fn a_peer_is_scheme_host_and_port() {
        for (text, expected) in [
            ("http://erpsatz-1.erpsatz:8080", Some("http://erpsatz-1.erpsatz:8080")),
            ("http://127.0.0.2:8080/", Some("http://127.0.0.2:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://peer", Some("http://peer")),
            ("https://peer:8080", None),
            ("http://peer:8080/control", None),
            ("http://user:secret@peer:8080", None),
            ("http://peer:8080?x", None),
            ("peer:8080", None),
            ("", None),
        ] {
            assert_eq!(peer(text).ok().as_deref(), expected, "{text}");
        }
    }
}
