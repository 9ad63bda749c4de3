//! The values of columns in types that are made anew. What has the same form goes by its text. Otherwise values of enums that go have successors, and
//! attributes of composite types go by their names, however deep in composite types and domains they stand: a text tells attributes by their places
//! alone. Whatever is not certain to arrive as it was is refused.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::holding::{Holding, declared, domains};
use super::rebuild::{Change, Changes, is_type};
use super::refusal::Why;
use crate::catalog::{Catalog, Id, Object};
use crate::kinds::ObjectKind;
use crate::kinds::column::Column;
use crate::kinds::composite::Composite;
use crate::kinds::domain::beneath;
use crate::sql::casts;
use crate::sql::identifier::quote;
use crate::sql::lossy_cast;
use crate::sql::quoted::quoted;
use crate::sql::type_name::TypeName;

/// The most bytes with which one expression names what it takes apart. Types that hold each other several times would make it longer than anybody
/// reads, and than a server parses.
const MOST_BYTES: usize = 32 * 1024;

/// By enum, values that go, and what becomes of each.
type Gone = BTreeMap<Id, Vec<(String, String)>>;

pub struct Moving<'m> {
    before: &'m Catalog,
    after: &'m Catalog,
    gone: &'m Gone,
    /// Types that are made anew.
    anew: FxHashSet<&'m Id>,
    /// Those of them whose values have another text, or the same text with another meaning, with everything that holds them.
    reshaped: FxHashSet<&'m Id>,
}

