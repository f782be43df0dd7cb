//! What generated records hold: the `sample` of a field, in profiles.
//!
//! | `sample:` | a generated record has |
//! |---|---|
//! | `none` | nothing: what the server fills in, or nothing at all |
//! | a [`Meaning`], such as `company` or `price` | a believable value of that meaning in the profile's `locale` |
//! | a text with `{n}`, `{n:5}` or `#` | the text with a running number (of so many digits), and random digits |
//! | `Entity.field` | the value of that field in a record there is; all of one entity in an object are of one record |
//! | `Entity.field=A-*` | the same, only of records whose value of that field fits |
//! | `Entity.field[other]` | the same, only of records that agree in the field `other` |
//! | a list | one of its values |
//! | a mapping | an object of these members; `_among: Entity.field` keeps those that such a field names, `_one_of: [mapping, …]` adds the members of one of these |
//! | `{ _some: SAMPLE }` | a list of one to three of these |
//! | `{ _each: [SAMPLE, …] }` | a list of just these |

use crate::base::map::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::base::diagnostics::unknown;

/// What a generated record holds in a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Sample {
    /// Nothing.
    None,
    /// A believable value.
    Meaning(Meaning),
    /// A text with a running number or random digits.
    Template(String),
    /// The value of a field of a record that there is.
    Of(Source),
    /// One of these.
    Choice(Vec<Value>),
    /// An object; only with the members that `among` names, where it is given.
    Members {
        /// The field whose values are the names that a member may have.
        among: Option<Source>,
        /// The members.
        members: IndexMap<String, Sample>,
        /// Members that go together: those of one of these come beside.
        one_of: Vec<IndexMap<String, Sample>>,
    },
    /// A list of one to three of these.
    Some(Box<Sample>),
    /// A list of these elements.
    Each(Vec<Sample>),
}

/// A field of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The entity.
    pub entity: String,
    /// Its field.
    pub field: String,
    /// What the values are like that are taken, with `*` for anything; all of them without it.
    pub like: Option<String>,
    /// A field in which both records agree.
    pub shared: Option<String>,
}

/// What a value stands for. Those of one record belong together: the e-mail address is that of the person, the city
/// has the postal code, the cost is below the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Name of a firm.
    Company,
    /// First name of a person.
    FirstName,
    /// Last name of the person.
    LastName,
    /// Both.
    Person,
    /// The person's e-mail address at the firm.
    Email,
    /// The firm's e-mail address.
    OfficeEmail,
    /// Landline number, from a range kept for fiction.
    Phone,
    /// Mobile number.
    Mobile,
    /// Street and number.
    Street,
    /// Street without a number.
    StreetName,
    /// Number in the street.
    BuildingNumber,
    /// Postal code of the city.
    PostalCode,
    /// City.
    City,
    /// Province or region of the city, by its code.
    Region,
    /// Name of the country.
    Country,
    /// Two letters of the country.
    CountryCode,
    /// Latitude of the city.
    Latitude,
    /// Longitude of the city.
    Longitude,
    /// Number of the French firm.
    Siren,
    /// Number of its establishment.
    Siret,
    /// Its VAT number: that of a French firm, or of a German one.
    Vat,
    /// Barcode, from the range that shops use themselves.
    Ean,
    /// German bank account.
    Iban,
    /// Name of an article.
    Product,
    /// Unit of measurement.
    Unit,
    /// Sales price of the article, without tax.
    Price,
    /// What the article costs, below its price.
    Cost,
    /// A small whole number, from 1 on.
    Quantity,
    /// What is in stock.
    Stock,
    /// Title of something to do.
    Subject,
    /// A remark.
    Remark,
    /// When the record was made.
    Date,
    /// That day.
    Day,
    /// Up to two months later.
    Later,
    /// A day up to two months later.
    LaterDay,
    /// One to three hours later.
    Soon,
    /// The first day of the year before: every generated record is of a later one.
    YearBefore,
    /// The last day of the year after: every generated record is of an earlier one.
    YearAfter,
}

