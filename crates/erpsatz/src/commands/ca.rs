//! `erpsatz ca`: the root of HTTPS.

#![expect(clippy::disallowed_methods, reason = "files that the command line names")]

mod pkcs12;

use std::path::Path;

use reqwest::Method;
use simhost::tls::pem;
use simhost::tls::root::Root;

use crate::Failure;
use crate::args::CaArgs;
use crate::client::{request, send};
use crate::commands::{complain, say};

pub(crate) async fn run(args: &CaArgs) -> Result<(), Failure> {
    let ours = match args.ca_dir.as_ref().or(args.data_dir.as_ref()) {
        Some(folder) => Root::kept_in(folder).map_err(Failure::Failed)?.pem().to_owned(),
        None => {
            let answer = send(request(&args.control, Method::GET, "/ca.pem")).await?;
            answer.text().await.map_err(|error| Failure::Failed(error.to_string()))?
        }
    };
    let mut all = pem::certificates(&ours).map_err(Failure::Failed)?;
    if args.bundle {
        let system = system_roots(&[]);
        if system.is_empty() {
            complain("erpsatz: this machine has no roots that can be found");
        }
        all.extend(system);
    }
    if let Some(file) = &args.pkcs12 {
        let store = pkcs12::truststore(&all, &args.password).map_err(Failure::Failed)?;
        return std::fs::write(file, store)
            .map_err(|error| Failure::Failed(format!("{}: {error}", file.display())));
    }
    say(text(&all).trim_end());
    Ok(())
}

/// The roots that are in `named` files and folders, or else those that this machine trusts.
pub(crate) fn system_roots(named: &[&Path]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for path in named {
        let is_folder = path.is_dir();
        let (file, folder) = ((!is_folder).then_some(*path), is_folder.then_some(*path));
        found.extend(rustls_native_certs::load_certs_from_paths(file, folder).certs);
    }
    if found.is_empty() {
        found = rustls_native_certs::load_native_certs().certs;
    }
    let mut roots: Vec<Vec<u8>> = found.iter().map(|root| root.to_vec()).collect();
    roots.sort();
    roots.dedup();
    roots
}

/// Certificates as one text.
pub(crate) fn text(certificates: &[Vec<u8>]) -> String {
    certificates.iter().map(|der| pem::write(pem::CERTIFICATE, der)).collect()
}
