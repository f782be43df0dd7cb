//! Words of generated records by locale. What the crate `fake` knows of a locale comes from it: names of people, French
//! streets, German legal forms. The rest stays here: its telephone numbers may be somebody's (ours are set aside for
//! fiction), its towns have no postal code that fits, its firms are English in French, it writes German streets in two
//! words, and it does not know Québec.

mod france;
mod germany;
mod quebec;

use fake::Fake as _;
use fake::faker::address::raw::StreetName;
use fake::faker::company::raw::CompanySuffix;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::{DE_DE, EN, FR_FR};
use rand_chacha::ChaCha8Rng;

use crate::base::random::{below, one_of};
use crate::entity::sample::Locale;

/// A town.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) city: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) region: &'static str,
    /// First digits of telephone numbers; `#` and what follows is drawn.
    pub(super) phone: &'static str,
    /// Latitude and longitude in ten-thousandths of a degree.
    pub(super) at: (i64, i64),
}

/// What a language and a country call things.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) country: (&'static str, &'static str),
    /// `{street}` and `{number}` of an address line.
    pub(super) street_line: &'static str,
    pub(super) mobile: &'static str,
    pub(super) towns: &'static [Town],
    /// None where `fake` knows them.
    pub(super) streets: &'static [&'static str],
    /// `{name}` is a family's, `{form}` a German legal form.
    pub(super) companies: &'static [&'static str],
    pub(super) articles: &'static [&'static str],
    pub(super) finishes: &'static [&'static str],
    pub(super) sizes: &'static [&'static str],
    pub(super) units: &'static [&'static str],
    pub(super) subjects: &'static [&'static str],
    pub(super) remarks: &'static [&'static str],
}

/// The words of `locale`.
pub(super) fn of(locale: Locale) -> &'static Words {
    match locale {
        Locale::France => &france::FRANCE,
        Locale::Quebec => &quebec::QUEBEC,
        Locale::Germany => &germany::GERMANY,
    }
}

/// First and last name of a person; in Québec one in six has English names.
pub(super) fn person(locale: Locale, draws: &mut ChaCha8Rng) -> (String, String) {
    match locale {
        Locale::Germany => (FirstName(DE_DE).fake_with_rng(draws), LastName(DE_DE).fake_with_rng(draws)),
        Locale::Quebec if below(draws, 6) == 0 => {
            (FirstName(EN).fake_with_rng(draws), LastName(EN).fake_with_rng(draws))
        }
        Locale::France | Locale::Quebec => {
            (FirstName(FR_FR).fake_with_rng(draws), LastName(FR_FR).fake_with_rng(draws))
        }
    }
}

/// A street of the locale.
pub(super) fn street(locale: Locale, draws: &mut ChaCha8Rng) -> String {
    match one_of(draws, of(locale).streets) {
        Some(street) => (*street).to_owned(),
        None => StreetName(FR_FR).fake_with_rng(draws),
    }
}

/// A firm that a family has given its name.
pub(super) fn company(locale: Locale, draws: &mut ChaCha8Rng, family: &str) -> String {
    let pattern = one_of(draws, of(locale).companies).copied().unwrap_or("{name}");
    let named = pattern.replace("{name}", family);
    if !named.contains("{form}") {
        return named;
    }
    let form: &str = CompanySuffix(DE_DE).fake_with_rng(draws);
    named.replace("{form}", form)
}

const fn town(
    city: &'static str,
    postal_code: &'static str,
    region: &'static str,
    phone: &'static str,
    at: (i64, i64),
) -> Town {
    Town { city, postal_code, region, phone, at }
}
