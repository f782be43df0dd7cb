//! Certificates as they are asked for.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use rcgen::KeyPair;
use tokio::sync::OnceCell;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};

use crate::tls::names::Names;
use crate::tls::root::{self, Root};

/// How many names have a certificate ready; beyond it the oldest is made again when it is asked for.
pub const MAX_NAMES: usize = 1_000;

/// How much longer a certificate must be good, to be given to a client.
const RENEWED: Duration = Duration::from_secs(30 * 86_400);

/// What is spoken inside: HTTP/2 would let one client's requests share the connection that a fault cuts.
const PROTOCOL: &[u8] = b"http/1.1";

/// What makes certificates, for all listeners of an Erpsatz.
pub struct Authority {
    names: Names,
    folder: Option<PathBuf>,
    signer: OnceCell<Arc<Signer>>,
    ready: Mutex<IndexMap<String, Ready>>,
}

/// What certificates are made with, once there is a root.
struct Signer {
    root: Root,
    /// One for all certificates.
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    /// Without certificate.
    config: ServerConfig,
}

/// A certificate in use.
struct Ready {
    config: Arc<ServerConfig>,
    /// Until when it is good, in seconds since 1970.
    ends: Duration,
}

/// Has no certificate for anybody: the client is told so in an alert.
#[derive(Debug)]
struct Nobody;

impl ResolvesServerCert for Nobody {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

/// How a client is answered.
pub struct Choice {
    /// With this.
    pub config: Arc<ServerConfig>,
    /// Whether that is a refusal: no certificate is made for the name that it asks for.
    pub is_refused: bool,
}

impl Authority {
    /// Certificates for `names`, from the root that `folder` holds, or one in memory. Nothing is made yet.
    pub fn new(names: Names, folder: Option<PathBuf>) -> Self {
        Self { names, folder, signer: OnceCell::new(), ready: Mutex::default() }
    }

    /// The root as text, made if there is none.
    ///
    /// # Errors
    /// One line.
    pub async fn pem(&self) -> Result<String, String> {
        Ok(self.signer().await?.root.pem().to_owned())
    }

    /// What a client is answered with that asks for `name` at the address `local`.
    ///
    /// # Errors
    /// When there is no root: one line.
    pub async fn choose(&self, name: Option<&str>, local: IpAddr) -> Result<Choice, String> {
        let signer = self.signer().await?;
        let name = name.map(|name| name.trim_end_matches('.').to_ascii_lowercase());
        if name.as_ref().is_some_and(|name| !self.names.admits(name)) {
            let config = Arc::new(signer.config.clone());
            return Ok(Choice { config, is_refused: true });
        }
        let key = name.clone().unwrap_or_else(|| local.to_canonical().to_string());
        let held = || name.map_or_else(|| self.names.without_name(local), |name| vec![name]);
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = ready.get(&key)
            && made.ends > root::now() + RENEWED
        {
            return Ok(Choice { config: made.config.clone(), is_refused: false });
        }
        let made = signer.certify(held())?;
        let config = made.config.clone();
        ready.shift_remove(&key);
        if ready.len() >= MAX_NAMES {
            ready.shift_remove_index(0);
        }
        ready.insert(key, made);
        Ok(Choice { config, is_refused: false })
    }

    async fn signer(&self) -> Result<&Arc<Signer>, String> {
        let make = || async {
            let folder = self.folder.clone();
            // Files may be slow.
            let made = tokio::task::spawn_blocking(move || {
                let root = folder.map_or_else(Root::make, |folder| Root::kept_in(&folder))?;
                Signer::over(root).map(Arc::new)
            });
            made.await.map_err(|error| error.to_string())?
        };
        self.signer.get_or_try_init(make).await
    }
}

impl Signer {
    fn over(root: Root) -> Result<Self, String> {
        let explain = |error: &dyn std::fmt::Display| format!("no certificate can be made: {error}");
        let key = KeyPair::generate().map_err(|error| explain(&error))?;
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = ring::sign::any_ecdsa_type(&der).map_err(|error| explain(&error))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| explain(&error))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(Arc::new(Nobody));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Self { root, key, signing, config })
    }

    fn certify(&self, names: Vec<String>) -> Result<Ready, String> {
        let (certificate, ends) = self.root.certify(names, &self.key)?;
        let certified = CertifiedKey::new(vec![certificate.into()], self.signing.clone());
        let mut config = self.config.clone();
        config.cert_resolver = Arc::new(SingleCertAndKey::from(certified));
        Ok(Ready { config: Arc::new(config), ends })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn certificates_are_made_once_a_name_and_no_more_are_kept_than_allowed() {
        let authority = Authority::new(Names::default(), None);
        let local: IpAddr = "127.0.0.1".parse().unwrap();
        let first = authority.choose(Some("a.localhost"), local).await.unwrap().config;
        let again = authority.choose(Some("A.localhost."), local).await.unwrap().config;
        assert!(Arc::ptr_eq(&first, &again), "it is made once");
        assert!(authority.choose(Some("bank.example"), local).await.unwrap().is_refused);
        for n in 0..MAX_NAMES {
            assert!(!authority.choose(Some(&format!("t{n}.localhost")), local).await.unwrap().is_refused);
        }
        assert_eq!(authority.ready.lock().unwrap().len(), MAX_NAMES);
        let later = authority.choose(Some("a.localhost"), local).await.unwrap().config;
        assert!(!Arc::ptr_eq(&first, &later), "the oldest had gone");
    }

    #[tokio::test]
    async fn one_that_ends_soon_is_made_again() {
        let authority = Authority::new(Names::default(), None);
        let local: IpAddr = "::1".parse().unwrap();
        let first = authority.choose(None, local).await.unwrap().config;
        authority.ready.lock().unwrap()[0].ends = root::now() + RENEWED;
        let again = authority.choose(None, local).await.unwrap().config;
        assert!(!Arc::ptr_eq(&first, &again));
    }
}
