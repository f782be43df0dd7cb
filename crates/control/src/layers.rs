//! What every call of the control API passes, whatever it asks: tower-http's layers, set up here.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::header::{HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::response::IntoResponse;
use simcore::base::error::{Error, panic_text};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

/// The header with the number of a request: the client's own, or one that is made.
const ID: HeaderName = HeaderName::from_static("x-request-id");

/// Numbers requests in the order in which they come.
#[derive(Clone, Copy)]
struct Counted;

impl MakeRequestId for Counted {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        Some(RequestId::new(HeaderValue::from(number)))
    }
}

/// A panic in a handler is an error like any other.
pub(crate) fn catch_panics<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let caught = |panic: Box<dyn Any + Send>| Error::internal(panic_text(&*panic)).into_response();
    router.layer(CatchPanicLayer::custom(caught))
}

/// From the outside in: the request's number, the log, headers against what browsers do unasked, gzip.
pub(crate) fn around<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .layer(CompressionLayer::new())
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        // Why a call failed is said where it is known, once.
        .layer(TraceLayer::new_for_http().make_span_with(span).on_failure(()))
        .layer(PropagateRequestIdLayer::new(ID))
        .layer(SetRequestIdLayer::new(ID, Counted))
}

/// Neither headers nor the query are logged.
fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(&ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let (method, path) = (request.method().as_str(), request.uri().path());
    tracing::debug_span!("control", id, method, path)
}
