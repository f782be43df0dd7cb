//! `erpsatz health`.

use std::time::Duration;

use reqwest::Method;

use crate::Failure;
use crate::args::ControlArgs;
use crate::client::{request, send};

pub(crate) async fn run(control: &ControlArgs) -> Result<(), Failure> {
    send(request(control, Method::GET, "/healthz").timeout(Duration::from_secs(5))).await.map(drop)
}
