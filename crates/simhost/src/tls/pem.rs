//! Certificates and keys as text (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

/// What a certificate is called.
pub const CERTIFICATE: &str = "CERTIFICATE";

/// What a key is called.
pub(super) const KEY: &str = "PRIVATE KEY";

/// How many letters a line has.
const LINE: usize = 64;

/// The bytes of a certificate or key as text, under what it is called.
pub fn write(label: &str, der: &[u8]) -> String {
    let letters = STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..letters.len()).step_by(LINE).map(|at| &letters[at..letters.len().min(at + LINE)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The bytes of all certificates of a text; other parts of it are left out.
///
/// # Errors
/// What is wrong with the text.
pub fn certificates(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let read = CertificateDer::pem_slice_iter(text.as_bytes());
    read.map(|found| found.map(|der| der.to_vec()).map_err(|error| error.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for size in [1, 47, 48, 49, 500] {
            let der: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let text = write(CERTIFICATE, &der);
            assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
            assert_eq!(certificates(&format!("a note\n{text}{text}")).unwrap(), [der.clone(), der]);
        }
        assert_eq!(certificates("nothing").unwrap(), Vec::<Vec<u8>>::new());
        assert!(certificates("-----BEGIN CERTIFICATE-----\nAA==").is_err());
    }
}
