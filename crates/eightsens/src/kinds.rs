//! Kinds of record, and parts of them, as the contract shows them: what their lists can be narrowed by, and examples that
//! work in the default data.

/// A parameter of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// A text.
    Text(&'static str),
    /// An id.
    Id(&'static str),
    /// A switch.
    Flag(&'static str),
    /// `etat`: one of the values of this column.
    State(&'static str),
}

/// A kind of record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Its name in paths and in the profile.
    pub(crate) name: &'static str,
    /// What its list can be narrowed by, beside paging; where there is something, also `depuis`.
    pub(crate) filters: &'static [Filter],
    /// A field that can be changed, with another value.
    pub(crate) change: (&'static str, &'static str),
    /// A record of the default data: its id and its code.
    pub(crate) example: (i64, &'static str),
}

/// The addresses of a client, the lines of a quote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Whose they are.
    pub(crate) of: &'static Kind,
    /// The field that holds them.
    pub(crate) field: &'static str,
    /// The field of one that is its id.
    pub(crate) id: &'static str,
    /// A new one, as JSON.
    pub(crate) new: &'static str,
    /// What of it can be changed, as JSON.
    pub(crate) change: &'static str,
    /// A record of the default data, for lists and new ones.
    pub(crate) example: i64,
    /// The record and the part that are changed.
    pub(crate) changed: (i64, i64),
    /// The record and the part that are removed.
    pub(crate) removed: (i64, i64),
}

const PARTY: &[Filter] =
    &[Filter::Text("code"), Filter::Text("email"), Filter::Text("refExterne"), Filter::Text("nom")];

pub(crate) const CLIENT: Kind =
    Kind { name: "client", filters: PARTY, change: ("cliTel", "02 61 91 00 28"), example: (28, "CLI00001") };

pub(crate) const PROSPECT: Kind =
    Kind { name: "prospect", filters: PARTY, change: ("pecCommentaire", "À rappeler"), example: (11, "") };

pub(crate) const ARTICLE: Kind = Kind {
    filters: &[Filter::Text("code"), Filter::Text("lib"), Filter::Flag("tous")],
    example: (1001, "BEC-001"),
    ..bare("article", 1001)
};

pub(crate) const DEVIS: Kind = Kind {
    name: "devis",
    filters: &[
        Filter::Id("cliID"),
        Filter::Id("pecID"),
        Filter::State("devEtat"),
        Filter::Text("refExterne"),
    ],
    change: ("devCommentaire", "Livraison le matin"),
    example: (504, ""),
};

pub(crate) const COMMANDE: Kind = Kind {
    name: "commande",
    filters: &[
        Filter::Id("cliID"),
        Filter::Id("devID"),
        Filter::State("cdeEtat"),
        Filter::Text("refExterne"),
    ],
    change: ("cdeCommentaire", "Livraison le matin"),
    example: (301, "CV25-0001"),
};

pub(crate) const RACINE: Kind = bare("racine", 125);
pub(crate) const NATURE: Kind = bare("nature", 1);
pub(crate) const TRANSFO: Kind = bare("transfo", 2);

pub(crate) const ADDRESSES: Part = Part {
    of: &CLIENT,
    field: "adresses",
    id: "adrID",
    new: r#"{ "adrType": "LIVRAISON", "adrLigne1": "4, rue des Tilleuls", "adrCodePostal": "22000", "adrVille": "Saint-Brieuc" }"#,
    change: r#"{ "adrVille": "Lamballe" }"#,
    example: 28,
    changed: (31, 5),
    removed: (31, 6),
};

pub(crate) const LINES: Part = Part {
    of: &DEVIS,
    field: "lignes",
    id: "ligID",
    new: r#"{ "artID": 1001, "quantite": 2 }"#,
    change: r#"{ "quantite": 3 }"#,
    example: 504,
    changed: (512, 39),
    removed: (512, 40),
};

/// All parts; the lines of orders are those of quotes.
pub(crate) const PARTS: [&Part; 2] = [&ADDRESSES, &LINES];

/// All of them.
pub(crate) const KINDS: [&Kind; 8] =
    [&CLIENT, &PROSPECT, &ARTICLE, &DEVIS, &COMMANDE, &RACINE, &NATURE, &TRANSFO];

/// One that can only be read, without filters.
const fn bare(name: &'static str, id: i64) -> Kind {
    Kind { name, filters: &[], change: ("", ""), example: (id, "") }
}
