//! Numbers that carry a check digit: whether one is right, and what makes it right.

use serde::{Deserialize, Serialize};

/// A kind of number with a check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Identifier {
    /// A French firm: nine digits, Luhn.
    Siren,
    /// A French establishment: SIREN and five digits, Luhn.
    Siret,
    /// A VAT number by its first two letters: FR, DE and PL are checked, other countries are left alone.
    Vat,
    /// A barcode of 8, 12, 13 or 14 digits (GS1).
    Ean,
    /// A bank account (ISO 13616).
    Iban,
}

impl Identifier {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Siren => "SIREN",
            Self::Siret => "SIRET",
            Self::Vat => "VAT number",
            Self::Ean => "EAN",
            Self::Iban => "IBAN",
        }
    }

    /// What is wrong with `text`; nothing when it is right, empty, or a placeholder: zeros alone, or the number that
    /// every German form has as its example.
    pub fn problem(self, text: &str) -> Option<&'static str> {
        let text: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-' | '.')).collect();
        if text.bytes().all(|byte| byte == b'0') || text == "DE123456789" {
            return None;
        }
        match self {
            Self::Siren => digits(&text, &[9], luhn),
            Self::Siret => digits(&text, &[14], luhn),
            Self::Ean => digits(&text, &[8, 12, 13, 14], gs1),
            Self::Iban => {
                let fits = (15..=34).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
                if fits { (!iban(&text)).then_some(WRONG_DIGIT) } else { Some("has not the form of one") }
            }
            Self::Vat => match text.split_at_checked(2) {
                Some(("FR", rest)) => digits(rest, &[11], french),
                Some(("DE", rest)) => digits(rest, &[9], german),
                Some(("PL", rest)) => digits(rest, &[10], polish),
                _ => None,
            },
        }
    }

    /// `text` made right by its check digits. Of a SIRET those of its SIREN too.
    #[must_use]
    pub fn corrected(self, text: &str) -> String {
        match self {
            Self::Siren | Self::Ean => with_last(text, |it| self.problem(it).is_none()),
            Self::Siret => {
                let (siren, rest) = text.split_at_checked(9).unwrap_or((text, ""));
                let siren = Self::Siren.corrected(siren);
                with_last(&format!("{siren}{rest}"), |it| self.problem(it).is_none())
            }
            Self::Vat => match text.split_at_checked(2) {
                Some(("FR", rest)) if rest.len() == 11 => french_vat(&Self::Siren.corrected(&rest[2..])),
                _ => with_last(text, |it| self.problem(it).is_none()),
            },
            Self::Iban => match text.split_at_checked(4) {
                Some((head, rest)) => {
                    let check = 98 - remainder_97(&format!("{rest}{}00", &head[..2]));
                    format!("{}{check:02}{rest}", &head[..2])
                }
                None => text.to_owned(),
            },
        }
    }
}

const WRONG_DIGIT: &str = "has a wrong check digit";

/// The French VAT number of the firm with that SIREN.
pub fn french_vat(siren: &str) -> String {
    let key = (12 + 3 * siren.parse::<u64>().map_or(0, |number| number % 97)) % 97;
    format!("FR{key:02}{siren}")
}

/// The SIREN that a SIREN, a SIRET or a French VAT number holds.
pub fn siren_of(text: &str) -> Option<&str> {
    let number = text.strip_prefix("FR").and_then(|rest| rest.get(2..)).unwrap_or(text);
    number.get(..9).filter(|siren| siren.bytes().all(|byte| byte.is_ascii_digit()))
}

fn digits(text: &str, lengths: &[usize], is_right: impl Fn(&[u8]) -> bool) -> Option<&'static str> {
    if !lengths.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("has not the form of one");
    }
    let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
    (!is_right(&digits)).then_some(WRONG_DIGIT)
}

