//! The person, the firm, the place and the article that one generated record is about: values drawn together, so that
//! they fit each other.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;
use serde_json::Value;

use super::words::{self, Town, Words};
use crate::base::decimal;
use crate::base::random::{below, one_of};
use crate::entity::identifier::{Identifier, french_vat};
use crate::entity::sample::{Locale, Meaning};

/// What a record is about, drawn where it is first asked for.
pub(super) struct Subject {
    draws: ChaCha8Rng,
    locale: Locale,
    at: Timestamp,
    party: Option<Party>,
    article: Option<Article>,
}

/// Somebody at a firm in a town.
struct Party {
    first: String,
    last: String,
    company: String,
    siren: String,
    domain: String,
    town: &'static Town,
    street: String,
    number: u64,
}

struct Article {
    name: String,
    price: Decimal,
    cost: Decimal,
}

impl Subject {
    /// A record that was made at that instant.
    pub(super) fn new(draws: ChaCha8Rng, locale: Locale, at: Timestamp) -> Self {
        Self { draws, locale, at, party: None, article: None }
    }

    /// The next element of a list is about another article.
    pub(super) fn turn(&mut self) {
        self.article = None;
    }

    /// A number from 0 up to, not including, `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        below(&mut self.draws, end)
    }

    /// One of `all`; none when it is empty.
    pub(super) fn one_of<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        one_of(&mut self.draws, all)
    }

    /// `text` with a digit for each `#`.
    pub(super) fn digits(&mut self, text: &str) -> String {
        let digit = |draws: &mut ChaCha8Rng| char::from(b'0' + u8::try_from(below(draws, 10)).unwrap_or(0));
        text.chars().map(|letter| if letter == '#' { digit(&mut self.draws) } else { letter }).collect()
    }

    /// The value of that meaning.
    pub(super) fn value(&mut self, meaning: Meaning) -> Value {
        let words = words::of(self.locale);
        match meaning {
            Meaning::Company => self.party().company.as_str().into(),
            Meaning::FirstName => self.party().first.as_str().into(),
            Meaning::LastName => self.party().last.as_str().into(),
            Meaning::Person => self.party().name().into(),
            Meaning::Email => self.party().email().into(),
            Meaning::OfficeEmail => format!("contact@{}", self.party().domain).into(),
            Meaning::Phone => {
                let phone = self.party().town.phone;
                self.digits(phone).into()
            }
            Meaning::Mobile => self.digits(words.mobile).into(),
            Meaning::Street => self.party().street_line(words).into(),
            Meaning::StreetName => self.party().street.as_str().into(),
            Meaning::BuildingNumber => self.party().number.to_string().into(),
            Meaning::PostalCode => self.party().town.postal_code.into(),
            Meaning::City => self.party().town.city.into(),
            Meaning::Region => self.party().town.region.into(),
            Meaning::Country => words.country.0.into(),
            Meaning::CountryCode => words.country.1.into(),
            Meaning::Latitude => decimal::to_json(Decimal::new(self.party().town.at.0, 4)),
            Meaning::Longitude => decimal::to_json(Decimal::new(self.party().town.at.1, 4)),
            Meaning::Siren => self.party().siren.as_str().into(),
            Meaning::Siret => Identifier::Siret.corrected(&format!("{}00010", self.party().siren)).into(),
            Meaning::Vat if self.locale == Locale::Germany => self.checked(Identifier::Vat, "DE#########"),
            Meaning::Vat => french_vat(&self.party().siren).into(),
            Meaning::Ean => self.checked(Identifier::Ean, "20###########"),
            Meaning::Iban => self.checked(Identifier::Iban, "DE####################"),
            Meaning::Product => self.article().name.as_str().into(),
            Meaning::Price => decimal::to_json(self.article().price),
            Meaning::Cost => decimal::to_json(self.article().cost),
            Meaning::Unit => self.word(words.units),
            Meaning::Quantity => (self.below(12) + 1).into(),
            Meaning::Stock => (self.below(25) * self.below(25)).into(),
            Meaning::Subject => self.word(words.subjects),
            Meaning::Remark => self.word(words.remarks),
            Meaning::Date => moment(self.at).into(),
            Meaning::Day => moment(self.at)[..10].into(),
            Meaning::Later => {
                let days = i64::try_from(self.below(60) + 1).unwrap_or(1);
                moment(self.later(24 * days)).into()
            }
            Meaning::LaterDay => {
                let days = i64::try_from(self.below(60) + 1).unwrap_or(1);
                moment(self.later(24 * days))[..10].into()
            }
            Meaning::Soon => {
                let hours = i64::try_from(self.below(3) + 1).unwrap_or(1);
                moment(self.later(hours)).into()
            }
            Meaning::YearBefore => format!("{:04}-01-01T00:00:00", self.year() - 1).into(),
            Meaning::YearAfter => format!("{:04}-12-31T00:00:00", self.year() + 1).into(),
        }
    }

    fn year(&self) -> i16 {
        TimeZone::UTC.to_datetime(self.at).year()
    }

    fn later(&self, hours: i64) -> Timestamp {
        self.at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(self.at)
    }

    /// A number like `template` whose check digits are right.
    fn checked(&mut self, kind: Identifier, template: &str) -> Value {
        let drawn = self.digits(template);
        kind.corrected(&drawn).into()
    }

    fn word(&mut self, words: &[&'static str]) -> Value {
        self.one_of(words).copied().into()
    }

    fn party(&mut self) -> &Party {
        let Self { draws, locale, party, .. } = self;
        party.get_or_insert_with(|| Party::draw(draws, *locale))
    }

    fn article(&mut self) -> &Article {
        let Self { draws, locale, article, .. } = self;
        article.get_or_insert_with(|| Article::draw(draws, words::of(*locale)))
    }
}

