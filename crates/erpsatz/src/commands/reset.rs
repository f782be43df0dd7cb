//! `erpsatz reset`.

use reqwest::Method;

use crate::Failure;
use crate::args::SandboxArgs;
use crate::client::{in_sandbox, send};

pub(crate) async fn run(sandbox: &SandboxArgs) -> Result<(), Failure> {
    send(in_sandbox(sandbox, Method::POST, "/reset")).await.map(drop)
}
