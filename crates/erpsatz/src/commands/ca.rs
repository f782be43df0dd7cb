//! `erpsatz ca`: the root of HTTPS.

#![expect(clippy::disallowed_methods, reason = "files that the command line names")]

mod pkcs12;

use std::fs;
use std::io;
use std::path::Path;

use reqwest::Method;
use serde_json::json;
use simhost::sandbox::folder::is_marked;
use simhost::tls::pem;
use simhost::tls::root::{KEY_FILE, Root};

use crate::Failure;
use crate::args::CaArgs;
use crate::client::{request, send};
use crate::commands::{complain, say};

pub(crate) async fn run(args: &CaArgs) -> Result<(), Failure> {
    if let (Some(own), Some(data)) = (&args.ca_dir, &args.data_dir) {
        complain(&format!(
            "erpsatz: the root is that of --ca-dir {}, not of --data-dir {}",
            own.display(),
            data.display()
        ));
    }
    if !args.password.is_ascii() {
        // Programs do not agree on how other letters are hashed.
        return Err(Failure::Usage("--password is for all readers alike only in ASCII".to_owned()));
    }
    if let (None, Some(folder)) = (&args.ca_dir, &args.data_dir)
        && is_of_others(folder)
    {
        return Err(Failure::Failed(format!(
            "--data-dir {}: no Erpsatz has kept its data there; name its folder, or keep the root in one of its own by \
             --ca-dir",
            folder.display()
        )));
    }
    let ours = match args.ca_dir.as_ref().or(args.data_dir.as_ref()) {
        Some(folder) => Root::kept_in(folder).map_err(Failure::Failed)?.pem().to_owned(),
        None => {
            let answer = send(request(&args.sandbox.control, Method::GET, "/ca.pem")).await?;
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
        let explain = |error: io::Error| Failure::Failed(format!("{}: {error}", file.display()));
        let store = pkcs12::truststore(&all, &args.password).map_err(Failure::Failed)?;
        if !may_be_replaced(file).map_err(explain)? {
            let file = file.display();
            return Err(Failure::Failed(format!(
                "{file}: it is no truststore, and stays; name another file"
            )));
        }
        return fs::write(file, store).map_err(explain);
    }
    let all = text(&all);
    say(&if args.json { json!({ "pem": all }).to_string() } else { all.trim_end().to_owned() });
    Ok(())
}

/// Whether there is something in a folder, and nothing that says that it is Erpsatz's.
fn is_of_others(folder: &Path) -> bool {
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    !is_empty && !is_marked(folder) && !folder.join(KEY_FILE).exists()
}

/// Whether nothing is lost with a file: there is none, nothing is in it, or it is a PKCS#12.
fn may_be_replaced(file: &Path) -> io::Result<bool> {
    match fs::read(file) {
        Ok(found) => Ok(found.is_empty() || pkcs12::is_one(&found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
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
