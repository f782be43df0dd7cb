//! The beginning of a TLS session, and in plain words why there is none.

use std::borrow::Cow;
use std::io;
use std::net::IpAddr;

use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::{AlertDescription, Error};

use crate::server::socket::Socket;
use crate::tls::authority::Authority;

/// What a client that has to trust the root is told.
const TRUST: &str = "give it the root that `erpsatz ca` prints, in its own trust setting";

/// A session with the client that is about to say hello, under the name that it asks for.
///
/// # Errors
/// Why none came about.
pub(super) async fn session(
    socket: Socket,
    tls: &Authority,
    local: IpAddr,
) -> Result<Socket, Cow<'static, str>> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), socket).await.map_err(|error| words(&error))?;
    let name = start.client_hello().server_name().map(str::to_owned);
    let choice = tls.choose(name.as_deref(), local).await?;
    let session = start.into_stream(choice.config).await;
    if choice.is_refused {
        let name = name.unwrap_or_default();
        return Err(format!(
            "a TLS client asks for `{name}`, for which no certificate is made: name it with --control-host, or with \
             --intercept-host where it is a vendor's"
        )
        .into());
    }
    session.map(Socket::encrypted).map_err(|error| words(&error))
}

fn words(error: &io::Error) -> Cow<'static, str> {
    let Some(found) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return "the client ended the connection in the midst of a TLS handshake".into();
    };
    match found {
        Error::AlertReceived(alert) if is_of_trust(*alert) => {
            format!("a TLS client does not trust the certificate ({alert:?}): {TRUST}").into()
        }
        Error::AlertReceived(alert) => format!("a TLS client refuses the session ({alert:?})").into(),
        Error::NoApplicationProtocol => {
            "a TLS client asks for HTTP/2 alone (ALPN), and here is HTTP/1.1: let it speak that too".into()
        }
        Error::PeerIncompatible(why) => {
            format!("a TLS client speaks neither TLS 1.2 nor 1.3 as it is spoken here ({why:?})").into()
        }
        other => format!("a TLS hello or what followed it cannot be read ({other})").into(),
    }
}

/// Whether clients say so of a certificate that they know no root of.
fn is_of_trust(alert: AlertDescription) -> bool {
    use AlertDescription::{BadCertificate, CertificateUnknown, UnknownCA, UnsupportedCertificate};
    matches!(alert, BadCertificate | CertificateUnknown | UnknownCA | UnsupportedCertificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_no_session_came_about_is_said_in_words() {
        let said = |error: Error| words(&io::Error::new(io::ErrorKind::InvalidData, error)).into_owned();
        assert!(said(Error::AlertReceived(AlertDescription::UnknownCA)).contains("erpsatz ca"));
        assert!(!said(Error::AlertReceived(AlertDescription::DecodeError)).contains("erpsatz ca"));
        assert!(said(Error::NoApplicationProtocol).contains("HTTP/1.1"));
        assert!(words(&io::ErrorKind::UnexpectedEof.into()).contains("ended"));
    }
}