/// A language and a country.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Locale {
    /// French of France.
    #[default]
    #[serde(rename = "fr-FR")]
    France,
    /// French of Québec, with some English.
    #[serde(rename = "fr-CA")]
    Quebec,
    /// German of Germany.
    #[serde(rename = "de-DE")]
    Germany,
}

/// The names of meanings in profiles.
const MEANINGS: [(&str, Meaning); 38] = [
    ("company", Meaning::Company),
    ("first_name", Meaning::FirstName),
    ("last_name", Meaning::LastName),
    ("person", Meaning::Person),
    ("email", Meaning::Email),
    ("office_email", Meaning::OfficeEmail),
    ("phone", Meaning::Phone),
    ("mobile", Meaning::Mobile),
    ("street", Meaning::Street),
    ("street_name", Meaning::StreetName),
    ("building_number", Meaning::BuildingNumber),
    ("postal_code", Meaning::PostalCode),
    ("city", Meaning::City),
    ("region", Meaning::Region),
    ("country", Meaning::Country),
    ("country_code", Meaning::CountryCode),
    ("latitude", Meaning::Latitude),
    ("longitude", Meaning::Longitude),
    ("siren", Meaning::Siren),
    ("siret", Meaning::Siret),
    ("vat", Meaning::Vat),
    ("ean", Meaning::Ean),
    ("iban", Meaning::Iban),
    ("product", Meaning::Product),
    ("unit", Meaning::Unit),
    ("price", Meaning::Price),
    ("cost", Meaning::Cost),
    ("quantity", Meaning::Quantity),
    ("stock", Meaning::Stock),
    ("subject", Meaning::Subject),
    ("remark", Meaning::Remark),
    ("date", Meaning::Date),
    ("day", Meaning::Day),
    ("later", Meaning::Later),
    ("later_day", Meaning::LaterDay),
    ("soon", Meaning::Soon),
    ("year_before", Meaning::YearBefore),
    ("year_after", Meaning::YearAfter),
];

