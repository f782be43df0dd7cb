//! A truststore for Java: PKCS#12 (RFC 7292) with certificates alone, which are public and so not encrypted, under a MAC that
//! shows whether the password is right.
//!
//! The crates that write PKCS#12 bring forty others with them, for keys and ciphers that a truststore has no use for.

use ring::{digest, hmac};
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, TagClass};

/// How often the password is hashed.
const ITERATIONS: u32 = 10_000;

/// How long a block of SHA-256 is.
const BLOCK: usize = 64;

/// What a key for a MAC is derived for.
const FOR_MAC: u8 = 3;

/// The type of text in 16 bits a letter.
const BMP_STRING: Tag = Tag { tag_class: TagClass::Universal, tag_number: 30 };

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const CERTIFICATE_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509: &[u64] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 20];
const SHA256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];
/// Java takes a certificate without a key for a trusted one only with this attribute.
const TRUSTED_KEY_USAGE: &[u64] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
const ANY_USAGE: &[u64] = &[2, 5, 29, 37, 0];

/// The certificates (DER) as a truststore: the first is called `erpsatz`, others `root-N`.
///
/// # Errors
/// When the password cannot be written in it.
pub(super) fn truststore(certificates: &[Vec<u8>], password: &str) -> Result<Vec<u8>, String> {
    let bags = yasna::construct_der(|writer| {
        writer.write_sequence_of(|writer| {
            for (place, der) in certificates.iter().enumerate() {
                let name = if place == 0 { "erpsatz".to_owned() } else { format!("root-{place}") };
                bag(writer.next(), der, &name);
            }
        });
    });
    let safe = yasna::construct_der(|writer| writer.write_sequence_of(|writer| data(writer.next(), &bags)));
    // It keeps no secret, so what it is salted with need not be one.
    let salt = digest::digest(&digest::SHA256, &safe);
    let salt = &salt.as_ref()[..16];
    let key = hmac::Key::new(hmac::HMAC_SHA256, &derived(password, salt, ITERATIONS)?);
    let mac = hmac::sign(&key, &safe);
    Ok(yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_u8(3);
            data(writer.next(), &safe);
            writer.next().write_sequence(|writer| {
                writer.next().write_sequence(|writer| {
                    writer.next().write_sequence(|writer| {
                        writer.next().write_oid(&ObjectIdentifier::from_slice(SHA256));
                        writer.next().write_null();
                    });
                    writer.next().write_bytes(mac.as_ref());
                });
                writer.next().write_bytes(salt);
                writer.next().write_u32(ITERATIONS);
            });
        });
    }))
}

/// Whether these bytes begin as a PKCS#12 does: a sequence of version 3 and more.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    let long = bytes.get(1).map_or(0, |length| if *length < 0x80 { 0 } else { usize::from(length & 0x7f) });
    bytes.first() == Some(&0x30) && bytes.get(2 + long..).is_some_and(|rest| rest.starts_with(&[2, 1, 3]))
}

fn data(writer: DERWriter<'_>, content: &[u8]) {
    writer.write_sequence(|writer| {
        writer.next().write_oid(&ObjectIdentifier::from_slice(DATA));
        writer.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(content));
    });
}

fn bag(writer: DERWriter<'_>, der: &[u8], name: &str) {
    let bmp: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    writer.write_sequence(|writer| {
        writer.next().write_oid(&ObjectIdentifier::from_slice(CERTIFICATE_BAG));
        writer.next().write_tagged(Tag::context(0), |writer| {
            writer.write_sequence(|writer| {
                writer.next().write_oid(&ObjectIdentifier::from_slice(X509));
                writer.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(der));
            });
        });
        writer.next().write_set_of(|writer| {
            attribute(writer.next(), FRIENDLY_NAME, |writer| {
                writer.write_tagged_implicit(BMP_STRING, |writer| writer.write_bytes(&bmp));
            });
            attribute(writer.next(), TRUSTED_KEY_USAGE, |writer| {
                writer.write_oid(&ObjectIdentifier::from_slice(ANY_USAGE));
            });
        });
    });
}

fn attribute(writer: DERWriter<'_>, kind: &[u64], value: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|writer| {
        writer.next().write_oid(&ObjectIdentifier::from_slice(kind));
        writer.next().write_set(|writer| value(writer.next()));
    });
}

/// The key that a password gives (RFC 7292, B.2), of the length of one hash: no second block is needed.
fn derived(password: &str, salt: &[u8], iterations: u32) -> Result<Vec<u8>, String> {
    let units = password.encode_utf16().chain([0]);
    if password.chars().any(|letter| letter.len_utf16() > 1) {
        return Err("a password of PKCS#12 has no letters beyond the first 65,536 of Unicode".to_owned());
    }
    let password: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
    let filled = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(BLOCK) * BLOCK;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut hash =
        digest::digest(&digest::SHA256, &[&[FOR_MAC; BLOCK][..], &filled(salt), &filled(&password)].concat());
    for _ in 1..iterations {
        hash = digest::digest(&digest::SHA256, hash.as_ref());
    }
    Ok(hash.as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `openssl kdf -keylen 32 -kdfopt digest:SHA2-256 -kdfopt hexpass:… -kdfopt hexsalt:… -kdfopt iter:1000 -kdfopt id:3
    /// PKCS12KDF` says.
    #[test]
    fn a_password_gives_the_key_that_openssl_gives() {
        let key = derived("changeit", &[1, 2, 3, 4, 5, 6, 7, 8], 1000).unwrap();
        let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(key, "752b8b834771a23a77907f5472bcaf4433d42d348d6bd6ee4715906a90e0fe2d");
    }

    #[test]
    fn the_attribute_that_java_looks_for_is_there() {
        let store = truststore(&[vec![0x30, 0]], "changeit").unwrap();
        let attribute = [0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 0x01, 0x01];
        assert!(store.windows(attribute.len()).any(|part| part == attribute));
        assert!(truststore(&[], "\u{1f512}").is_err());
        assert!(is_one(&store) && is_one(&truststore(&vec![vec![0x30, 0]; 5000], "changeit").unwrap()));
        assert!(!is_one(b"0\x82") && !is_one(b"notes of mine") && !is_one(b""));
    }
}
