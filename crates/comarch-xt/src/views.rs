//! Which fields each version and edition shows and takes: the tables of fact sheet 4 as one table.

use simcore::base::map::IndexMap;
use simcore::entity::profile::{Field, Writable};

use crate::edition::Edition;

/// A version of the API; the unversioned paths are 1.0 (fact sheet 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V1_0,
    V1_1,
    V1_2,
    V1_3,
    V1_4,
    V1_5,
    V1_7,
}

/// What the versions are called in paths.
const NAMES: [(&str, Version); 6] = [
    ("v1.1", Version::V1_1),
    ("v1.2", Version::V1_2),
    ("v1.3", Version::V1_3),
    ("v1.4", Version::V1_4),
    ("v1.5", Version::V1_5),
    ("v1.7", Version::V1_7),
];

impl Version {
    /// Its path segment; the unversioned one has none.
    pub(crate) fn segment(self) -> Option<&'static str> {
        NAMES.into_iter().find(|(_, version)| *version == self).map(|(name, _)| name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Shown, and mandatory on POST and PUT.
    Must,
    /// Shown, and taken when given.
    May,
    /// Shown, and taken when given; a PUT without it leaves it as it is.
    Stays,
    /// Shown only.
    Read,
}

/// One field of an answer, in its place.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    /// What is inside an object or the objects of a list.
    pub(crate) inner: &'static [Shown],
    pub(crate) access: Access,
    only: Option<Edition>,
    /// A value that only the application sets.
    never: Option<i64>,
}

/// What one version of a resource looks like.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) version: Version,
    pub(crate) fields: &'static [Shown],
}

impl View {
    /// Whether answers show what follows from other records (fact sheet 4.5.4).
    pub(crate) fn is_derived(&self) -> bool {
        self.version >= Version::V1_3
    }

    /// Whether answers of its time carried `$id` (fact sheet 8).
    pub(crate) fn has_ref_ids(&self) -> bool {
        self.version <= Version::V1_1
    }
}

impl Shown {
    const fn german(self) -> Self {
        Self { only: Some(Edition::German), ..self }
    }

    pub(crate) const fn polish(self) -> Self {
        Self { only: Some(Edition::Polish), ..self }
    }

    /// The same, which no client may set to `value`.
    pub(crate) const fn but(self, value: i64) -> Self {
        Self { never: Some(value), ..self }
    }

    /// Whether `edition` has the field.
    pub(crate) fn is_in(&self, edition: Edition) -> bool {
        self.only.is_none_or(|only| only == edition)
    }

    fn is_writable(&self, edition: Edition) -> bool {
        self.access != Access::Read && self.is_in(edition)
    }
}

pub(crate) const fn field(name: &'static str, access: Access, inner: &'static [Shown]) -> Shown {
    Shown { name, inner, access, only: None, never: None }
}

pub(crate) const fn must(name: &'static str) -> Shown {
    field(name, Access::Must, &[])
}

pub(crate) const fn may(name: &'static str) -> Shown {
    field(name, Access::May, &[])
}

pub(crate) const fn stays(name: &'static str) -> Shown {
    field(name, Access::Stays, &[])
}

pub(crate) const fn read(name: &'static str) -> Shown {
    field(name, Access::Read, &[])
}

/// An object or a list whose absence from a PUT leaves it as it is (section 10, 15 and 16).
pub(crate) const fn part(name: &'static str, inner: &'static [Shown]) -> Shown {
    field(name, Access::Stays, inner)
}

/// Fact sheet 4.1.
pub(crate) const PRODUCTS: &[View] = &[View {
    version: Version::V1_0,
    fields: &[
        must("Name"),
        may("Description"),
        may("ItemCode").polish(),
        stays("ProductCode"),
        must("UnitOfMeasurment"),
        must("Rate"),
        // Prices follow the price rule, see product.rs.
        stays("SaleNetPrice"),
        stays("SaleGrossPrice"),
        read("Quantity").polish(),
        may("ProductType").polish(),
        read("Id"),
    ],
}];

