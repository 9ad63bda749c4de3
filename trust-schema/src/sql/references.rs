//! What an expression or query refers to.

use std::ops::Range;

use super::type_name::TypeName;

/// Everything that an expression or query refers to, each list in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Columns.
    pub columns: Vec<ColumnReference>,
    /// Tables, views and other relations; not names of a WITH clause.
    pub relations: Vec<RelationReference>,
    /// Functions, also those of FROM clauses and those that are part of the grammar.
    pub functions: Vec<FunctionCall>,
    /// Types of casts and typed constants.
    pub types: Vec<TypeReference>,
}

/// A reference to a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnReference {
    /// What stands before the column's name, outermost first: nothing, an alias or table, or a schema and a table.
    pub qualifier: Vec<String>,
    /// The column's name; `*` for all columns.
    pub column: String,
    /// The bytes of the whole reference.
    pub range: Range<usize>,
    /// Whose column it is.
    pub target: Target,
}

/// Whose column a reference means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A column of the row that the expression is evaluated for: nothing inside the text has this name or qualifier.
    Outer,
    /// A column of the relation with this index in [`References::relations`].
    Relation(usize),
    /// A column of a sub-query, a name of a WITH clause, or a function in FROM: nothing that a catalog knows.
    Local,
    /// An unqualified name inside a sub-query. The first level with the column has it; when none has, it is of the outer row. Each level is
    /// one FROM clause, innermost first.
    Candidates(Vec<Vec<Candidate>>),
}

/// Who may have a column of an unqualified name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidate {
    /// The relation with this index in [`References::relations`], if it has such a column.
    Relation(usize),
    /// Something inside the text that has such a column.
    Local,
    /// Something inside the text whose columns the text does not tell.
    Unknown,
    /// Not a column: the whole row of a relation of this name, when there is no such column.
    WholeRow,
}

/// A relation in a FROM clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationReference {
    /// The schema as written.
    pub schema: Option<String>,
    /// The relation's name.
    pub name: String,
    /// The name that stands for it in its query, when another one is given.
    pub alias: Option<String>,
    /// The bytes of the name with its schema.
    pub range: Range<usize>,
}

/// A call of a function, or a form of the grammar that looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionCall {
    /// The schema as written.
    pub schema: Option<String>,
    /// The function's name.
    pub name: String,
    /// How many arguments are given; `*` counts none.
    pub arguments: usize,
    /// The names of the arguments that are given by name.
    pub named_arguments: Vec<String>,
    /// `f(distinct …)`
    pub is_distinct: bool,
    /// `f(*)`
    pub is_star: bool,
    /// `f(…) over …`
    pub is_window: bool,
    /// It stands in a FROM clause.
    pub is_in_from: bool,
    /// The bytes of the name with its schema; of forms of the grammar that have no position, the whole text.
    pub range: Range<usize>,
}

/// A type that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeReference {
    /// The type.
    pub type_name: TypeName,
    /// Its bytes; the whole text when its position is not known.
    pub range: Range<usize>,
}
