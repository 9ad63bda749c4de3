//! Attributes that are selected from values: `(value).name`.

use super::{Edit, Reader};
use crate::catalog::QualifiedName;
use crate::sql::identifier::{parse_reference, quote};
use crate::sql::lexer::TokenKind;

impl Reader<'_> {
    /// The parenthesis that closes the value from which the name at this place is selected.
    pub(super) fn selected_from(&self, place: usize) -> Option<usize> {
        let value = place.checked_sub(2)?;
        (self.is_kind(value + 1, TokenKind::Dot) && self.is_kind(value, TokenKind::RightParenthesis)).then_some(value)
    }

    /// The places to be changed in `.a.b`, from the place of `a` on. `value` is the parenthesis before. `None` where nobody can tell.
    pub(super) fn selected(&self, place: usize, value: usize, chain: &[String]) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        let mut holder = self.type_of(value);
        for (number, name) in chain.iter().enumerate() {
            let place = place + 2 * number;
            match &holder {
                Some(known) if self.renaming.columns_of.contains_key(known) => {
                    let mut new = name.clone();
                    self.renaming.column(known, &mut new);
                    if new != *name {
                        if self.can_name_a_result(place) {
                            return None;
                        }
                        edits.push(self.edit(place, place, quote(&new).into_owned())?);
                    }
                }
                // A whole row of a relation, or a value of which nothing is known.
                _ => {
                    if self.renaming.attributes.contains(name) {
                        return None;
                    }
                    edits.extend(self.column(place, name)?);
                }
            }
            holder = holder.and_then(|holder| self.member_type(&holder, name, false));
        }
        Some(edits)
    }

    /// The type of what stands before this closing parenthesis: a column, an attribute of one, an element of either, or what is cast.
    fn type_of(&self, close: usize) -> Option<QualifiedName> {
        let mut last = close.checked_sub(1)?;
        let is_element = self.is_kind(last, TokenKind::RightBracket);
        if is_element {
            let mut depth = 0_usize;
            loop {
                if self.is_kind(last, TokenKind::RightBracket) {
                    depth += 1;
                } else if self.is_kind(last, TokenKind::LeftBracket) {
                    depth -= 1;
                }
                last = last.checked_sub(1)?;
                if depth == 0 {
                    break;
                }
            }
        }
        let mut names = vec![self.name(last)?];
        let mut first = last;
        while let Some(before) = first.checked_sub(2).filter(|before| self.is_kind(before + 1, TokenKind::Dot)) {
            let Some(name) = self.name(before) else { break };
            names.insert(0, name);
            first = before;
        }
        let before = first.checked_sub(1)?;
        match names.as_slice() {
            [schema, name] if self.is_kind(before, TokenKind::TypeCast) => {
                let cast = QualifiedName::new(schema.as_str(), name.as_str());
                if is_element { None } else { self.declared(&cast.to_string(), false) }
            }
            _ if self.is_kind(before, TokenKind::Dot) => {
                let holder = self.type_of(self.selected_from(first)?)?;
                let (last, above) = names.split_last()?;
                let holder = above.iter().try_fold(holder, |holder, name| self.member_type(&holder, name, false))?;
                self.member_type(&holder, last, is_element)
            }
            _ if self.is_kind(before, TokenKind::LeftParenthesis) => {
                // A query within a query can call something else so.
                let column = names.last().filter(|_| self.selects <= 1)?;
                let mut found = self.related.iter().filter_map(|relation| self.renaming.columns_of.get(relation)?.get(column));
                let data_type = found.next()?;
                found.all(|other| other == data_type).then(|| self.declared(data_type, is_element)).flatten()
            }
            _ => None,
        }
    }

    fn member_type(&self, holder: &QualifiedName, member: &str, is_element: bool) -> Option<QualifiedName> {
        self.declared(self.renaming.columns_of.get(holder)?.get(member)?, is_element)
    }

    /// The name of a declared type, or of the elements of an array of it; beneath all domains.
    fn declared(&self, data_type: &str, is_element: bool) -> Option<QualifiedName> {
        let mut name = if is_element { data_type.trim_end_matches("[]") } else { data_type };
        loop {
            let Ok((Some(schema), own)) = parse_reference(name) else { return None };
            let own = QualifiedName::new(schema, own);
            match self.renaming.bases.get(&own) {
                Some(base) => name = base,
                None => return Some(own),
            }
        }
    }
}
