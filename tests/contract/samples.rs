//! What the checks that run on every simulator know of each is there, and true.

use std::collections::HashSet;

use super::{app_of_all, everyone};
use crate::support::samples::{self, Client};
use crate::support::send;

#[tokio::test(flavor = "multi_thread")]
async fn every_simulator_has_a_sample_that_works() {
    let app = app_of_all().await;
    for sim in everyone() {
        let sample = samples::of(sim.slug);
        assert!(sample.calls.len() >= 4, "{}: too few random operations", sim.slug);
        let client = Client::of(&app, sim.slug).await;
        let answer = send(client.read()).await;
        assert_eq!(answer.status, 200, "{}: {}", sim.slug, answer.body);
        let answer = send(client.write(7)).await;
        assert!(answer.status.is_success(), "{}: {}", sim.slug, answer.body);
        assert_eq!(client.written().await, HashSet::from([7]), "{}: the mark of its write", sim.slug);
    }
    assert_eq!(samples::ALL.len() + 1, everyone().count(), "a sample of nothing");
}
