//! A token of Comarch XT by reqwest over rustls, which trusts the root in ERPSATZ_CA alone.

use std::{env, error::Error, fs};

use reqwest::{Certificate, blocking::Client};

fn main() -> Result<(), Box<dyn Error>> {
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "there is a provider already")?;
    let base = env::var("BASE").unwrap_or_else(|_| "https://app.erpxt.de".to_owned());
    let root = Certificate::from_pem(&fs::read(env::var("ERPSATZ_CA")?)?)?;
    let client = Client::builder().tls_certs_only([root]).build()?;
    let request = client.post(format!("{base}/api2/public/token")).basic_auth("demo-client", Some("demo-secret"));
    let answer = request.form(&[("grant_type", "client_credentials")]).send()?.error_for_status()?.text()?;
    if answer.contains("access_token") { Ok(()) } else { Err(answer.into()) }
}
