//! What a value of the spec may look like, as data: the source of the reference page and of the JSON Schema.

/// The form of a value.
pub enum Shape {
    /// Text that is data.
    String,
    /// Text that is SQL.
    Sql,
    Integer,
    Boolean,
    /// A string, number, boolean, or `{ sql = "…" }`.
    Literal,
    /// One of these words.
    Choice {
        doc: &'static str,
        labels: &'static [&'static str],
    },
    Array(fn() -> Shape),
    /// A table whose keys are names that the author chooses.
    Map(fn() -> Shape),
    Table(TableShape),
    /// One of several forms.
    Either(Vec<Shape>),
}

/// A table with known keys.
pub struct TableShape {
    pub name: &'static str,
    pub doc: &'static str,
    /// Whether a string may stand for the table.
    pub shorthand: bool,
    /// Behind a function, since tables may contain themselves.
    pub fields: fn() -> Vec<Field>,
}

/// A key of a table.
pub struct Field {
    pub key: &'static str,
    pub doc: &'static str,
    pub required: bool,
    pub shape: fn() -> Shape,
}
