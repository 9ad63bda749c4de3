//! Columns as constants, and the check of a hand-written struct against them. Everything here runs at compile time and
//! depends on nothing.

/// A column of a table or view, or of what a function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type as SQL, types outside `pg_catalog` with their schema: `numeric(5,2)`, `text[]`, `public.risk_tier`.
    pub postgres_type: &'static str,
    /// Whether it may hold NULL.
    pub nullable: bool,
    /// Whether an INSERT may leave it out: it has a default, is an identity, or is generated.
    pub has_default: bool,
    /// Whether it has no Rust type of its own and is read through a cast to `text`.
    pub as_text: bool,
}

/// A table, a view, or the rows of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its schema.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

/// What a Rust type can hold, as names of PostgreSQL types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Every spelling of every type it can hold, the usual one first, without modifiers: `["integer", "int4", "int"]`.
    pub names: &'static [&'static str],
    /// Whether it holds arrays of them.
    pub array: bool,
    /// Whether it holds NULL.
    pub nullable: bool,
}

/// A Rust type that maps to PostgreSQL types. Implement it for your own wrappers to use them with `MatchesTable`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` maps to no PostgreSQL type",
    label = "this type cannot be checked against a column",
    note = "implement `Mapped` for it, or leave the field out of the check with `#[matches(skip)]`"
)]
pub trait Mapped {
    /// What the type can hold.
    const SHAPE: Shape;
}

impl<T: Mapped> Mapped for Option<T> {
    const SHAPE: Shape = Shape { names: T::SHAPE.names, array: T::SHAPE.array, nullable: true };
}

impl<T: Mapped> Mapped for Vec<T> {
    const SHAPE: Shape = Shape { names: T::SHAPE.names, array: true, nullable: false };
}

macro_rules! mapped {
    ($($rust:ty => $($name:literal)+;)+) => {
        $(impl Mapped for $rust {
            const SHAPE: Shape = Shape { names: &[$($name),+], array: false, nullable: false };
        })+
    };
}

mapped! {
    bool => "boolean" "bool";
    i16 => "smallint" "int2";
    i32 => "integer" "int4" "int";
    i64 => "bigint" "int8";
    f32 => "real" "float4";
    f64 => "double precision" "float8";
    String => "text" "varchar" "character varying" "name" "bpchar" "char" "character";
    Vec<u8> => "bytea";
}

impl Table {
    /// The column of this name.
    pub const fn column(&self, name: &str) -> Option<&'static Column> {
        let mut index = 0;
        while index < self.columns.len() {
            if same(self.columns[index].name.as_bytes(), name.as_bytes()) {
                return Some(&self.columns[index]);
            }
            index += 1;
        }
        None
    }

    /// Checks, when called in a constant, that a field of type `T` holds every value of the column.
    /// `#[derive(MatchesTable)]` calls it once for each field.
    ///
    /// # Panics
    /// That is its purpose: in a constant a panic is a compile error. It panics if the column does not exist, if its type
    /// is not one that `T` maps, or if it is nullable and `T` is not an `Option`.
    #[track_caller]
    pub const fn check_field<T: Mapped>(&self, name: &str) {
        let Some(column) = self.column(name) else {
            let message = Message::new().push("column `").push(name).push("` does not exist on `");
            let message = message.push(self.schema).push(".").push(self.name).push("`");
            let message = match self.closest(name) {
                Some(similar) => message.push("; did you mean `").push(similar).push("`?"),
                None => message,
            };
            panic!("{}", message.text());
        };
        let about = Message::new().push("column `").push(name).push("` of `");
        let about = about.push(self.schema).push(".").push(self.name);
        if !holds(&T::SHAPE, column) {
            let message = about.push("` is `").push(column.postgres_type).push("`, but the field's type maps to `");
            let message = match T::SHAPE.names {
                [first, ..] => message.push(first).push(if T::SHAPE.array { "[]`" } else { "`" }),
                [] => message.push("nothing`"),
            };
            panic!("{}", message.text());
        }
        if column.nullable && !T::SHAPE.nullable {
            panic!("{}", about.push("` is nullable: the field must be an `Option`").text());
        }
    }

    /// The column whose name is nearest to `name`, if it is near enough to be what was meant.
    const fn closest(&self, name: &str) -> Option<&'static str> {
        let mut best = None;
        let mut best_distance = name.len() / 3 + 1;
        let mut index = 0;
        while index < self.columns.len() {
            let candidate = self.columns[index].name;
            let distance = edit_distance(candidate.as_bytes(), name.as_bytes());
            if distance <= best_distance && (best.is_none() || distance < best_distance) {
                best = Some(candidate);
                best_distance = distance;
            }
            index += 1;
        }
        best
    }
}