impl<'m> Moving<'m> {
    pub fn new(changes: &Changes<'m>, holding: &Holding<'m>, before: &'m Catalog, after: &'m Catalog, gone: &'m Gone) -> Moving<'m> {
        let is_anew = |(id, change): (&&'m Id, &Change)| (is_type(id.kind()) && matches!(change, Change::Replace)).then_some(*id);
        let anew: FxHashSet<&'m Id> = changes.by_id.iter().filter_map(is_anew).collect();
        let is_reshaped = |id: &&Id| match (before.get(id), after.get(id)) {
            (Some(Object::Enum(_)), _) => gone.contains_key(*id),
            (Some(Object::Domain(before)), Some(Object::Domain(after))) => before.base != after.base,
            (Some(Object::Composite(before)), Some(Object::Composite(after))) => before.attributes != after.attributes,
            _ => false,
        };
        // A type that is changed in place is the same one for the old and the new form of what holds it.
        let reshaped = holding.with_holders(anew.iter().copied().filter(is_reshaped));
        Moving { before, after, gone, anew, reshaped }
    }

    /// The value of a column in the new type.
    ///
    /// # Errors
    /// Where it would not arrive as it was, and on which type that founders.
    pub fn column(&self, column: &Column) -> Result<String, (Id, Why)> {
        let mut bytes = 0;
        let name = quote(&column.name);
        let value = self.value(&name, &column.data_type, &column.id(), false, &mut bytes)?;
        // A cast would cut off what is too long; where it is assigned, that is an error.
        let is_written = |base: &str| TypeName::parse(base).is_ok_and(|base| casts::is_text(&base.element()));
        Ok(match (self.bases(column), beneath(&column.data_type, self.after)) {
            (Some(_), (base, is_array)) if base.starts_with("character") => format!("{name}::text{}", if is_array { "[]" } else { "" }),
            (Some((before, _)), (base, is_array)) if base.starts_with("bit") && (before.starts_with("bit") || is_written(before)) => {
                format!("{name}::bit varying{}", if is_array { "[]" } else { "" })
            }
            _ => value,
        })
    }

    /// What the values of a column lose, whose type is made anew.
    pub fn reduces(&self, column: &Column) -> Option<&'static str> {
        let (before, after) = self.bases(column)?;
        lossy_cast::between(before, after)
    }

    /// The types before and after of the domain that is over another one now: that of a column, or one beneath it.
    fn bases(&self, column: &'m Column) -> Option<(&'m str, &'m str)> {
        domains(self.after, &column.data_type, &column.id()).find_map(|(id, domain, _)| match self.before.get(id) {
            Some(Object::Domain(before)) if before.base != domain.base => Some((before.base.as_str(), domain.base.as_str())),
            _ => None,
        })
    }

    /// An expression of the old type as one of the new type that is written so, and that `holder` has.
    fn value(&self, value: &str, written: &str, holder: &Id, is_within: bool, bytes: &mut usize) -> Result<String, (Id, Why)> {
        let Some((id, object)) = declared(self.after, written, holder).filter(|(id, _)| self.anew.contains(id)) else {
            return Ok(value.to_owned());
        };
        let is_array = written.ends_with("[]");
        let brackets = if is_array { "[]" } else { "" };
        let text = format!("{value}::text{brackets}");
        if !self.reshaped.contains(id) {
            return Ok(format!("{text}::{written}"));
        }
        match (self.before.get(id), object) {
            (_, Object::Enum(_)) => {
                let pairs = self.gone.get(id).into_iter().flatten().map(|(gone, becomes)| (quoted(gone), quoted(becomes)));
                if is_array {
                    let replaced = pairs.fold(text, |value, (gone, becomes)| format!("array_replace({value}, {gone}, {becomes})"));
                    return Ok(format!("{replaced}::{written}"));
                }
                let cases = pairs.map(|(gone, becomes)| format!(" WHEN {gone} THEN {becomes}")).collect::<String>();
                Ok(format!("(CASE {text}{cases} ELSE {text} END)::{written}"))
            }
            (Some(Object::Domain(before)), Object::Domain(domain)) if before.base != domain.base => {
                // As for a column whose type is another one.
                let nests = is_array && (before.base.ends_with("[]") || domain.base.ends_with("[]"));
                if is_within || nests || !self.casts(id, &before.base, &domain.base) {
                    return Err((id.clone(), Why::Base { from: before.base.clone(), to: domain.base.clone() }));
                }
                // Where values lose something, the cast says from what.
                let from = lossy_cast::between(&before.base, &domain.base).map(|_| format!("::{}{brackets}", before.base)).unwrap_or_default();
                Ok(format!("{value}{from}::{}{brackets}::{written}", domain.base))
            }
            // The elements are arrays themselves.
            (_, Object::Domain(domain)) if is_array && domain.base.ends_with("[]") => Err(self.in_arrays(id)),
            // It is of the type beneath, and an array of it an array of those.
            (_, Object::Domain(domain)) => {
                let beneath = self.value(value, &format!("{}{brackets}", domain.base), id, is_within, bytes)?;
                Ok(format!("{beneath}::{written}"))
            }
            (Some(Object::Composite(before)), Object::Composite(composite)) if !is_array => self.row(value, written, id, (before, composite), bytes),
            _ => Err(self.in_arrays(id)),
        }
    }

    /// Whether PostgreSQL makes a value of one of its own types one of another.
    fn casts(&self, domain: &Id, from: &str, to: &str) -> bool {
        let is_own = declared(self.before, from, domain).is_none() && declared(self.after, to, domain).is_none();
        let (Ok(from), Ok(to)) = (TypeName::parse(from), TypeName::parse(to)) else { return false };
        is_own && casts::exists(&from, &to).unwrap_or(false)
    }

    /// A value of a composite type, attribute by attribute.
    fn row(&self, value: &str, written: &str, id: &Id, (before, after): (&Composite, &Composite), bytes: &mut usize) -> Result<String, (Id, Why)> {
        let mut values = Vec::with_capacity(after.attributes.len());
        for (name, to) in &after.attributes {
            values.push(match before.attributes.iter().find(|(known, _)| known == name) {
                None => format!("NULL::{to}"),
                Some((_, from)) if from != to => {
                    return Err((id.clone(), Why::Attribute { name: name.clone(), from: from.clone(), to: to.clone() }));
                }
                Some(_) => {
                    let attribute = format!("({value}).{}", quote(name));
                    *bytes += attribute.len();
                    if *bytes > MOST_BYTES {
                        return Err((id.clone(), Why::TooMany));
                    }
                    self.value(&attribute, to, id, true, bytes)?
                }
            });
        }
        // ROW is never NULL itself.
        Ok(format!("CASE WHEN {value}::text IS NOT NULL THEN ROW({})::{written} END", values.join(", ")))
    }

    /// On what it founders that values stand in arrays: the deepest type of which each value would have to be looked at.
    fn in_arrays(&self, id: &'m Id) -> (Id, Why) {
        let mut at = id;
        loop {
            let beneath = self.after.needs(at).find(|need| self.reshaped.contains(need));
            let is_composite = matches!(self.after.get(at), Some(Object::Composite(_)));
            match beneath {
                Some(beneath) => at = beneath,
                None if self.gone.contains_key(at) => return (at.clone(), Why::ValuesInArrays),
                None if is_composite => return (at.clone(), Why::Arrays),
                None => return (id.clone(), Why::Arrays),
            }
        }
    }
}
