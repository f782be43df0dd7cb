//! The root: a key, the certificate that clients are to trust, and the files that both are kept in.

#![expect(
    clippy::disallowed_methods,
    reason = "the folder that the command line names; certificates live in real time"
)]

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::tls::pem;

/// The file with the certificate, which everybody may read.
pub const CERTIFICATE_FILE: &str = "ca.pem";

/// The file with the key, which nobody else may read.
pub const KEY_FILE: &str = "ca.key";

/// How long a root lives.
const ROOT_DAYS: u64 = 3650;

/// How long a certificate lives: what browsers and Apple's systems take at most is 397 days. One of them is for clocks that
/// are late.
const LEAF_DAYS: u64 = 396;

/// How far clocks of clients may be late.
const LATE: Duration = Duration::from_secs(86_400);

/// What certificates are signed with.
pub struct Root {
    key: KeyPair,
    certificate: CertificateDer<'static>,
    pem: String,
}

/// Now, in seconds of real time.
pub(super) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl Root {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn make() -> Result<Self, String> {
        KeyPair::generate().and_then(Self::over).map_err(|error| format!("no root can be made: {error}"))
    }

    /// A new certificate for the key. It stands for the same root as an older one of that key: the subject follows
    /// from the key.
    fn over(key: KeyPair) -> Result<Self, rcgen::Error> {
        let certificate = CertificateDer::from(parameters(&key).self_signed(&key)?);
        Ok(Self { pem: pem::write(pem::CERTIFICATE, &certificate), certificate, key })
    }

    /// The one that the folder holds; nothing where it holds none.
    ///
    /// # Errors
    /// One line about files that cannot be read, or are not a root of Erpsatz's.
    pub fn read(folder: &Path) -> Result<Option<Self>, String> {
        Ok(Self::load(folder)?.map(|(root, _)| root))
    }

    /// The same, and whether the folder holds its certificate too.
    fn load(folder: &Path) -> Result<Option<(Self, bool)>, String> {
        let (pem_file, key_file) = (folder.join(CERTIFICATE_FILE), folder.join(KEY_FILE));
        // The key is there before the certificate: another process may be putting both there.
        let (early, pem) = (text(&key_file)?, text(&pem_file)?);
        let Some(key) = early.map_or_else(|| text(&key_file), |key| Ok(Some(key)))? else {
            return match pem {
                None => Ok(None),
                Some(_) => Err(format!(
                    "{}: there is no {KEY_FILE} beside it; give both files, or another folder",
                    pem_file.display()
                )),
            };
        };
        keep_to_oneself(&key_file);
        let no_key = |error: &dyn Display| format!("{}: this is no key: {error}", key_file.display());
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| no_key(&error))?;
        let key = KeyPair::try_from(&key).map_err(|error| no_key(&error))?;
        let root = Self::over(key).map_err(|error| format!("{}: {error}", key_file.display()))?;
        let Some(pem) = pem else { return Ok(Some((root, false))) };
        root.with_certificate(pem).map(|root| Some((root, true))).ok_or_else(|| {
            format!("{}: it is no root that Erpsatz made of the {KEY_FILE} beside it", pem_file.display())
        })
    }

    /// The one that the folder holds, made where it holds none. Of several processes that make one at a time, all get
    /// the same.
    ///
    /// # Errors
    /// One line that names the file.
    pub fn kept_in(folder: &Path) -> Result<Self, String> {
        if let Some((root, true)) = Self::load(folder)? {
            return Ok(root);
        }
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        if !folder.join(KEY_FILE).exists() {
            put(folder, KEY_FILE, &pem::write(pem::KEY, Self::make()?.key.serialized_der()), 0o600)?;
        }
        if let Some((root, false)) = Self::load(folder)? {
            put(folder, CERTIFICATE_FILE, &root.pem, 0o644)?;
        }
        // What another process has put there first counts.
        match Self::load(folder)? {
            Some((root, true)) => Ok(root),
            _ => Err(format!("{}: it went while it was read", folder.join(KEY_FILE).display())),
        }
    }

    /// The same root with the certificate that a file holds, if that is one of it.
    fn with_certificate(mut self, pem: String) -> Option<Self> {
        let kept = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let (mut ours, mut theirs) = (RootCertStore::empty(), RootCertStore::empty());
        ours.add(self.certificate.clone()).ok()?;
        theirs.add(kept.clone()).ok()?;
        let is_same = ours.roots[0].subject == theirs.roots[0].subject
            && ours.roots[0].subject_public_key_info == theirs.roots[0].subject_public_key_info;
        if !is_same {
            return None;
        }
        (self.certificate, self.pem) = (kept, pem);
        Some(self)
    }

    /// The certificate as text.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate in bytes.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// A certificate for `names`, addresses among them, over the key `of`; and until when it is good, in seconds.
    pub(super) fn certify(
        &self,
        names: Vec<String>,
        of: &KeyPair,
    ) -> Result<(Certificate, Duration), String> {
        let explain = |error: rcgen::Error| error.to_string();
        let mut wanted = CertificateParams::new(names).map_err(explain)?;
        let begins = now().saturating_sub(LATE);
        let ends = begins + days(LEAF_DAYS);
        let epoch = date_time_ymd(1970, 1, 1);
        (wanted.not_before, wanted.not_after) = (epoch + begins, epoch + ends);
        wanted.serial_number = Some(serial()?);
        wanted.distinguished_name = name("Erpsatz");
        wanted.is_ca = IsCa::ExplicitNoCa;
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wanted.use_authority_key_identifier_extension = true;
        let own = parameters(&self.key);
        let issuer = Issuer::from_params(&own, &self.key);
        let certificate = wanted.signed_by(of, &issuer).map_err(explain)?;
        Ok((certificate, ends))
    }
}