impl Party {
    fn draw(draws: &mut ChaCha8Rng, locale: Locale) -> Self {
        let words = words::of(locale);
        let (first, last) = words::person(locale, draws);
        // A firm is seldom called after the one who answers its letters.
        let (_, family) = words::person(locale, draws);
        let company = words::company(locale, draws, &family);
        let town = one_of(draws, words.towns).unwrap_or(&words.towns[0]);
        let street = words::street(locale, draws);
        let domain = format!("{}.example", slug(&company));
        let number = below(draws, 180) + 1;
        let siren = Identifier::Siren.corrected(&format!("{}0", 30_000_000 + below(draws, 60_000_000)));
        Self { first, last, company, siren, domain, town, street, number }
    }

    fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    fn email(&self) -> String {
        format!("{}.{}@{}", slug(&self.first), slug(&self.last), self.domain)
    }

    fn street_line(&self, words: &Words) -> String {
        words.street_line.replace("{street}", &self.street).replace("{number}", &self.number.to_string())
    }
}

impl Article {
    fn draw(draws: &mut ChaCha8Rng, words: &Words) -> Self {
        let mut word = |all: &[&'static str]| pick(draws, all);
        let name = format!("{} {} {}", word(words.articles), word(words.finishes), word(words.sizes));
        // Most things are cheap: tens of cents, of units, of tens.
        let magnitude = [5, 50, 500][usize::try_from(below(draws, 3)).unwrap_or(0)];
        let price = i64::try_from((below(draws, 90) + 10) * magnitude).unwrap_or(100);
        let share = i64::try_from(55 + below(draws, 25)).unwrap_or(60);
        Self { name, price: Decimal::new(price, 2), cost: Decimal::new(price * share / 100, 2) }
    }
}

fn pick(draws: &mut ChaCha8Rng, words: &[&'static str]) -> &'static str {
    one_of(draws, words).copied().unwrap_or_default()
}

/// `text` as a part of a domain or a mail address: `Électricité L'Œuvre` is `electricite-l-oeuvre`.
fn slug(text: &str) -> String {
    let ascii = deunicode::deunicode(text).to_lowercase();
    let words = ascii.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

fn moment(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
