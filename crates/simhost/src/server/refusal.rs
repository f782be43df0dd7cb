//! A request whose head the HTTP library cannot take in: the simulator still answers it in its own words.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::service::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::base::patience::Patience;

/// Stands in the extensions of a request that takes the place of one that could not be read: `GET /` of the sandbox
/// `default`, to be answered with this status.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub StatusCode);

/// Answers on `stream`, and reads on for a while, so that the client comes to read it.
pub(crate) async fn answer<S>(status: StatusCode, mut stream: TcpStream, service: S, patience: Patience)
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(Refused(status));
    let response = match service.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let answered = async {
        stream.write_all(&in_bytes(response).await).await?;
        stream.shutdown().await?;
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    // A connection ends as its client ends it: there is nobody to tell.
    let _ = timeout(patience.head(), answered).await;
}

async fn in_bytes(response: Response) -> Vec<u8> {
    let (head, body) = response.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let reason = head.status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", head.status.as_str()).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
        .extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(&body);
    bytes
}
