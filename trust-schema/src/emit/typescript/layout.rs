//! Types of TypeScript and how a formatter lays them out.
//!
//! `supabase gen types` hands its output to a formatter (80 columns, no semicolons). This follows the same rules for the few forms
//! that occur, so that both print the same bytes. Keep it linear: a value is tried on one line only where nothing in it is broken by force.

use std::fmt::Write as _;

use super::text::{key, width};

/// The widest line that is not broken.
const LINE_WIDTH: usize = 80;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Anything that is never broken: `string`, `"A"`, `Database["public"]["Enums"]["tier"]`.
    Word(String),
    /// At least two types.
    Union(Vec<Type>),
    Array(Box<Type>),
    Object(Members),
    /// An object and a string, as PostgREST's errors are told.
    Intersection(Members, String),
    /// A tuple of strings or objects.
    Tuple(Vec<Type>),
}

/// The members of an object type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Keys as they are written, with `?` where optional.
    pub members: Vec<(String, Type)>,
    /// Whether every member stands on a line of its own, however short.
    pub broken: bool,
    /// Whether it is a value, whose members are separated by commas, and not a type.
    pub value: bool,
}

impl Members {
    /// An object with a line for each member.
    pub fn broken(members: Vec<(String, Type)>) -> Members {
        Members { members, broken: true, value: false }
    }

    /// An object on one line where it fits.
    pub fn inline(members: Vec<(String, Type)>) -> Members {
        Members { members, broken: false, value: false }
    }

    /// A value with a line for each member.
    pub fn value(members: Vec<(String, Type)>) -> Members {
        Members { members, broken: true, value: true }
    }
}

impl Type {
    pub fn word(text: impl Into<String>) -> Type {
        Type::Word(text.into())
    }

    pub fn array(self) -> Type {
        Type::Array(Box::new(self))
    }

    /// The union of types; a single one stays itself.
    pub fn union(mut types: Vec<Type>) -> Type {
        match (types.pop(), types.is_empty()) {
            (Some(only), true) => only,
            (Some(last), false) => {
                types.push(last);
                Type::Union(types)
            }
            (None, _) => Type::word("never"),
        }
    }

    /// With `| null`.
    pub fn or_null(self) -> Type {
        let null = Type::word("null");
        match self {
            Type::Union(mut types) => {
                types.push(null);
                Type::Union(types)
            }
            other => Type::Union(vec![other, null]),
        }
    }

    /// On one line; none where something in it is broken by force.
    fn flat(&self) -> Option<String> {
        Some(match self {
            Type::Word(word) => word.clone(),
            Type::Union(types) => types.iter().map(Type::flat).collect::<Option<Vec<_>>>()?.join(" | "),
            Type::Array(element) if matches!(**element, Type::Union(_)) => format!("({})[]", element.flat()?),
            Type::Array(element) => format!("{}[]", element.flat()?),
            Type::Object(members) => members.flat()?,
            Type::Intersection(members, string) => format!("{} & {string}", members.flat()?),
            Type::Tuple(elements) => format!("[{}]", elements.iter().map(Type::flat).collect::<Option<Vec<_>>>()?.join(", ")),
        })
    }

    /// The single object in a union with nothing but null, around which no line is broken.
    fn hugged(types: &[Type]) -> Option<&Members> {
        match types {
            [Type::Object(members), Type::Word(null)] if null == "null" => Some(members),
            _ => None,
        }
    }

    /// Writes the type at a column of a line that is indented so far.
    fn write(&self, out: &mut String, indent: usize, column: usize) {
        if let Some(flat) = self.flat().filter(|flat| column + width(flat) <= LINE_WIDTH) {
            out.push_str(&flat);
            return;
        }
        match self {
            Type::Word(word) => out.push_str(word),
            Type::Object(members) => members.write(out, indent),
            Type::Intersection(members, string) => {
                members.write(out, indent);
                out.push_str(" & ");
                out.push_str(string);
            }
            Type::Array(element) => {
                match &**element {
                    Type::Union(types) => {
                        out.push('(');
                        write_alternatives(types, out, indent);
                        out.push_str(&format!("\n{:indent$})", ""));
                    }
                    element => element.write(out, indent, column),
                }
                out.push_str("[]");
            }
            Type::Union(types) => match Type::hugged(types) {
                Some(members) => {
                    members.write(out, indent);
                    out.push_str(" | null");
                }
                None => write_alternatives(types, out, indent),
            },
            Type::Tuple(elements) => {
                out.push('[');
                for element in elements {
                    let inner = indent + 2;
                    newline(out, inner);
                    element.write(out, inner, inner);
                    out.push(',');
                }
                newline(out, indent);
                out.push(']');
            }
        }
    }

    /// Whether the type begins on the line below its key where it does not fit behind it.
    fn moves_down(&self, column: usize) -> bool {
        let Type::Union(types) = self else { return false };
        Type::hugged(types).is_none() && self.flat().is_none_or(|flat| column + width(&flat) > LINE_WIDTH)
    }
}

/// Each on a line of its own, behind a bar.
fn write_alternatives(types: &[Type], out: &mut String, indent: usize) {
    for ty in types {
        newline(out, indent + 2);
        out.push_str("| ");
        ty.write(out, indent + 4, indent + 4);
    }
}

fn newline(out: &mut String, indent: usize) {
    // Writing to a string does not fail.
    let _ = write!(out, "\n{:indent$}", "");
}

impl Members {
    fn flat(&self) -> Option<String> {
        if self.members.is_empty() {
            return Some("{}".to_owned());
        }
        if self.broken {
            return None;
        }
        let members = self.members.iter().map(|(key, ty)| Some(format!("{key}: {}", ty.flat()?))).collect::<Option<Vec<_>>>()?;
        Some(format!("{{ {} }}", members.join("; ")))
    }

    /// Writes every member on a line of its own.
    pub fn write(&self, out: &mut String, indent: usize) {
        if self.members.is_empty() {
            out.push_str("{}");
            return;
        }
        out.push('{');
        for (key, ty) in &self.members {
            let inner = indent + 2;
            newline(out, inner);
            out.push_str(key);
            out.push(':');
            let column = inner + width(key) + 2;
            if !ty.moves_down(column) {
                out.push(' ');
            }
            ty.write(out, inner, column);
            if self.value {
                out.push(',');
            }
        }
        newline(out, indent);
        out.push('}');
    }
}

/// A member.
pub fn member(name: &str, ty: Type) -> (String, Type) {
    (key(name).into_owned(), ty)
}

/// A member that may be left out.
pub fn optional(name: &str, ty: Type) -> (String, Type) {
    (format!("{}?", key(name)), ty)
}

/// The type of a group without members.
pub fn nothing() -> Type {
    Type::Object(Members::broken(vec![("[_ in never]".to_owned(), Type::word("never"))]))
}
