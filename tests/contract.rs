//! Checks that every simulator passes, whatever its vendor.

use erpsatz::registry;
use reqwest::Method;

use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_are_refused_in_the_vendors_words() {
    let app = App::start().await;
    for sim in registry::ALL {
        let answer = send(app.request(sim.slug, Method::GET, "/nowhere/at/all")).await;
        assert!(answer.status.is_client_error(), "{}: {}", sim.slug, answer.status);
        assert!(!answer.body.is_empty(), "{}", sim.slug);
    }
}
