//! How whoever calls reached the control API: the URLs in the answer begin like that.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use simcore::base::origin::Origin;
use simhost::server::transport::Transport;

use crate::App;

/// Scheme and host that the caller used.
pub(crate) struct Caller(pub(crate) Origin);

impl FromRequestParts<App> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let is_encrypted =
            parts.extensions.get::<Transport>().is_some_and(|transport| transport.is_encrypted);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let trusted = &app.sandboxes.shared().options.trusted_proxies;
        let is_believed = peer.is_some_and(|peer| trusted.admits(peer));
        Ok(Self(Origin::of(&parts.uri, &parts.headers, is_encrypted, is_believed)))
    }
}
