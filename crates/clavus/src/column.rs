//! Columns: which a key may read, and how clients name them (fact sheet 3.1 I-08, 9).

use simcore::{Db, Result, Select};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Text,
    Number,
    Amount,
    Boolean,
    Date,
    DateTime,
    User,
    List,
    File,
}

impl ColumnType {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "number" => Self::Number,
            "amount" => Self::Amount,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "user" => Self::User,
            "list" => Self::List,
            "file" => Self::File,
            _ => Self::Text,
        }
    }
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its row id: its place in the order of `getColumns`, and its number in the index.
    pub(crate) row: i64,
    pub(crate) id: String,
    /// The technical name.
    pub(crate) slug: String,
    /// What people see.
    pub(crate) label: String,
    pub(crate) kind: ColumnType,
}

/// Columns in the order of `getColumns`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns(pub(crate) Vec<Column>);

impl Columns {
    /// The column a client means: by slug, else by id, else by label, else by label whatever its case (I-08).
    pub(crate) fn find(&self, reference: &str) -> Option<usize> {
        let by = |same: &dyn Fn(&Column) -> bool| self.0.iter().position(same);
        by(&|column| column.slug == reference)
            .or_else(|| by(&|column| column.id == reference))
            .or_else(|| by(&|column| column.label == reference))
            .or_else(|| by(&|column| column.label.to_lowercase() == reference.to_lowercase()))
    }

    /// The column that a filter or a sort names; file columns are as unknown as hidden ones (6.3).
    pub(crate) fn comparable(&self, reference: &str) -> Option<&Column> {
        self.find(reference).map(|place| &self.0[place]).filter(|column| column.kind != ColumnType::File)
    }
}

/// Every column there is.
pub(crate) fn all(db: &Db<'_>) -> Result<Columns> {
    let table = db.table("columns")?;
    let records = db.records(table, &Select { order: table.usual_order(""), ..Select::default() })?;
    let column = |record: &simcore::store::rows::Record| Column {
        row: record.id,
        id: record.text("id").to_owned(),
        slug: record.text("name").to_owned(),
        label: record.text("label").to_owned(),
        kind: ColumnType::named(record.text("type")),
    };
    Ok(Columns(records.iter().map(column).collect()))
}

/// All columns but those that `denied` names.
pub(crate) fn readable(db: &Db<'_>, denied: &[String]) -> Result<Columns> {
    let mut columns = all(db)?;
    let denied: Vec<i64> = denied
        .iter()
        .filter_map(|reference| columns.find(reference))
        .map(|place| columns.0[place].row)
        .collect();
    columns.0.retain(|column| !denied.contains(&column.row));
    Ok(columns)
}