const ADDRESS: &[Shown] =
    &[may("Street"), may("BuildingNumber"), may("FlatNumber"), may("PostalCode"), may("City"), read("Id")];

/// Fact sheet 4.2.
pub(crate) const CUSTOMERS: &[View] = &[
    View {
        version: Version::V1_0,
        fields: &[
            must("Name"),
            may("CustomerTaxNumber"),
            stays("CustomerCode"),
            may("Mail"),
            may("PhoneNumber"),
            may("CustomerType"),
            part("Address", ADDRESS),
            read("Id"),
            // The POST table does not list it, so a PUT by a client that follows the table must not lose it.
            stays("CustomerKind").german(),
        ],
    },
    View {
        version: Version::V1_2,
        fields: &[
            must("Name"),
            may("CountryCode"),
            may("CustomerTaxNumber"),
            stays("CustomerCode"),
            may("Mail"),
            may("PhoneNumber"),
            may("CustomerType"),
            part("Address", ADDRESS),
            may("CustomerStatus"),
            may("RepresentativeFirstName"),
            may("RepresentativeLastName"),
            read("Id"),
        ],
    },
];

/// Fact sheet 4.3.
pub(crate) const PAYMENT_TYPES: &[View] = &[View {
    version: Version::V1_0,
    fields: &[must("Name"), may("Primary"), must("Deadline"), must("Type"), read("Id")],
}];

/// Fact sheet 4.4.
pub(crate) const BANK_ACCOUNTS: &[View] = &[View {
    version: Version::V1_0,
    fields: &[
        must("AccountNumber"),
        may("BankName"),
        must("Symbol"),
        must("ReportingPeriod"),
        may("Primary"),
        read("Id"),
    ],
}];

/// Fact sheet 4.7.
pub(crate) const CUSTOM_PRINTS: &[View] =
    &[View { version: Version::V1_0, fields: &[read("Name"), read("Language"), read("Type"), read("Id")] }];

/// Fact sheet 4.8. The sheet has the order of no answer.
pub(crate) const VAT_RATES: &[View] = &[View {
    version: Version::V1_2,
    fields: &[read("RateId"), read("Rate"), read("Symbol"), read("CountryCode")],
}];

/// What a body may hold: the profile's `fields` as far as `shown` takes them in writes, with its mandatory ones.
pub(crate) fn writable(
    shown: &[Shown],
    edition: Edition,
    fields: &IndexMap<String, Field>,
) -> IndexMap<String, Field> {
    let taken = shown.iter().filter(|shown| shown.is_writable(edition)).filter_map(|shown| {
        let field = fields.get(shown.name)?;
        let inner = writable(shown.inner, edition, &field.fields);
        let required = shown.access == Access::Must;
        let mut field = Field { required, write: Writable::Always, fields: inner, ..field.clone() };
        if required {
            // What must be given does not come by itself.
            field.default = serde_json::Value::Null;
        }
        field.values.retain(|value| shown.never.is_none_or(|never| *value != never));
        Some((shown.name.to_owned(), field))
    });
    let of_user = fields.iter().filter(|(_, field)| field.added);
    taken.chain(of_user.map(|(name, field)| (name.clone(), field.clone()))).collect()
}

/// The fields that a user's profile has added: every version shows and takes them, after its own.
pub(crate) fn added(fields: Option<&IndexMap<String, Field>>) -> impl Iterator<Item = &String> {
    fields.into_iter().flatten().filter(|(_, field)| field.added).map(|(name, _)| name)
}

/// The fields that a whole PUT resets when its body does not name them.
pub(crate) fn reset_by_put(view: &View, edition: Edition) -> impl Iterator<Item = &'static str> {
    view.fields
        .iter()
        .filter(move |shown| shown.access == Access::May && shown.is_in(edition))
        .map(|shown| shown.name)
}

/// Whether a PUT without the field, or with null in it, leaves it as it is.
pub(crate) fn is_kept_by_put(view: &View, name: &str) -> bool {
    view.fields.iter().any(|shown| shown.name == name && shown.access == Access::Stays)
}