/// `text` with the last digit that makes it right; as it is when none does.
fn with_last(text: &str, is_right: impl Fn(&str) -> bool) -> String {
    let Some(end) = text.len().checked_sub(1).filter(|end| text.is_char_boundary(*end)) else {
        return text.to_owned();
    };
    let mut tried = (0..10).map(|digit| format!("{}{digit}", &text[..end]));
    tried.find(|it| is_right(it)).unwrap_or_else(|| text.to_owned())
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |(place, digit): (usize, &u8)| {
        let twice = u32::from(*digit) * 2;
        if place % 2 == 0 { u32::from(*digit) } else { twice / 10 + twice % 10 }
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

fn gs1(digits: &[u8]) -> bool {
    let weighed = |(place, digit): (usize, &u8)| u32::from(*digit) * if place % 2 == 0 { 1 } else { 3 };
    digits.iter().rev().enumerate().map(weighed).sum::<u32>().is_multiple_of(10)
}

/// Key and SIREN, which is right itself.
fn french(digits: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0_u64, |number, digit| number * 10 + u64::from(*digit));
    let (key, siren) = digits.split_at(2);
    number(key) == (12 + 3 * (number(siren) % 97)) % 97 && luhn(siren)
}

/// ISO 7064, MOD 11,10.
fn german(digits: &[u8]) -> bool {
    let product = digits[..8].iter().fold(10, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        2 * (if sum == 0 { 10 } else { sum }) % 11
    });
    (11 - product) % 10 == u32::from(digits[8])
}

/// The NIP's weights.
fn polish(digits: &[u8]) -> bool {
    let weights = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    sum % 11 == u32::from(digits[9])
}

fn iban(text: &str) -> bool {
    remainder_97(&format!("{}{}", &text[4..], &text[..4])) == 1
}

/// The remainder by 97 of the number that letters and digits stand for, A as 10 and so on.
fn remainder_97(text: &str) -> u32 {
    text.chars()
        .filter_map(|letter| letter.to_digit(36))
        .fold(0, |rest, value| if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_that_are_known_to_be_right_are_and_their_neighbours_are_not() {
        // From the issuers' own descriptions of the check digit.
        for (kind, right) in [
            (Identifier::Siren, "732829320"),
            (Identifier::Siret, "73282932000074"),
            (Identifier::Vat, "FR44732829320"),
            (Identifier::Vat, "DE136695976"),
            (Identifier::Vat, "PL1234563218"),
            (Identifier::Ean, "4006381333931"),
            (Identifier::Ean, "96385074"),
            (Identifier::Iban, "DE89370400440532013000"),
            (Identifier::Iban, "GB82WEST12345698765432"),
        ] {
            assert_eq!(kind.problem(right), None, "{right}");
            let mut wrong = right.to_owned();
            let last = wrong.pop().and_then(|digit| digit.to_digit(10)).unwrap();
            wrong.push(char::from_digit((last + 1) % 10, 10).unwrap());
            assert_eq!(kind.problem(&wrong), Some(WRONG_DIGIT), "{wrong}");
            assert_eq!(kind.corrected(right), right);
            assert!(kind.problem(&right[..right.len() - 2]).is_some());
        }
        assert_eq!(remainder_97("1A"), 110 % 97, "a letter has two digits");
        assert_eq!(Identifier::Siren.problem("0000000000000"), None, "a placeholder");
        assert_eq!(Identifier::Vat.problem("ATU12345678"), None, "of another country");
        assert_eq!(siren_of("FR44732829320"), siren_of("73282932000074"));
    }

    proptest! {
        #[test]
        fn corrected_numbers_are_right(digits in "[1-9][0-9]{21}") {
            for (kind, text) in [
                (Identifier::Siren, digits[..9].to_owned()),
                (Identifier::Siret, digits[..14].to_owned()),
                (Identifier::Vat, format!("FR{}", &digits[..11])),
                (Identifier::Vat, format!("DE{}", &digits[..9])),
                (Identifier::Ean, digits[..13].to_owned()),
                (Identifier::Iban, format!("DE{}", &digits[..20])),
            ] {
                let corrected = kind.corrected(&text);
                prop_assert_eq!(kind.problem(&corrected), None, "{}", corrected);
                prop_assert_eq!(corrected.len(), text.len());
            }
        }
    }
}