/// Whether a value of this shape can be read from the column, NULL aside.
const fn holds(shape: &Shape, column: &Column) -> bool {
    let (base, array) = split_array(column.postgres_type.as_bytes());
    if array != shape.array {
        return false;
    }
    let base = if column.as_text { b"text" } else { base };
    let mut index = 0;
    while index < shape.names.len() {
        if same_type(base, shape.names[index].as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

/// Takes the `[]` off a type, once for each dimension.
const fn split_array(mut name: &[u8]) -> (&[u8], bool) {
    let mut array = false;
    while let [rest @ .., b'[', b']'] = name {
        name = rest;
        array = true;
    }
    (name, array)
}

/// Whether two spellings name one type, modifiers and quotes aside: `timestamp(3) with time zone` is
/// `timestamp with time zone`, and `public."Status"` is `public.Status`.
const fn same_type(spelled: &[u8], name: &[u8]) -> bool {
    let mut left = 0;
    let mut right = 0;
    loop {
        while left < spelled.len() && (spelled[left] == b'(' || spelled[left] == b'"') {
            if spelled[left] == b'(' {
                while left < spelled.len() && spelled[left] != b')' {
                    left += 1;
                }
            }
            left += 1;
        }
        while right < name.len() && name[right] == b'"' {
            right += 1;
        }
        if left >= spelled.len() || right >= name.len() {
            return left >= spelled.len() && right >= name.len();
        }
        if spelled[left] != name[right] {
            return false;
        }
        left += 1;
        right += 1;
    }
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Levenshtein's distance, in bytes. Names longer than PostgreSQL's 63 bytes are never near.
const fn edit_distance(left: &[u8], right: &[u8]) -> usize {
    const LONGEST: usize = 63;
    if left.len() > LONGEST || right.len() > LONGEST {
        return usize::MAX;
    }
    let mut row = [0; LONGEST + 1];
    let mut column = 0;
    while column <= right.len() {
        row[column] = column;
        column += 1;
    }
    let mut line = 0;
    while line < left.len() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        let mut column = 0;
        while column < right.len() {
            let substituted = diagonal + (left[line] != right[column]) as usize;
            diagonal = row[column + 1];
            let inserted = if row[column] < diagonal { row[column] } else { diagonal } + 1;
            row[column + 1] = if substituted < inserted { substituted } else { inserted };
            column += 1;
        }
        line += 1;
    }
    row[right.len()]
}

/// A text put together at compile time, where `format!` cannot run.
#[derive(Clone, Copy)]
struct Message {
    bytes: [u8; Message::CAPACITY],
    length: usize,
}

impl Message {
    /// Room for three identifiers of PostgreSQL (63 bytes each), a type, and the words between.
    const CAPACITY: usize = 512;

    const fn new() -> Self {
        Message { bytes: [0; Message::CAPACITY], length: 0 }
    }

    const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() && self.length < Message::CAPACITY {
            self.bytes[self.length] = text[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    const fn text(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            // Cut inside a character: only a name far beyond PostgreSQL's limit gets here.
            Err(_) => "this field does not match its table",
        }
    }
}