impl Sample {
    /// Reads a `sample`.
    ///
    /// # Errors
    /// A sentence that names the nearest meaning.
    pub fn read(value: Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Self::read_text(&text),
            Value::Array(values) if !values.is_empty() => Ok(Self::Choice(values)),
            Value::Object(members) => Self::read_members(members),
            other => Err(format!("`sample` is a text, a list of values or a mapping, not {other}")),
        }
    }

    fn read_text(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::None);
        }
        if let Some((_, meaning)) = MEANINGS.iter().find(|(name, _)| *name == text) {
            return Ok(Self::Meaning(*meaning));
        }
        if text.contains("{n") || text.contains('#') {
            return Ok(Self::Template(text.to_owned()));
        }
        if let Some(source) = Source::read(text) {
            return Ok(Self::Of(source));
        }
        let known = MEANINGS.iter().map(|(name, _)| *name).chain(["none"]);
        Err(unknown("sample", text, known))
    }

    fn read_members(mut members: Map<String, Value>) -> Result<Self, String> {
        if let Some(Value::Array(elements)) = members.remove("_each") {
            return elements.into_iter().map(Self::read).collect::<Result<_, _>>().map(Self::Each);
        }
        if let Some(element) = members.remove("_some") {
            return Self::read(element).map(|element| Self::Some(Box::new(element)));
        }
        let among = members.shift_remove("_among");
        let among = among.map(|among| {
            let source = among.as_str().and_then(Source::read);
            source.ok_or_else(|| format!("`_among` is Entity.field, not {among}"))
        });
        let alternatives = match members.shift_remove("_one_of") {
            Some(Value::Array(alternatives)) => alternatives,
            _ => Vec::new(),
        };
        let one_of = alternatives.into_iter().map(|members| match members {
            Value::Object(members) => Self::named(members),
            other => Err(format!("`_one_of` is a list of mappings, not {other}")),
        });
        let (among, one_of) = (among.transpose()?, one_of.collect::<Result<_, String>>()?);
        Ok(Self::Members { among, members: Self::named(members)?, one_of })
    }

    fn named(members: Map<String, Value>) -> Result<IndexMap<String, Self>, String> {
        members.into_iter().map(|(name, sample)| Ok((name, Self::read(sample)?))).collect()
    }

    /// The fields that this takes values from.
    pub fn sources(&self) -> Box<dyn Iterator<Item = &Source> + '_> {
        match self {
            Self::Of(source) => Box::new(std::iter::once(source)),
            Self::Members { among, members, one_of } => {
                let members = members.values().chain(one_of.iter().flat_map(IndexMap::values));
                Box::new(among.iter().chain(members.flat_map(Self::sources)))
            }
            Self::Some(element) => element.sources(),
            Self::Each(elements) => Box::new(elements.iter().flat_map(Self::sources)),
            Self::None | Self::Meaning(_) | Self::Template(_) | Self::Choice(_) => {
                Box::new(std::iter::empty())
            }
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::None => "none".into(),
            Self::Meaning(meaning) => {
                let name = MEANINGS.iter().find(|(_, known)| known == meaning).map(|(name, _)| *name);
                name.into()
            }
            Self::Template(text) => text.as_str().into(),
            Self::Of(source) => source.to_string().into(),
            Self::Choice(values) => Value::Array(values.clone()),
            Self::Members { among, members, one_of } => {
                let named = |members: &IndexMap<String, Self>| -> Map<String, Value> {
                    members.iter().map(|(name, member)| (name.clone(), member.to_value())).collect()
                };
                let among = among.iter().map(|source| ("_among".to_owned(), source.to_string().into()));
                let mut object: Map<String, Value> = among.chain(named(members)).collect();
                if !one_of.is_empty() {
                    let all = one_of.iter().map(|members| Value::Object(named(members)));
                    object.insert("_one_of".to_owned(), all.collect());
                }
                Value::Object(object)
            }
            Self::Some(element) => Value::Object(Map::from_iter([("_some".to_owned(), element.to_value())])),
            Self::Each(elements) => {
                let elements = elements.iter().map(Self::to_value).collect();
                Value::Object(Map::from_iter([("_each".to_owned(), elements)]))
            }
        }
    }
}

impl Source {
    fn read(text: &str) -> Option<Self> {
        let (entity, field) = text.split_once('.')?;
        let (field, like) = field.split_once('=').map_or((field, None), |(field, like)| (field, Some(like)));
        let shared = field.strip_suffix(']').and_then(|field| field.split_once('['));
        let (field, shared) =
            shared.map_or((field, None), |(field, shared)| (field, Some(shared.to_owned())));
        let like = like.map(str::to_owned);
        Some(Self { entity: entity.to_owned(), field: field.to_owned(), like, shared })
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.entity, self.field)?;
        self.shared.iter().try_for_each(|shared| write!(f, "[{shared}]"))?;
        self.like.iter().try_for_each(|like| write!(f, "={like}"))
    }
}

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Sample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn samples_are_read_as_they_are_written() {
        for value in [
            json!("none"),
            json!("company"),
            json!("P-{n:5}"),
            json!("20###########"),
            json!("Product.NoProduit"),
            json!("generictype.generictype_ID=COUNTRY-*"),
            json!("customeraddress.customeraddress_ID[customer_ID]"),
            json!({ "a": "siret", "_one_of": [{ "b": [1] }, { "c": [2] }] }),
            json!([1, 2]),
            json!({ "_among": "columns.name", "client.nom": "person" }),
            json!({ "_some": { "artID": "article.artID" } }),
            json!({ "_each": [{ "Direction": ["DEBIT"] }, { "Direction": ["CREDIT"] }] }),
        ] {
            assert_eq!(Sample::read(value.clone()).map(|sample| sample.to_value()), Ok(value));
        }
        let why = Sample::read(json!("compagny")).unwrap_err();
        assert!(why.contains("did you mean `company`"), "{why}");
        assert!(Sample::read(json!(7)).is_err());
    }
}