/// What the root of that key says of itself.
fn parameters(key: &KeyPair) -> CertificateParams {
    let mut root = CertificateParams::default();
    let id: String = root.key_identifier(key).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let (now, epoch) = (now(), date_time_ymd(1970, 1, 1));
    (root.not_before, root.not_after) = (epoch + now.saturating_sub(LATE), epoch + now + days(ROOT_DAYS));
    root.distinguished_name = name(&format!("Erpsatz root {id}"));
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    root
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Erpsatz (for tests)");
    name.push(DnType::CommonName, common);
    name
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

/// A number that no other certificate of the root has.
fn serial() -> Result<SerialNumber, String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| "the system gives no random bytes")?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// The text of a file; nothing when there is none.
fn text(file: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// Takes from others what they may do with a key's file, and says so.
#[cfg(unix)]
fn keep_to_oneself(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(found) = fs::metadata(file) else { return };
    let mode = found.permissions().mode() & 0o777;
    let of_others = mode & 0o077;
    if of_others == 0 {
        return;
    }
    let (key, mended) = (file.display(), fs::set_permissions(file, fs::Permissions::from_mode(0o600)));
    let now = if mended.is_ok() { "it is 0600 now" } else { "give it 0600" };
    tracing::warn!("{key}: others could read the key of the root (mode {mode:04o}); {now}");
}

#[cfg(not(unix))]
fn keep_to_oneself(_: &Path) {}

/// Puts a file there whole, and only where there is none: what is there already stays.
fn put(folder: &Path, name: &str, text: &str, mode: u32) -> Result<(), String> {
    let put = written(folder, name, text, mode).and_then(|new| {
        let file = folder.join(name);
        let put = match fs::hard_link(&new, &file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // Some file systems have no links.
            Err(_) if !file.exists() => fs::rename(&new, &file),
            put => put,
        };
        let _ = fs::remove_file(&new);
        put
    });
    put.map_err(|error| format!("{}: {error}", folder.join(name).display()))
}

/// The text in a new file beside `name`, which nobody else writes.
fn written(folder: &Path, name: &str, text: &str, mode: u32) -> io::Result<std::path::PathBuf> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    let new = folder.join(format!(".{name}.{:016x}.new", u64::from_be_bytes(bytes)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let _ = mode;
    let done = options.open(&new).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done.map(|()| new)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every time: who loses the race reads what the winner has written.
    #[test]
    fn a_folder_keeps_the_root_and_all_get_the_same() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..20 {
            let path = folder.path().join(format!("deep/{round}"));
            let at_once = std::sync::Arc::new(std::sync::Barrier::new(8));
            let makers: Vec<_> = (0..8)
                .map(|_| {
                    let (path, at_once) = (path.clone(), at_once.clone());
                    std::thread::spawn(move || {
                        at_once.wait();
                        Root::kept_in(&path).unwrap().pem().to_owned()
                    })
                })
                .collect();
            let kept = Root::read(&path);
            let made: Vec<String> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
            assert!(kept.is_ok(), "{:?}", kept.err());
            let kept = std::fs::read_to_string(path.join(CERTIFICATE_FILE)).unwrap();
            assert!(
                made.iter().all(|made| *made == kept),
                "round {round}: not all have the root that is kept"
            );
            assert_eq!(std::fs::read_dir(&path).unwrap().count(), 2, "nothing is left lying about");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_taken_from_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let made = Root::kept_in(folder.path()).unwrap();
        let key = folder.path().join(KEY_FILE);
        let mode = || std::fs::metadata(&key).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(Root::kept_in(folder.path()).unwrap().pem(), made.pem());
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn files_of_others_are_refused() {
        let (ours, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Root::kept_in(ours.path()).unwrap();
        Root::kept_in(other.path()).unwrap();
        let file = |folder: &tempfile::TempDir, name: &str| folder.path().join(name);
        std::fs::copy(file(&other, CERTIFICATE_FILE), file(&ours, CERTIFICATE_FILE)).unwrap();
        let why = Root::read(ours.path()).err().expect("a refusal");
        assert!(why.contains("ca.pem") && why.lines().count() == 1, "{why}");
        std::fs::remove_file(file(&ours, KEY_FILE)).unwrap();
        assert!(Root::kept_in(ours.path()).is_err_and(|why| why.contains("ca.key")));
        std::fs::write(
            file(&other, KEY_FILE),
            "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
        )
        .unwrap();
        assert!(Root::kept_in(other.path()).is_err_and(|why| why.contains("no key")));
    }
}
